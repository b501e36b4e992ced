"""The long work that merchants bring."""

from merchants.domain import import_jobs

__all__ = ["import_jobs"]
