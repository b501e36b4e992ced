"""The board of indicators, the gauge that stops campaigns, targets, schemes, leads of teams."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from campaigns import kpi_report
from campaigns.domain import (
    approvals,
    campaign_figures,
    kpi_board,
    kpi_parameters,
    kpi_schemes,
    sleeping,
    submission_checks,
    targets,
    team_leads,
)
from campaigns.domain.kpi_board import Subject
from campaigns.domain.team_leads import Span
from campaigns.models import FigureKind, KpiScheme, Target
from crm import parameters
from crm.actors import SYSTEM
from crm.domain import calendar, weekly_report
from crm.domain import parameters as parameter_changes
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import OrgUnit
from crm.sections import Period
from crm.weeks import Week
from leads.models import Lead, Stage, StageChange
from merchants.domain import credit_code
from merchants.models import LicenceStatus, PartnershipStage
from tests import factories
from tests.api import Phone
from tests.campaigns import approval_desk
from tests.campaigns.kpi_desk import TODAY, asleep, filed, line, snapshot
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT
ON = date(2026, 2, 14)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture
def year_2026(db: None) -> None:
    calendar.seed(range(2026, 2027), at=AT)


@pytest.fixture
def parameter() -> Callable[[Any, str], None]:
    """Give a number of the method another value."""

    def set_to(one: Any, value: str) -> None:
        parameter_changes.change(
            uuid7(), one.name, value=Decimal(value), because="…", by=SYSTEM, at=AT
        )
        parameters.forget()

    return set_to


def board(unit: OrgUnit, on: date = ON, **parts: Any) -> kpi_board.Board:
    subject = Subject(unit.pk, **parts)
    return kpi_board.of(subject, FIRST, LAST, calendar.load(), on=on)


def aimed(unit: OrgUnit, value: int = 1180, **values: Any) -> Target:
    given = {"indicator": "cards_issued", "first_day": FIRST, "last_day": LAST}
    return targets.set_target(
        uuid7(), unit_id=unit.pk, value=value, by=SYSTEM, at=AT, **{**given, **values}
    )


# --- in step with time -------------------------------------------------------------------------


def test_issuance_in_step_with_time_adds_up_everything_below(cast: Cast, year_2026: None) -> None:
    filed(
        line(unit=cast.xuhui, day=date(2026, 1, 5), cards_issued=300),
        line(unit=cast.shanghai, day=ON, cards_issued=372),
        line(unit=cast.shanghai, day=date(2025, 12, 31), cards_issued=1000),
        line(unit=cast.shanghai, day=ON + timedelta(days=1), cards_issued=1000),
        line(unit=cast.hangzhou, day=ON, cards_issued=1000),
        line(
            unit=cast.shanghai,
            day=ON,
            merchant=factories.MerchantFactory(unit=cast.xuhui),
            cards_issued=50,
        ),
    )
    aimed(cast.shanghai)
    found = board(cast.shanghai)
    (progress,) = found.targets
    assert progress.pace is not None
    assert progress.pace.actual == 672
    assert progress.pace.paced_rate == Decimal("105.00")
    assert progress.pace.run_rate == 1239
    assert found.sums.cards_issued == 672
    assert found.rolling_issuance == 372


def test_by_calendar_days_the_pace_is_another(cast: Cast, year_2026: None) -> None:
    target = aimed(cast.shanghai, by_calendar_days=True)
    assert targets.days_of(target, calendar.load(), on=ON) == (45, 90)
    assert targets.days_of(target, calendar.load(), on=LAST + timedelta(days=9)) == (90, 90)
    assert targets.days_of(target, calendar.load(), on=FIRST - timedelta(days=9)) == (0, 90)


def test_the_day_on_which_a_target_was_reached(cast: Cast) -> None:
    target, further = aimed(cast.shanghai, 10), aimed(cast.shanghai, 999, indicator="transactions")
    filed(
        line(unit=cast.xuhui, day=date(2026, 1, 5), cards_issued=6),
        line(unit=cast.shanghai, day=date(2026, 1, 9), cards_issued=4),
    )
    assert board(cast.shanghai).days_to_target == {target.pk: 9, further.pk: None}


def test_growth_compares_the_same_days_of_the_year_before(cast: Cast) -> None:
    filed(
        line(unit=cast.shanghai, day=ON, cards_issued=15462, spend_fen=500, reversed_fen=100),
        line(unit=cast.shanghai, day=date(2025, 2, 14), cards_issued=10000),
        line(unit=cast.shanghai, day=date(2025, 2, 15), cards_issued=10000),
    )
    found = board(cast.shanghai)
    assert found.growth("cards_issued") == Decimal("54.62")
    assert found.growth("spend_fen") is None
    assert found.sums.spend_fen == 400


# --- cohorts, cards in force, offers -----------------------------------------------------------


def test_rates_of_cohorts_and_of_cards_in_force(cast: Cast) -> None:
    on = date(2026, 3, 31)
    day = date(2026, 1, 2)
    counts = {"activated": 800, "swiped_30": 620, "swiped_60": 700, "swiped_90": 700}
    filed(
        line(FigureKind.COHORT, cast.xuhui, day, as_of=on, cards=1000, **counts),
        line(FigureKind.COHORT, cast.xuhui, on, as_of=on, cards=500),
        kind=FigureKind.COHORT,
    )
    snapshot(
        cast.shanghai,
        date(2026, 3, 30),
        cards_issued=90_000,
        cards_in_force=50_000,
        active_1=24_000,
        active_3=30_000,
        active_6=33_500,
        active_12=40_000,
        accounts_in_force=40_000,
        active_accounts=30_000,
    )
    filed(
        line(unit=cast.shanghai, day=date(2026, 3, 1), spend_fen=6_700_000_000),
        line(unit=cast.shanghai, day=date(2026, 2, 28), spend_fen=1),
        line(unit=cast.shanghai, day=on, spend_fen=1),
    )
    found = board(cast.shanghai, on)
    thirty, _sixty, ninety = found.first_swipes
    assert (thirty.rate, thirty.immature_cards) == (Decimal("62.00"), 500)
    assert (ninety.rate, ninety.immature_cohorts) == (None, 2)
    assert found.activation_rate == Decimal("53.33")
    assert found.active_card_rate == Decimal("67.00")
    assert found.active_account_rate == Decimal("75.00")
    assert (found.spend_per_active_card, found.spend_per_card) == (200_000, 134_000)


def test_the_months_of_an_active_card_are_a_parameter(cast: Cast, parameter: Any) -> None:
    snapshot(cast.shanghai, ON, cards_issued=60_000, cards_in_force=50_000, active_1=24_000,
             active_3=25_000, active_6=33_500, active_12=34_000)  # fmt: skip
    parameter(kpi_parameters.ACTIVE_MONTHS, "1")
    assert board(cast.shanghai).active_card_rate == Decimal("48.00")
    parameter(kpi_parameters.ACTIVE_MONTHS, "5")
    assert board(cast.shanghai).active_card_rate == Decimal("50.00")


def test_nothing_filed_is_no_data(cast: Cast) -> None:
    found = board(cast.shanghai)
    assert [
        found.activation_rate,
        found.active_card_rate,
        found.active_account_rate,
        found.spend_per_card,
        found.growth("spend_fen"),
        found.offers.claim_rate,
        found.sell_through.rate if found.sell_through else "",
        found.sleepers.gauge if found.sleepers else "",
    ] == [None] * 8


def test_merchants_that_sell_among_those_that_are_live(cast: Cast) -> None:
    selling = factories.PartnershipFactory(
        merchant=factories.MerchantFactory(unit=cast.xuhui), stage=PartnershipStage.ACTIVE
    )
    for stage in (PartnershipStage.ACTIVE, PartnershipStage.ONBOARDING, PartnershipStage.CHURNED):
        factories.PartnershipFactory(
            merchant=factories.MerchantFactory(unit=cast.xuhui), stage=stage
        )
    filed(line(unit=cast.xuhui, day=ON, merchant=selling.merchant, transactions=1))
    sell = board(cast.shanghai).sell_through
    assert sell is not None
    assert (sell.selling, sell.live, sell.rate) == (1, 2, Decimal("50.00"))


def test_a_campaign_has_figures_of_its_own(cast: Cast) -> None:
    campaign = factories.CampaignFactory(unit=cast.shanghai)
    assert campaign_figures.of(campaign, on=ON) is None
    one, other = (factories.MerchantFactory(unit=cast.xuhui) for _ in range(2))
    offers = {"offers_issued": 5_000, "offers_claimed": 3_000, "offers_redeemed": 1_250}
    for merchant in (one, other):
        filed(line(unit=cast.shanghai, day=ON, campaign=campaign, merchant=merchant,
                   offers_reversed=50, **offers))  # fmt: skip
    found = campaign_figures.of(campaign, on=ON)
    assert found is not None
    assert found.offers.redeemed_of_claimed == Decimal("40.00")
    assert found.offers.redeemed_of_issued == Decimal("24.00")
    filed(line(unit=cast.shanghai, day=ON, campaign=campaign, cards_issued=7))
    whole = campaign_figures.of(campaign, on=ON)
    assert whole is not None
    assert (whole.cards_issued, whole.offers.issued) == (7, 0)
    assert board(cast.shanghai, campaign_id=campaign.pk).sums.cards_issued == 7


# --- sleeping cards ----------------------------------------------------------------------------


def test_the_gauge_adds_up_the_newest_figures_of_each_unit_and_source(cast: Cast) -> None:
    asleep(cast.shanghai, 999_000, 1_000_000, TODAY - timedelta(days=9))
    asleep(cast.shanghai, 100_000, 600_000)
    asleep(cast.xuhui, 85_000, 400_000)
    found = sleeping.of(cast.shanghai.pk, on=TODAY).gauge
    assert found is not None
    assert (found.rate, found.headroom, found.stops) == (Decimal("18.50"), 15_000, False)
    assert not sleeping.stops_acquisition(cast.shanghai.pk, AT)


def test_one_card_above_the_limit_stops_the_unit_and_those_below(cast: Cast) -> None:
    asleep(cast.hangzhou, 0, 1_000, TODAY - timedelta(days=2))
    asleep(cast.shanghai, 200, 1_000)
    assert not sleeping.stops_acquisition(cast.xuhui.pk, AT)
    asleep(cast.shanghai, 201, 1_000, TODAY + timedelta(days=-1))
    assert not sleeping.stops_acquisition(cast.xuhui.pk, AT)
    assert sleeping.stops_acquisition(cast.xuhui.pk, AT - timedelta(days=1))
    assert not sleeping.stops_acquisition(cast.hangzhou.pk, AT - timedelta(days=1))


def test_a_bank_above_the_limit_stops_every_unit(cast: Cast) -> None:
    asleep(cast.hangzhou, 900, 1_000)
    asleep(cast.shanghai, 10, 1_000)
    stop = sleeping.stopping(cast.xuhui.pk, on=TODAY)
    assert stop is not None
    assert stop.unit_id == cast.head_office.pk


def test_the_limit_is_a_parameter(cast: Cast, parameter: Any) -> None:
    asleep(cast.shanghai, 185, 1_000)
    parameter(kpi_parameters.SLEEPING_LIMIT, "18")
    assert sleeping.stops_acquisition(cast.shanghai.pk, AT)


def test_old_figures_are_called_old_and_still_stop(cast: Cast) -> None:
    asleep(cast.shanghai, 900, 1_000, TODAY - timedelta(days=36))
    assert sleeping.of(cast.shanghai.pk, on=TODAY).is_old
    assert sleeping.stops_acquisition(cast.shanghai.pk, AT)


@pytest.mark.parametrize(
    ("objective", "sleeping_cards", "codes"),
    [
        pytest.param("acquire", 201, ["sleeping_cards_stop"], id="above the limit"),
        pytest.param("acquire", 200, [], id="at the limit"),
        pytest.param("activate", 201, [], id="it wakes sleeping cards"),
    ],
)
def test_too_many_sleeping_cards_stop_campaigns_that_win_new_ones(
    cast: Cast, objective: str, sleeping_cards: int, codes: list[str]
) -> None:
    asleep(cast.shanghai, sleeping_cards, 1_000)
    campaign = approval_desk.draft(cast, objective=objective)
    assert [one.code for one in submission_checks.missing(campaign, at=AT)] == codes
    approval_desk.tiers()
    if codes:
        with pytest.raises(DomainError, match=r"20\.10 % of the cards are asleep"):
            approvals.submit(campaign.pk, by=cast.pia, at=AT)
    else:
        approvals.submit(campaign.pk, by=cast.pia, at=AT)


def test_without_figures_nothing_is_stopped(cast: Cast) -> None:
    assert not sleeping.stops_acquisition(cast.shanghai.pk, AT)


# --- targets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param({"value": 0}, "target_value", id="nothing to reach"),
        pytest.param({"last_day": date(2025, 12, 31)}, "target_period", id="ends before it begins"),
        pytest.param({"last_day": date(2036, 1, 1)}, "period_too_long", id="ten years"),
        pytest.param({"indicator": "activation_rate"}, "target_indicator", id="a rate"),
        pytest.param({}, "target_exists", id="twice"),
    ],
)
def test_targets_that_cannot_be_are_refused(cast: Cast, values: dict[str, Any], code: str) -> None:
    aimed(cast.shanghai)
    with pytest.raises(DomainError) as refused:
        aimed(cast.shanghai, **values)
    assert refused.value.code == code
    assert Target.objects.count() == 1


def test_a_withdrawn_target_counts_no_more_and_makes_room(cast: Cast) -> None:
    target = aimed(cast.shanghai)
    with pytest.raises(DomainError, match="Say why"):
        targets.withdraw(target.pk, because=" ", by=cast.mei, at=AT)
    targets.withdraw(target.pk, because="…", by=cast.mei, at=AT)
    assert not board(cast.shanghai).targets
    assert aimed(cast.shanghai).pk != target.pk
    with pytest.raises(DomainError) as refused:
        targets.correct(target.pk, value=1, because="…", by=cast.mei, at=AT)
    assert refused.value.code == "target_withdrawn"


def test_the_report_shows_targets_furthest_behind_first(cast: Cast, year_2026: None) -> None:
    period = Period.of(Week.of(ON), timezone.get_default_timezone(), at=AT)
    for unit, value in ((cast.shanghai, 1180), (cast.xuhui, 10_000), (cast.hangzhou, 1180)):
        aimed(unit, value)
    Target.objects.update(created_at=period.start)
    filed(line(unit=cast.xuhui, day=ON, cards_issued=672))
    table = kpi_report.against_targets(weekly_report.audience(cast.mei), period)
    assert [row["unit"] for row in table.rows] == ["徐汇团队", "上海分行"]
    assert [figure.value for figure in table.figures] == [2, 1]
    # The week ends on a Sunday on which nobody works: the same 32 days are over.
    assert table.rows[1]["paced_rate"] == 105_00
    assert kpi_report.against_targets(weekly_report.audience(cast.nia), period).rows == []


def test_more_targets_take_no_more_statements(cast: Cast, same_queries: Callable[..., int]) -> None:
    period = Period.of(Week.of(ON), timezone.get_default_timezone(), at=AT)
    audience = weekly_report.audience(cast.mei)

    def grow(values: range = range(1, 6)) -> None:
        for number in values:
            for indicator in ("cards_issued", "spend", "leads_collected"):
                aimed(cast.xuhui, indicator=indicator, last_day=LAST + timedelta(days=number))
        Target.objects.update(created_at=period.start)

    grow(range(9, 10))
    same_queries(lambda: kpi_report.against_targets(audience, period), after=grow, at_most=12)
    same_queries(lambda: board(cast.xuhui), after=lambda: grow(range(20, 25)), at_most=24)


# --- leads of a team ---------------------------------------------------------------------------


def lead(unit: OrgUnit, at: datetime, *, number: int = 0) -> Lead:
    """A lead that came in at a moment; with a number, of a merchant that is on file."""
    valid = (
        {
            "credit_code": credit_code.made_up(number),
            "licence_status": LicenceStatus.OPEN,
            "licence_checked_on": at.date(),
            "licence_source": "国家企业信用信息公示系统",
            "category": factories.CategoryFactory(),
            "source": "public_registry",
            "accessed_on": at.date(),
        }
        if number
        else {}
    )
    merchant = factories.MerchantFactory(unit=unit, **valid)
    made: Lead = factories.LeadFactory(merchant=merchant, unit=unit, created_at=at)
    return made


def test_leads_collected_by_a_team(cast: Cast) -> None:
    inside = datetime(2026, 2, 1, 12, tzinfo=timezone.get_default_timezone())
    every = [lead(cast.xuhui, inside, number=number) for number in (1, 2, 3, 0)]
    lead(cast.xuhui, inside - timedelta(days=40), number=5)
    lead(cast.hangzhou, inside, number=6)
    for one, to in (
        (every[0], Stage.QUALIFIED),
        (every[0], Stage.WON),
        (every[1], Stage.QUALIFIED),
    ):
        StageChange.objects.create(lead=one, to_stage=to, at=inside)
    (found,) = team_leads.collected([Span(cast.shanghai.pk, FIRST, ON)])
    assert found is not None
    assert (found.collected, found.valid, found.qualified, found.signed) == (4, 3, 2, 1)
    assert found.people == 3
    assert (found.valid_rate, found.per_head) == (Decimal("75.00"), Decimal("1.0"))
    aimed(cast.shanghai, 6, indicator="leads_collected")
    (progress,) = board(cast.shanghai).targets
    assert progress.pace is not None
    assert progress.pace.actual == 3


# --- schemes -----------------------------------------------------------------------------------


def scheme(cast: Cast, **weights: int) -> KpiScheme:
    items = [{"indicator": name, "weight": weight} for name, weight in weights.items()]
    return kpi_schemes.set_up(
        uuid7(),
        unit_id=cast.shanghai.pk,
        name="2026",
        first_day=FIRST,
        last_day=LAST,
        items=items,
        by=cast.mei,
        at=AT,
    )


def test_a_scheme_that_stands(cast: Cast) -> None:
    made = scheme(cast, cards_issued=2000, market_share=1000, active_card_rate=4000, spend=3000)
    assert (made.volume_weight, made.largest_other_weight) == (3000, 4000)
    again = [{"indicator": "spend", "weight": 10_000}]
    assert kpi_schemes.change(made.pk, items=again, by=cast.mei, at=AT).volume_weight == 0


def test_a_scheme_whose_volume_is_the_main_thing_is_refused_with_every_reason(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        scheme(cast, cards_issued=4000, customers=2000, spend=4000)
    codes = [one.code for one in refused.value.problems]
    assert codes == ["volume_half", "volume_largest", "volume_ceiling"]
    assert not KpiScheme.objects.exists()


def test_volume_by_another_name_counts_as_volume(cast: Cast) -> None:
    items = [
        {
            "indicator": "other",
            "label": "人均发卡",
            "group": "service",
            "counts_volume": True,
            "weight": 4000,
        },
        {"indicator": "spend", "weight": 6000},
    ]
    assert [one.code for one in kpi_schemes.problems(items)] == ["volume_ceiling"]


def test_the_ceiling_is_a_parameter(cast: Cast, parameter: Any) -> None:
    parameter(kpi_parameters.VOLUME_CEILING, "20")
    items = [{"indicator": "cards_issued", "weight": 3000}, {"indicator": "spend", "weight": 7000}]
    (problem,) = kpi_schemes.problems(items)
    assert str(problem.detail) == "Volume may weigh 20.00 % at the most."


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"volume_weight": 5000}, "kpi_scheme_volume_below_half"),
        ({"volume_weight": 4000}, "kpi_scheme_volume_is_not_the_main_thing"),
        ({"whole_weight": 9999}, "kpi_scheme_makes_the_whole"),
    ],
)
def test_the_database_refuses_what_the_law_does(
    cast: Cast, values: dict[str, int], code: str
) -> None:
    made = scheme(cast, cards_issued=3000, active_card_rate=4000, spend=3000)
    with pytest.raises(IntegrityError, match=code):
        KpiScheme.objects.filter(pk=made.pk).update(**values)


# --- doors -------------------------------------------------------------------------------------


def test_the_board_through_the_api(cast: Cast, year_2026: None) -> None:
    filed(line(unit=cast.xuhui, day=ON, cards_issued=672, spend_fen=100))
    asleep(cast.shanghai, 185_000, 1_000_000, ON)
    aimed(cast.shanghai)
    asked = f"kpis/?unit={cast.shanghai.pk}&period=quarter&on=2026-02-14"
    answer = Phone(cast.mei).get(asked)
    assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert found["targets"][0]["paced_rate"] == "105.00"
    assert found["targets"][0]["progress_gap"] == "2.71"
    assert found["sums"]["spend"]["current"] == "1.00"
    assert found["sleeping"]["headroom"] == 15_000
    gauge = Phone(cast.mei).get(f"sleeping-cards/?unit={cast.shanghai.pk}&on=2026-02-14").json()
    assert (gauge["rate"], gauge["stops_acquisition"]) == ("18.50", False)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("period=decade", 400, "parameter_invalid"),
        ("on=soon", 400, "parameter_invalid"),
        ("colour=red", 400, "unknown_parameter"),
        ("on=2026-01-01&on=2026-01-02", 400, "parameter_repeated"),
        ("unit=01a20517-12cd-7172-b817-ac13e5039a5c", 404, "not_found"),
        ("merchant=01a20517-12cd-7172-b817-ac13e5039a5c", 404, "not_found"),
    ],
)
def test_the_board_refuses_what_it_does_not_know(
    cast: Cast, query: str, status: int, code: str
) -> None:
    answer = Phone(cast.mei).get(f"kpis/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_scheme_is_checked_through_the_api(cast: Cast) -> None:
    body = {"items": [{"indicator": "cards_issued", "weight": 10_000}]}
    found = Phone(cast.ann).post("kpi-schemes/check/", body).json()
    assert found["stands"] is False
    assert [one["code"] for one in found["problems"]] == ["volume_sole", "volume_ceiling"]
