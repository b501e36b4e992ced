"""Funds, budgets and the ledger in the admin: everything is reached by links, finance acts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.domain import campaign_money
from campaigns.models import Budget, CampaignStage, EntryKind, Fund, LedgerEntry
from crm.actors import SYSTEM
from crm.ids import uuid7
from crm.models import User
from tests import factories
from tests.campaigns.ledger_desk import counters, fund_of, posted
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
FUNDS = "/admin/campaigns/fund/"


def running(cast: Cast, name: str = "一") -> Any:
    campaign = factories.CampaignFactory(
        unit=cast.xuhui,
        name=f"洗头{name}",
        fund=fund_of(cast.shanghai, name=name, allocated=1_000_00),
        budget_fen=1_000_00,
        stage=CampaignStage.DRAFT,
    )
    campaign_money.commit(campaign, key=f"approve:{campaign.pk}", by=SYSTEM, at=factories.AT)
    return campaign


def test_finance_opens_fills_changes_and_closes_a_fund(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.fay)
    form = {
        "name": "2027 营销基金",
        "unit": str(cast.shanghai.pk),
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "cap": "1000.00",
        "tolerance": "5",
    }
    assert browser.get(f"{FUNDS}add/").status_code == 200
    assert browser.post(f"{FUNDS}add/", form).status_code == 302
    fund = Fund.objects.get()
    assert (fund.cap_fen, fund.tolerance_basis_points) == (1000_00, 500)
    page = f"{FUNDS}{fund.pk}/"
    filling = {"row_id": str(uuid7()), "amount": "1050.00", "because": "年度预算"}
    for _again in range(2):
        browser.post(f"{page}allocate/", filling)
    assert counters(fund.budget)[0] == 1050_00
    shown = browser.get(f"{page}change-allocation/").content.decode()
    assert 'value="105000"' in shown
    change = {"expected": "105000", "to": "500.00", "because": "调减"}
    assert browser.post(f"{page}change-allocation/", change).status_code == 302
    stale = browser.post(f"{page}change-allocation/", {**change, "to": "400.00"})
    assert "The budget is 500.00 by now" in stale.content.decode()
    changed = {"name": "全年基金", "ends_on": "2028-06-30", "cap": "2000.00", "tolerance": ""}
    assert browser.post(f"{page}change/", {**changed, "read_version": 1}).status_code == 302
    assert Budget.objects.get(fund=fund).ceiling_fen == 2000_00
    assert browser.post(f"{page}close/", {"because": "年度结束"}).status_code == 302
    shown = browser.get(f"{page}change/").content.decode()
    assert "Closed" in shown
    assert f"{page}allocate/" not in shown


def test_a_refusal_stands_in_the_form_and_nothing_moves(cast: Cast, signed_in: SignIn) -> None:
    fund = fund_of(cast.shanghai, cap=100_00)
    filling = {"row_id": str(uuid7()), "amount": "100.01", "because": "…"}
    answered = signed_in(cast.fay).post(f"{FUNDS}{fund.pk}/allocate/", filling)
    assert "more than the cap of the fund allows" in answered.content.decode()
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("name", ["ann", "sam", "nia"])
def test_those_who_do_not_oversee_the_unit_find_no_fund(
    cast: Cast, signed_in: SignIn, name: str
) -> None:
    fund = fund_of(cast.shanghai)
    answered = signed_in(cast.named(name)).get(f"{FUNDS}{fund.pk}/change/")
    assert answered.status_code in (302, 403, 404)
    assert fund.name not in answered.content.decode()


@pytest.mark.parametrize("name", ["pia", "mei", "otto"])
def test_those_who_only_see_a_fund_are_offered_nothing(
    cast: Cast, signed_in: SignIn, name: str
) -> None:
    fund = fund_of(cast.shanghai, allocated=1)
    browser = signed_in(cast.named(name))
    shown = browser.get(f"{FUNDS}{fund.pk}/change/").content.decode()
    assert fund.name in shown
    for verb in ("allocate", "change-allocation", "close"):
        assert f"{FUNDS}{fund.pk}/{verb}/" not in shown
        browser.post(f"{FUNDS}{fund.pk}/{verb}/", {"because": "…", "amount": "1", "to": "0"})
    assert counters(fund.budget)[0] == 1


def test_pages_lead_to_each_other(cast: Cast, signed_in: SignIn) -> None:
    campaign = running(cast)
    browser = signed_in(cast.fay)
    fund = f"{FUNDS}{campaign.fund_id}/change/"
    pot = Budget.objects.get(campaign=campaign, party="bank")
    entry = LedgerEntry.objects.filter(campaign=campaign).first()
    assert entry is not None
    shown = browser.get(fund).content.decode()
    assert f"/admin/campaigns/campaign/{campaign.pk}/change/" in shown
    assert f"/admin/campaigns/budget/{campaign.fund.budget.pk}/change/" in shown
    of_campaign = browser.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert f"/admin/campaigns/budget/{pot.pk}/change/" in of_campaign
    for address in (
        f"/admin/campaigns/budget/{pot.pk}/change/",
        f"/admin/campaigns/ledgerentry/{entry.pk}/change/",
        "/admin/campaigns/ledgerentry/",
        "/admin/campaigns/budget/?of=campaigns",
        f"{FUNDS}?open=yes",
    ):
        assert browser.get(address).status_code == 200, address


def test_a_frozen_budget_says_so_and_is_restored(cast: Cast, signed_in: SignIn) -> None:
    pot = fund_of(cast.shanghai, allocated=500_00).budget
    Budget.objects.filter(pk=pot.pk).update(frozen_at=factories.AT, consumed_fen=7)
    browser = signed_in(cast.fay)
    page = f"/admin/campaigns/budget/{pot.pk}/"
    shown = browser.get(f"{page}change/").content.decode()
    assert "did not agree with the ledger" in shown
    assert "crm-late" in shown
    browser.post(f"{page}restore/", {"because": "已核对"})
    assert counters(pot) == (500_00, 0, 0, 0)
    shown = browser.get(f"{page}change/").content.decode()
    assert f"{page}restore/" not in shown
    assert "已核对" in shown


@pytest.mark.parametrize(
    ("address", "at_most"),
    [
        (FUNDS, 20),
        ("/admin/campaigns/budget/", 20),
        ("/admin/campaigns/ledgerentry/", 20),
    ],
)
def test_lists_ask_the_database_a_constant_number_of_times(
    cast: Cast,
    signed_in: SignIn,
    same_queries: Callable[..., int],
    address: str,
    at_most: int,
) -> None:
    running(cast)
    browser = signed_in(cast.fay)

    def grow() -> None:
        for number in range(4):
            running(cast, f"又{number}")

    same_queries(lambda: browser.get(address), after=grow, at_most=at_most)


def test_a_funds_page_asks_the_database_a_constant_number_of_times(
    cast: Cast, signed_in: SignIn, same_queries: Callable[..., int]
) -> None:
    campaign = running(cast)
    browser = signed_in(cast.fay)

    def grow() -> None:
        for number in range(4):
            factories.CampaignFactory(unit=cast.xuhui, fund=campaign.fund, name=f"又{number}")
            posted(EntryKind.RESERVE, campaign.fund.budget, 1)

    address = f"{FUNDS}{campaign.fund_id}/change/"
    same_queries(lambda: browser.get(address), after=grow, at_most=25)
