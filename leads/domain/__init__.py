"""The verbs and rules of leads."""
