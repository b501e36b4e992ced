"""Lists that people bring, CSV or Excel, read as rows of text and checked whole before any is used.

A file is refused as a whole, so nothing may be written before its last row has been seen. The rows
that passed are kept in an unnamed temporary file; it is what is worked on afterwards, whatever
happens meanwhile to the file itself, and the memory stays small.
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from merchants.domain import file_rules, workbooks
from merchants.domain.file_rules import FileRefused, Line

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order, strictly: hardly any Chinese text in GB18030 is valid UTF-8."""
DELIMITERS = (",", ";", "\t")
CSV_NAMES = {".csv", ".txt"}
WORKBOOK_NAMES = {".xlsx"}

_ZIP = b"PK"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class CheckedFile:
    """A list every row of which has been seen: its header, and its rows as often as needed."""

    header: tuple[str, ...]
    count: int
    _kept: IO[str]

    def lines(self) -> Iterator[Line]:
        """The rows, as wide as the header."""
        self._kept.seek(0)
        for kept in self._kept:
            number, cells = json.loads(kept)
            yield Line(number, tuple(cells))


@contextmanager
def checked(path: Path) -> Iterator[CheckedFile]:
    """Read a file whole and give out what it holds. Raises FileRefused."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as kept:
        yield _check(path, kept)


def _check(path: Path, kept: IO[str]) -> CheckedFile:
    header: tuple[str, ...] = ()
    count = 0
    for line in _lines(path):
        if not line.cells:
            continue
        if not header:
            header = line.cells
            continue
        if len(line.cells) > len(header):
            raise file_rules.too_many_cells(line.number)
        count += 1
        if count > file_rules.MOST_ROWS:
            raise file_rules.too_many_rows()
        padded = [*line.cells, *[""] * (len(header) - len(line.cells))]
        kept.write(json.dumps([line.number, padded], ensure_ascii=False) + "\n")
    if not count:
        raise FileRefused(_("The file holds no rows."), code="file_empty")
    return CheckedFile(header, count, kept)


def _lines(path: Path) -> Iterator[Line]:
    try:
        with path.open("rb") as file:
            if path.stat().st_size > file_rules.LARGEST_FILE:
                raise FileRefused(_("The file is larger than 20 MB."), code="file_too_large")
            yield from _workbook_or_csv(path, file)
    except OSError as failure:
        raise FileRefused(
            _("The file cannot be read: %(reason)s.") % {"reason": failure.strerror or failure},
            code="file_unreadable",
        ) from failure


def _workbook_or_csv(path: Path, file: IO[bytes]) -> Iterator[Line]:
    """What the file is, by its name, and by its first bytes, which must not contradict it."""
    begins = file.read(4)
    named = path.suffix.lower()
    if named not in CSV_NAMES | WORKBOOK_NAMES:
        raise FileRefused(_("Only CSV files and .xlsx workbooks are read."), code="file_kind")
    if begins == _OLD_EXCEL:
        raise FileRefused(
            _("This workbook is of an old kind or has a password; save it again as .xlsx."),
            code="file_is_old_excel",
        )
    if not begins:
        raise FileRefused(_("The file holds no rows."), code="file_empty")
    if (named in WORKBOOK_NAMES) != begins.startswith(_ZIP):
        raise FileRefused(
            _("The file is not what its name says: is it CSV or an Excel workbook?"),
            code="file_kind_mismatch",
        )
    return workbooks.rows(file) if named in WORKBOOK_NAMES else _csv_rows(file)


def _csv_rows(file: IO[bytes]) -> Iterator[Line]:
    with io.TextIOWrapper(file, encoding=_encoding(file), newline="") as text:
        first = text.readline()
        delimiter = max(DELIMITERS, key=first.count)
        text.seek(0)
        # Strict, so that a file cut off inside quotation marks is noticed.
        reading = csv.reader(text, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reading)
            except StopIteration:
                return
            except csv.Error as failure:
                raise _broken(number, failure) from failure
            yield file_rules.sound(number, cells)


def _encoding(file: IO[bytes]) -> str:
    """The first encoding in which the whole file makes sense."""
    for encoding in ENCODINGS:
        file.seek(0)
        try:
            with _detached(io.TextIOWrapper(file, encoding=encoding, newline="")) as text:
                while text.read(_CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return encoding
    raise FileRefused(
        _("The file is neither UTF-8 nor GB18030; save it again as “CSV UTF-8”."),
        code="file_encoding",
    )


@contextmanager
def _detached(text: io.TextIOWrapper) -> Iterator[io.TextIOWrapper]:
    """Leave the file below open."""
    try:
        yield text
    finally:
        text.detach()


def _broken(number: int, failure: csv.Error) -> FileRefused:
    if "field limit" in str(failure):
        return FileRefused(
            _("Row %(row)s holds a cell of more than 10,000 characters.") % {"row": number},
            code="cell_too_long",
        )
    return FileRefused(
        _("The file breaks off or its quotation marks do not match, at row %(row)s.")
        % {"row": number},
        code="csv_broken",
    )
