"""Merchants' door for phones and other systems."""
