"""The long work that campaigns bring."""

from campaigns.domain import statement_files

__all__ = ["statement_files"]
