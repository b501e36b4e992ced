"""What needs somebody, gathered from all sections of the report: each row says why."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.sections import Actions, Column, Figure, Kind, Section, Table

MOST = 10
"""Rows in all: every kind has its share of them, and the section it comes from has the others."""
KEY = "needs_action"
TITLE = _("Needs action")
ORDER = 5


def section(gathered: Iterable[Actions | None]) -> tuple[Section, Table]:
    """The section with these things, the most urgent kind first."""
    found = sorted((one for one in gathered if one and one.count), key=lambda one: one.urgency)
    table = gather(found)
    return Section(KEY, TITLE, ORDER, lambda _audience, _period: table), table


def gather(found: list[Actions]) -> Table:
    """The first few of each kind, and how many there are of all."""
    return Table(
        columns=(
            Column("what", pgettext_lazy("report", "What")),
            Column("who", pgettext_lazy("report", "Who")),
            Column("why", pgettext_lazy("report", "Why")),
            Column("day", _("Day"), Kind.DAY),
        ),
        rows=[
            {
                "link": action.link,
                "what": action.what,
                "who": action.who,
                "why": str(action.why),
                "day": action.day,
            }
            for one, share in zip(found, _shares([len(one.first) for one in found]), strict=True)
            for action in one.first[:share]
        ],
        figures=(Figure("needs_action", _("Needs action"), sum(one.count for one in found)),)
        if found
        else (),
    )


def _shares(lengths: list[int]) -> list[int]:
    """How many rows each kind is given: one after the other, the most urgent first, until the rows
    or the things are used up."""
    shares = [0] * len(lengths)
    while sum(shares) < min(MOST, sum(lengths)):
        for place, length in enumerate(lengths):
            if shares[place] < length and sum(shares) < MOST:
                shares[place] += 1
    return shares
