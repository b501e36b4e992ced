"""Tests mirror the rooms; `conftest.py` holds the cast, `factories.py` makes rows."""
