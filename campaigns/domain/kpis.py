"""The indicators, as arithmetic: counts in, rates in per cent out.

Counts are whole numbers, money is fen, rates are per cent rounded half up to two places. Where
there is nothing to divide by there is no data, which is none and never 0 %. Cohorts that are too
young to show what is asked are left out, and it is said how many. (Definitions: the bank's KPI
table; schedule-paced issuance is 序时发卡量, in step with the time of the period.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_ONE = Decimal(1)
ROLLING_DAYS = 30
ATTRIBUTION_DAYS = 30
WITHIN_DAYS = (30, 60, 90)
ACTIVE_MONTHS = (1, 3, 6, 12)


def rounded(number: Decimal, step: Decimal = _CENT) -> Decimal:
    """Half up, to a step."""
    return number.quantize(step, ROUND_HALF_UP)


def percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """A part of a whole in per cent: 620 of 1,000 is 62.00; none where the whole is zero."""
    return rounded(Decimal(part) * 100 / Decimal(whole)) if whole else None


def per(amount: int, count: int, step: Decimal = _ONE) -> Decimal | None:
    """An amount for each of a count: 6,700,000,000 fen on 33,500 cards is 200,000 fen each."""
    return rounded(Decimal(amount) / count, step) if count else None


# --- in step with time -------------------------------------------------------------------------


@dataclass(frozen=True)
class Pace:
    """How far a target is, against how far its period is. Rates in per cent, the gap in
    percentage points; none of them where there is nothing to divide by."""

    target: int
    actual: int
    elapsed: int
    total: int
    time_progress: Decimal | None
    paced_target: Decimal | None
    """What should have been reached by now, to two places."""
    paced_rate: Decimal | None
    achieved: Decimal | None
    progress_gap: Decimal | None
    run_rate: int | None
    """What the whole period brings, if it goes on as it went."""


def pace(target: int, actual: int, *, elapsed: int, total: int) -> Pace:
    """Compare what is reached with what the elapsed part of the period asks for.

    `elapsed` and `total` are working days (or calendar days) of the period. Q1 2026 has 59 working
    days; on 14 February, a make-up working day, 32 are over: 672 of 1,180 is 105.00 % of the paced
    target of 640, with a gap of +2.71 points and a run rate of 1,239.
    """
    progress = Decimal(elapsed) / total if total else None
    share = Decimal(actual) / target if target else None
    paced = target * progress if progress is not None else None
    return Pace(
        target=target,
        actual=actual,
        elapsed=elapsed,
        total=total,
        time_progress=None if progress is None else rounded(progress * 100),
        paced_target=None if paced is None else rounded(paced),
        # From whole numbers, so that nothing is lost on the way: actual ÷ (target × elapsed/total).
        paced_rate=percent(actual * total, target * elapsed) if total else None,
        achieved=None if share is None else rounded(share * 100),
        progress_gap=(
            None if progress is None or share is None else rounded((share - progress) * 100)
        ),
        run_rate=int(rounded(Decimal(actual) * total / elapsed, _ONE)) if elapsed else None,
    )


def rolling(by_day: Mapping[date, int], on: date, days: int = ROLLING_DAYS) -> int:
    """What the last days brought, the day itself included (滚动发卡量)."""
    first = on - timedelta(days=days - 1)
    return sum(count for day, count in by_day.items() if first <= day <= on)


def days_to_target(by_day: Mapping[date, int], first_day: date, target: int) -> int | None:
    """Calendar days from the first day of the period, which is day 1, to the day on which the sum
    reaches the target; none if it is not reached (达标天数)."""
    reached = 0
    for day in sorted(day for day in by_day if day >= first_day):
        reached += by_day[day]
        if reached >= target:
            return (day - first_day).days + 1
    return None


def year_on_year(current: int | Decimal, prior: int | Decimal) -> Decimal | None:
    """Growth over the same period of last year in per cent: 3,462 after 2,239 is 54.62."""
    return percent(current - prior, prior)


def year_before(day: date) -> date:
    """The same day of last year; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


