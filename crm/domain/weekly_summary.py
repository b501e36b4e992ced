"""The week in one sentence, by rules: what was signed, what presses, what is to come.

It is made of the figures that the report shows, so it can say nothing that the report does not.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.presentation import is_quiet, named

PRESSING = 2
"""So many things that press are said; the report lists the others."""


def sentence(blocks: list[dict[str, Any]], *, is_over: bool = True) -> str:
    """The week in one sentence, in the active language. What was signed in a part of a week is not
    compared with a whole one."""
    if is_quiet(blocks):
        return _(
            "A quiet week: nothing was won, nothing is overdue, and no lead waits for anybody."
        )
    figures = {
        named(block["key"], figure["key"]): figure
        for block in blocks
        for figure in block["figures"]
    }
    clauses = [_signed(figures, is_over=is_over), *_pressing(figures)[:PRESSING], _open(figures)]
    said = pgettext("between clauses", "; ").join(clause for clause in clauses if clause)
    return _("%(clauses)s.") % {"clauses": said[:1].upper() + said[1:]}


def _signed(figures: Mapping[str, dict[str, Any]], *, is_over: bool) -> str:
    figure = figures.get("won.won")
    if figure is None:
        return ""
    count, delta = figure["value"], figure["delta"]
    if not count:
        said = _("nothing was signed")
    else:
        said = _("%(count)s signed") % {"count": figure["shown"]}
    return said + _against_last_week(delta) if is_over else said


def _against_last_week(delta: int | None) -> str:
    if delta is None:
        return ""
    if delta == 0:
        return _(", as many as the week before")
    more = _(", %(count)s more than the week before")
    fewer = _(", %(count)s fewer than the week before")
    return (more if delta > 0 else fewer) % {"count": abs(delta)}


def _pressing(figures: Mapping[str, dict[str, Any]]) -> list[str]:
    """What presses, the most pressing first; what is not there, or is zero, is not said."""
    rules = (
        ("overdue.overdue", _("follow-ups overdue: %(count)s")),
        ("approvals.late", _("approvals waiting for too long: %(count)s")),
        ("budget_burn.nearly_used", _("budgets used beyond the limit: %(count)s")),
        ("renewals.ending", _("agreements about to end: %(count)s")),
        ("partnerships_at_risk.at_risk", _("partnerships at risk: %(count)s")),
        ("movement.went_stale", _("leads gone stale: %(count)s")),
    )
    return [
        words % {"count": figures[name]["shown"]} + _grown(figures[name])
        for name, words in rules
        if figures.get(name, {}).get("value")
    ]


def _grown(figure: Mapping[str, Any]) -> str:
    delta = figure["delta"]
    return _(" (%(count)s more)") % {"count": delta} if delta and delta > 0 else ""


def _open(figures: Mapping[str, dict[str, Any]]) -> str:
    figure = figures.get("forecast.open_value")
    if figure is None or figure["value"] in (None, "0.00"):
        return ""
    return _("%(amount)s is open in the pipeline") % {"amount": figure["shown"]}
