"""The kernel's verbs and rules."""
