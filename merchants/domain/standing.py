"""How a partnership stands: its health and maturity as screens and phones show them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from crm.errors import Sentence
from merchants.domain import health, health_words, known_facts, maturity, scoring
from merchants.domain.health import Part
from merchants.domain.maturity import CRITERIA, Finding, Side
from merchants.models import HealthReading, MaturityReading, Partnership, PeriodFigures

LONGEST_HISTORY = 400
"""Days of history that are shown at once."""


@dataclass(frozen=True)
class ShownPart:
    """One part of the score, ready to be read."""

    part: Part
    label: Sentence
    share: Decimal | None
    weight: Decimal
    points: Decimal | None
    text: str


@dataclass(frozen=True)
class Standing:
    """The health on a day, with the days before it, the oldest first."""

    day: date | None
    score: Decimal | None
    parts: tuple[ShownPart, ...]
    history: tuple[tuple[date, Decimal | None], ...]

    @property
    def without_data(self) -> tuple[Part, ...]:
        return tuple(one.part for one in self.parts if one.share is None)


def health_of(partnership_id: UUID, *, days: int, at: datetime) -> Standing:
    """The health as it was reckoned last, and the history of so many days up to today."""
    today = timezone.localdate(at)
    readings = list(
        HealthReading.objects.filter(partnership=partnership_id)
        .between(today - timedelta(days=min(days, LONGEST_HISTORY) - 1), today)
        .order_by("day")
    )
    last = readings[-1] if readings else None
    facts = scoring.facts_of(last) if last else health.Facts()
    return Standing(
        last.day if last else None,
        last.score if last else None,
        parts_of(facts),
        tuple((one.day, one.score) for one in readings),
    )


def parts_of(facts: health.Facts) -> tuple[ShownPart, ...]:
    """The five parts that the facts give, in their order."""
    found = health.health(facts)
    return tuple(
        ShownPart(
            part,
            health_words.PARTS[part],
            None if share is None else health.rounded(share, 4),
            health.rounded(health.weight(part, found), 4),
            health.points(part, found),
            health_words.told(part, facts),
        )
        for part, share in found.parts.items()
    )


@dataclass(frozen=True)
class ShownLevel:
    """One rung of the ladder with what it asks for."""

    level: int
    label: Sentence
    findings: tuple[Finding, ...]

    @property
    def met(self) -> bool:
        return all(one.met for one in self.findings)


@dataclass(frozen=True)
class Ladder:
    """The maturity that a partnership has, and what the figures filed so far would give."""

    level: int
    measured: int
    rungs: tuple[ShownLevel, ...]
    sides: tuple[tuple[Side, int | None], ...]
    weakest: tuple[Side, ...]
    history: tuple[MaturityReading, ...]
    """The evaluations, the newest first."""


def maturity_of(partnership: Partnership, *, at: datetime) -> Ladder:
    """The ladder, with what is met on each rung by what is known today."""
    today = timezone.localdate(at)
    coming = known_facts.months_before(known_facts.first_of(today), -1)
    facts = known_facts.of_maturity([partnership.pk], coming, today=today)[partnership.pk]
    found = {one.criterion: one for one in maturity.findings(facts)}
    latest = (
        PeriodFigures.objects.filter(partnership=partnership, month__lte=today)
        .exclude(bank_side=None, merchant_side=None, customer_side=None)
        .order_by("-month")
        .first()
    )
    sides = {
        Side.BANK: latest.bank_side if latest else None,
        Side.MERCHANT: latest.merchant_side if latest else None,
        Side.CUSTOMER: latest.customer_side if latest else None,
    }
    return Ladder(
        partnership.maturity,
        maturity.measured(facts),
        tuple(
            ShownLevel(level, health_words.LEVELS[level], tuple(found[one] for one in asked))
            for level, asked in CRITERIA.items()
        ),
        tuple(sides.items()),
        maturity.weakest(*sides.values()),
        tuple(MaturityReading.objects.filter(partnership=partnership).order_by("-month")[:24]),
    )
