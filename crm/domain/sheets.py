"""Lists as files, CSV or Excel: every cell is a text, and none of them is ever run as a formula."""

import csv
import hashlib
import io
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import openpyxl
from django.db import models
from django.utils.translation import gettext_lazy as _
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from crm.domain.files import CSV, XLSX, safe_name
from crm.models import StoredFile

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for something to be worked out, in either width."""
GUARD = "'"


class FileFormat(models.TextChoices):
    XLSX = "xlsx", _("Excel workbook")
    CSV = "csv", _("CSV file")


def guarded(text: str) -> str:
    """A cell that a spreadsheet shows and never runs."""
    return f"{GUARD}{text}" if text.startswith(FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """What the cell said before it was guarded, when such a file comes back to us."""
    guard = text.startswith(GUARD) and text[1:].startswith(FORMULA_STARTS)
    return text[1:] if guard else text


def written(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    kind: FileFormat,
    *,
    guard: Callable[[str], str] = guarded,
) -> bytes:
    """The file's bytes."""
    table = ([guard(cell) for cell in row] for row in itertools.chain([header], rows))
    return _workbook(table) if kind == FileFormat.XLSX else _csv(table)


def _csv(table: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    # With the mark by which Excel knows that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _workbook(table: Iterable[Sequence[str]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=sound(text))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    return saved(book)


def sound(text: str) -> str:
    """A text as a cell can hold it: no character that XML forbids, and no more than Excel takes."""
    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:32_767]


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def keep(name: str, content: bytes, kind: FileFormat, *, at: datetime) -> StoredFile:
    """Store a file that we made. It is nobody's own, so it is read through its job only."""
    return StoredFile.objects.create(
        name=safe_name(f"{name}.{kind}"),
        content_type=XLSX if kind == FileFormat.XLSX else CSV,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        owner=None,
        created_at=at,
    )
