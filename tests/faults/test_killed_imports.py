"""Workers killed with -9 in the middle of an import: every good row exactly once."""

import random
from functools import partial

import pytest
from django.utils import timezone

from crm.models import Job, JobState
from merchants.domain import import_jobs
from merchants.models import Contact, ImportChange, ImportRow, Merchant, Outlet, TimelineEntry
from tests.conftest import Cast
from tests.faults.conftest import LEASE_SECONDS, Start, eventually, kill
from tests.merchants import lists, twenty_mistakes

RUN_DUE = ("manage.py", "run_due", "--loop", "--seconds", "0.1")
LEASE = {"JOB_LEASE_SECONDS": str(LEASE_SECONDS * 2)}


def in_the_middle(job: Job, done: int) -> bool:
    """So far, and in somebody's hands, who is at the next rows already."""
    now = Job.objects.get(pk=job.pk)
    return now.rows_done >= done and now.state == JobState.RUNNING


def import_with_kills(cast: Cast, start: Start, count: int, kills: int) -> None:
    lists.codes()
    broken = count // 10
    job = lists.brought(cast, twenty_mistakes.file("list.csv", count, broken))
    import_jobs.run(job.pk, by=cast.max, at=timezone.now())
    proven = 0
    for moment in sorted(random.sample(range(1, count * 3 // 4), kills)):
        worker = start(*RUN_DUE, **LEASE)
        eventually(partial(in_the_middle, job, moment), 240)
        kill(worker)
        assert worker.returncode == -9
        left = Job.objects.get(pk=job.pk)
        proven += left.state == JobState.RUNNING and left.rows_done < count
    assert proven, "nobody was killed in the middle"
    worker = start(*RUN_DUE, **LEASE)
    eventually(lambda: Job.objects.filter(pk=job.pk, state=JobState.DONE).exists(), 300)
    worker.terminate()
    assert worker.wait(20) == 0
    job.refresh_from_db()
    good = count - broken
    assert lists.counts(job) == (good, 0, 0, broken)
    assert lists.refusals(job) == twenty_mistakes.expected(count, broken)
    assert Merchant.objects.count() == Outlet.objects.count() == Contact.objects.count() == good
    assert TimelineEntry.objects.count() == ImportChange.objects.count() == 3 * good
    assert ImportRow.objects.count() == count
    assert job.fence > kills


def test_a_worker_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(
    start: Start, cast: Cast
) -> None:
    import_with_kills(cast, start, 1500, 1)


@pytest.mark.slow
def test_ten_workers_killed_in_one_import_lose_and_double_nothing(start: Start, cast: Cast) -> None:
    import_with_kills(cast, start, 10_000, 10)
