"""Funds, budgets and the ledger through the API: sums as text, refusals with codes."""

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.domain import campaign_money, ledger
from campaigns.models import Budget, CampaignStage, EntryKind, Fund, LedgerEntry
from crm.actors import SYSTEM
from crm.ids import uuid7
from tests import factories
from tests.api import Phone
from tests.campaigns.ledger_desk import counters, fund_of, posted
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
FUND = {
    "name": "2027 年营销基金",
    "starts_on": "2027-01-01",
    "ends_on": "2027-12-31",
    "cap": "1000.00",
    "tolerance_basis_points": 500,
}


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast.fay)


def opened(phone: Phone, cast: Cast) -> dict[str, Any]:
    answered = phone.post("funds/", {**FUND, "unit": str(cast.shanghai.pk)})
    assert answered.status_code == 201, answered.content
    found: dict[str, Any] = answered.json()
    return found


def code_of(answered: Any) -> str:
    code: str = answered.json()["code"]
    return code


def test_a_fund_is_opened_filled_changed_and_closed(cast: Cast, phone: Phone) -> None:
    fund = opened(phone, cast)
    assert (fund["cap"], fund["available"], fund["currency"]) == ("1000.00", "0.00", "CNY")
    at = f"funds/{fund['id']}/"
    filled = phone.post(f"{at}allocate/", {"amount": "1050.00", "because": "年度预算"})
    assert (filled.status_code, filled.json()["available"]) == (200, "1050.00")
    too_much = phone.post(f"{at}allocate/", {"amount": "0.01", "because": "…"})
    assert (too_much.status_code, code_of(too_much)) == (409, "fund_cap")
    lowered = phone.post(
        f"{at}change-allocation/", {"to": "500.00", "expected": "1050.00", "because": "调减"}
    )
    assert lowered.json()["allocated"] == "500.00"
    stale = phone.post(
        f"{at}change-allocation/", {"to": "400.00", "expected": "1050.00", "because": "调减"}
    )
    assert (stale.status_code, code_of(stale)) == (409, "stale_budget")
    assert stale.json()["allocated"] == "500.00"
    extended = phone.patch(at, {"ends_on": "2028-06-30", "cap": "2000.00"}, if_match='"1"')
    assert (extended.json()["ends_on"], extended.json()["cap"]) == ("2028-06-30", "2000.00")
    assert phone.patch(at, {"name": "…"}, if_match='"1"').status_code == 412
    closed = phone.post(f"{at}close/", {"because": "年度结束"})
    assert closed.json()["closed_at"] is not None
    entries = phone.get(f"ledger/?fund={fund['id']}").json()["results"]
    assert [(one["kind"], one["amount"], one["reason"]) for one in entries] == [
        ("release", "500.00", "年度结束"),
        ("adjust", "550.00", "调减"),
        ("allocate", "1050.00", "年度预算"),
    ]
    assert {one["actor"]["full_name"] for one in entries} == {"Fay"}


def test_an_allocation_sent_twice_moves_money_once(cast: Cast, phone: Phone) -> None:
    fund = opened(phone, cast)
    body = {"id": str(uuid7()), "amount": "10.00", "because": "…"}
    for _again in range(2):
        answered = phone.post(f"funds/{fund['id']}/allocate/", body)
    assert answered.json()["allocated"] == "10.00"


WRONG: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "a sum as a number": ("allocate", {"amount": 1.5, "because": "…"}, 400, "money"),
    "a third digit": ("allocate", {"amount": "1.005", "because": "…"}, 400, "money"),
    "a sum below zero": ("allocate", {"amount": "-1.00", "because": "…"}, 400, "money"),
    "nothing": ("allocate", {"amount": "0.00", "because": "…"}, 400, "amount_not_above_zero"),
    "beyond all bounds": (
        "allocate",
        {"amount": "99999999999.99", "because": "…"},
        409,
        "fund_cap",
    ),
    "no reason": ("allocate", {"amount": "1.00"}, 400, "required"),
    "an empty reason": ("allocate", {"amount": "1.00", "because": ""}, 400, "blank"),
    "an unknown field": (
        "allocate",
        {"amount": "1.00", "because": "…", "to": "2.00"},
        400,
        "unknown_field",
    ),
    "a change without what it expects": (
        "change-allocation",
        {"to": "1.00", "because": "…"},
        400,
        "required",
    ),
}


