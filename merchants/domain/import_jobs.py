"""Lists of merchants as jobs: brought, their columns named, tried out, run, taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.domain import jobs, reminders
from crm.errors import InvalidInput
from crm.locking import known
from crm.models import Job, JobPhase, JobState, StoredFile, User
from crm.policies import require
from merchants import policies
from merchants.domain import (
    files,
    import_batches,
    import_columns,
    import_error_files,
    import_reverting,
)
from merchants.models import IMPORT, ImportMapping, ImportMode

FINISHED = reminders.kind(
    "import_finished",
    label=_("Import finished"),
    subject=_("Import finished: %(file)s"),
    text=_(
        "“%(file)s”: %(added)s added, %(changed)s changed, %(unchanged)s known already, "
        "%(refused)s refused."
    ),
)


def may_steer(user: User, job: Job) -> bool:
    """Whoever brought the list, as long as they sell for the unit, and those who lead it."""
    if job.unit_id is None:
        return False
    if job.owner_id == user.pk:
        return policies.may_register(user, job.unit_id)
    return user.scope.at(job.unit_id, *policies.LEADERS)


def link(job: Job) -> str:
    return reverse("admin:merchants_import_change", args=[job.pk])


@command
def open_import(
    job_id: UUID, file_id: UUID, *, unit_id: UUID, mode: str, by: User, at: datetime
) -> Job:
    """Bring a list for a unit. Its columns are read as last time, or guessed.

    Raises NotAllowed, NotFound for a file that is not one's own, FileRefused for a file that is no
    list at all.
    """
    require(policies.may_register(by, unit_id), _("You do not work for this unit."))
    file = known(StoredFile.objects.visible_to(by), file_id, attr="file")
    header = files.beginning(file.name, bytes(file.content)).header
    remembered = ImportMapping.objects.filter(
        user=by, headers_key=import_columns.key_of(header)
    ).first()
    columns = import_columns.guessed(header)
    if remembered is not None and _still_fits(remembered.columns, header):
        columns = remembered.columns
    return Job.objects.create(
        pk=job_id,
        kind=IMPORT,
        owner=by,
        unit_id=unit_id,
        source=file,
        parameters={"mode": ImportMode(mode), "headers": list(header), "columns": columns},
        created_at=at,
        updated_at=at,
    )


def _still_fits(columns: Sequence[str | None], header: Sequence[str]) -> bool:
    try:
        import_columns.checked(columns, header)
    except InvalidInput:
        return False
    return True


@command
def map_columns(
    job_id: UUID,
    columns: Sequence[str | None],
    *,
    by: User,
    at: datetime,
    mode: str | None = None,
    version: int | None = None,
) -> Job:
    """Say what each header means, in the order of the file; remembered for the next such file."""
    job = jobs.to_steer(job_id, "prepare", by=by, version=version)
    headers = job.parameters["headers"]
    checked = import_columns.checked(columns, headers)
    ImportMapping.objects.update_or_create(
        user=by,
        headers_key=import_columns.key_of(headers),
        defaults={"columns": checked, "updated_at": at},
        create_defaults={"columns": checked, "created_at": at, "updated_at": at},
    )
    said = {"columns": checked} | ({"mode": ImportMode(mode)} if mode else {})
    return job.change(at=at, state=JobState.DRAFT, phase="", parameters={**job.parameters, **said})


@command
def try_out(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Dry run: say of every row what would become of it, and write nothing."""
    return _start(job_id, "check", JobPhase.CHECK, by=by, at=at)


@command
def run(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Take the list in."""
    return _start(job_id, "run", JobPhase.RUN, by=by, at=at)


def _start(job_id: UUID, verb: str, phase: JobPhase, *, by: User, at: datetime) -> Job:
    job = jobs.to_steer(job_id, verb, by=by)
    import_columns.checked(job.parameters["columns"], job.parameters["headers"])
    return jobs.begin(job, phase, by=by, at=at, result=None)


@command
def revert(job_id: UUID, *, by: User, at: datetime) -> Job:
    """Take back what the list brought, as far as nobody has touched it since."""
    job = jobs.to_steer(job_id, "revert", by=by)
    total = import_reverting.rows_to_revert(job).count()
    return jobs.begin(job, JobPhase.REVERT, by=by, at=at, rows_total=total)


@jobs.runner(IMPORT, may_steer=may_steer, link=link)
def _one_batch(job: Job, at: datetime) -> JobState | None:
    acting = job.acting or job.owner
    require(acting.is_active and may_steer(acting, job), _("You do not work for this unit."))
    if job.phase == JobPhase.REVERT:
        if import_reverting.one_batch(job, acting, at):
            return None
        import_error_files.write(job, at)
        return JobState.REVERTED
    if import_batches.one_batch(job, acting, at):
        return None
    import_error_files.write(job, at)
    if job.phase == JobPhase.CHECK:
        return JobState.CHECKED
    _tell(job, at)
    return JobState.DONE


def _tell(job: Job, at: datetime) -> None:
    counts: dict[str, Any] = {name: str(getattr(job, name)) for name in jobs.COUNTERS}
    reminders.plan(
        f"job:{job.pk}:finished",
        recipient=job.owner,
        kind=FINISHED,
        facts={"file": str(job), **counts},
        link=link(job),
        due_at=at,
        at=at,
    )
