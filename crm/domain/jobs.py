"""Long work, in batches: claimed with a lease, fenced, paused, resumed, cancelled.

Reached by the doorbell, by the tick and by `manage.py run_due`. A runner does one batch per call,
inside one transaction which also writes how far the job has come: whoever is killed loses the batch
in hand and nothing else, and a worker that was overtaken writes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Value
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm import queue
from crm.command import command, met_another
from crm.domain import access, files, reminders
from crm.errors import DomainError, InvalidInput, NotFound, RuleBroken, Sentence, TryAgain
from crm.locking import take
from crm.models import AccessKind, Job, JobPhase, JobState, StoredFile, User
from crm.models.jobs import CLOSED
from crm.policies import require

log = structlog.get_logger()

RUN_JOBS = "crm.run_jobs"
LOSSES_ALLOWED = 5
"""A job in whose batch this many workers died in a row is paused."""
TRIES_ALLOWED = 3
"""How often a batch that met another session is tried before the job is paused."""

type Runner = Callable[[Job, datetime], JobState | None]
"""Do one batch: set what the job counts. Returns the state it ends in, or none if there is more."""


@dataclass(frozen=True)
class Kind:
    """A kind of job: who does its batches, who may steer it, where it is looked at."""

    name: str
    run: Runner
    may_steer: Callable[[User, Job], bool]
    link: Callable[[Job], str]


KINDS: dict[str, Kind] = {}


def runner(
    kind: str,
    *,
    may_steer: Callable[[User, Job], bool],
    link: Callable[[Job], str],
) -> Callable[[Runner], Runner]:
    """Declare who does the batches of a kind of job."""

    def declare(run: Runner) -> Runner:
        KINDS[kind] = Kind(kind, run, may_steer, link)
        return run

    return declare


PAUSED = reminders.kind(
    "job_paused",
    label=_("Work paused"),
    subject=_("Paused: %(what)s"),
    text=_("“%(what)s” was paused: %(why)s"),
)

OPEN_TO: Mapping[str, frozenset[JobState]] = MappingProxyType(
    {
        "prepare": frozenset({JobState.DRAFT, JobState.CHECKED}),
        "check": frozenset({JobState.DRAFT, JobState.CHECKED}),
        "run": frozenset({JobState.DRAFT, JobState.CHECKED}),
        "pause": frozenset({JobState.WAITING, JobState.RUNNING}),
        "resume": frozenset({JobState.PAUSED}),
        "cancel": frozenset(
            {
                JobState.DRAFT,
                JobState.CHECKED,
                JobState.WAITING,
                JobState.RUNNING,
                JobState.PAUSED,
            }
        ),
        "revert": frozenset({JobState.DONE, JobState.CANCELLED}),
    }
)
"""In which states a job can be told what."""


def is_open_to(job: Job, verb: str) -> bool:
    """Whether this can be done with the job as it stands."""
    if verb == "cancel" and job.phase == JobPhase.REVERT:
        return False
    if verb == "revert" and job.phase != JobPhase.RUN:
        return False
    return job.state in OPEN_TO[verb]


def require_open_to(job: Job, verb: str) -> None:
    """Raise RuleBroken with code `job_state` if the job cannot be told this now."""
    if not is_open_to(job, verb):
        raise RuleBroken(
            _("That cannot be done: the state is “%(state)s”.")
            % {"state": JobState(job.state).label},
            code="job_state",
            state=job.state,
        )


def to_steer(job_id: UUID, verb: str, *, by: User, version: int | None = None) -> Job:
    """Lock the job for somebody who may tell it this, now.

    Raises NotFound, NotAllowed, Stale, RuleBroken with code `job_state`.
    """
    job = take(Job.objects.visible_to(by), job_id, version=version)
    require(KINDS[job.kind].may_steer(by, job))
    require_open_to(job, verb)
    return job


@command
def pause(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Stop after the batch in hand."""
    job = to_steer(job_id, "pause", by=by)
    return job.change(at=at, state=JobState.PAUSED, lease_until=None)


