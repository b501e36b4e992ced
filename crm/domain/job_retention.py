"""Lists hold people's names and phones: once their job has rested, what they said is let go."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from crm.command import command
from crm.domain import files
from crm.models import ExportChunk, Job, StoredFile
from crm.models.jobs import CLOSED

KEPT_FOR = timedelta(days=30)
"""After a job is over: long enough to fix an error file or to take a list back (a start value)."""

type Forgetting = Callable[[list[UUID]], None]

_ALSO: list[Forgetting] = []


def also(forgetting: Forgetting) -> Forgetting:
    """Let a room let go of what it keeps of these jobs, in the same transaction."""
    _ALSO.append(forgetting)
    return forgetting


@command
def forget_old(*, at: datetime) -> int:
    """Let go of the files and the cells of rested jobs; counts and digests stay.

    A job is looked at until its files are empty, and never again.
    """
    kept = Q(source__isnull=False) & ~Q(source__content=b"")
    kept |= Q(result__isnull=False) & ~Q(result__content=b"")
    rested = Job.objects.filter(kept, state__in=CLOSED, finished_at__lt=at - KEPT_FOR)
    jobs = list(rested.values_list("pk", flat=True))
    if not jobs:
        return 0
    ExportChunk.objects.filter(job__in=jobs).delete()
    for forgetting in _ALSO:
        forgetting(jobs)
    return sum(
        files.forget(
            StoredFile.objects.filter(pk__in=Job.objects.filter(pk__in=jobs).values(column))
        )
        for column in ("source", "result")
    )
