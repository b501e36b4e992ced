"""How the Johari window looks: a board of four quadrants, its figures, and offers as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.presentation import NO_DATA
from merchants.domain import johari
from merchants.models import Insight, MoveThrough, Quadrant, RivalOffer
from merchants.models.quadrants import ACTIONS, PEERS_AT_LEAST

CARDS = 200
"""How many insights the board shows, the newest first."""

ON_THE_BOARD = (Quadrant.OPEN, Quadrant.BLIND, Quadrant.HIDDEN, Quadrant.UNKNOWN)
"""Line by line: what the bank knows above, what the merchant knows to the left."""

TONES = {
    Quadrant.OPEN: "good",
    Quadrant.HIDDEN: "warn",
    Quadrant.BLIND: "go",
    Quadrant.UNKNOWN: "calm",
}

PERIODS: Mapping[str, Any] = MappingProxyType(
    {
        "month": gettext_lazy("This month"),
        "quarter": gettext_lazy("This quarter"),
        "year": gettext_lazy("This year"),
    }
)


@dataclass(frozen=True)
class NamedPeriod:
    """From a moment until now."""

    name: str
    start: datetime


def period_named(name: str, now: datetime) -> NamedPeriod:
    """A period by its name; this month for a name that is none."""
    local = timezone.localtime(now)
    months = {"quarter": local.month - (local.month - 1) % 3, "year": 1}
    start = local.replace(
        month=months.get(name, local.month), day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return NamedPeriod(name if name in PERIODS else "month", start)


def badge(quadrant: str) -> str:
    """A quadrant as a coloured word."""
    one = Quadrant(quadrant)
    return format_html('<span class="crm-badge crm-{}">{}</span>', TONES[one], one.label)


def figures(found: johari.Window, period: NamedPeriod) -> list[dict[str, Any]]:
    """The window's figures as tiles, each with what it was counted from."""
    return [
        {
            "label": _("Openness"),
            "value": percent(found.openness),
            "of": _("%(part)s of %(whole)s insights are open")
            % {"part": found.counts[Quadrant.OPEN], "whole": found.total},
        },
        {
            "label": _("Conversion"),
            "value": percent(found.conversion),
            "of": _("%(part)s of %(whole)s opened since %(day)s")
            % {
                "part": found.opened,
                "whole": found.closed_at_start,
                "day": f"{period.start:%Y-%m-%d}",
            },
        },
    ]


def percent(value: Decimal | None) -> str:
    """A percentage, or a dash for no data."""
    return NO_DATA if value is None else f"{value} %"


def board(rows: QuerySet[Insight], found: johari.Window) -> list[dict[str, Any]]:
    """The four quadrants with their cards."""
    cards: dict[str, list[dict[str, Any]]] = {one: [] for one in Quadrant}
    for row in rows[:CARDS]:
        cards[row.quadrant].append(_card(row))
    return [
        {
            "quadrant": one.value,
            "label": one.label,
            "tone": TONES[one],
            "action": ACTIONS[one],
            "count": found.counts[one],
            "cards": cards[one],
            "more": found.counts[one] - len(cards[one]),
        }
        for one in ON_THE_BOARD
    ]


def _card(row: Insight) -> dict[str, Any]:
    here = Quadrant(row.quadrant)
    moves = [
        {"to": to.value, "label": to.label, "through": way.label, "way": way}
        for to in Quadrant
        if (way := johari.through(here, to)) and way != MoveThrough.FEEDBACK
    ]
    return {
        "row": row,
        "facts": _facts(row, here),
        "tell": here == Quadrant.BLIND,
        "too_few": here == Quadrant.BLIND and (row.peers or 0) < PEERS_AT_LEAST,
        "moves": [one for one in moves if one["way"] != MoveThrough.CORRECTION],
        "corrections": [one for one in moves if one["way"] == MoveThrough.CORRECTION],
    }


def _facts(row: Insight, here: Quadrant) -> list[tuple[Any, Any]]:
    """What matters of an insight where it stands."""
    since = row.known_to_bank_on if here == Quadrant.BLIND else row.known_to_merchant_on
    told = timezone.localtime(row.shared_at).date() if row.shared_at else None
    wanted: dict[Quadrant, list[tuple[Any, Any]]] = {
        Quadrant.OPEN: [(_("Told on"), told), (_("Evidence"), row.evidence)],
        Quadrant.HIDDEN: [(_("Who could tell us"), row.could_tell), (_("Since"), since)],
        Quadrant.BLIND: [
            (_("Data source"), row.data_source),
            (_("Peer merchants"), row.peers),
            (_("Evidence"), row.evidence),
        ],
        Quadrant.UNKNOWN: [(_("How to find out"), row.experiment)],
    }
    return [(label, value) for label, value in wanted[here] if value]


def shown_offer(offer: RivalOffer, today: date) -> dict[str, Any]:
    """An offer with the word for how it stands today."""
    return {"row": offer, "state": offer_badge(offer, today), "paid": share(offer)}


def offer_badge(offer: RivalOffer, today: date) -> str:
    """Coming, running or expired."""
    if offer.ends_on and offer.ends_on < today:
        tone, words = "calm", _("Expired")
    elif offer.starts_on > today:
        tone, words = "go", pgettext("offer", "To come")
    else:
        tone, words = "warn", pgettext("offer", "Running")
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)


def share(offer: RivalOffer) -> str:
    """The rival's share of the discount."""
    points = offer.paid_by_rival_basis_points
    return NO_DATA if points is None else f"{Decimal(points) / 100:.2f} %"