# --- cohorts of cards --------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """The cards approved on a day, and how many were used within so many days, known as of a day.

    `swiped` holds days → cards with a first purchase within them.
    """

    approved_on: date
    as_of: date
    cards: int
    activated: int
    swiped: Mapping[int, int]


@dataclass(frozen=True)
class FirstSwipe:
    """First purchases within N days, of the cohorts that are older than N days."""

    within: int
    rate: Decimal | None
    cards: int
    swiped: int
    immature_cards: int
    immature_cohorts: int


def first_swipe(cohorts: Iterable[Cohort], *, within: int, on: date) -> FirstSwipe:
    """The first-swipe rate: cards with a first purchase within N days of approval, over the cards
    of cohorts that are older than N days (on the day asked about, and as far as is known).

    620 of 1,000 is 62.00 %. Younger cohorts are left out and counted.
    """
    cards = swiped = young_cards = young = 0
    for one in cohorts:
        if (min(one.as_of, on) - one.approved_on).days > within:
            cards += one.cards
            swiped += one.swiped[within]
        else:
            young_cards += one.cards
            young += 1
    return FirstSwipe(within, percent(swiped, cards), cards, swiped, young_cards, young)


class AttributedBy(StrEnum):
    """By which rule a new card counts for a merchant or a campaign."""

    CAMPAIGN_CODE = "campaign_code"
    MERCHANT_CODE = "merchant_code"
    FIRST_SWIPE = "first_swipe"


@dataclass(frozen=True)
class NewCard:
    """What is known of a new card: its channel codes, and where it was used first."""

    approved_on: date
    campaign: str = ""
    merchant: str = ""
    first_swipe_on: date | None = None
    first_swipe_at: str = ""


def attributed(
    card: NewCard, *, merchant: str, campaigns: Sequence[str] = (), days: int = ATTRIBUTION_DAYS
) -> AttributedBy | None:
    """Whether a new card counts for a merchant: by the channel code of one of its campaigns, by its
    own, or by a first purchase there within the days after approval; the first rule that matches.
    """
    if card.campaign and card.campaign in campaigns:
        return AttributedBy.CAMPAIGN_CODE
    if card.merchant and card.merchant == merchant:
        return AttributedBy.MERCHANT_CODE
    if card.first_swipe_on is None or card.first_swipe_at != merchant:
        return None
    soon = 0 <= (card.first_swipe_on - card.approved_on).days <= days
    return AttributedBy.FIRST_SWIPE if soon else None


# --- sleeping cards ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Gauge:
    """Sleeping cards against their limit. Policy-function cards stand aside."""

    sleeping: int
    issued: int
    rate: Decimal | None
    limit: Decimal
    headroom: int
    """How many more cards may fall asleep before the limit is passed; below zero beyond it."""
    stops: bool
    """Above the limit no new card may be issued."""


def gauge(*, sleeping: int, issued: int, policy_cards: int, limit: Decimal) -> Gauge:
    """Sleeping cards over all cards issued, policy-function cards left out, in per cent.

    The limit holds at any time, and at the limit itself cards may still be issued: 185,000 of
    1,000,000 is 18.50 %, with a headroom of 15,000 below 20 %.
    """
    base = issued - policy_cards
    allowed = Decimal(base) * limit / 100
    return Gauge(
        sleeping=sleeping,
        issued=base,
        rate=percent(sleeping, base),
        limit=rounded(limit),
        headroom=int(allowed) - sleeping,
        stops=sleeping > allowed,
    )


# --- leads, merchants, campaigns ---------------------------------------------------------------


@dataclass(frozen=True)
class Leads:
    """Leads that a team collected in a period, and what became of the valid ones."""

    collected: int
    valid: int
    qualified: int
    signed: int
    people: int

    @property
    def valid_rate(self) -> Decimal | None:
        """150 of 200 is 75.00 %."""
        return percent(self.valid, self.collected)

    @property
    def per_head(self) -> Decimal | None:
        """Valid leads for each person of the team: 150 by ten people is 15.0."""
        return per(self.valid, self.people, _TENTH)

    @property
    def qualified_rate(self) -> Decimal | None:
        """Of the valid leads of these days: 60 of 150 is 40.00 %."""
        return percent(self.qualified, self.valid)

    @property
    def signed_rate(self) -> Decimal | None:
        """Of the valid leads of these days: 12 of 150 is 8.00 %."""
        return percent(self.signed, self.valid)


@dataclass(frozen=True)
class Offers:
    """Offers of campaigns: handed out, taken by customers, redeemed. What was reversed is gone."""

    issued: int
    claimed: int
    redeemed: int
    reversed: int = 0

    @property
    def kept(self) -> int:
        return self.redeemed - self.reversed

    @property
    def claim_rate(self) -> Decimal | None:
        """6,000 of 10,000 is 60.00 %."""
        return percent(self.claimed, self.issued)

    @property
    def redeemed_of_claimed(self) -> Decimal | None:
        """2,400 of 6,000 is 40.00 %."""
        return percent(self.kept, self.claimed)

    @property
    def redeemed_of_issued(self) -> Decimal | None:
        """The same over what was handed out: 2,400 of 10,000 is 24.00 %."""
        return percent(self.kept, self.issued)
