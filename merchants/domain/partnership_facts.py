"""What the steps of a partnership ask of the figures.

A room that knows supplies a source, as `measured` does from days of sales and daily scores; where
a source has an answer it counts, and where it has none (`None`) the evidence that people put on
file does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from merchants.models import Evidence, EvidenceKind, Partnership, PartnershipStage

COOLING_OFF = timedelta(days=30)
ATTEMPTS = 2
ATTEMPTS_WITHIN = timedelta(days=365)
"""Winning back begins 30 days after the parting, and at most twice in twelve months (start
values)."""

type HealthSource = Callable[[Partnership, int, int, datetime], bool | None]
"""(partnership, score, days, at) → whether health has been that good for so many days."""

type SilenceSource = Callable[[Partnership, datetime], int | None]
"""(partnership, at) → whole days since the last qualifying sale."""

type RedemptionSource = Callable[[Partnership, datetime], int | None]
"""(partnership, at) → redemptions since the partnership entered its stage."""

type AttemptSource = Callable[[Partnership, datetime], int]
"""(partnership, since) → attempts to win the merchant back since a moment."""

_HEALTH: list[HealthSource] = []
_SILENCE: list[SilenceSource] = []
_REDEMPTIONS: list[RedemptionSource] = []
_ATTEMPTS: list[AttemptSource] = []


def supplies_health(source: HealthSource) -> HealthSource:
    """Let a room say how healthy partnerships have been."""
    _HEALTH.append(source)
    return source


def supplies_silence(source: SilenceSource) -> SilenceSource:
    """Let a room say how long there has been no sale."""
    _SILENCE.append(source)
    return source


def supplies_redemptions(source: RedemptionSource) -> RedemptionSource:
    """Let a room say how many redemptions there have been."""
    _REDEMPTIONS.append(source)
    return source


def supplies_attempts(source: AttemptSource) -> AttemptSource:
    """Let a room say how often winning back was tried."""
    _ATTEMPTS.append(source)
    return source


def health_at_least(
    partnership: Partnership,
    score: int,
    days: int,
    at: datetime,
    *,
    on_file: Iterable[Evidence] = (),
) -> bool:
    """Whether the health score has not been below a score for so many days up to now.

    Without a source that knows, a record of the score put on file says so.
    """
    answers = [source(partnership, score, days, at) for source in _HEALTH]
    if known := [answer for answer in answers if answer is not None]:
        return any(known)
    return any(
        Decimal(one.numbers["health"]) >= score and one.numbers["days"] >= days
        for one in on_file
        if one.kind == EvidenceKind.HEALTH_RECORD
    )


def silent_for(
    partnership: Partnership, days: int, at: datetime, *, on_file: Iterable[Evidence] = ()
) -> bool:
    """Whether there has been no qualifying sale for at least so many days. Of several sources, the
    one that knows of the latest sale decides."""
    answers = [source(partnership, at) for source in _SILENCE]
    if known := [answer for answer in answers if answer is not None]:
        return min(known) >= days
    return any(
        one.numbers["days"] >= days for one in on_file if one.kind == EvidenceKind.SALES_STOPPED
    )


def redeemed_at_least(
    partnership: Partnership, count: int, at: datetime, *, on_file: Iterable[Evidence] = ()
) -> bool:
    """Whether there were at least so many redemptions since the partnership entered its stage."""
    answers = [source(partnership, at) for source in _REDEMPTIONS]
    if known := [answer for answer in answers if answer is not None]:
        return max(known) >= count
    return any(
        one.numbers["redemptions"] >= count
        for one in on_file
        if one.kind == EvidenceKind.PILOT_REDEMPTIONS
    )


def may_win_back(partnership: Partnership, at: datetime) -> bool:
    """Whether a new lead may try to win the merchant back: 30 days after the parting, and fewer
    than two attempts in twelve months."""
    if partnership.stage != PartnershipStage.CHURNED:
        return False
    if at - partnership.stage_entered_at < COOLING_OFF:
        return False
    tried = sum(source(partnership, at - ATTEMPTS_WITHIN) for source in _ATTEMPTS)
    return tried < ATTEMPTS


def is_released(partnership: Partnership) -> bool:
    """Whether compliance has released a blocked merchant, so that a new lead may be opened."""
    return (
        partnership.stage == PartnershipStage.BLOCKED
        and partnership.evidence.of_kind(EvidenceKind.RELEASE_DOCUMENT)
        .filter(at__gt=partnership.stage_entered_at)
        .exists()
    )
