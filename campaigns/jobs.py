"""The long work that campaigns bring."""

from campaigns.domain import statement_files

__all__ = ["statement_files"]
from campaigns.domain import intake_files

__all__ = ["intake_files"]
