"""The long work that campaigns bring."""

from campaigns.domain import figure_intake

__all__ = ["figure_intake"]
from campaigns.domain import intake_files
from campaigns.domain import intake_files, statement_files

__all__ = ["intake_files", "statement_files"]
