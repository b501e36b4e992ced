"""The long work that the kernel itself does."""

from crm.domain import exporting

__all__ = ["exporting"]
