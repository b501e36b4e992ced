"""The verbs and rules of merchants."""
