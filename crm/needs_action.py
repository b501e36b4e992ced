"""What needs somebody, gathered from all sections of the report: each row says why."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.sections import Actions, Column, Figure, Kind, Section, Table

EACH = 5
"""So many of a kind; the section that they come from has the others."""
KEY = "needs_action"
TITLE = _("Needs action")
ORDER = 15


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
            Column("who", _("Who")),
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
            for one in found
            for action in one.first[:EACH]
        ],
        figures=(Figure("needs_action", _("Needs action"), sum(one.count for one in found)),)
        if found
        else (),
    )
