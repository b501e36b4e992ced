"""The rows that did not go in, as a file that can be put right and brought again; and templates."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from django.utils.translation import gettext as _

from crm.domain import sheets
from crm.domain.sheets import FileFormat
from crm.models import Job
from merchants.domain.import_columns import COLUMNS, ERROR_HEADERS
from merchants.models import ImportRow


def header_of(job: Job, column: str) -> str:
    """What the file calls a column; our own word where the file has no such column."""
    columns, headers = job.parameters["columns"], job.parameters["headers"]
    if column in columns:
        return str(headers[columns.index(column)]).strip()
    return COLUMNS[column].chinese if column in COLUMNS else ""


def write(job: Job, at: datetime) -> None:
    """Store the file of what was refused or had to stay, if there is any.

    The same kind of file with the same columns; what we add is left out when it comes back.
    """
    if not ImportRow.objects.filter(job=job).to_look_at().exists():
        job.result = None
        return
    source = PurePath(str(job))
    kind = FileFormat.XLSX if source.suffix.lower() == ".xlsx" else FileFormat.CSV
    header = [*job.parameters["headers"], *(str(one) for one in ERROR_HEADERS)]
    content = sheets.written(header, _rows(job), kind)
    name = _("%(file)s errors") % {"file": source.stem[:100]}
    job.result = sheets.keep(name, content, kind, at=at)


def _rows(job: Job) -> Iterator[list[str]]:
    rows = ImportRow.objects.filter(job=job).to_look_at().order_by("number")
    for row in rows.iterator(chunk_size=1000):
        told = [str(row.number), header_of(job, row.column), row.code, row.sentence]
        yield [*row.cells, *told]


def template(kind: FileFormat) -> bytes:
    """A file with our headers and nothing below them."""
    return sheets.written([column.chinese for column in COLUMNS.values()], [], kind)
