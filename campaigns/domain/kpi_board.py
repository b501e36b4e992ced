"""The board of indicators: what is known of a unit, a merchant or a campaign in a period.

A period runs to its last day or to the day asked about, whichever comes first; last year's is the
same days of the year before. All figures are those of the unit with everything below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from campaigns.domain import kpi_parameters, kpis, sleeping, targets, team_leads
from campaigns.domain.kpis import Cohort, FirstSwipe, Leads, Offers
from campaigns.domain.sleeping import Sleepers
from campaigns.domain.targets import Progress
from campaigns.domain.team_leads import Span
from campaigns.models import CardCohort, CardFigure, CardSnapshot, Indicator, Target
from crm.domain import organisation
from crm.domain.working_days import WorkingDays
from merchants.models import Partnership, PartnershipStage

LIVE = (
    PartnershipStage.PILOT,
    PartnershipStage.ACTIVE,
    PartnershipStage.WAVERING,
    PartnershipStage.RENEWAL,
)
"""Stages in which a contracted merchant is live: its offers can be used."""
_DAY = timedelta(days=1)
_NET = F("spend_fen") - F("reversed_fen")


@dataclass(frozen=True)
class Subject:
    """Whose figures: a unit with everything below it, or in it one merchant or one campaign."""

    unit_id: UUID
    merchant_id: UUID | None = None
    campaign_id: UUID | None = None

    @property
    def is_whole_unit(self) -> bool:
        return self.merchant_id is None and self.campaign_id is None

    def lines(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The lines that were filed for it as a whole."""
        rows = rows.filter(unit__in=organisation.below(self.unit_id))
        if self.is_whole_unit:
            return rows.filter(merchant=None, campaign=None)
        return rows.filter(merchant_id=self.merchant_id, campaign_id=self.campaign_id)


@dataclass(frozen=True)
class Sums:
    """What the days of a period add up to."""

    cards_issued: int = 0
    cards_attributed: int = 0
    cards_activated: int = 0
    transactions: int = 0
    spend_fen: int = 0
    """What was reversed is gone."""


@dataclass(frozen=True)
class Portfolio:
    """The cards in force as last filed, and what was spent with them in that month up to then."""

    day: date
    cards_in_force: int
    active: int
    active_months: int
    accounts_in_force: int
    active_accounts: int
    month_spend_fen: int


@dataclass(frozen=True)
class SellThrough:
    """Live contracted merchants, and those of them with a sale in the period."""

    live: int
    selling: int

    @property
    def rate(self) -> Decimal | None:
        """180 of 240 is 75.00 %."""
        return kpis.percent(self.selling, self.live)


@dataclass(frozen=True)
class Board:
    """Everything known of one subject in one period."""

    subject: Subject
    first_day: date
    last_day: date
    on: date
    sums: Sums
    prior: Sums
    """The same days of last year."""
    rolling_issuance: int
    cohort_cards: int
    cohort_activated: int
    first_swipes: tuple[FirstSwipe, ...]
    offers: Offers
    portfolio: Portfolio | None
    sleepers: Sleepers | None
    leads: Leads | None
    sell_through: SellThrough | None
    targets: tuple[Progress, ...]
    days_to_target: dict[UUID, int | None]

    @property
    def activation_rate(self) -> Decimal | None:
        """Of the cards approved in the period, those that were activated."""
        return kpis.percent(self.cohort_activated, self.cohort_cards)

    @property
    def active_card_rate(self) -> Decimal | None:
        """33,500 of 50,000 is 67.00 %."""
        one = self.portfolio
        return kpis.percent(one.active, one.cards_in_force) if one else None

    @property
    def active_account_rate(self) -> Decimal | None:
        one = self.portfolio
        return kpis.percent(one.active_accounts, one.accounts_in_force) if one else None

    @property
    def spend_per_active_card(self) -> int | None:
        """Fen for each active card, in the month of the figures."""
        one = self.portfolio
        found = kpis.per(one.month_spend_fen, one.active) if one else None
        return None if found is None else int(found)

    @property
    def spend_per_card(self) -> int | None:
        """Fen for each card in force, in the month of the figures."""
        one = self.portfolio
        found = kpis.per(one.month_spend_fen, one.cards_in_force) if one else None
        return None if found is None else int(found)

    def growth(self, name: str) -> Decimal | None:
        """Year on year in per cent of one of the sums."""
        return kpis.year_on_year(getattr(self.sums, name), getattr(self.prior, name))


def of(
    subject: Subject, first_day: date, last_day: date, calendar: WorkingDays, *, on: date
) -> Board:
    """Reckon the board of a period as of a day. A constant number of statements."""
    last = min(last_day, on)
    running = (
        list(
            Target.objects.filter(unit=subject.unit_id)
            .running(min(max(on, first_day), last_day))
            .order_by("first_day", "-last_day", "indicator")
        )
        if subject.is_whole_unit
        else []
    )
    begin = min([first_day, last - timedelta(days=kpis.ROLLING_DAYS - 1)])
    begin = min([begin, *(one.first_day for one in running)])
    prior_first, prior_last = kpis.year_before(first_day), kpis.year_before(last)
    days = _by_day(subject, (begin, max(last, on)), (prior_first, prior_last))
    issued = {day: sums.cards_issued for day, sums in days.items()}
    cohorts = _cohorts(subject, first_day, last)
    snapshots = sleeping.latest_below(subject.unit_id, on=on) if subject.is_whole_unit else []
    leads = (
        team_leads.collected([Span(subject.unit_id, first_day, last)])[0]
        if subject.is_whole_unit
        else None
    )
    return Board(
        subject=subject,
        first_day=first_day,
        last_day=last_day,
        on=on,
        sums=_between(days, first_day, last),
        prior=_between(days, prior_first, prior_last),
        rolling_issuance=kpis.rolling(issued, last),
        cohort_cards=sum(one.cards for one in cohorts),
        cohort_activated=sum(one.activated for one in cohorts),
        first_swipes=tuple(
            kpis.first_swipe(cohorts, within=within, on=on) for within in kpis.WITHIN_DAYS
        ),
        offers=_offers(subject, first_day, last),
        portfolio=_portfolio(subject, snapshots),
        sleepers=(
            sleeping.gauge_of(subject.unit_id, snapshots, on=on) if subject.is_whole_unit else None
        ),
        leads=leads,
        sell_through=_sell_through(subject, first_day, last) if subject.is_whole_unit else None,
        targets=tuple(targets.progress(running, calendar, on=on)),
        days_to_target={one.pk: _reached_after(one, days, on) for one in running},
    )


