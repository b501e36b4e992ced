"""How a nine-grid looks: the board, the ladder, completeness, the score with its parts."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.admin.base import when
from crm.presentation import money
from leads.domain import grid, interview_standing
from leads.domain.entry_scores import EntryPoint
from leads.models import (
    Cell,
    CellNumber,
    CellStatus,
    GridCell,
    GridColumn,
    GridMode,
    NumberPeriod,
    NumberUnit,
    Pain,
    PainStatus,
)

QUOTED = 90
"""How much of what was said a cell of the board shows."""

RUNGS = tuple(PainStatus)
TONES = {
    CellStatus.EMPTY: "calm",
    CellStatus.PARTIAL: "warn",
    CellStatus.COMPLETE: "good",
}
RUNG_TONES = {
    PainStatus.LATENT: "calm",
    PainStatus.ADMITTED: "warn",
    PainStatus.CRITICAL: "go",
    PainStatus.VISION: "good",
}
_HUNDREDTH = Decimal("0.01")


def rung_badge(pain: Pain) -> str:
    """The rung of the ladder as a coloured word; off the table, the word for how it ended."""
    if not pain.is_open:
        return format_html(
            '<span class="crm-badge crm-calm">{}</span>', pain.get_closed_as_display()
        )
    tone = RUNG_TONES[PainStatus(pain.status)]
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, pain.get_status_display())


def cell_badge(status: str) -> str:
    """The state of a cell as a coloured word."""
    one = CellStatus(status)
    return format_html('<span class="crm-badge crm-{}">{}</span>', TONES[one], one.label)


def percent(share: Decimal) -> str:
    """A share as a percentage with two places."""
    return f"{(share * 100).quantize(_HUNDREDTH, ROUND_HALF_UP)} %"


def ladder(pain: Pain) -> list[dict[str, Any]]:
    """The rungs: what is behind the pain, where it stands, what is ahead."""
    here = RUNGS.index(PainStatus(pain.status))
    return [
        {
            "label": rung.label,
            "tone": "here" if place == here else "past" if place < here else "ahead",
        }
        for place, rung in enumerate(RUNGS)
    ]


def figure(number: CellNumber) -> str:
    """A figure in words: “Empty tables: ¥48,000.00 a month”."""
    if number.value is None:
        amount = money(number.amount_fen or 0)
    else:
        unit = "%" if number.unit == NumberUnit.PERCENT else number.get_unit_display()
        amount = f"{number.value.normalize():f} {unit}"
    if number.period != NumberPeriod.NONE:
        period = number.get_period_display()
        amount = _("%(amount)s %(period)s") % {"amount": amount, "period": period}
    return _("%(label)s: %(amount)s") % {"label": number.label, "amount": amount}


def impact(pain: Pain) -> str:
    """What the pain costs a month, in whatever it was said."""
    said = []
    if pain.monthly_impact_fen is not None:
        said.append(money(pain.monthly_impact_fen))
    if pain.monthly_impact_hours is not None:
        said.append(_("%(hours)s hours") % {"hours": f"{pain.monthly_impact_hours.normalize():f}"})
    if pain.monthly_impact_guests is not None:
        said.append(
            _("%(guests)s guests") % {"guests": f"{pain.monthly_impact_guests.normalize():f}"}
        )
    return " · ".join(said) or "—"


def board(pain: Pain, rows: Iterable[GridCell], opened: Cell | None) -> list[dict[str, Any]]:
    """The three columns with their three cells, from open to confirm."""
    by_cell = {row.cell: row for row in rows}
    early = grid.premature(interview_standing.cells_of(pain), GridMode(pain.mode))
    return [
        {
            "label": column.label,
            "code": column.value,
            "stuck": pain.stuck_column == column,
            "cells": [
                _shown(by_cell[cell], pain, opened=cell == opened, early=cell in early)
                for cell in Cell
                if cell.column == column
            ],
        }
        for column in GridColumn
    ]


def _shown(row: GridCell, pain: Pain, *, opened: bool, early: bool) -> dict[str, Any]:
    cell = Cell(row.cell)
    said = row.merchant_words
    return {
        "code": cell.value,
        "label": cell.row.label,
        "name": cell.label,
        "row": row,
        "status": CellStatus(row.status).value,
        "badge": cell_badge(row.status),
        "said": said if len(said) <= QUOTED else f"{said[:QUOTED]}…",
        "figures": [figure(one) for one in row.numbers.all()],
        "agreed": agreement(row),
        "next": pain.next_cell == cell,
        "premature": early,
        "opened": opened,
    }


def agreement(row: GridCell) -> str:
    """Who agreed, when and how."""
    if row.agreed_by is None:
        return ""
    return _("%(name)s, %(when)s, %(via)s") % {
        "name": row.agreed_by,
        "when": when(row.agreed_at),
        "via": row.get_agreed_via_display(),
    }


def score(point: EntryPoint[Pain]) -> dict[str, Any]:
    """A score with its four parts, never without them."""
    found = point.score
    parts = (
        ("impact", _("Impact"), found.impact),
        ("fit", _("Fit"), found.fit),
        ("urgency", _("Urgency"), found.urgency),
        ("evidence", pgettext("entry point", "Evidence"), found.evidence),
    )
    return {
        "pain": point.pain,
        "cell": point.cell,
        "total": found.total,
        "parts": [
            {
                "label": label,
                "value": percent(value),
                "width": f"{value * 100:.0f}",
                "unknown": key in found.unknown,
            }
            for key, label, value in parts
        ],
        "because": found.because.label if found.because else "",
    }
