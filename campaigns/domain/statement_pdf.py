"""A statement as PDF, A4, to be signed: head, totals, campaigns, adjustments, the first lines.

However long the statement, the paper stays short: what is not printed stands in the workbook, and
the paper says so.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from campaigns.domain import settlement_parameters as numbers
from campaigns.domain import statement_paper as paper
from campaigns.models import LineKind, Statement
from crm import fonts
from crm.presentation import exact

MOST_ADJUSTMENTS = 50
ROW = 6.0
"""Height of a row in millimetres."""
WIDTHS = (14.0, 22.0, 16.0, 52.0, 46.0, 20.0, 20.0)
"""Columns of the lines: number, day, kind, reference, campaign, discount, payable."""


class _Paper(FPDF):
    """A4 with the page's number below."""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("Noto", size=8)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="C")


def written(statement: Statement, *, at: datetime) -> bytes:
    """The PDF's bytes, in the active language."""
    sheet = _Paper(format="A4")
    sheet.add_font("Noto", "", fonts.REGULAR)
    sheet.set_margins(10, 12)
    sheet.set_auto_page_break(True, margin=16)
    sheet.set_title(f"{pgettext('settlement', 'Statement')} {statement.number}")
    sheet.set_creation_date(timezone.localtime(at))
    sheet.add_page()
    sheet.set_font("Noto", size=18)
    _line(sheet, pgettext("settlement", "Statement"), height=12, align="C")
    _pairs(sheet, paper.head(statement))
    _heading(sheet, _("Totals in yuan"))
    _pairs(
        sheet,
        [
            *((label, str(count)) for label, count in paper.counts(statement)),
            *((label, exact(fen)) for label, fen in paper.totals(statement)),
        ],
    )
    _campaigns(sheet, statement)
    _adjustments(sheet, statement)
    _lines(sheet, statement)
    _signatures(sheet)
    return bytes(sheet.output())


def _line(sheet: FPDF, text: str, *, height: float = ROW, align: str = "L") -> None:
    sheet.cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _heading(sheet: FPDF, text: str) -> None:
    sheet.ln(3)
    sheet.set_font("Noto", size=12)
    _line(sheet, text, height=8)
    sheet.set_font("Noto", size=9)


def _pairs(sheet: FPDF, facts: Sequence[tuple[str, str]]) -> None:
    """Labels and values, two pairs to a row."""
    sheet.set_font("Noto", size=9)
    for place, (label, value) in enumerate(facts):
        last = place % 2 == 1 or place == len(facts) - 1
        _cell(sheet, 38, label)
        _cell(sheet, 57, value, ends=last)


def _cell(sheet: FPDF, width: float, text: str, *, ends: bool = False, align: str = "L") -> None:
    sheet.cell(
        width,
        ROW,
        _fitting(sheet, text, width - 2),
        border=1,
        align=align,
        new_x=XPos.LMARGIN if ends else XPos.RIGHT,
        new_y=YPos.NEXT if ends else YPos.TOP,
    )


def _fitting(sheet: FPDF, text: str, width: float) -> str:
    """The text, cut where the column ends."""
    plain = " ".join(text.split())
    if sheet.get_string_width(plain) <= width:
        return plain
    while plain and sheet.get_string_width(f"{plain}…") > width:
        plain = plain[:-1]
    return f"{plain}…"


def _row(sheet: FPDF, cells: Sequence[str], widths: Sequence[float], numeric: int) -> None:
    """One row of a table; the last `numeric` cells stand to the right."""
    last = len(cells) - 1
    for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
        align = "R" if place > last - numeric else "L"
        _cell(sheet, width, text, ends=place == last, align=align)


def _campaigns(sheet: FPDF, statement: Statement) -> None:
    _heading(sheet, _("By campaign"))
    widths = (100.0, 20.0, 35.0, 35.0)
    _row(sheet, (_("Campaign"), _("Lines"), _("Discount"), _("Payable")), widths, 3)
    for name, count, discount, payable in paper.campaigns(statement):
        _row(sheet, (name, str(count), exact(discount), exact(payable)), widths, 3)


def _adjustments(sheet: FPDF, statement: Statement) -> None:
    found = paper.adjustments(statement, MOST_ADJUSTMENTS)
    if not found:
        return
    _heading(sheet, _("Adjustments"))
    for number, reason, fen in found:
        _row(sheet, (str(number), reason, exact(fen)), (20.0, 135.0, 35.0), 1)


def _lines(sheet: FPDF, statement: Statement) -> None:
    most = numbers.PDF_LINES.value
    every = statement.lines.count()
    _heading(sheet, _("Lines"))
    if every > most:
        sentence = _(
            "This paper prints the first %(shown)d of %(every)d lines; all of them stand in the "
            "Excel workbook of this statement."
        )
        sheet.multi_cell(
            0,
            ROW,
            sentence % {"shown": most, "every": every},
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
    header = (
        _("Line"),
        _("Day"),
        _("Kind"),
        _("Reference"),
        _("Campaign"),
        _("Discount"),
        _("Payable"),
    )
    sheet.set_font("Noto", size=8)
    _row(sheet, header, WIDTHS, 2)
    kinds = {str(kind): str(kind.label) for kind in LineKind}
    for line in paper.lines(statement, most):
        cells = (
            str(line["number"]),
            line["day"].isoformat(),
            kinds[line["kind"]],
            line["reference"] or line["reason"],
            line["campaign__name"] or "",
            exact(line["discount_fen"]),
            exact(line["payable_fen"]),
        )
        if sheet.will_page_break(ROW):
            sheet.add_page()
            _row(sheet, header, WIDTHS, 2)
        _row(sheet, cells, WIDTHS, 2)


def _signatures(sheet: FPDF) -> None:
    sheet.ln(8)
    sheet.set_font("Noto", size=10)
    for label in (_("For the bank (seal, date)"), _("For the merchant (seal, date)")):
        sheet.cell(95, 24, label, border=1, align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
    sheet.ln(26)
