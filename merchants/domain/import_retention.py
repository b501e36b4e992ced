"""The rows of a list hold people's names and phones: they go when the job's file goes."""

from uuid import UUID

from crm.domain import job_retention
from merchants.models import ImportRow


@job_retention.also
def forget_rows(job_ids: list[UUID]) -> None:
    """Let go of what the rows of rested imports said; what became of each row stays."""
    ImportRow.objects.filter(job__in=job_ids).update(cells=[], faults=[], identity="")
