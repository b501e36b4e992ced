"""Excel workbooks (XLSX) as rows of text, after a look at the archive they come in.

A workbook is a ZIP archive of XML parts, and both can be made to fill a machine's memory. So the
directory of the archive is judged first, then every part is unpacked once and counted, and only
then the workbook is parsed, row by row.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext_lazy as _

from merchants.domain import file_rules
from merchants.domain.file_rules import FileRefused, Line

MOST_PARTS = 200
LARGEST_UNPACKED = 50 * 1024 * 1024
GREATEST_RATIO = 100
NEEDED_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}

_CHUNK = 64 * 1024
_DECLARATION = b"<!DOCTYPE"
_FORMULA, _ERROR = "f", "e"


def rows(file: IO[bytes]) -> Iterator[Line]:
    """The rows of the first sheet. Raises FileRefused."""
    judge_archive(file)
    reading = _cells(file)
    while True:
        try:
            number, cells, not_values = next(reading)
        except StopIteration:
            return
        except FileRefused:
            raise
        except Exception as failure:
            # The parser fails in a dozen ways on a damaged part; to the person they are one.
            raise _broken() from failure
        yield file_rules.sound(number, cells, not_values)


def judge_archive(file: IO[bytes]) -> None:
    """Refuse an archive that is damaged, no workbook, or far larger than it looks."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _judge_directory(parts)
            left = LARGEST_UNPACKED
            for part in parts:
                left = _judge_part(archive, part, left)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # a compression that no spreadsheet uses
        RuntimeError,  # a part behind a password
        OSError,
    ) as failure:
        raise _broken() from failure


def _judge_directory(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        len(parts) > MOST_PARTS
        or unpacked > LARGEST_UNPACKED
        or unpacked > max(packed, 1) * GREATEST_RATIO
    ):
        raise _bomb()
    if not {part.filename for part in parts} >= NEEDED_PARTS:
        raise FileRefused(
            _("This is not an Excel workbook, although it is named like one."),
            code="file_kind_mismatch",
        )


def _judge_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack a part once, which checks its sum as well; returns how many bytes are left."""
    before = b""
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK):
            left -= len(chunk)
            # Without the NULs, so that a part in UTF-16 hides nothing.
            plain = before + chunk.replace(b"\0", b"")
            if left < 0 or _DECLARATION in plain:
                raise _bomb()
            before = plain[-len(_DECLARATION) :]
    return left


def _cells(file: IO[bytes]) -> Iterator[tuple[int, list[str], list[int]]]:
    file.seek(0)
    with warnings.catch_warnings():
        # About styles, validations and dates that we do not read.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        # What the sheet says about its own size may be wrong by millions of cells.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), 1):
            formulas = [
                place for place, cell in enumerate(cells) if cell.data_type in (_FORMULA, _ERROR)
            ]
            yield number, [_text(cell.value) for cell in cells], formulas


def _text(value: object) -> str:
    """A cell as the person reads it: a phone number kept as a number has no decimal point."""
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _broken() -> FileRefused:
    return FileRefused(
        _("The workbook is damaged or protected by a password; save it again as .xlsx."),
        code="xlsx_broken",
    )


def _bomb() -> FileRefused:
    return FileRefused(
        _("The workbook unpacks to far more than a list of merchants; it was not opened."),
        code="xlsx_too_large",
    )
