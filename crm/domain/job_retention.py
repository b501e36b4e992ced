"""Lists hold people's names and phones: once their job has rested, what they said is let go."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from crm.command import command
from crm.domain import files
from crm.models import ExportChunk, Job, StoredFile
from crm.models.jobs import CLOSED

KEPT_FOR = timedelta(days=30)
"""After a job is over: long enough to fix an error file or to take a list back (a start value)."""


def rested(at: datetime) -> QuerySet[Job]:
    """Jobs that have been over for so long."""
    return Job.objects.filter(state__in=CLOSED, finished_at__lt=at - KEPT_FOR)


@command
def forget_old(*, at: datetime) -> int:
    """Let go of the files and the cells of rested jobs; counts and digests stay."""
    jobs = rested(at)
    ExportChunk.objects.filter(job__in=jobs).delete()
    return sum(
        files.forget(StoredFile.objects.filter(pk__in=jobs.values(column)))
        for column in ("source", "result")
    )