@pytest.mark.parametrize(("verb", "body", "status", "code"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_refused_and_moves_nothing(
    cast: Cast, phone: Phone, verb: str, body: dict[str, Any], status: int, code: str
) -> None:
    fund = fund_of(cast.shanghai, cap=1000_00)
    answered = phone.post(f"funds/{fund.pk}/{verb}/", body)
    assert answered.status_code == status, answered.content
    assert code in answered.content.decode()
    assert not LedgerEntry.objects.exists()


def test_a_unit_that_one_does_not_know_is_named_as_the_fault(cast: Cast, phone: Phone) -> None:
    answered = phone.post("funds/", {**FUND, "unit": str(uuid7())})
    assert answered.status_code == 400
    assert '"unit"' in answered.content.decode()


def running(cast: Cast, name: str = "一") -> Any:
    campaign = factories.CampaignFactory(
        unit=cast.xuhui,
        fund=fund_of(cast.shanghai, name=name, allocated=1_000_00),
        budget_fen=1_000_00,
        stage=CampaignStage.DRAFT,
    )
    campaign_money.commit(campaign, key=f"approve:{campaign.pk}", by=SYSTEM, at=factories.AT)
    return campaign


def test_a_campaigns_money_is_told_per_party_and_in_total(cast: Cast, phone: Phone) -> None:
    campaign = running(cast)
    campaign_money.consume(
        campaign, {"bank": 12_00, "merchant": 8_00}, key="spent", by=SYSTEM, at=factories.AT
    )
    found = phone.get(f"campaigns/{campaign.pk}/money/").json()
    assert found["total"] == {
        "allocated": "1000.00",
        "reserved": "0.00",
        "consumed": "20.00",
        "available": "980.00",
    }
    assert [(one["party"], one["available"]) for one in found["parties"]] == [
        ("bank", "588.00"),
        ("merchant", "392.00"),
    ]


def test_budgets_and_entries_are_narrowed(cast: Cast, phone: Phone) -> None:
    campaign, other = running(cast), running(cast, "二")
    pots = phone.get(f"budgets/?campaign={campaign.pk}&party=merchant").json()["results"]
    assert [one["allocated"] for one in pots] == ["400.00"]
    assert phone.get("budgets/?frozen=true").json()["results"] == []
    entries = phone.get(f"ledger/?campaign={other.pk}&kind=commit").json()["results"]
    assert [(one["amount"], one["campaign"]["id"]) for one in entries] == [
        ("600.00", str(other.pk))
    ]


def test_a_frozen_budget_is_restored(cast: Cast, phone: Phone) -> None:
    budget = fund_of(cast.shanghai, allocated=100).budget
    Budget.objects.filter(pk=budget.pk).update(frozen_at=factories.AT, consumed_fen=7)
    answered = phone.post(f"budgets/{budget.pk}/restore/", {"because": "已核对"})
    assert (answered.json()["frozen_at"], answered.json()["consumed"]) == (None, "0.00")
    again = phone.post(f"budgets/{budget.pk}/restore/", {"because": "已核对"})
    assert (again.status_code, code_of(again)) == (409, "budget_not_frozen")


LISTS = ["funds/", "budgets/", "ledger/"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_ask_the_database_a_constant_number_of_times(
    cast: Cast, phone: Phone, path: str, same_queries: Callable[..., int]
) -> None:
    running(cast)

    def grow() -> None:
        for number in range(5):
            running(cast, f"又一个 {number}")

    same_queries(lambda: phone.get(path), after=grow, at_most=6)


def test_one_of_each_asks_the_database_a_constant_number_of_times(
    cast: Cast, phone: Phone, same_queries: Callable[..., int]
) -> None:
    campaign = running(cast)
    fund: Fund = campaign.fund
    pot = Budget.objects.filter(campaign=campaign).first()
    assert pot is not None

    def grow() -> None:
        for _number in range(5):
            posted(EntryKind.RESERVE, fund.budget, 1)
            posted(EntryKind.RESERVE, pot, 1, source=ledger.AVAILABLE)

    for path in (f"funds/{fund.pk}/", f"budgets/{pot.pk}/", f"campaigns/{campaign.pk}/money/"):
        same_queries(lambda path=path: phone.get(path), after=grow, at_most=6)
    assert counters(fund.budget)[1] == 15
