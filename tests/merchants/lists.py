"""What tests of imports share: a list, brought and worked on by whoever brings it."""

from datetime import datetime

from django.utils import timezone

from crm.domain import files, jobs
from crm.ids import uuid7
from crm.models import Job, User
from merchants.domain import import_jobs
from merchants.domain.import_columns import COLUMNS
from merchants.domain.sample_lists import HEADER_NAMES
from merchants.models import ImportRow
from tests import factories
from tests.conftest import Cast

HEADER = ",".join(COLUMNS[name].chinese for name in HEADER_NAMES)


def codes() -> None:
    """The reference data that the lists of the tests speak of."""
    factories.CategoryFactory()
    factories.CategoryFactory(code="7995", label_zh="博彩", prohibited=True)
    factories.DivisionFactory()


def text(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def brought(
    cast: Cast,
    content: bytes,
    *,
    name: str = "list.csv",
    by: User | None = None,
    mode: str = "create",
    at: datetime | None = None,
) -> Job:
    """A list brought for Ann's team, by Max who leads it unless somebody else is named."""
    by, at = by or cast.max, at or timezone.now()
    kept = files.keep(name, content, kinds=files.LISTS, by=by, at=at)
    return import_jobs.open_import(uuid7(), kept.pk, unit_id=cast.xuhui.pk, mode=mode, by=by, at=at)


def worked(job: Job, *, at: datetime | None = None) -> Job:
    """What a worker makes of it."""
    jobs.run_due(at=at or timezone.now())
    return Job.objects.get(pk=job.pk)


def tried(cast: Cast, content: bytes, **options: object) -> Job:
    job = brought(cast, content, **options)  # type: ignore[arg-type]
    return worked(import_jobs.try_out(job.pk, by=job.owner, at=job.created_at))


def taken_in(cast: Cast, content: bytes, **options: object) -> Job:
    job = brought(cast, content, **options)  # type: ignore[arg-type]
    at = job.created_at
    return worked(import_jobs.run(job.pk, by=job.owner, at=at), at=at)


def counts(job: Job) -> tuple[int, int, int, int]:
    return job.added, job.changed, job.unchanged, job.refused


def refusals(job: Job) -> list[tuple[int, str, str]]:
    rows = ImportRow.objects.filter(job=job).refused().order_by("number")
    return list(rows.values_list("number", "column", "code"))
