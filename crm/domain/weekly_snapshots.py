"""The figures of each week as they stood at its cut-off: what deltas and lines are told from.

A week is written down once, with its report, and never again: last week reckoned from today's rows
would be another week. A week that nobody wrote down is a gap.
"""

from collections.abc import Mapping
from datetime import datetime

from crm.models import WeeklySnapshot
from crm.presentation import Past
from crm.weeks import Week

WEEKS_BEFORE = 3
"""With the week itself, the line over four weeks."""


def keep(scope: str, week: Week, figures: Mapping[str, int | None], *, at: datetime) -> None:
    """Write a week's figures down; if that was done already, what was written stays."""
    WeeklySnapshot.objects.bulk_create(
        [WeeklySnapshot(scope=scope, week=str(week), figures=dict(figures), at=at)],
        ignore_conflicts=True,
    )


def before(scope: str, week: Week) -> Past:
    """The weeks before a week, the oldest first, each with its figures if they were kept."""
    if not scope:
        return ()
    weeks: list[Week] = []
    for _number in range(WEEKS_BEFORE):
        week = week.previous
        weeks.insert(0, week)
    rows = WeeklySnapshot.objects.filter(scope=scope, week__in=[str(one) for one in weeks])
    kept = dict(rows.values_list("week", "figures"))
    return [(one, kept.get(str(one))) for one in weeks]
