"""What a file must be like before anybody looks at what it says: its limits and its refusals.

A file that cannot be read is refused whole. A cell that cannot be used makes its row faulty: the
row is refused by itself when its turn comes, and the others go in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput, Sentence

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes as the file lies on the disk."""
MOST_ROWS = 20_000
"""Rows that hold something, without the header."""
LAST_ROW = 1_048_576
"""What a spreadsheet can number; a file that claims more is no spreadsheet."""
LONGEST_CELL = 10_000
WIDEST_ROW = 256
"""Cells, empty ones included: a forged row may claim eighteen thousand."""
UNREADABLE = "\ufffd"
NOT_A_VALUE = _("This cell holds a formula or an error; paste the value instead.")


class FileRefused(InvalidInput):
    """The file as a whole cannot be taken in; nothing of it was."""

    code = "file_refused"


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be used: in which of its cells, a code, a sentence."""

    place: int | None
    code: str
    sentence: Sentence


@dataclass(frozen=True)
class Line:
    """One row of a file, with the number a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def sound(number: int, cells: Sequence[str], not_values: Sequence[int] = ()) -> Line:
    """The row without the empty cells at its end, and what is wrong with it.

    `not_values` are places that hold a formula or an error. Raises FileRefused for a row that no
    spreadsheet can number.
    """
    if number > LAST_ROW:
        raise too_many_rows()
    last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    faults = [_wide()] if last > WIDEST_ROW else []
    kept = []
    for place, cell in enumerate(cells[: min(last, WIDEST_ROW)]):
        if fault := _fault(place, cell, place in not_values):
            faults.append(fault)
        kept.append(cell[:LONGEST_CELL].replace("\0", UNREADABLE))
    return Line(number, tuple(kept), tuple(faults))


def as_wide_as(line: Line, width: int) -> Line:
    """The row with as many cells as the header; what is beyond makes it faulty."""
    faults = line.faults
    if len(line.cells) > width and all(fault.place is not None for fault in faults):
        faults = (_wide(), *faults)
    cells = (*line.cells[:width], *[""] * (width - len(line.cells)))
    return Line(line.number, cells, faults)


def _fault(place: int, cell: str, is_no_value: bool) -> Fault | None:
    if "\0" in cell:
        return Fault(place, "cell_has_nul", _("This cell holds a NUL character; type it again."))
    if len(cell) > LONGEST_CELL:
        return Fault(place, "cell_too_long", _("This cell has more than 10,000 characters."))
    if is_no_value or cell.startswith("="):
        return Fault(
            place,
            "cell_not_a_value",
            NOT_A_VALUE,
        )
    return None


def _wide() -> Fault:
    return Fault(None, "too_many_cells", _("This row has more cells than the header has columns."))


def too_many_rows(most: int = MOST_ROWS) -> FileRefused:
    return FileRefused(
        _("The file has more than %(most)s rows; please split it.") % {"most": f"{most:,}"},
        code="too_many_rows",
    )
