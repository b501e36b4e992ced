"""The rows of a list hold people's names and phones: they go when the job's file goes."""

from datetime import datetime

from crm.command import command
from crm.domain import job_retention
from merchants.models import ImportRow


@command
def forget_old(*, at: datetime) -> int:
    """Let go of what the rows of rested imports said; what became of each row stays."""
    rows = ImportRow.objects.filter(job__in=job_retention.rested(at)).exclude(cells=[])
    return rows.update(cells=[], faults=[], identity="")