@command
def resume(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Go on where it stopped."""
    job = to_steer(job_id, "resume", by=by)
    queue.after_commit(RUN_JOBS)
    return job.change(at=at, state=JobState.WAITING, losses=0, failure_code="", failure="")


@command
def cancel(job_id: UUID, *, by: User, at: datetime) -> Job:
    """End it; what is done stays done, the batch in hand is not."""
    job = to_steer(job_id, "cancel", by=by)
    return job.change(at=at, state=JobState.CANCELLED, lease_until=None, finished_at=at)


def begin(job: Job, phase: JobPhase, *, by: User, at: datetime, **values: Any) -> Job:
    """Let a phase of the job begin, inside a verb that has decided it."""
    counts = {} if phase == JobPhase.REVERT else dict.fromkeys(COUNTERS, 0)
    queue.after_commit(RUN_JOBS)
    return job.change(
        at=at,
        state=JobState.WAITING,
        phase=phase,
        acting=by,
        position=0,
        rows_done=0,
        losses=0,
        failure_code="",
        failure="",
        started_at=at,
        finished_at=None,
        **{**counts, **values},
    )


@command
def fetch(job_id: UUID, *, by: User, at: datetime) -> StoredFile:
    """The file that a job made, for whoever may steer it; that it was fetched is written down.

    Raises NotFound if there is no such job or it made no file.
    """
    job = Job.objects.visible_to(by).filter(pk=job_id).select_related("result").first()
    if job is None or job.result is None:
        raise NotFound(_("There is no such row."))
    require(KINDS[job.kind].may_steer(by, job))
    files.refuse_forgotten(job.result)
    access.record(
        AccessKind.DOWNLOADED,
        job.kind,
        job.pk,
        by=by,
        at=at,
        file=job.result.name,
        sha256=job.result.sha256,
    )
    return job.result


# --- the machine ---------------------------------------------------------------------------------

COUNTERS = ("added", "changed", "unchanged", "refused")
_WRITTEN = ("parameters", "result", "position", "rows_total", "rows_done", *COUNTERS)


def lease() -> timedelta:
    """How long a claim holds without a batch being finished."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def never() -> bool:
    """Go on until nothing is waiting."""
    return False


def are_waiting() -> bool:
    """Whether there is work that nobody has in hand."""
    return Job.objects.claimable().exists()


def run_due(*, at: datetime, enough: Callable[[], bool] = never) -> int:
    """Work on the jobs that wait, the one that rested longest first; returns batches done.

    It is asked after every batch whether it is `enough`; what is left waits for the next one.
    """
    batches = 0
    while not enough():
        job = claim()
        if job is None:
            break
        batches += work(job, at=at, enough=enough)
    return batches


def claim(job_id: UUID | None = None) -> Job | None:
    """Take a job that waits, or one whose worker was lost; none if there is none."""
    while True:
        with transaction.atomic():
            rows = Job.objects.claimable()
            if job_id is not None:
                rows = rows.filter(pk=job_id)
            job = rows.order_by("updated_at", "id").select_for_update(skip_locked=True).first()
            if job is None:
                return None
            lost = job.state == JobState.RUNNING
            mine = Job.objects.filter(pk=job.pk)
            mine.update(
                state=JobState.RUNNING,
                fence=F("fence") + 1,
                losses=F("losses") + int(lost),
                lease_until=Now() + Value(lease()),
                version=F("version") + 1,
            )
        claimed = mine.select_related("owner", "acting", "unit").get()
        if claimed.losses < LOSSES_ALLOWED:
            return claimed
        _stop(
            claimed,
            JobState.PAUSED,
            "worker_lost",
            _("Several workers broke down over it."),
            at=claimed.updated_at,
        )


def work(job: Job, *, at: datetime, enough: Callable[[], bool] = never) -> int:
    """Do batches of a claimed job until it ends or it is `enough`; returns how many."""
    batches = tries = 0
    while not (batches and _was_paused(job)):
        try:
            with translation.override(job.owner.language):
                more = _batch(job, at)
        except _Overtaken:
            return batches
        except DomainError as refused:
            tries += 1
            if isinstance(refused, TryAgain) and tries < TRIES_ALLOWED:
                _read_again(job)
                continue
            final = isinstance(refused, InvalidInput)
            state = JobState.FAILED if final else JobState.PAUSED
            _stop(job, state, refused.code, refused.message, at=at)
            return batches
        except (OperationalError, InterfaceError):
            # The database is away: the lease runs out, and somebody goes on.
            raise
        except Exception:
            # A bug stops its job and no other.
            log.exception("job_failed", job=str(job.pk), kind=job.kind)
            sentence = _("Something went wrong on our side; nothing of the last batch was kept.")
            _stop(job, JobState.PAUSED, "unexpected", sentence, at=at)
            return batches
        batches += 1
        tries = 0
        if not more:
            return batches
        if enough():
            _give_back(job)
            break
    return batches


def _was_paused(job: Job) -> bool:
    return not Job.objects.filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING).exists()


