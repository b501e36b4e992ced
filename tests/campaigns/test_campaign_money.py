"""A campaign's money: reserved, committed, consumed, given back, and home again to the fen."""

from datetime import date
from typing import Any

import pytest

from campaigns.domain import campaign_money, ledger
from campaigns.models import Budget, Campaign, CampaignStage, Fund, FundingShare, Party
from crm.actors import SYSTEM
from crm.errors import RuleBroken
from tests import factories
from tests.campaigns.ledger_desk import counters, fund_of

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"by": SYSTEM, "at": factories.AT}


def submitted(budget: int = 100_000, allocated: int = 100_000, **named: Any) -> Campaign:
    """A campaign of 1,000.00, of which the bank pays 60 % out of a fund of 1,000.00."""
    unit = factories.UnitFactory()
    campaign = factories.CampaignFactory(
        unit=unit,
        fund=fund_of(unit, allocated=allocated),
        budget_fen=budget,
        stage=CampaignStage.DRAFT,
        **named,
    )
    campaign_money.reserve(campaign, key="submit", **BY)
    return campaign  # type: ignore[no-any-return]


def approved(**named: Any) -> Campaign:
    campaign = submitted(**named)
    campaign_money.commit(campaign, key="approve", **BY)
    return campaign


def in_fund(campaign: Campaign) -> tuple[int, ...]:
    """Allocated, reserved, committed, consumed of the campaign's fund."""
    return counters(Budget.objects.get(fund=campaign.fund))


def pots(campaign: Campaign) -> dict[str, tuple[int, ...]]:
    found = campaign_money.standing(campaign).parties
    return {
        party: (one.allocated, one.reserved, one.consumed, one.available)
        for party, one in found.items()
    }


def agrees(campaign: Campaign) -> bool:
    """What the fund holds for its one campaign is what the bank's pot still has; and every counter
    is what the ledger sums to."""
    _all, _reserved, committed, consumed = in_fund(campaign)
    bank = campaign_money.standing(campaign).parties[Party.BANK]
    return (committed, consumed) == (bank.allocated - bank.consumed, bank.consumed) and all(
        ledger.in_ledger(budget.pk) == ledger.in_counters(budget) for budget in Budget.objects.all()
    )


def test_submitting_reserves_the_banks_part_in_the_fund() -> None:
    campaign = submitted()
    assert in_fund(campaign) == (100_000, 60_000, 0, 0)
    assert campaign_money.reserved_for(campaign) == 60_000
    assert pots(campaign) == {}


def test_approving_commits_and_opens_a_pot_for_every_party() -> None:
    campaign = approved()
    assert in_fund(campaign) == (100_000, 0, 60_000, 0)
    assert pots(campaign) == {"bank": (60_000, 0, 0, 60_000), "merchant": (40_000, 0, 0, 40_000)}
    assert campaign_money.standing(campaign).total.available == 100_000
    assert agrees(campaign)


def test_approving_less_than_was_reserved_releases_the_difference() -> None:
    campaign = submitted()
    Campaign.objects.filter(pk=campaign.pk).update(budget_fen=90_000)
    campaign = Campaign.objects.get(pk=campaign.pk)
    campaign_money.commit(campaign, key="approve", **BY)
    assert in_fund(campaign) == (100_000, 0, 54_000, 0)
    assert agrees(campaign)


def test_a_ceiling_is_what_a_party_gives() -> None:
    campaign = submitted()
    FundingShare.objects.filter(campaign=campaign, party=Party.MERCHANT).update(ceiling_fen=12_345)
    assert campaign_money.parts_of(campaign) == {"bank": 60_000, "merchant": 12_345}


def test_parts_are_split_to_the_last_fen() -> None:
    campaign = submitted(budget=1999, shares={"bank": 5000, "merchant": 3000, "scheme": 2000})
    assert campaign_money.parts_of(campaign) == {"bank": 999, "merchant": 600, "scheme": 400}


def test_what_was_returned_before_approval_goes_home() -> None:
    campaign = submitted()
    campaign_money.release(campaign, key="return", because="…", **BY)
    assert in_fund(campaign) == (100_000, 0, 0, 0)
    campaign_money.reserve(campaign, key="submit again", **BY)
    assert in_fund(campaign) == (100_000, 60_000, 0, 0)


