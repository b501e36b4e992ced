"""What the open leads are expected to bring: value times the share of their stage, by month.

A share says how many of the leads in a stage sign in the long run. It is a number of the whole
pipeline, set by the administrator, and says nothing about one lead.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from leads.models import Stage
from leads.models.lead import LeadQuerySet
from leads.models.stages import OPEN_STAGES

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Expected:
    """Some leads of a pipeline: how many, what they are worth, and what of it counts."""

    leads: int
    value_fen: int
    weighted_fen: int


def weighted(value_fen: int, percent: int) -> int:
    """A value times a share in percent, to the nearest fen, half up."""
    return int((value_fen * percent / _HUNDRED).quantize(Decimal(1), ROUND_HALF_UP))


def by_month(
    leads: LeadQuerySet, shares: Mapping[Stage, int]
) -> list[tuple[date | None, Expected]]:
    """The open leads by the month in which their signature is expected; those without a day last.

    Each stage of a month is weighted as a whole, so that the sum does not drift by rounding.
    """
    return _by_month(leads.open(), "stage", shares)


def by_month_then(leads: Any, shares: Mapping[Stage, int]) -> list[tuple[date | None, Expected]]:
    """The same for leads as they were at a moment that `as_of` was asked about."""
    return _by_month(leads.filter(stage_then__in=OPEN_STAGES), "stage_then", shares)  # type: ignore[misc]


def _by_month(
    leads: Any, stage_column: str, shares: Mapping[Stage, int]
) -> list[tuple[date | None, Expected]]:
    months: dict[date | None, list[Expected]] = defaultdict(list)
    rows = (
        leads.order_by()
        .annotate(month=TruncMonth("expected_signing_on"))
        .values_list("month", stage_column)
        .annotate(count=Count("pk"), value=Sum("expected_value_fen", default=0))
    )
    for month, stage, count, value in rows:
        share = shares.get(Stage(stage), 0)
        months[month].append(Expected(count, value, weighted(value, share)))
    known = sorted((month, together(parts)) for month, parts in months.items() if month)
    rest = [(None, together(months[None]))] if None in months else []
    return [*known, *rest]


def together(parts: list[Expected]) -> Expected:
    """Several parts of a pipeline as one."""
    return Expected(
        sum(one.leads for one in parts),
        sum(one.value_fen for one in parts),
        sum(one.weighted_fen for one in parts),
    )
