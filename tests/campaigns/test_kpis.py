"""The indicators as arithmetic: every worked number of their definitions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from campaigns.domain import kpi_periods, kpis, scheme_rules
from campaigns.domain.kpis import AttributedBy, Cohort, Leads, NewCard, Offers
from campaigns.domain.scheme_rules import Part
from crm.domain import calendar
from crm.domain.working_days import WorkingDays
from tests import factories


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        pytest.param(620, 1_000, "62.00", id="first purchases within thirty days"),
        pytest.param(33_500, 50_000, "67.00", id="active within six months"),
        pytest.param(24_000, 50_000, "48.00", id="active within one month"),
        pytest.param(180, 240, "75.00", id="merchant sell-through"),
        pytest.param(1, 3, "33.33", id="rounded down"),
        pytest.param(2, 3, "66.67", id="rounded up"),
        pytest.param(1, 800, "0.13", id="half up: 0.125"),
        pytest.param(0, 5, "0.00", id="none of some is zero"),
        pytest.param(0, 0, None, id="none of none is no data"),
        pytest.param(7, 0, None, id="some of none is no data"),
    ],
)
def test_a_rate_is_per_cent_half_up_and_none_of_nothing(
    part: int, whole: int, rate: str | None
) -> None:
    assert kpis.percent(part, whole) == (None if rate is None else Decimal(rate))


# --- in step with time -------------------------------------------------------------------------


@pytest.fixture
def year_2026(db: None) -> WorkingDays:
    calendar.seed(range(2026, 2027), at=factories.AT)
    return calendar.read()


def test_issuance_in_step_with_time_on_the_calendar_of_2026(year_2026: WorkingDays) -> None:
    """Saturday 14 February 2026 is a make-up working day, the 32nd of 59 of the first quarter."""
    first, last, on = date(2026, 1, 1), date(2026, 3, 31), date(2026, 2, 14)
    assert year_2026.is_working(on)
    elapsed, total = year_2026.count(first, on), year_2026.count(first, last)
    assert (elapsed, total) == (32, 59)
    pace = kpis.pace(1180, 672, elapsed=elapsed, total=total)
    assert pace.paced_target == Decimal("640.00")
    assert pace.paced_rate == Decimal("105.00")
    assert pace.achieved == Decimal("56.95")
    assert pace.time_progress == Decimal("54.24")
    assert pace.progress_gap == Decimal("2.71")
    assert pace.run_rate == 1239


def test_without_the_make_up_day_the_pace_is_another(year_2026: WorkingDays) -> None:
    plain = WorkingDays()
    first, last, on = date(2026, 1, 1), date(2026, 3, 31), date(2026, 2, 14)
    pace = kpis.pace(1180, 672, elapsed=plain.count(first, on), total=plain.count(first, last))
    assert pace.paced_rate != Decimal("105.00")


def test_before_the_period_begins_there_is_no_pace() -> None:
    pace = kpis.pace(1180, 0, elapsed=0, total=59)
    assert (pace.paced_rate, pace.run_rate, pace.achieved) == (None, None, Decimal("0.00"))
    empty = kpis.pace(10, 3, elapsed=0, total=0)
    assert (empty.paced_rate, empty.time_progress, empty.progress_gap) == (None, None, None)


def test_rolling_issuance_is_the_last_thirty_days_with_the_day_itself() -> None:
    on = date(2026, 3, 31)
    by_day = {on - timedelta(days=ago): 1 for ago in range(40)}
    assert kpis.rolling(by_day, on) == 30


@pytest.mark.parametrize(
    ("target", "days"),
    [
        pytest.param(10, 1, id="on the first day"),
        pytest.param(11, 163, id="on the 163rd"),
        pytest.param(21, None, id="not yet"),
    ],
)
def test_days_to_target_are_calendar_days_from_the_first(target: int, days: int | None) -> None:
    first = date(2017, 1, 1)
    by_day = {
        first - timedelta(days=1): 99,
        first: 10,
        first + timedelta(days=162): 10,
    }
    assert kpis.days_to_target(by_day, first, target) == days


def test_growth_year_on_year() -> None:
    assert kpis.year_on_year(Decimal("3462"), Decimal("2239.0")) == Decimal("54.62")
    assert kpis.year_on_year(5, 0) is None


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 3, 31), date(2025, 3, 31)),
        (date(2028, 2, 29), date(2027, 2, 28)),
    ],
)
def test_the_year_before_has_the_same_days(day: date, before: date) -> None:
    assert kpis.year_before(day) == before


# --- cohorts -----------------------------------------------------------------------------------


def cohort(approved_on: date, cards: int, swiped: int, *, as_of: date) -> Cohort:
    return Cohort(approved_on, as_of, cards, 0, {30: swiped, 60: swiped, 90: swiped})


def test_cohorts_too_young_are_left_out_and_counted() -> None:
    on = date(2026, 11, 18)
    cohorts = [
        cohort(on - timedelta(days=31), 1_000, 620, as_of=on),
        cohort(on - timedelta(days=30), 400, 400, as_of=on),
        cohort(on - timedelta(days=5), 100, 0, as_of=on),
    ]
    found = kpis.first_swipe(cohorts, within=30, on=on)
    assert found.rate == Decimal("62.00")
    assert (found.cards, found.immature_cards, found.immature_cohorts) == (1_000, 500, 2)
    assert kpis.first_swipe(cohorts, within=60, on=on).rate is None


def test_a_cohort_last_counted_too_early_is_too_young_however_old_it_is() -> None:
    approved = date(2026, 1, 1)
    stale = cohort(approved, 10, 3, as_of=approved + timedelta(days=20))
    found = kpis.first_swipe([stale], within=30, on=date(2026, 11, 18))
    assert (found.rate, found.immature_cards) == (None, 10)


APPROVED = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("card", "by"),
    [
        pytest.param(
            NewCard(APPROVED, campaign="C1", merchant="M1"),
            AttributedBy.CAMPAIGN_CODE,
            id="the campaign's code first",
        ),
        pytest.param(
            NewCard(APPROVED, campaign="C9", merchant="M1"),
            AttributedBy.MERCHANT_CODE,
            id="then the merchant's own",
        ),
        pytest.param(
            NewCard(APPROVED, first_swipe_on=date(2026, 12, 1), first_swipe_at="M1"),
            AttributedBy.FIRST_SWIPE,
            id="then a purchase on the thirtieth day",
        ),
        pytest.param(
            NewCard(APPROVED, first_swipe_on=date(2026, 12, 2), first_swipe_at="M1"),
            None,
            id="a day too late",
        ),
        pytest.param(
            NewCard(APPROVED, first_swipe_on=date(2026, 10, 31), first_swipe_at="M1"),
            None,
            id="before approval",
        ),
        pytest.param(
            NewCard(APPROVED, first_swipe_on=APPROVED, first_swipe_at="M2"), None, id="elsewhere"
        ),
        pytest.param(NewCard(APPROVED), None, id="without a trace"),
    ],
)
def test_the_first_rule_that_matches_attributes_a_card(
    card: NewCard, by: AttributedBy | None
) -> None:
    assert kpis.attributed(card, merchant="M1", campaigns=["C1"]) == by


# --- sleeping cards ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sleeping", "issued", "policy", "rate", "headroom", "stops"),
    [
        pytest.param(185_000, 1_000_000, 0, "18.50", 15_000, False, id="the worked number"),
        pytest.param(200_000, 1_000_000, 0, "20.00", 0, False, id="at the limit"),
        pytest.param(200_001, 1_000_000, 0, "20.00", -1, True, id="one card above"),
        pytest.param(185_000, 1_000_000, 100_000, "20.56", -5_000, True, id="policy cards aside"),
        pytest.param(0, 0, 0, None, 0, False, id="no card at all"),
    ],
)
def test_the_gauge_of_sleeping_cards(
    sleeping: int, issued: int, policy: int, rate: str | None, headroom: int, stops: bool
) -> None:
    found = kpis.gauge(sleeping=sleeping, issued=issued, policy_cards=policy, limit=Decimal(20))
    assert found.rate == (None if rate is None else Decimal(rate))
    assert (found.headroom, found.stops) == (headroom, stops)


# --- leads, offers, spend ----------------------------------------------------------------------


def test_leads_of_a_team() -> None:
    leads = Leads(collected=200, valid=150, qualified=60, signed=12, people=10)
    assert leads.valid_rate == Decimal("75.00")
    assert leads.per_head == Decimal("15.0")
    assert leads.qualified_rate == Decimal("40.00")
    assert leads.signed_rate == Decimal("8.00")
    nobody = Leads(0, 0, 0, 0, 0)
    assert [nobody.valid_rate, nobody.per_head, nobody.qualified_rate] == [None, None, None]


def test_redemptions_name_what_they_are_measured_against() -> None:
    offers = Offers(issued=10_000, claimed=6_000, redeemed=2_500, reversed=100)
    assert offers.claim_rate == Decimal("60.00")
    assert offers.redeemed_of_claimed == Decimal("40.00")
    assert offers.redeemed_of_issued == Decimal("24.00")


def test_spend_for_each_card() -> None:
    assert kpis.per(6_700_000_000, 33_500) == 200_000
    assert kpis.per(6_700_000_000, 50_000) == 134_000
    assert kpis.per(100, 0) is None


# --- schemes -----------------------------------------------------------------------------------


def parts(**weights: int) -> list[Part]:
    return [Part(group, weight, group == "volume") for group, weight in weights.items()]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        pytest.param(parts(volume=3000, use=4000, spend=3000), [], id="at the ceiling"),
        pytest.param(parts(use=10_000), [], id="no volume at all"),
        pytest.param([], ["scheme_empty"], id="empty"),
        pytest.param(parts(volume=10_000), ["volume_sole", "volume_ceiling"], id="the sole one"),
        pytest.param(
            parts(volume=5000, use=5000),
            ["volume_half", "volume_largest", "volume_ceiling"],
            id="half of it",
        ),
        pytest.param(
            parts(volume=4000, use=3000, spend=3000),
            ["volume_largest", "volume_ceiling"],
            id="the largest group",
        ),
        pytest.param(
            parts(volume=2500, use=2500, spend=2500, risk=2500),
            ["volume_largest"],
            id="as large as the largest",
        ),
        pytest.param(parts(volume=3001, use=6999), ["volume_ceiling"], id="above the ceiling"),
        pytest.param(parts(volume=3000, use=6000), ["weights_not_whole"], id="not the whole"),
        pytest.param(
            [Part("use", 10_100, False), Part("spend", -100, False)],
            ["weight_not_positive"],
            id="a weight below zero",
        ),
        pytest.param(
            [Part("service", 6000, True), Part("use", 4000, False)],
            ["volume_half", "volume_largest", "volume_ceiling"],
            id="volume by another name",
        ),
    ],
)
def test_volume_is_neither_the_sole_nor_the_main_thing(given: list[Part], codes: list[str]) -> None:
    assert scheme_rules.faults(given, ceiling=Decimal(30)) == codes


@pytest.mark.parametrize(
    ("length", "first", "last"),
    [
        ("month", date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2028, 1, 1), date(2028, 3, 31)),
        ("year", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_the_period_that_a_day_is_in(length: str, first: date, last: date) -> None:
    assert kpi_periods.around(date(2028, 2, 14), length) == (first, last)
