"""A statement as a workbook: one sheet with head and totals, one with every line.

Rows are written as they are read, so that a hundred thousand lines need no more memory than a few
thousand. Sums are numbers in yuan, texts are never run as formulas.
"""

import io
from datetime import datetime
from decimal import Decimal

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from campaigns.domain import statement_paper as paper
from campaigns.models import LineKind, Party, Statement
from crm.domain.sheets import guarded

PARTIES = tuple(Party)


def written(statement: Statement, *, at: datetime) -> bytes:
    """The workbook's bytes, in the active language."""
    book = openpyxl.Workbook(write_only=True)
    front = book.create_sheet(pgettext("settlement", "Statement"))
    front.column_dimensions["A"].width = front.column_dimensions["B"].width = 28
    for label, value in paper.head(statement):
        front.append([_text(label), _text(value)])
    for label, count in paper.counts(statement):
        front.append([_text(label), count])
    for label, fen in paper.totals(statement):
        front.append([_text(label), _yuan(fen)])
    front.append([])
    front.append([_("Campaign"), _("Lines"), _("Discount"), _("Payable")])
    for name, count, discount, payable in paper.campaigns(statement):
        front.append([_text(name), count, _yuan(discount), _yuan(payable)])
    sheet = book.create_sheet(_("Lines"))
    sheet.freeze_panes = "A2"
    for column in "BDEFG":
        sheet.column_dimensions[column].width = 20
    sheet.append(
        [
            _("Line"),
            _("Day"),
            _("Kind"),
            _("Reference"),
            _("Merchant number"),
            _("Outlet"),
            _("Campaign"),
            _("Sales"),
            _("Discount"),
            *(str(_("Borne by: %(party)s") % {"party": party.label}) for party in PARTIES),
            _("Payable"),
            _("Reason"),
        ]
    )
    kinds = {str(kind): str(kind.label) for kind in LineKind}
    parts = [f"{party}_fen" for party in PARTIES]
    for line in paper.lines(statement):
        sheet.append(
            [
                line["number"],
                line["day"].isoformat(),
                kinds[line["kind"]],
                _text(line["reference"]),
                _text(line["mid"]),
                _text(line["outlet__name"]),
                _text(line["campaign__name"]),
                _yuan(line["amount_fen"]),
                _yuan(line["discount_fen"]),
                *(_yuan(line[part]) for part in parts),
                _yuan(line["payable_fen"]),
                _text(line["reason"]),
            ]
        )
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _text(value: str | None) -> str:
    return guarded(ILLEGAL_CHARACTERS_RE.sub("\ufffd", value or ""))[:32_767]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