def test_redemptions_spend_every_partys_pot_and_the_fund() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 1200, "merchant": 800}, key="batch 1", **BY)
    assert in_fund(campaign) == (100_000, 0, 58_800, 1_200)
    assert campaign_money.left(campaign.pk) == {
        "bank": 58_800,
        "merchant": 39_200,
        "scheme": 0,
        "platform": 0,
        "government": 0,
    }
    assert agrees(campaign)


def test_the_same_batch_spends_once() -> None:
    campaign = approved()
    for _again in range(2):
        campaign_money.consume(campaign, {"bank": 1200, "merchant": 800}, key="batch 1", **BY)
    assert in_fund(campaign) == (100_000, 0, 58_800, 1_200)


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ({"bank": 60_001}, "600.00"),
        ({"bank": 1, "merchant": 40_001}, "400.00"),
        ({"scheme": 1}, "0.00"),
    ],
    ids=["the bank's pot", "the merchant's pot", "a party without a pot"],
)
def test_more_than_a_pot_has_left_is_refused_for_all_parties(
    parts: dict[str, int], left: str
) -> None:
    campaign = approved()
    with pytest.raises(ledger.BudgetExceeded) as refused:
        campaign_money.consume(campaign, parts, key="too much", **BY)
    assert refused.value.facts["remaining"] == left
    assert in_fund(campaign) == (100_000, 0, 60_000, 0)
    assert campaign_money.standing(campaign).total.consumed == 0


def test_authorised_purchases_are_held_and_then_spent_or_let_go() -> None:
    campaign = approved()
    campaign_money.hold(campaign, {"bank": 1200, "merchant": 800}, key="one", **BY)
    campaign_money.hold(campaign, {"bank": 600, "merchant": 400}, key="two", **BY)
    assert pots(campaign)["bank"] == (60_000, 1_800, 0, 58_200)
    campaign_money.consume_held(campaign, {"bank": 1200, "merchant": 800}, key="one:clear", **BY)
    campaign_money.unhold(campaign, {"bank": 600, "merchant": 400}, key="two:gone", **BY)
    assert pots(campaign)["bank"] == (60_000, 0, 1_200, 58_800)
    assert in_fund(campaign) == (100_000, 0, 58_800, 1_200)
    assert agrees(campaign)


def test_what_is_held_cannot_be_spent_by_others() -> None:
    campaign = approved()
    campaign_money.hold(campaign, {"merchant": 40_000}, key="all of it", **BY)
    with pytest.raises(ledger.BudgetExceeded):
        campaign_money.consume(campaign, {"merchant": 1}, key="one more", **BY)


def test_refunds_may_be_spent_again() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 60_000, "merchant": 40_000}, key="all", **BY)
    campaign_money.give_back(campaign, {"bank": 1200}, key="refund", **BY)
    assert in_fund(campaign) == (100_000, 0, 1_200, 58_800)
    campaign_money.consume(campaign, {"bank": 1200}, key="again", **BY)
    assert agrees(campaign)


def test_nobody_gets_back_more_than_was_spent() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 1200}, key="spent", **BY)
    with pytest.raises(ledger.BudgetExceeded):
        campaign_money.give_back(campaign, {"bank": 1201}, key="refund", **BY)


def test_what_is_left_at_the_end_goes_home_exactly_once() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 1200, "merchant": 800}, key="spent", **BY)
    campaign_money.hold(campaign, {"bank": 600, "merchant": 400}, key="held", **BY)
    for again in range(2):
        campaign_money.close(campaign, key=f"close {again}", **BY)
        assert in_fund(campaign) == (100_000, 0, 0, 1_200)
        assert pots(campaign) == {"bank": (1200, 0, 1200, 0), "merchant": (800, 0, 800, 0)}
    assert agrees(campaign)


def test_a_refund_after_the_end_goes_home_at_once() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 1200, "merchant": 800}, key="spent", **BY)
    campaign_money.close(campaign, key="close", **BY)
    campaign.stage = CampaignStage.CLOSED
    for _again in range(2):
        campaign_money.give_back(campaign, {"bank": 600, "merchant": 400}, key="late", **BY)
    assert in_fund(campaign) == (100_000, 0, 0, 600)
    assert campaign_money.standing(campaign).total.available == 0
    assert agrees(campaign)


