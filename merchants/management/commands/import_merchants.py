"""`manage.py import_merchants FILE`: a list of merchants, CSV or Excel, as a job of its own."""

import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.domain import files as stored_files
from crm.domain import jobs
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Job, JobState, OrgUnit, User
from merchants.domain import import_error_files, import_jobs
from merchants.models import ImportMode, ImportRow

SHOWN_REFUSALS = 10
LOOK_AGAIN_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Take in a list of merchants (CSV in UTF-8 or GB18030, or .xlsx), with Chinese or English "
        "headers. The same list may be taken in again. Ends with an error if rows were refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--unit", required=True, help="name or id of the unit they belong to")
        parser.add_argument("--by", required=True, help="e-mail of the colleague who brings them")
        parser.add_argument("--mode", choices=ImportMode.values, default=ImportMode.CREATE.value)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--errors", type=Path, help="write the rows that were refused here")

    def handle(self, *args: Any, **options: Any) -> str:
        by, unit = _colleague(options["by"]), _unit(options["unit"])
        try:
            job = self._run(options["file"], unit, by, options)
        except DomainError as refused:
            raise CommandError(f"{refused.message} [{refused.code}]") from refused
        if job.state not in (JobState.DONE, JobState.CHECKED):
            raise CommandError(f"{job.failure or JobState(job.state).label} [{job.failure_code}]")
        self._tell(job, options["errors"], by)
        said = _in_words(job)
        if job.refused:
            raise CommandError(said)
        return said

    def _run(self, path: Path, unit: OrgUnit, by: User, options: dict[str, Any]) -> Job:
        now = timezone.now()
        kept = stored_files.keep(path.name, _content(path), kinds=stored_files.LISTS, by=by, at=now)
        job = import_jobs.open_import(
            uuid7(), kept.pk, unit_id=unit.pk, mode=options["mode"], by=by, at=now
        )
        start = import_jobs.try_out if options["dry_run"] else import_jobs.run
        start(job.pk, by=by, at=now)
        return self._followed(job.pk)

    def _followed(self, job_id: UUID) -> Job:
        """Do the work here, unless a worker was faster; then watch it."""
        while True:
            claimed = jobs.claim(job_id)
            if claimed is not None:
                jobs.work(claimed, at=timezone.now(), enough=lambda: self._progress(job_id))
            job = Job.objects.select_related("source", "result").get(pk=job_id)
            if not job.is_under_way:
                return job
            self._progress(job_id)
            time.sleep(LOOK_AGAIN_SECONDS)

    def _progress(self, job_id: UUID) -> bool:
        job = Job.objects.get(pk=job_id)
        if job.rows_total:
            counts = {"done": job.rows_done, "total": job.rows_total, "refused": job.refused}
            self.stdout.write(_("%(done)s of %(total)s rows, %(refused)s refused") % counts)
        return False

    def _tell(self, job: Job, errors: Path | None, by: User) -> None:
        refused = ImportRow.objects.filter(job=job).refused().order_by("number")
        for row in refused[:SHOWN_REFUSALS]:
            where = _("Row %(row)s") % {"row": row.number}
            if row.column:
                where = f"{where}, {import_error_files.header_of(job, row.column)}"
            self.stderr.write(f"{where}: {row.sentence} [{row.code}]")
        if job.refused > SHOWN_REFUSALS:
            left = job.refused - SHOWN_REFUSALS
            self.stderr.write(_("… and %(left)s more; --errors lists all.") % {"left": left})
        if errors is not None and job.result is not None:
            content = bytes(jobs.fetch(job.pk, by=by, at=timezone.now()).content)
            try:
                # Only for its owner: it repeats names and phone numbers.
                errors.touch(mode=0o600)
                errors.write_bytes(content)
            except OSError as failure:
                raise CommandError(
                    _("The file for the errors cannot be written: %(reason)s.")
                    % {"reason": failure.strerror}
                ) from failure


def _in_words(job: Job) -> str:
    counts = {name: getattr(job, name) for name in jobs.COUNTERS}
    said = _(
        "%(added)s added, %(changed)s changed, %(unchanged)s known already, %(refused)s refused."
    )
    if job.state == JobState.CHECKED:
        said = _(
            "Dry run: %(added)s new, %(changed)s to be changed, %(unchanged)s known already, "
            "%(refused)s refused."
        )
    return said % counts


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(stored_files.LARGEST + 1)
    except OSError as failure:
        raise CommandError(
            _("The file cannot be read: %(reason)s.") % {"reason": failure.strerror or failure}
        ) from failure


def _colleague(email: str) -> User:
    user: User | None = User.objects.active().signing_in_as(email).first()
    if user is None:
        raise CommandError(_("There is no such colleague: %(name)s.") % {"name": email})
    return user


def _unit(wanted: str) -> OrgUnit:
    try:
        found = list(OrgUnit.objects.filter(pk=UUID(wanted)))
    except ValueError:
        found = list(OrgUnit.objects.filter(name=wanted)[:2])
    if not found:
        raise CommandError(_("There is no such unit: %(name)s.") % {"name": wanted})
    if len(found) > 1:
        raise CommandError(
            _("Several units are called %(name)s: give the id instead.") % {"name": wanted}
        )
    return found[0]
