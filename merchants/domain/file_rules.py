"""What a file must be like before anybody looks at what it says: its limits and its refusals."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes as the file lies on the disk."""
MOST_ROWS = 20_000
"""Rows that hold something, without the header."""
LAST_ROW = 1_048_576
"""What a spreadsheet can number; a file that claims more is no spreadsheet."""
LONGEST_CELL = 10_000
WIDEST_ROW = 256
"""Cells, empty ones included: a forged row may claim eighteen thousand."""


class FileRefused(InvalidInput):
    """The file as a whole cannot be taken in; nothing of it was."""

    code = "file_refused"


@dataclass(frozen=True)
class Line:
    """One row of a file, with the number a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


def sound(number: int, cells: Sequence[str]) -> Line:
    """The row without the empty cells at its end. Raises FileRefused for what no row may hold."""
    where = {"row": number}
    if number > LAST_ROW:
        raise too_many_rows()
    if len(cells) > WIDEST_ROW:
        raise too_many_cells(number)
    for cell in cells:
        if "\0" in cell:
            raise FileRefused(
                _("Row %(row)s holds a NUL character; the file is damaged.") % where,
                code="file_has_nul",
            )
        if len(cell) > LONGEST_CELL:
            raise FileRefused(
                _("Row %(row)s holds a cell of more than 10,000 characters.") % where,
                code="cell_too_long",
            )
        if cell.startswith("="):
            raise not_a_value(number)
    last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return Line(number, tuple(cells[:last]))


def too_many_cells(number: int) -> FileRefused:
    return FileRefused(
        _("Row %(row)s has more cells than the header has columns.") % {"row": number},
        code="too_many_cells",
    )


def too_many_rows() -> FileRefused:
    return FileRefused(
        _("The file has more than 20,000 rows; please split it."), code="too_many_rows"
    )


def not_a_value(number: int) -> FileRefused:
    return FileRefused(
        _("Row %(row)s holds a formula or an error; paste the values instead.") % {"row": number},
        code="cell_not_a_value",
    )
