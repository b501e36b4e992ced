"""The weekly report as an Excel workbook: the figures, then a sheet for each section.

Numbers are numbers, in yuan, so that they can be added up; how they look (万元, per cent) is their
format. Whatever people typed is a text, and never run as a formula.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import openpyxl
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from crm.domain import sheets
from crm.sections import Kind

if TYPE_CHECKING:
    from crm.report_mail import Content

HEAD = Font(bold=True, color="FFFFFF")
HEAD_FILL = PatternFill("solid", fgColor="04784F")
LINK = Font(color="04784F", underline="single")
TITLE = Font(bold=True, size=14)
YUAN_ZH = '[>=100000000]0\\.00,,"亿元";[>=10000]0\\.0,"万元";0.00"元"'
"""Excel knows thousands only: the escaped point makes ten thousands of them."""
YUAN_EN = '"¥"#,##0.00'
WIDEST = 48
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


def workbook(content: "Content", first_page: Iterable[tuple[str, str]]) -> bytes:
    """The workbook's bytes. The first page begins with these facts, a label and its text each."""
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    taken: set[str] = set()
    first.title = _name(_("Figures"), taken)
    _figures(first, content, first_page)
    for block in content.blocks:
        if block["rows"]:
            _section(book.create_sheet(_name(block["title"], taken)), block)
    return sheets.saved(book)


def _figures(sheet: Worksheet, content: "Content", first_page: Iterable[tuple[str, str]]) -> None:
    for number, (label, text) in enumerate(first_page, 1):
        _text(sheet.cell(number, 1), label)
        _text(sheet.cell(number, 2), text)
    sheet.cell(1, 1).font = TITLE
    weeks = _weeks(content)
    head = sheet.max_row + 2
    _header(
        sheet, head, [_("Section"), _("Figure"), _("Value"), _("Against the week before"), *weeks]
    )
    row = head
    for block in content.blocks:
        for figure in block["figures"]:
            row += 1
            _text(sheet.cell(row, 1), block["title"])
            _text(sheet.cell(row, 2), figure["label"], figure["link"])
            _value(sheet.cell(row, 3), figure["value"], figure["kind"])
            _value(sheet.cell(row, 4), figure.get("delta"), figure["kind"])
            past = {one["week"]: one["value"] for one in figure.get("history") or ()}
            for column, week in enumerate(weeks, 5):
                _value(sheet.cell(row, column), past.get(week), figure["kind"])
    sheet.freeze_panes = f"C{head + 1}"
    _widen(sheet, head)


def _weeks(content: "Content") -> list[str]:
    """The weeks of which any figure knows a value, the oldest first."""
    return sorted(
        {
            one["week"]
            for block in content.blocks
            for figure in block["figures"]
            for one in figure.get("history") or ()
        }
    )


def _section(sheet: Worksheet, block: Mapping[str, Any]) -> None:
    columns = block["columns"]
    _header(sheet, 1, [column["label"] for column in columns])
    for number, row in enumerate(block["rows"], 2):
        for place, column in enumerate(columns, 1):
            value = row["values"][column["key"]]
            cell = sheet.cell(number, place)
            if column["kind"] == Kind.TEXT:
                _text(cell, "" if value is None else value, row["link"] if place == 1 else "")
            else:
                _value(cell, value, column["kind"])
    if block["left_out"]:
        more = _("%(count)s more") % {"count": block["left_out"]}
        _text(sheet.cell(sheet.max_row + 1, 1), more, block["link"])
    sheet.freeze_panes = "B2"
    _widen(sheet, 1)


def _header(sheet: Worksheet, row: int, labels: Iterable[str]) -> None:
    for column, label in enumerate(labels, 1):
        cell = sheet.cell(row, column)
        _text(cell, label)
        cell.font, cell.fill = HEAD, HEAD_FILL
        cell.alignment = Alignment(vertical="center")


def _text(cell: Any, text: str, link: str = "") -> None:
    cell.value = sheets.sound(sheets.guarded(str(text)))
    cell.data_type = "s"
    if link:
        cell.hyperlink = f"{settings.PUBLIC_URL}{link}"
        cell.font = LINK


def _value(cell: Any, value: Any, kind: str) -> None:
    """A value as `presentation.plain` gives it, as the number or the day that it is."""
    if value is None:
        return
    match kind:
        case Kind.COUNT:
            cell.value, cell.number_format = int(value), "#,##0"
        case Kind.MONEY:
            chinese = (get_language() or "").startswith("zh")
            cell.value, cell.number_format = Decimal(value), YUAN_ZH if chinese else YUAN_EN
        case Kind.PERCENT:
            cell.value, cell.number_format = Decimal(value) / 100, "0.0%"
        case Kind.DAY:
            cell.value, cell.number_format = date.fromisoformat(value), "yyyy-mm-dd"
        case Kind.INSTANT:
            cell.value, cell.number_format = _local(value), "yyyy-mm-dd hh:mm"
        case _:
            _text(cell, value)


def _local(value: str) -> datetime:
    """Excel knows no zones: the moment as a clock on the reader's wall showed it."""
    zone = ZoneInfo(timezone.get_current_timezone_name())
    return datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None)


def _name(title: str, taken: set[str]) -> str:
    """A name that Excel allows for a sheet: 31 characters, some not, and never twice."""
    plain = _NOT_IN_A_NAME.sub(" ", title).strip()[:31] or _("Section")
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: 31 - len(str(number)) - 1]} {number}"
    taken.add(name.casefold())
    return name


def _widen(sheet: Worksheet, head: int) -> None:
    """Columns as wide as what stands in them; Chinese characters take two places."""
    for number, column in enumerate(sheet.iter_cols(min_row=head), 1):
        widest = max(_width(cell) for cell in column)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = min(max(widest + 3, 10), WIDEST)
        if any(isinstance(cell.value, int | Decimal) for cell in column[1:]):
            column[0].alignment = Alignment(horizontal="right", vertical="center")


def _width(cell: Cell | Any) -> int:
    value = cell.value
    if value is None:
        return 0
    if isinstance(value, datetime):
        return 16
    return sum(2 if ord(character) > 0x2E80 else 1 for character in str(value))
