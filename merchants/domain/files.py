"""Lists that people bring, CSV or Excel, read as rows of text.

A file that cannot be read is refused as a whole, so its rows are all read, and laid down, before
the first of them is used.
"""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
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
SAMPLES = 3
"""How many rows people are shown beside the header."""


@dataclass(frozen=True)
class Beginning:
    """What a file looks like before anybody reads it whole."""

    header: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]


def beginning(name: str, content: bytes) -> Beginning:
    """The header of a file and its first rows. Raises FileRefused; an archive is judged first."""
    header, lines = rows(name, content)
    return Beginning(header, tuple(line.cells for line in itertools.islice(lines, SAMPLES)))


def rows(
    name: str, content: bytes, *, most: int = file_rules.MOST_ROWS
) -> tuple[tuple[str, ...], Iterator[Line]]:
    """The header, and the rows that hold something, as wide as it. Raises FileRefused.

    The rows are read as they are asked for, so the file may still be refused at any of them.
    """
    if len(content) > file_rules.LARGEST_FILE:
        raise FileRefused(_("The file is larger than 20 MB."), code="file_too_large")
    lines = (line for line in _workbook_or_csv(name, io.BytesIO(content)) if line.cells)
    header = next(lines, None)
    first = next(lines, None)
    if header is None or first is None:
        raise FileRefused(_("The file holds no rows."), code="file_empty")
    for fault in header.faults:
        raise FileRefused(fault.sentence, code=fault.code)
    return header.cells, _counted(len(header.cells), itertools.chain([first], lines), most)


def _counted(width: int, lines: Iterable[Line], most: int) -> Iterator[Line]:
    for count, line in enumerate(lines, 1):
        if count > most:
            raise file_rules.too_many_rows(most)
        yield file_rules.as_wide_as(line, width)


def _workbook_or_csv(name: str, file: IO[bytes]) -> Iterator[Line]:
    """What the file is, by its name, and by its first bytes, which must not contradict it."""
    begins = file.read(4)
    named = PurePath(name).suffix.lower()
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
