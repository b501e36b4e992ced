"""The files of a statement, as jobs: written for the merchant, or brought by it and compared."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from campaigns import policies
from campaigns.domain import matching, merchant_lists, statement_pdf, statement_sheet
from campaigns.domain import statement_steps as steps
from campaigns.models import MerchantRow, Statement, StatementFile, StatementFileKind
from campaigns.models.settlement_words import COMPARABLE
from crm.actors import SYSTEM
from crm.command import command
from crm.domain import files, jobs
from crm.errors import RuleBroken
from crm.ids import uuid7
from crm.locking import known, take
from crm.models import Job, JobPhase, JobState, StoredFile, User
from crm.policies import require
from merchants.domain import timeline

STATEMENT_FILE = "statement_file"
"""The kind of job that writes a statement, or takes a merchant's list in."""
LANGUAGE = "zh-hans"
"""Statements go to Chinese merchants."""

COMPARED = timeline.kind(
    "statement.compared",
    _("Merchant's list compared"),
    _(
        "The merchant's list was compared with the statement %(number)s: %(matched)s rows agree, "
        "%(differences)s differ."
    ),
)


def may_steer(user: User, job: Job) -> bool:
    """Whoever asked for it, and finance of the unit."""
    if job.unit_id is None:
        return False
    return job.owner_id == user.pk or policies.may_settle_statements(user, job.unit_id)


def link(job: Job) -> str:
    return reverse("admin:campaigns_statement_change", args=[job.parameters["statement"]])


@command
def write(
    job_id: UUID, statement_id: UUID, *, kind: StatementFileKind, by: User, at: datetime
) -> Job:
    """Ask for the statement as a file: a PDF with the head, the totals and its first lines, or a
    workbook with all of them. Whoever may know of the statement may ask.

    Raises NotFound.
    """
    statement = known(Statement.objects.visible_to(by), statement_id, attr="statement")
    return _begun(job_id, statement, kind, by=by, at=at)


@command
def bring(job_id: UUID, statement_id: UUID, file_id: UUID, *, by: User, at: datetime) -> Job:
    """Bring the merchant's own list; it is read and compared as a job.

    From the first one on, a bank that is slow to answer starts the clock. Raises NotFound,
    NotAllowed, FileRefused for a file that is no list or lacks a column; RuleBroken with code
    `statement_state` once the merchant has confirmed, `list_known` for the list compared last.
    """
    statement = steps.taken(statement_id, by=by)
    steps.require_state(statement, *COMPARABLE)
    file = known(StoredFile.objects.visible_to(by), file_id, attr="file")
    merchant_lists.checked(file.name, bytes(file.content))
    compared = MerchantRow.objects.filter(
        statement=statement, file__job__source__sha256=file.sha256
    )
    if compared.exists():
        raise RuleBroken(_("This very list was compared already."), code="list_known", attr="file")
    if statement.received_on is None:
        statement.change(at=at, received_on=timezone.localdate(at))
    return _begun(job_id, statement, StatementFileKind.MERCHANT_LIST, source=file, by=by, at=at)


def _begun(
    job_id: UUID,
    statement: Statement,
    kind: StatementFileKind,
    *,
    by: User,
    at: datetime,
    source: StoredFile | None = None,
) -> Job:
    job = Job.objects.create(
        pk=job_id,
        kind=STATEMENT_FILE,
        owner=by,
        unit_id=statement.merchant.unit_id,
        source=source,
        parameters={"statement": str(statement.pk), "kind": str(kind)},
        created_at=at,
        updated_at=at,
    )
    StatementFile.objects.create(pk=uuid7(), statement=statement, job=job, kind=kind, created_at=at)
    return jobs.begin(job, JobPhase.RUN, by=by, at=at)


@jobs.runner(STATEMENT_FILE, may_steer=may_steer, link=link)
def _run(job: Job, at: datetime) -> JobState | None:
    """A statement is written, or a list compared, in one go."""
    by = job.acting or job.owner
    statement_id = UUID(job.parameters["statement"])
    if job.parameters["kind"] == StatementFileKind.MERCHANT_LIST:
        _compare(job, statement_id, by=by, at=at)
        return JobState.DONE
    statement = known(Statement.objects.visible_to(by), statement_id, attr="statement")
    with translation.override(LANGUAGE):
        writer, content_type = _WRITERS[job.parameters["kind"]]
        content = writer(statement, at=at)
        name = f"{pgettext('settlement', 'Statement')}-{statement.number}.{job.parameters['kind']}"
    job.result = files.keep(name, content, kinds=(content_type,), by=SYSTEM, at=at)
    job.rows_total = job.rows_done = statement.lines.count()
    return JobState.DONE


_WRITERS = {
    "pdf": (statement_pdf.written, files.PDF),
    "xlsx": (statement_sheet.written, files.XLSX),
}


def _compare(job: Job, statement_id: UUID, *, by: User, at: datetime) -> None:
    statement = take(Statement.objects.visible_to(by), statement_id)
    require(policies.may_settle_statements(by, statement.merchant.unit_id))
    steps.require_state(statement, *COMPARABLE)
    assert job.source_id is not None
    source = StoredFile.objects.get(pk=job.source_id)
    rows = merchant_lists.rows(source.name, bytes(source.content))
    count = matching.lay_down(statement, StatementFile.objects.get(job=job), rows)
    found = matching.compare(statement)
    differences = matching.queue_differences(statement, by=by, at=at)
    job.rows_total = job.rows_done = count
    job.unchanged = found["matched"]
    job.refused = differences
    timeline.record(
        COMPARED,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        number=statement.number,
        matched=found["matched"],
        differences=differences,
    )
    statement.change(at=at)
