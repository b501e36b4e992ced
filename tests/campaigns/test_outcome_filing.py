"""The outcome of a campaign: begun, filed, taken from sales, concluded; and the fees by day."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from campaigns.domain import control_groups, fee_schedules, outcome_filing
from campaigns.domain.fees import REGULATED, FeeTable
from campaigns.models import Campaign, CampaignOutcome, CampaignStage, RedemptionState
from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from merchants.models import SalesDay, TimelineEntry
from tests import factories
from tests.campaigns.outcome_desk import AT, FIRST, LAST, WORKED, ended, merchant_of, redeem
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    return ended(cast)


def begun(campaign: Campaign, by: Any, **changes: Any) -> CampaignOutcome:
    return outcome_filing.begin(uuid7(), campaign.pk, changes=changes, by=by, at=AT)


def filed(campaign: Campaign, by: Any, **changes: Any) -> CampaignOutcome:
    return outcome_filing.file(campaign.pk, changes, by=by, at=AT)


def refusal(act: Callable[[], Any], kind: type[DomainError] = RuleBroken) -> str:
    with pytest.raises(kind) as refused:
        act()
    return refused.value.code


def test_a_campaign_is_measured_against_as_many_days_before(cast: Cast, campaign: Campaign) -> None:
    outcome = begun(campaign, cast.pia)
    assert (outcome.measured_first, outcome.measured_last) == (FIRST, LAST)
    assert (outcome.baseline_first, outcome.baseline_last) == (date(2026, 8, 31), date(2026, 9, 30))
    assert outcome.days_before == outcome.days_after == 31
    assert outcome.method == "no_data"
    assert "test_figures" in outcome.result["missing"]


def test_the_worked_campaign_is_reckoned_from_its_redemptions(
    cast: Cast, campaign: Campaign
) -> None:
    redeem(campaign)
    begun(campaign, cast.pia)
    found = filed(campaign, cast.fay, **WORKED)
    result = found.result
    assert result["subsidy"] == "20000.00"
    assert result["parts"] == {
        "bank": "10000.00", "merchant": "6000.00", "scheme": "3000.00", "platform": "1000.00",
    }  # fmt: skip
    assert result["incremental_spend"] == "48000.00"
    assert result["bank"]["interchange"] == {
        "value": "200.40", "net": "-11799.60", "roi": "-98.33",
    }  # fmt: skip
    assert result["bank"]["with_activation"] == {
        "value": "19700.40", "net": "7700.40", "roi": "64.17",
    }  # fmt: skip
    assert (result["bank"]["deadweight"], result["precision"]) == ("6000.00", "40.00")
    assert (result["bank"]["cost_per_activation"], result["bank"]["break_even_activations"]) == (
        "92.31",
        79,
    )
    assert (result["merchant"]["roi"], result["customer"]["rate"]) == ("358.02", "16.67")
    assert (result["return_on_subsidy"], result["wins"]["everybody"]) == ("2.40", True)
    assert result["missing"] == []
    assert (found.method, found.everybody_wins, found.bank_net_fen) == (
        "control_group",
        True,
        770_040,
    )
    assert found.lift == 6667


def test_what_refunds_gave_back_is_no_subsidy(cast: Cast, campaign: Campaign) -> None:
    redeem(campaign, 2)
    redeem(
        campaign, 1, state=RedemptionState.PARTIALLY_REVERSED, refunded_fen=1_500,
        returned_fen=1_500, returned_bank_fen=1_000, returned_merchant_fen=500,
    )  # fmt: skip
    redeem(campaign, 1, state=RedemptionState.REVERSED)
    redeem(campaign, 1, state=RedemptionState.RESERVED)
    result = begun(campaign, cast.pia).result
    assert (result["redemptions"], result["subsidy"]) == (3, "45.00")
    assert result["redeemed_spend"] == "345.00"
    assert result["parts"]["bank"] == "20.00"


def test_a_new_customers_cost_and_when_it_has_come_back(cast: Cast, campaign: Campaign) -> None:
    redeem(campaign)
    begun(campaign, cast.pia)
    told = {
        **WORKED, "first_swipe_cards": 75, "approved_customers": 100,
        "card_contribution_fen": 96_000, "monthly_revenue_fen": 16_000,
        "monthly_contributions_fen": [6_000, 8_000, 9_000],
    }  # fmt: skip
    found = filed(campaign, cast.fay, **told).result["acquisition"]
    assert (found["cost_per_approved"], found["cost_per_activated"]) == ("120.00", "160.00")
    assert (found["months_simple"], found["months_by_revenue"]) == ("2.00", "1.00")
    assert (found["months_by_curve"], found["recovered"]) == ("2.22", True)
    told["monthly_contributions_fen"] = [6_000, 8_000]
    found = filed(campaign, cast.fay, **told).result["acquisition"]
    assert (found["months_by_curve"], found["recovered"], found["still_missing"]) == (
        None,
        False,
        "20.00",
    )


def test_sales_on_file_fill_both_groups(cast: Cast, campaign: Campaign) -> None:
    control = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    sold = {merchant_of(campaign): (10_000, 16_000), control: (20_000, 22_000)}
    for merchant, (before, after) in sold.items():
        partnership = factories.PartnershipFactory(merchant=merchant)
        for day, fen in ((FIRST - timedelta(days=1), before), (LAST, after)):
            SalesDay.objects.create(
                partnership=partnership, day=day, sales_fen=fen, qualifying_sales=0, redemptions=0
            )
    begun(campaign, cast.pia, control_ids=[control.pk])
    found = outcome_filing.take_sales(campaign.pk, by=cast.pia, at=AT)
    assert found.result["spend"] == {
        "method": "control_group", "expected": "110.00", "incremental": "50.00",
        "lift": "45.45", "difference": "40.00",
    }  # fmt: skip


def test_no_sales_on_file_is_said(cast: Cast, campaign: Campaign) -> None:
    begun(campaign, cast.pia)
    act = lambda: outcome_filing.take_sales(campaign.pk, by=cast.pia, at=AT)  # noqa: E731
    assert refusal(act) == "no_sales_filed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"test_before": -1}, "figure_out_of_range", id="below zero"),
        pytest.param({"test_before": 1.5}, "figure_out_of_range", id="a fraction"),
        pytest.param({"test_before": 5}, "source_required", id="without a source"),
        pytest.param({"gross_margin": 10_001}, "rate_out_of_range", id="above the whole"),
        pytest.param({"baseline_last": FIRST}, "outcome_periods", id="overlapping periods"),
        pytest.param({"measured_last": date(2031, 1, 1)}, "period_too_long", id="too long"),
        pytest.param({"result": {}}, "unknown_field", id="the result itself"),
    ],
)
def test_impossible_figures_are_refused(
    cast: Cast, campaign: Campaign, changes: dict[str, Any], code: str
) -> None:
    begun(campaign, cast.pia)
    assert refusal(lambda: filed(campaign, cast.pia, **changes)) == code


def test_a_merchant_of_the_campaign_is_no_control(cast: Cast, campaign: Campaign) -> None:
    own = merchant_of(campaign)
    act = lambda: begun(campaign, cast.pia, control_ids=[own.pk])  # noqa: E731
    assert refusal(act, InvalidInput) == "control_in_campaign"
    assert not CampaignOutcome.objects.exists()
    hidden = factories.MerchantFactory(unit=cast.hangzhou)
    assert refusal(lambda: begun(campaign, cast.pia, control_ids=[hidden.pk]), NotFound)


def test_a_control_merchant_that_had_a_campaign_is_named(cast: Cast, campaign: Campaign) -> None:
    busy, idle = (factories.MerchantFactory(unit=cast.xuhui) for _number in range(2))
    ended(cast).merchants.add(busy)
    begun(campaign, cast.pia)
    assert filed(campaign, cast.pia, control_ids=[idle.pk]).notices == ()
    found = filed(campaign, cast.pia, control_ids=[busy.pk])
    assert [one.code for one in found.notices] == ["control_had_campaign"]


def test_control_merchants_are_alike_and_without_a_campaign(cast: Cast, campaign: Campaign) -> None:
    def merchant(size: int | None, **named: Any) -> Any:
        return factories.MerchantFactory(unit=cast.xuhui, monthly_turnover_fen=size, **named)

    own = merchant_of(campaign)
    type(own).objects.filter(pk=own.pk).update(monthly_turnover_fen=1_000)
    unknown, double, same = merchant(None), merchant(2_000), merchant(1_000)
    merchant(2_001)
    merchant(1_000, category=factories.CategoryFactory(code="7832"))
    merchant(1_000, division=factories.DivisionFactory(code="310101", name="黄浦区"))
    busy = merchant(1_000)
    other = ended(cast)
    other.merchants.add(busy)
    found = control_groups.suggest(campaign, first=FIRST, last=LAST, by=cast.pia)
    others = set(other.merchants.values_list("pk", flat=True))
    assert [one.merchant for one in found] == [same, double, unknown]
    assert [one.size_ratio for one in found] == [Decimal("1.00"), Decimal("2.00"), None]
    assert not others & {one.merchant.pk for one in found}


@pytest.mark.parametrize("name", ["ann", "bo", "rui", "otto", "ada"])
def test_planners_and_finance_file_an_outcome(cast: Cast, campaign: Campaign, name: str) -> None:
    refused: type[DomainError] = NotAllowed
    with pytest.raises(refused):
        begun(campaign, cast.named(name))


def test_an_outcome_is_begun_once(cast: Cast, campaign: Campaign) -> None:
    begun(campaign, cast.pia)
    assert refusal(lambda: begun(campaign, cast.fay)) == "outcome_exists"


def test_a_cancelled_campaign_brings_nothing(cast: Cast, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(stage=CampaignStage.CANCELLED)
    assert refusal(lambda: begun(campaign, cast.pia)) == "campaign_cancelled"


def test_a_concluded_outcome_stays_as_it_is(cast: Cast, campaign: Campaign) -> None:
    redeem(campaign, 3)
    begun(campaign, cast.pia, **WORKED)
    act = lambda: outcome_filing.conclude(  # noqa: E731
        campaign.pk, conclusion="明年续做", by=cast.pia, at=AT
    )
    assert refusal(act, NotAllowed) == "not_allowed"
    done = outcome_filing.conclude(campaign.pk, conclusion="明年续做", by=cast.fay, at=AT)
    redeem(campaign, 5)
    assert outcome_filing.reckon_due(at=AT + timedelta(days=1), most=10) == 0
    assert refusal(lambda: filed(campaign, cast.pia, first_swipe_cards=1)) == "outcome_concluded"
    done.refresh_from_db()
    assert done.result["redemptions"] == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        CampaignOutcome.objects.filter(pk=done.pk).update(first_swipe_cards=1)
    again = outcome_filing.reopen(campaign.pk, because="对照组有误", by=cast.mei, at=AT)
    assert (again.result["redemptions"], again.concluded_at) == (8, None)
    CampaignOutcome.objects.filter(pk=done.pk).update(first_swipe_cards=1)


def test_nothing_is_concluded_before_it_is_measured(cast: Cast) -> None:
    running = ended(cast)
    begun(running, cast.pia, measured_last=date(2026, 11, 18), **WORKED)
    act = lambda: outcome_filing.conclude(  # noqa: E731
        running.pk, conclusion="续做", by=cast.fay, at=AT
    )
    assert refusal(act) == "outcome_too_early"
    filed(running, cast.pia, measured_last=LAST, test_before=None)
    assert refusal(act) == "outcome_no_data"
    filed(running, cast.pia, test_before=600)
    assert act().concluded_by == cast.fay


def test_the_tick_reckons_an_open_outcome_once_a_day(cast: Cast, campaign: Campaign) -> None:
    outcome = begun(campaign, cast.pia)
    redeem(campaign, 4)
    tomorrow = AT + timedelta(days=1)
    assert outcome_filing.reckon_due(at=tomorrow, most=10) == 1
    assert outcome_filing.reckon_due(at=tomorrow, most=10) == 0
    outcome.refresh_from_db()
    assert (outcome.result["redemptions"], outcome.version) == (4, 1)


def test_nobody_is_overrun(cast: Cast, campaign: Campaign) -> None:
    outcome = begun(campaign, cast.pia)
    filed(campaign, cast.pia, first_swipe_cards=1)
    with pytest.raises(Stale):
        outcome_filing.file(
            campaign.pk, {"first_swipe_cards": 2}, by=cast.fay, at=AT, version=outcome.version
        )


def test_every_merchant_of_the_campaign_remembers(cast: Cast) -> None:
    campaign = ended(cast, merchants=3)
    begun(campaign, cast.pia)
    entries = TimelineEntry.objects.filter(kind="outcome.begun")
    assert {one.merchant_id for one in entries} == set(
        campaign.merchants.values_list("pk", flat=True)
    )


# --- card fees ---------------------------------------------------------------------------------

LOWER = FeeTable(issuer_credit=4_000)


def announced(day: date, by: Any = SYSTEM, table: FeeTable = LOWER) -> Any:
    return fee_schedules.announce(
        uuid7(), effective_from=day, table=table, source="通知", by=by, at=AT
    )


def test_the_fees_of_the_day_apply(cast: Cast, campaign: Campaign) -> None:
    announced(LAST + timedelta(days=1))
    assert fee_schedules.table_on(LAST) == REGULATED
    assert fee_schedules.table_on(LAST + timedelta(days=1)) == LOWER
    redeem(campaign, 1_000)
    assert begun(campaign, cast.pia, **WORKED).result["bank"]["interchange"]["value"] == "200.40"
    announced(LAST)
    found = outcome_filing.reckon_again(campaign.pk, by=cast.pia, at=AT)
    assert found.result["bank"]["interchange"]["value"] == "176.40"
    assert found.result["fees"]["issuer_credit"] == 4_000


def test_fees_in_force_are_not_taken_back(cast: Cast) -> None:
    today, ahead = announced(AT.date()), announced(date(2027, 1, 1), by=cast.ada)
    assert (
        refusal(lambda: fee_schedules.withdraw(today.pk, by=cast.ada, at=AT))
        == "fee_schedule_in_force"
    )
    fee_schedules.withdraw(ahead.pk, by=cast.ada, at=AT)
    assert fee_schedules.table_on(date(2027, 2, 1)) == LOWER
    announced(date(2027, 1, 1), table=REGULATED)
    assert fee_schedules.table_on(date(2027, 2, 1)) == REGULATED


@pytest.mark.parametrize(
    ("day", "table", "code"),
    [
        pytest.param(date(2016, 9, 5), LOWER, "fee_schedule_too_early", id="before regulation"),
        pytest.param(
            date(2027, 1, 1), FeeTable(issuer_credit=325), "fee_rate_out_of_range", id="no net fee"
        ),
        pytest.param(date(2026, 12, 1), LOWER, "fee_schedule_exists", id="the same day again"),
    ],
)
def test_impossible_fees_are_refused(day: date, table: FeeTable, code: str) -> None:
    announced(date(2026, 12, 1))
    assert refusal(lambda: announced(day, table=table)) == code


@pytest.mark.parametrize("name", ["fay", "mei", "pia", "otto", "rui"])
def test_card_fees_are_the_head_offices(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        announced(date(2027, 1, 1), by=cast.named(name))
