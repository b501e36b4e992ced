"""The long work that leads bring."""

from leads.domain import handover

__all__ = ["handover"]
