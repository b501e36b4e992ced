"""The life of an import: which verb is open in which state, and two workers at one job."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from crm.domain import jobs, ticking
from crm.errors import NotAllowed, NotFound, RuleBroken
from crm.models import Heartbeat, Job, JobPhase, JobState
from merchants.domain import import_batches, import_jobs
from merchants.models import ImportRow, Merchant
from tests.api import Phone
from tests.conftest import Cast
from tests.merchants import lists
from tests.merchants.lists import text
from tests.sessions import Session

pytestmark = pytest.mark.django_db

ROWS = [f"商户{number}" for number in range(10)]
VERBS = {
    "prepare": lambda pk, **who: import_jobs.map_columns(pk, ["name"], **who),
    "check": import_jobs.try_out,
    "run": import_jobs.run,
    "pause": jobs.pause,
    "resume": jobs.resume,
    "cancel": jobs.cancel,
    "revert": import_jobs.revert,
}
OPEN = {
    JobState.DRAFT: "prepare check run cancel",
    JobState.CHECKED: "prepare check run cancel",
    JobState.WAITING: "pause cancel",
    JobState.RUNNING: "pause cancel",
    JobState.PAUSED: "resume cancel",
    JobState.DONE: "revert",
    JobState.FAILED: "",
    JobState.CANCELLED: "revert",
    JobState.REVERTED: "",
}


def in_state(cast: Cast, state: JobState, phase: str = JobPhase.RUN) -> Job:
    job = lists.brought(cast, text(*ROWS, header="名称"))
    Job.objects.filter(pk=job.pk).update(
        state=state,
        phase="" if state == JobState.DRAFT else phase,
        lease_until=Now() + timedelta(minutes=1) if state == JobState.RUNNING else None,
        finished_at=Now(),
    )
    return job


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", OPEN)
def test_what_can_be_told_to_a_job_in_which_state(
    cast: Cast, at: Any, state: JobState, verb: str
) -> None:
    job = in_state(cast, state)
    if verb in OPEN[state].split():
        assert VERBS[verb](job.pk, by=cast.max, at=at).version == 2
        return
    with pytest.raises(RuleBroken) as refused:
        VERBS[verb](job.pk, by=cast.max, at=at)
    assert refused.value.code == "job_state"
    assert Job.objects.get(pk=job.pk).state == state


def test_a_dry_run_that_was_cancelled_has_nothing_to_take_back(cast: Cast, at: Any) -> None:
    job = in_state(cast, JobState.CANCELLED, JobPhase.CHECK)
    with pytest.raises(RuleBroken):
        import_jobs.revert(job.pk, by=cast.max, at=at)


def test_taking_back_cannot_be_cancelled_half_way(cast: Cast, at: Any) -> None:
    job = in_state(cast, JobState.PAUSED, JobPhase.REVERT)
    with pytest.raises(RuleBroken):
        jobs.cancel(job.pk, by=cast.max, at=at)
    assert jobs.resume(job.pk, by=cast.max, at=at).state == JobState.WAITING


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("ann", NotFound), ("bo", NotFound), ("fay", NotFound), ("otto", NotAllowed)],
)
def test_a_colleagues_import_is_for_those_who_lead(
    cast: Cast, at: Any, name: str, refusal: type[Exception]
) -> None:
    job = in_state(cast, JobState.DONE)
    with pytest.raises(refusal):
        import_jobs.revert(job.pk, by=cast.named(name), at=at)


def test_paused_in_the_middle_it_keeps_its_batch_and_goes_on(
    cast: Cast, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 4)
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    claimed = jobs.claim()
    assert claimed is not None
    batches = iter([False, True])

    def pause_after_the_second() -> bool:
        if next(batches):
            jobs.pause(job.pk, by=cast.max, at=at)
        return False

    jobs.work(claimed, at=at, enough=pause_after_the_second)
    assert (Job.objects.get().state, Job.objects.get().rows_done) == (JobState.PAUSED, 4)
    assert Merchant.objects.count() == 4
    assert not jobs.are_waiting()
    jobs.resume(job.pk, by=cast.max, at=at)
    assert lists.worked(job).added == Merchant.objects.count() == 10


def test_cancelled_in_the_middle_it_drops_the_batch_in_hand(cast: Cast, at: Any) -> None:
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    claimed = jobs.claim()
    assert claimed is not None
    jobs.cancel(job.pk, by=cast.max, at=at)
    jobs.work(claimed, at=at)
    assert Job.objects.get().state == JobState.CANCELLED
    assert not Merchant.objects.exists()


def test_what_was_taken_in_before_a_cancel_can_be_taken_back(
    cast: Cast, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 4)
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    claimed = jobs.claim()
    assert claimed is not None
    answers = iter([False, True])
    jobs.work(claimed, at=at, enough=lambda: next(answers))
    assert Job.objects.get().state == JobState.WAITING, "the next worker goes on at once"
    jobs.cancel(job.pk, by=cast.max, at=at)
    assert Merchant.objects.count() == 4
    import_jobs.revert(job.pk, by=cast.max, at=at)
    assert lists.worked(job).state == JobState.REVERTED
    assert not Merchant.objects.exists()


def test_a_worker_that_was_overtaken_writes_nothing(cast: Cast, at: Any) -> None:
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    slow = jobs.claim()
    assert slow is not None
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    quick = jobs.claim()
    assert quick is not None
    assert (quick.fence, quick.losses) == (slow.fence + 1, 1)
    assert jobs.work(slow, at=at) == 0
    assert not ImportRow.objects.exists()
    jobs.work(quick, at=at)
    assert Merchant.objects.count() == 10
    assert Job.objects.get().state == JobState.DONE


def test_a_job_over_which_five_workers_died_is_paused(cast: Cast, at: Any) -> None:
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    for _ in range(jobs.LOSSES_ALLOWED):
        jobs.claim()
        Job.objects.filter(state=JobState.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    assert jobs.claim() is None
    job.refresh_from_db()
    assert (job.state, job.failure_code) == (JobState.PAUSED, "worker_lost")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_different_jobs(cast: Cast, at: Any) -> None:
    one, other = (lists.brought(cast, text(*ROWS, header="名称")) for _ in range(2))
    for job in (one, other):
        import_jobs.run(job.pk, by=cast.max, at=at)
    with transaction.atomic():
        mine = jobs.claim()
        assert mine is not None
        theirs = Session(jobs.claim).end()
        assert Session(jobs.claim).end() is None
    assert {mine.pk, theirs.pk} == {one.pk, other.pk}


@pytest.mark.django_db(transaction=True)
def test_two_workers_in_one_job_take_every_row_in_once(cast: Cast, at: Any) -> None:
    """The second has the job by right; the first, still at it, meets the second's rows."""
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    slow = jobs.claim()
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    quick = jobs.claim()
    assert slow is not None
    assert quick is not None
    with transaction.atomic():
        jobs.work(quick, at=at)
        other = Session(lambda: jobs.work(slow, at=at))
        assert other.wait_until_blocked()
    assert other.end() == 0
    assert Merchant.objects.count() == 10
    assert ImportRow.objects.count() == 10