class _Overtaken(Exception):
    """Somebody else has the job, or it was ended: what this worker did is rolled back."""


def _batch(job: Job, at: datetime) -> bool:
    """One batch and how far it brought the job, in one transaction. True if there is more."""
    try:
        with transaction.atomic():
            end = KINDS[job.kind].run(job, at)
            _write(job, end, at)
    except OperationalError as failed:
        if met_another(failed):
            raise TryAgain(_("Somebody else is changing this right now.")) from failed
        raise
    return end is None


def _write(job: Job, end: JobState | None, at: datetime) -> None:
    """The last statement of the batch: only the newest claim of a living job may write.

    A job that was paused meanwhile keeps what this batch did.
    """
    values: dict[str, Any] = {name: getattr(job, name) for name in _WRITTEN}
    values |= {"losses": 0, "updated_at": at, "version": F("version") + 1}
    if end is None:
        values["lease_until"] = Now() + Value(lease())
    else:
        values |= {"state": end, "lease_until": None}
        if end in CLOSED:
            values["finished_at"] = at
    mine = Job.objects.filter(
        pk=job.pk, fence=job.fence, state__in=(JobState.RUNNING, JobState.PAUSED)
    )
    if not mine.update(**values):
        raise _Overtaken


def _read_again(job: Job) -> None:
    """What a batch that was rolled back had counted is forgotten."""
    job.refresh_from_db(fields=_WRITTEN)


def _stop(job: Job, state: JobState, code: str, sentence: Sentence, *, at: datetime) -> None:
    """Pause or fail with the sentence kept, and tell the owner."""
    with translation.override(job.owner.language), transaction.atomic():
        why = str(sentence).replace("\0", "")[:500]
        stopped = Job.objects.filter(
            pk=job.pk, fence=job.fence, state__in=(JobState.RUNNING, JobState.PAUSED)
        ).update(
            state=state,
            failure_code=code,
            failure=why,
            lease_until=None,
            finished_at=at if state in CLOSED else None,
            updated_at=at,
            version=F("version") + 1,
        )
        if stopped:
            fresh = Job.objects.select_related("source").get(pk=job.pk)
            reminders.plan(
                f"job:{job.pk}:{fresh.fence}:stopped",
                recipient=job.owner,
                kind=PAUSED,
                facts={"what": str(fresh), "why": why},
                link=KINDS[job.kind].link(job),
                due_at=at,
                at=at,
            )


def _give_back(job: Job) -> None:
    """Time is up: the next worker goes on at once, and others have their turn before."""
    Job.objects.filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING).update(
        state=JobState.WAITING, lease_until=None, updated_at=Now(), version=F("version") + 1
    )
