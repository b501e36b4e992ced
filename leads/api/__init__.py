"""Leads' door for phones and other systems."""
