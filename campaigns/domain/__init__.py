"""The verbs and rules of campaigns."""