def _by_day(subject: Subject, *spans: tuple[date, date]) -> dict[date, Sums]:
    wanted = Q()
    for first, last in spans:
        wanted |= Q(day__gte=first, day__lte=last)
    rows = (
        subject.lines(CardFigure.objects.filter(wanted))
        .order_by()
        .values("day")
        .annotate(
            issued=Sum("cards_issued"),
            attributed=Sum("cards_attributed"),
            activated=Sum("cards_activated"),
            count=Sum("transactions"),
            spent=Sum(_NET),
        )
    )
    return {
        row["day"]: Sums(
            int(row["issued"]),
            int(row["attributed"]),
            int(row["activated"]),
            int(row["count"]),
            int(row["spent"]),
        )
        for row in rows
    }


def _between(days: dict[date, Sums], first: date, last: date) -> Sums:
    found = [sums for day, sums in days.items() if first <= day <= last]
    return Sums(*(sum(getattr(sums, name) for sums in found) for name in Sums.__dataclass_fields__))


_DAILY: dict[str, str] = {
    Indicator.CARDS_ISSUED: "cards_issued",
    Indicator.CARDS_ATTRIBUTED: "cards_attributed",
    Indicator.CARDS_ACTIVATED: "cards_activated",
    Indicator.TRANSACTIONS: "transactions",
    Indicator.SPEND: "spend_fen",
}


def _reached_after(target: Target, days: dict[date, Sums], on: date) -> int | None:
    """On which day of its period a target was reached; none so far, or where days do not tell."""
    name = _DAILY.get(target.indicator)
    if name is None:
        return None
    last = min(on, target.last_day)
    counts = {
        day: getattr(sums, name) for day, sums in days.items() if target.first_day <= day <= last
    }
    return kpis.days_to_target(counts, target.first_day, target.value)


def _cohorts(subject: Subject, first: date, last: date) -> list[Cohort]:
    rows = (
        subject.lines(CardCohort.objects.filter(approved_on__gte=first, approved_on__lte=last))
        .order_by()
        .values("approved_on", "as_of")
        .annotate(
            all=Sum("cards"),
            used=Sum("activated"),
            in_30=Sum("swiped_30"),
            in_60=Sum("swiped_60"),
            in_90=Sum("swiped_90"),
        )
    )
    return [
        Cohort(
            row["approved_on"],
            row["as_of"],
            int(row["all"]),
            int(row["used"]),
            {30: int(row["in_30"]), 60: int(row["in_60"]), 90: int(row["in_90"])},
        )
        for row in rows
    ]


def _offers(subject: Subject, first: date, last: date) -> Offers:
    found = subject.lines(CardFigure.objects.filter(day__gte=first, day__lte=last)).aggregate(
        issued=Sum("offers_issued", default=0),
        claimed=Sum("offers_claimed", default=0),
        redeemed=Sum("offers_redeemed", default=0),
        reversed=Sum("offers_reversed", default=0),
    )
    return Offers(**{name: int(count) for name, count in found.items()})


def _portfolio(subject: Subject, rows: Sequence[CardSnapshot]) -> Portfolio | None:
    if not rows:
        return None
    day = max(row.day for row in rows)
    months = active_months()
    spent = subject.lines(
        CardFigure.objects.filter(day__gte=day.replace(day=1), day__lte=day)
    ).aggregate(spent=Sum(_NET, default=0))["spent"]
    return Portfolio(
        day=day,
        cards_in_force=sum(row.cards_in_force for row in rows),
        active=sum(getattr(row, f"active_{months}") for row in rows),
        active_months=months,
        accounts_in_force=sum(row.accounts_in_force for row in rows),
        active_accounts=sum(row.active_accounts for row in rows),
        month_spend_fen=int(spent),
    )


def active_months() -> int:
    """The window in which a purchase makes a card active: the widest of 1, 3, 6 and 12 months that
    the parameter allows."""
    wanted = kpi_parameters.ACTIVE_MONTHS.value
    return max(one for one in kpis.ACTIVE_MONTHS if one <= wanted)


def _sell_through(subject: Subject, first: date, last: date) -> SellThrough:
    live = Partnership.objects.in_stage(*LIVE).filter(
        merchant__unit__in=organisation.below(subject.unit_id)
    )
    selling = live.filter(
        merchant__in=CardFigure.objects.filter(
            merchant__isnull=False, day__gte=first, day__lte=last, transactions__gt=0
        ).values("merchant")
    )
    return SellThrough(
        live.order_by().values("merchant").distinct().count(),
        selling.order_by().values("merchant").distinct().count(),
    )