@pytest.mark.parametrize(
    ("budget", "fund", "bank"),
    [(150_000, (100_000, 0, 90_000, 6_000), 90_000), (50_000, (100_000, 0, 24_000, 6_000), 30_000)],
    ids=["raised", "lowered"],
)
def test_new_terms_let_the_pots_grow_and_shrink(
    budget: int, fund: tuple[int, ...], bank: int
) -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 6_000, "merchant": 4_000}, key="spent", **BY)
    Campaign.objects.filter(pk=campaign.pk).update(budget_fen=budget)
    campaign = Campaign.objects.get(pk=campaign.pk)
    campaign_money.commit(campaign, key="version 2", **BY)
    assert pots(campaign)["bank"][0] == bank
    assert in_fund(campaign)[2] + in_fund(campaign)[3] == bank
    assert in_fund(campaign)[3] == 6_000
    assert agrees(campaign)


def test_a_raise_is_reserved_while_it_is_asked_for_and_its_return_leaves_the_rest() -> None:
    campaign = approved()
    raised = {"bank": 80_000, "merchant": 40_000}
    campaign_money.reserve(campaign, key="raise", parts=raised, **BY)
    assert in_fund(campaign) == (100_000, 20_000, 60_000, 0)
    campaign_money.unreserve(campaign, key="return", because="…", **BY)
    assert in_fund(campaign) == (100_000, 0, 60_000, 0)
    assert campaign_money.standing(campaign).total.available == 100_000


def test_a_budget_is_never_lowered_below_what_is_held_and_spent() -> None:
    campaign = approved()
    campaign_money.consume(campaign, {"bank": 30_000}, key="spent", **BY)
    campaign_money.hold(campaign, {"bank": 10_000}, key="held", **BY)
    with pytest.raises(ledger.BudgetExceeded):
        campaign_money.commit(campaign, key="v2", parts={"bank": 39_999, "merchant": 40_000}, **BY)
    campaign_money.commit(campaign, key="v3", parts={"bank": 40_000, "merchant": 40_000}, **BY)
    assert agrees(campaign)


def test_a_change_of_the_budget_names_the_value_it_expects() -> None:
    campaign = approved()
    with pytest.raises(RuleBroken) as refused:
        campaign_money.change_budget(
            campaign, {"bank": 90_000, "merchant": 60_000}, expected_fen=99_999, key="v2", **BY
        )
    assert refused.value.code == "stale_budget"
    assert refused.value.facts["current"] == "1000.00"
    campaign_money.change_budget(
        campaign, {"bank": 90_000, "merchant": 60_000}, expected_fen=100_000, key="v2", **BY
    )
    assert campaign_money.standing(campaign).total.allocated == 150_000


def test_two_submissions_for_the_last_of_a_fund_do_not_both_fit() -> None:
    first = submitted(allocated=100_000)
    second = factories.CampaignFactory(
        unit=first.unit, fund=first.fund, budget_fen=100_000, stage=CampaignStage.DRAFT
    )
    with pytest.raises(ledger.BudgetExceeded) as refused:
        campaign_money.reserve(second, key="second", **BY)
    assert refused.value.facts["remaining"] == "400.00"


def test_a_fund_pays_only_what_is_its_own() -> None:
    unit, elsewhere = factories.UnitFactory(), factories.UnitFactory()
    cases: dict[str, tuple[Fund | None, dict[str, Any]]] = {
        "campaign_without_fund": (None, {}),
        "fund_closed": (fund_of(unit, name="1", closed_at=factories.AT), {}),
        "fund_elsewhere": (fund_of(elsewhere, name="2"), {}),
        "fund_period": (fund_of(unit, name="3", ends_on=date(2026, 10, 31)), {}),
    }
    for code, (fund, more) in cases.items():
        campaign = factories.CampaignFactory(
            unit=unit, fund=fund, stage=CampaignStage.DRAFT, **more
        )
        with pytest.raises(RuleBroken) as refused:
            campaign_money.reserve(campaign, key=code, **BY)
        assert refused.value.code == code


def test_a_campaign_that_the_bank_does_not_pay_for_needs_no_fund() -> None:
    campaign = factories.CampaignFactory(shares={"merchant": 10_000}, stage=CampaignStage.DRAFT)
    campaign_money.reserve(campaign, key="submit", **BY)
    campaign_money.commit(campaign, key="approve", **BY)
    campaign_money.consume(campaign, {"merchant": 5}, key="spent", **BY)
    campaign_money.close(campaign, key="close", **BY)
    assert pots(campaign) == {"merchant": (5, 0, 5, 0)}
