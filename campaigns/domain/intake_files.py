"""Files of redemptions as jobs: brought, tried out, taken in batch by batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import intake, intake_writing, redemption_rows
from campaigns.domain.intake_judging import Outcome, Result
from campaigns.domain.redemption_rows import EventRow, Fault
from campaigns.models import DiscrepancyCode, IntakeKind, RedemptionIntake
from crm.actors import Actor
from crm.command import command
from crm.domain import files as stored_files
from crm.domain import jobs, reminders
from crm.errors import NotFound, RuleBroken
from crm.locking import known
from crm.models import Job, JobPhase, JobState, StoredFile, User
from crm.policies import require
from merchants.domain import file_rules, files

INTAKE = "redemptions"
"""The kind of job that takes redemptions in."""
BATCH = 5_000
"""Rows of one transaction: the campaigns stay locked for about a second."""
SHOWN = 100
"""Faulty rows that a dry run tells one by one."""

FINISHED = reminders.kind(
    "redemptions_taken_in",
    label=_("Redemptions taken in"),
    subject=_("Redemptions taken in: %(file)s"),
    text=_(
        "“%(file)s”: %(added)s events taken in, %(unchanged)s known already, %(refused)s in the "
        "queue of discrepancies."
    ),
)


def may_steer(user: User, job: Job) -> bool:
    """Those who take in redemptions for the unit."""
    return job.unit_id is not None and policies.may_take_in(user, job.unit_id)


def link(job: Job) -> str:
    return reverse("admin:campaigns_redemptionintake_change", args=[job.redemption_intake.pk])


@command
def open_file(
    intake_id: UUID, file_id: UUID, *, source: str, unit_id: UUID, by: User, at: datetime
) -> RedemptionIntake:
    """Bring a file of redemptions; nothing is written before it runs.

    Raises NotAllowed, NotFound for a file that is not one's own, InvalidInput for a file that is no
    list or lacks columns, RuleBroken with code `intake_known` and the earlier intake for a file
    that was brought already.
    """
    intake.require_may_take_in(unit_id, by=by)
    named = intake.checked_source(source)
    file = known(StoredFile.objects.visible_to(by), file_id, attr="file")
    header = files.beginning(file.name, bytes(file.content)).header
    redemption_rows.places(header)
    earlier = (
        RedemptionIntake.objects.for_change()
        .filter(source=named, sha256=file.sha256, kind=IntakeKind.FILE, replaced_at=None)
        .select_related("job")
        .first()
    )
    if earlier is not None:
        if earlier.job is None or earlier.job.state not in (JobState.CANCELLED, JobState.FAILED):
            raise RuleBroken(
                _("This file was taken in already."),
                code="intake_known",
                attr="file",
                intake=str(earlier.pk),
            )
        earlier.change(at=at, replaced_at=at)
    job = Job.objects.create(
        kind=INTAKE,
        owner=by,
        unit_id=unit_id,
        source=file,
        parameters={"source": named, "headers": list(header)},
        created_at=at,
        updated_at=at,
    )
    return RedemptionIntake.objects.create(
        pk=intake_id,
        kind=IntakeKind.FILE,
        source=named,
        unit_id=unit_id,
        brought_by=by,
        job=job,
        name=file.name,
        sha256=file.sha256,
        created_at=at,
        updated_at=at,
    )


@command
def try_out(intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    """Dry run: say of every row what would become of it, and write nothing."""
    return _start(intake_id, "check", JobPhase.CHECK, by=by, at=at)


@command
def run(intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    """Take the file in."""
    return _start(intake_id, "run", JobPhase.RUN, by=by, at=at)


def _start(
    intake_id: UUID, verb: str, phase: JobPhase, *, by: User, at: datetime
) -> RedemptionIntake:
    found = _of_file(intake_id, by=by)
    assert found.job_id is not None
    job = jobs.to_steer(found.job_id, verb, by=by)
    jobs.begin(job, phase, by=by, at=at, rows_total=0)
    return found


def pause(intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    """Stop after the rows in hand."""
    return _tell(jobs.pause, intake_id, by=by, at=at)


def resume(intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    """Go on where it stopped."""
    return _tell(jobs.resume, intake_id, by=by, at=at)


def cancel(intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    """End it; what is in stays in, and the file may be brought again."""
    return _tell(jobs.cancel, intake_id, by=by, at=at)


def _tell(verb: Callable[..., Job], intake_id: UUID, *, by: User, at: datetime) -> RedemptionIntake:
    found = _of_file(intake_id, by=by)
    verb(found.job_id, by=by, at=at)
    found.refresh_from_db()
    return found


def _of_file(intake_id: UUID, *, by: User) -> RedemptionIntake:
    """Raises NotFound for an intake that one does not know of, or that was no file; NotAllowed."""
    rows = RedemptionIntake.objects.visible_to(by).filter(kind=IntakeKind.FILE)
    found = rows.select_related("job").filter(pk=intake_id).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    require(
        policies.may_take_in(by, found.unit_id),
        _("You do not take in redemptions for this unit."),
    )
    return found


@jobs.runner(INTAKE, may_steer=may_steer, link=link)
def _one_batch(job: Job, at: datetime) -> JobState | None:
    acting = job.acting or job.owner
    require(
        acting.is_active and may_steer(acting, job),
        _("You do not take in redemptions for this unit."),
    )
    if job.phase == JobPhase.CHECK:
        return _try(job, at)
    if job.position == 0:
        # A file that breaks off is refused before the first of its rows is used.
        job.rows_total = sum(1 for _row in _rows(job))
    rows = list(islice(_rows(job), job.position, job.position + BATCH))
    if rows:
        _land(job, rows, acting, at)
        return None
    if job.parameters.get("card_numbers") and job.source_id:
        # What should never have come is not kept.
        stored_files.forget(StoredFile.objects.filter(pk=job.source_id))
    _say_done(job, at)
    return JobState.DONE


type _Line = tuple[int, dict[str, str], list[file_rules.Fault]]


def _rows(job: Job) -> Iterator[_Line]:
    """The rows of the file, read as they are asked for."""
    assert job.source_id is not None
    source = StoredFile.objects.get(pk=job.source_id)
    stored_files.refuse_forgotten(source)
    header, lines = files.rows(source.name, bytes(source.content))
    places = redemption_rows.places(header)
    for line in lines:
        values = {name: line.cells[place] for name, place in places.items()}
        faults = [one for one in line.faults if one.place is None or one.place in places.values()]
        yield line.number, values, faults


def _read(rows: Iterable[_Line]) -> list[EventRow | Fault]:
    read: list[EventRow | Fault] = []
    for number, values, faults in rows:
        row = redemption_rows.read(number, values)
        if faults and isinstance(row, EventRow):
            row = Fault(
                number,
                DiscrepancyCode.ROW_UNREADABLE,
                str(faults[0].sentence),
                row.raw,
                row.digest,
                row.reference,
            )
        read.append(row)
    return read


def _land(job: Job, rows: list[_Line], by: Actor, at: datetime) -> None:
    found = RedemptionIntake.objects.get(job=job)
    read = _read(rows)
    outcomes = intake.land(found, read, number=job.position, by=by, at=at)
    counts = intake.counted(outcomes)
    job.added += counts[Result.LANDED]
    job.unchanged += counts[Result.REPEATED]
    job.refused += counts[Result.QUEUED]
    job.position += len(rows)
    job.rows_done += len(rows)
    if any(one.code == DiscrepancyCode.CARD_NUMBER for one in outcomes):
        job.parameters = {**job.parameters, "card_numbers": True}


def _try(job: Job, at: datetime) -> JobState:
    """The whole file, batch by batch as it would be taken in, so that limits count all of it and
    what stands in the wrong order is told; nothing is written but the answer."""
    found = RedemptionIntake.objects.get(job=job)
    read = _read(_rows(job))
    outcomes, _candidates = intake_writing.judge(
        intake.batch_of(found, read, number=0), at=at, lock=False, size=BATCH
    )
    counts = intake.counted(outcomes)
    job.rows_total = job.rows_done = len(outcomes)
    job.added = counts[Result.LANDED]
    job.unchanged = counts[Result.REPEATED]
    job.refused = counts[Result.QUEUED]
    job.parameters = {**job.parameters, **_told(outcomes)}
    return JobState.CHECKED


def _told(outcomes: list[Outcome]) -> dict[str, object]:
    """How many rows would go to the queue for which reason, and the first of them."""
    queued = [one for one in outcomes if one.result == Result.QUEUED and one.code]
    return {
        "reasons": dict(Counter(str(one.code) for one in queued).most_common()),
        "faults": [
            [one.row.number, one.row.reference, str(one.code), str(one.detail)]
            for one in queued[:SHOWN]
        ],
    }


def _say_done(job: Job, at: datetime) -> None:
    counts = {name: str(getattr(job, name)) for name in jobs.COUNTERS}
    reminders.plan(
        f"job:{job.pk}:finished",
        recipient=job.owner,
        kind=FINISHED,
        facts={"file": str(job), **counts},
        link=link(job),
        due_at=at,
        at=at,
    )
