"""The long work that campaigns bring."""