def test_a_running_import_is_no_lateness(cast: Cast) -> None:
    job = in_state(cast, JobState.RUNNING)
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(hours=2))
    ticking.beat()
    assert Heartbeat.objects.get().oldest_due_seconds == 0
    assert ticking.health(at=timezone.now())["healthy"]


def test_a_round_without_a_broker_works_on_jobs_too(cast: Cast, at: Any) -> None:
    job = lists.brought(cast, text(*ROWS, header="名称"))
    import_jobs.run(job.pk, by=cast.max, at=at)
    ticking.sweep(at=timezone.now())
    assert Job.objects.get().state == JobState.DONE


def test_lists_and_pages_of_imports_ask_the_same_however_many(
    cast: Cast, same_queries: Any
) -> None:
    job = lists.taken_in(cast, text("()", "（）", header="名称"))
    phone = Phone(cast.max)

    def grow() -> None:
        for _ in range(3):
            lists.taken_in(cast, text("()", *["（）"] * 5, header="名称"))

    assert len(phone.get("imports/").json()["results"]) == 1
    assert [row["code"] for row in phone.get(f"imports/{job.pk}/errors/").json()["results"]] == [
        "name_required",
        "name_required",
    ]
    same_queries(lambda: phone.get("imports/"), after=grow, at_most=6)
    same_queries(lambda: phone.get(f"imports/{job.pk}/"), after=grow, at_most=6)
    same_queries(lambda: phone.get(f"imports/{job.pk}/errors/"), after=grow, at_most=7)
