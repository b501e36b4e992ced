"""Lists are taken out: asked for now, written as a job, read through one's scope once more."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm import exports, policies
from crm.command import command
from crm.domain import access, jobs, reminders, sheets
from crm.domain.sheets import FileFormat
from crm.errors import InvalidInput, RuleBroken
from crm.exports import ListExport
from crm.models import AccessKind, ExportChunk, Job, JobPhase, JobState, User
from crm.models.jobs import EXPORT
from crm.policies import require

MOST_ROWS = 100_000
"""Rows of one exported list (a start value)."""
MOST_OWN_ROWS = 500
"""Rows that a rep may take out at once: their own (a start value)."""
CHUNK = 500

READY = reminders.kind(
    "export_ready",
    label=_("Export ready"),
    subject=_("Your export is ready (%(rows)s rows)"),
    text=_("The list that you asked for is ready to be downloaded: %(rows)s rows."),
)


def may_steer(user: User, job: Job) -> bool:
    """An export is its owner's alone."""
    return job.owner_id == user.pk


def link(job: Job) -> str:
    return reverse("admin:crm_export_change", args=[job.pk])


def offered(user: User, one: ListExport) -> bool:
    """Whether this person may take this list out."""
    return policies.may_export(user, has_owner=one.owner is not None)


@command
def request(
    job_id: UUID,
    name: str,
    *,
    rows: Any,
    kind: str,
    said: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Job:
    """Ask for a list. `rows` is a QuerySet in the order of the file, narrowed as `said` tells.

    The ids are taken down now; a rep's own rows are all that a rep gets.
    Raises InvalidInput for an unknown list, NotAllowed, RuleBroken with code `export_too_large`.
    """
    one = exports.named(name)
    if one is None:
        raise InvalidInput(_("There is no such list."), code="list_unknown", attr="list")
    require(offered(by, one), _("Your role takes no lists of this kind out."))
    most = MOST_ROWS
    if not policies.exports_everything(by):
        rows, most = one.own(rows, by), MOST_OWN_ROWS
    ids = list(rows.values_list("pk", flat=True)[: most + 1])
    if len(ids) > most:
        raise RuleBroken(
            ngettext_lazy(
                "The list has more than %(most)d row; narrow it with a filter first.",
                "The list has more than %(most)d rows; narrow it with a filter first.",
                most,
            )
            % {"most": most},
            code="export_too_large",
        )
    job = Job.objects.create(
        pk=job_id,
        kind=EXPORT,
        owner=by,
        parameters={"list": name, "format": FileFormat(kind), "filter": dict(said)},
        rows_total=len(ids),
        created_at=at,
        updated_at=at,
    )
    ExportChunk.objects.bulk_create(
        ExportChunk(job=job, number=number, ids=chunk)
        for number, chunk in enumerate(itertools.batched(ids, CHUNK))
    )
    return jobs.begin(job, JobPhase.RUN, by=by, at=at)


@jobs.runner(EXPORT, may_steer=may_steer, link=link)
def _read_or_write(job: Job, at: datetime) -> JobState | None:
    """One batch: the cells of some rows; at the end the file."""
    one = exports.named(job.parameters["list"])
    if one is None:
        raise RuleBroken(_("There is no such list."), code="list_unknown")
    require(
        job.owner.is_active and offered(job.owner, one),
        _("Your role takes no lists of this kind out."),
    )
    chunk = ExportChunk.objects.filter(job=job, number=job.position).first()
    if chunk is None:
        _write_file(job, one, at)
        return JobState.DONE
    with timezone.override(job.owner.time_zone):
        chunk.cells = [one.cells(row) for row in _still_seen(one, chunk.ids, job.owner)]
    chunk.save(update_fields=["cells"])
    job.position += 1
    job.rows_done += len(chunk.ids)
    job.added += len(chunk.cells)
    job.refused = job.rows_done - job.added
    return None


def _still_seen(one: ListExport, ids: Sequence[UUID], owner: User) -> list[Any]:
    """The rows in the order in which they were asked for, without what is no more to be seen."""
    rows = one.visible_to(owner).filter(pk__in=ids).select_related(*one.related)
    if not policies.exports_everything(owner):
        rows = one.own(rows, owner)
    found = {row.pk: row for row in rows}
    return [found[pk] for pk in ids if pk in found]


def _write_file(job: Job, one: ListExport, at: datetime) -> None:
    kind = FileFormat(job.parameters["format"])
    rows = (row for chunk in _chunks(job) for row in chunk.cells or [])
    local = timezone.localtime(at)
    name = f"{one.label} {local:%Y-%m-%d %H%M}"
    job.result = sheets.keep(name, sheets.written(one.header(), rows, kind), kind, at=at)
    ExportChunk.objects.filter(job=job).delete()
    access.record(
        AccessKind.EXPORTED,
        one.name,
        job.pk,
        by=job.owner,
        at=at,
        filter=job.parameters["filter"],
        rows=job.added,
        sha256=job.result.sha256,
    )
    reminders.plan(
        f"job:{job.pk}:ready",
        recipient=job.owner,
        kind=READY,
        facts={"rows": str(job.added)},
        link=link(job),
        due_at=at,
        at=at,
    )


def _chunks(job: Job) -> Iterator[ExportChunk]:
    """One at a time: all the cells of a long list would not fit into a worker."""
    chunks = ExportChunk.objects.filter(job=job)
    for number in list(chunks.order_by("number").values_list("number", flat=True)):
        yield chunks.get(number=number)
