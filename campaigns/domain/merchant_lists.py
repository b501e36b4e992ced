"""The list a merchant brings of what it reckons: its columns known by their names, its rows read.

A list in which one row cannot be read is refused whole, with the rows that are wrong: half a list
would look like differences.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from campaigns.models.redemption import LONGEST_REFERENCE
from crm.domain.sheets import unguarded
from crm.errors import InvalidInput, Problem, Sentence
from merchants.domain import files
from merchants.domain.file_rules import WIDEST_ROW, FileRefused, Line

MOST_ROWS = 200_000
LONGEST_STORE = 200
MOST_FAULTS = 20
"""Faulty rows that are named; nobody reads on."""

REFERENCE, STORE, DAY, DISCOUNT, AMOUNT = "reference", "store", "day", "discount", "amount"
NEEDED = (REFERENCE, STORE, DAY, DISCOUNT)
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        REFERENCE: ("交易参考号", "参考号", "流水号", "交易流水号", "订单号", "reference"),
        STORE: ("门店", "门店名称", "商户号", "商户编号", "store", "mid"),
        DAY: ("交易日期", "日期", "date", "day"),
        DISCOUNT: ("优惠金额", "补贴金额", "优惠", "discount"),
        AMOUNT: ("交易金额", "订单金额", "金额", "amount"),
    }
)
"""How lists call the columns, without regard to case and blanks."""

_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?")
_YUAN = re.compile(r"-?\d{1,11}(?:\.\d{1,2})?")


@dataclass(frozen=True)
class Row:
    """One row as the verbs take it; money in fen, below zero for what was given back."""

    number: int
    reference: str
    store: str
    day: date
    discount_fen: int
    amount_fen: int | None


def columns(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Raises FileRefused with code `columns_missing`, naming them."""
    known = {name: column for column, names in NAMES.items() for name in names}
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = known.get("".join(cell.split()).lower())
        if column is not None:
            found.setdefault(column, place)
    if missing := [NAMES[column][0] for column in NEEDED if column not in found]:
        raise FileRefused(
            _("The list has no column: %(columns)s.") % {"columns": ", ".join(missing)},
            code="columns_missing",
        )
    return found


def checked(name: str, content: bytes) -> None:
    """Raise FileRefused for what is no list, or lacks a column."""
    columns(files.beginning(name, content).header)


def rows(name: str, content: bytes) -> Iterator[Row]:
    """The rows of a list. Raises FileRefused, and InvalidInput with code `rows_faulty` at its end
    if some of them could not be read."""
    header, lines = files.rows(name, content, most=MOST_ROWS)
    places = columns(header)
    faults: list[Problem] = []
    for line in lines:
        try:
            yield _row(line, places)
        except _Faulty as faulty:
            words = _("Row %(row)s: %(what)s") % {"row": line.number, "what": faulty.sentence}
            faults.append(Problem(faulty.code, words))
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise InvalidInput(
            _("Rows of the list cannot be read: %(faults)s")
            % {"faults": " ".join(str(fault.detail) for fault in faults[:5])},
            code="rows_faulty",
            problems=faults,
        )


class _Faulty(Exception):
    """A row that cannot be read, and why."""

    def __init__(self, code: str, sentence: Sentence) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


def _row(line: Line, places: Mapping[str, int]) -> Row:
    def cell(column: str) -> str:
        place = places.get(column, WIDEST_ROW)
        return unguarded(line.cells[place].strip()) if place < len(line.cells) else ""

    if line.faults:
        raise _Faulty(line.faults[0].code, line.faults[0].sentence)
    reference, store = cell(REFERENCE), cell(STORE)
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise _Faulty("reference_invalid", _("the reference is missing or too long."))
    if not store or len(store) > LONGEST_STORE:
        raise _Faulty("store_invalid", _("the store is missing or too long."))
    day = _day(cell(DAY))
    if day is None:
        raise _Faulty("day_invalid", _("the date is none; write it like 2026-11-18."))
    discount = _fen(cell(DISCOUNT))
    amount = _fen(cell(AMOUNT)) if cell(AMOUNT) else None
    if discount is None or (cell(AMOUNT) and amount is None):
        raise _Faulty("amount_invalid", _("an amount is none; write it in yuan, like 20.00."))
    return Row(line.number, reference, store, day, discount, amount)


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _fen(text: str) -> int | None:
    plain = text.replace(",", "").removeprefix("¥").removeprefix("￥").strip()
    if not _YUAN.fullmatch(plain):
        return None
    yuan, _point, fen = plain.lstrip("-").partition(".")
    size = int(yuan) * 100 + int(fen.ljust(2, "0"))
    return -size if plain.startswith("-") else size
