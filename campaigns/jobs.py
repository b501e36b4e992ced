"""The long work that campaigns bring."""

from campaigns.domain import figure_intake, intake_files, statement_files

__all__ = ["figure_intake", "intake_files", "statement_files"]
