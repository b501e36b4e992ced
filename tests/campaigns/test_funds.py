"""Funds are opened, filled up to their cap, changed by whoever read them, and closed empty."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from campaigns.domain import funds, ledger
from campaigns.models import Budget, EntryKind, Fund, LedgerEntry
from crm.errors import DomainError, NotAllowed, NotFound, Stale
from crm.ids import uuid7
from tests import factories
from tests.campaigns.ledger_desk import counters, fund_of, posted
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT


def opened(cast: Cast, who: str = "fay", **named: Any) -> Fund:
    values: dict[str, Any] = {
        "name": "2027 营销基金",
        "unit_id": cast.shanghai.pk,
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2027, 12, 31),
        "cap_fen": 100_000_00,
        "tolerance_basis_points": 500,
    }
    return funds.open_fund(uuid7(), **{**values, **named}, by=cast.named(who), at=AT)


def filled(cast: Cast, fund: Fund, amount: int, **named: Any) -> Fund:
    values: dict[str, Any] = {"movement_id": uuid7(), "because": "年度预算", **named}
    return funds.allocate(fund.pk, amount, **values, by=cast.fay, at=AT)


def test_a_fund_opens_with_an_empty_pot(cast: Cast) -> None:
    fund = opened(cast)
    assert counters(fund.budget) == (0, 0, 0, 0)
    assert fund.ceiling_fen == fund.budget.ceiling_fen == 105_000_00


@pytest.mark.parametrize("name", ["ann", "max", "mei", "pia", "otto", "ada", "rui"])
def test_only_finance_keeps_funds(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        opened(cast, name)


def test_a_fund_of_another_branch_is_not_there(cast: Cast) -> None:
    fund = fund_of(cast.hangzhou)
    with pytest.raises(NotFound):
        funds.close(fund.pk, because="…", by=cast.fay, at=AT)


REFUSED_OPENING: dict[str, tuple[dict[str, Any], str]] = {
    "ends before it starts": ({"ends_on": date(2026, 12, 31)}, "fund_dates"),
    "no cap": ({"cap_fen": 0}, "amount_not_above_zero"),
    "a cap below zero": ({"cap_fen": -1}, "amount_not_above_zero"),
    "a cap beyond all bounds": ({"cap_fen": 10**13 + 1}, "amount_too_large"),
    "a tolerance above 20 %": ({"tolerance_basis_points": 2001}, "fund_tolerance"),
}


@pytest.mark.parametrize(("wrong", "code"), REFUSED_OPENING.values(), ids=REFUSED_OPENING)
def test_a_fund_that_makes_no_sense_is_not_opened(
    cast: Cast, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        opened(cast, **wrong)
    assert refused.value.code == code
    assert not Fund.objects.exists()


def test_two_funds_of_a_unit_have_two_names(cast: Cast) -> None:
    opened(cast)
    with pytest.raises(DomainError) as refused:
        opened(cast)
    assert refused.value.code == "fund_name_taken"


def test_money_goes_in_up_to_the_cap_with_its_tolerance(cast: Cast) -> None:
    fund = opened(cast)
    filled(cast, fund, 104_999_99)
    filled(cast, fund, 1)
    with pytest.raises(DomainError) as refused:
        filled(cast, fund, 1)
    assert refused.value.code == "fund_cap"
    assert refused.value.facts["remaining"] == "0.00"
    assert counters(fund.budget)[0] == 105_000_00


def test_a_movement_that_is_sent_twice_moves_money_once(cast: Cast) -> None:
    fund, movement = opened(cast), uuid7()
    for _again in range(2):
        filled(cast, fund, 500_00, movement_id=movement)
    assert counters(fund.budget)[0] == 500_00
    entry = LedgerEntry.objects.get(budget__fund=fund)
    assert (entry.actor, entry.reason, entry.at) == (cast.fay, "年度预算", AT)


def test_every_movement_says_why(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        filled(cast, opened(cast), 1, because=" ")
    assert refused.value.code == "reason_missing"


def test_a_change_names_the_value_it_expects(cast: Cast) -> None:
    fund = opened(cast)
    filled(cast, fund, 1000_00)

    def change(to: int, expected: int) -> None:
        funds.change_allocation(
            fund.pk, to_fen=to, expected_fen=expected, because="调整", by=cast.fay, at=AT
        )

    change(800_00, 1000_00)
    with pytest.raises(DomainError) as refused:
        change(900_00, 1000_00)
    assert refused.value.code == "stale_budget"
    assert refused.value.facts["current"] == "800.00"
    assert counters(fund.budget)[0] == 800_00
    change(900_00, 800_00)
    change(800_00, 900_00)
    change(900_00, 800_00)
    assert counters(fund.budget)[0] == 900_00


def test_a_fund_is_never_lowered_below_what_is_promised_and_spent(cast: Cast) -> None:
    fund = opened(cast)
    filled(cast, fund, 1000_00)
    posted(EntryKind.RESERVE, fund.budget, 100_00)
    posted(EntryKind.COMMIT, fund.budget, 200_00, source=ledger.AVAILABLE)
    posted(EntryKind.CONSUME, fund.budget, 100_00)
    with pytest.raises(ledger.BudgetExceeded):
        funds.change_allocation(
            fund.pk, to_fen=299_99, expected_fen=1000_00, because="…", by=cast.fay, at=AT
        )
    funds.change_allocation(
        fund.pk, to_fen=300_00, expected_fen=1000_00, because="…", by=cast.fay, at=AT
    )
    assert counters(fund.budget) == (300_00, 100_00, 100_00, 100_00)


def test_without_the_condition_the_database_still_refuses_to_lower_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second guard stands by itself; with both taken out the fund would be overdrawn."""
    from django.db import connection
    from django.db.models import Q

    fund = opened(cast)
    filled(cast, fund, 1000_00)
    posted(EntryKind.CONSUME, fund.budget, 900_00, source=ledger.AVAILABLE)

    def lower() -> None:
        funds.change_allocation(
            fund.pk, to_fen=1_00, expected_fen=1000_00, because="…", by=cast.fay, at=AT
        )

    monkeypatch.setitem(ledger._ENOUGH, ledger.AVAILABLE, lambda fen: Q())
    with pytest.raises(DomainError) as refused:
        lower()
    assert refused.value.code == "budget_exceeded"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE campaigns_budget DROP CONSTRAINT budget_never_overspent")
    lower()
    assert Budget.objects.get(fund=fund).available_fen < 0


def test_a_fund_is_extended_and_its_cap_changed_by_whoever_read_it(cast: Cast) -> None:
    fund = opened(cast)
    changed = funds.correct(
        fund.pk, ends_on=date(2028, 6, 30), cap_fen=200_000_00, by=cast.fay, at=AT, version=1
    )
    assert changed.ends_on == date(2028, 6, 30)
    assert Budget.objects.get(fund=fund).ceiling_fen == 210_000_00
    with pytest.raises(Stale):
        funds.correct(fund.pk, name="…", by=cast.fay, at=AT, version=1)


def test_a_cap_is_not_lowered_below_what_is_allocated(cast: Cast) -> None:
    fund = opened(cast)
    filled(cast, fund, 1000_00)
    with pytest.raises(DomainError) as refused:
        funds.correct(fund.pk, cap_fen=900_00, by=cast.fay, at=AT)
    assert refused.value.code == "fund_cap"
    assert Fund.objects.get(pk=fund.pk).cap_fen == 100_000_00


def test_a_fund_closes_when_nothing_is_promised_and_gives_back_what_is_left(cast: Cast) -> None:
    fund = opened(cast)
    filled(cast, fund, 1000_00)
    posted(EntryKind.COMMIT, fund.budget, 100_00, source=ledger.AVAILABLE)
    with pytest.raises(DomainError) as refused:
        funds.close(fund.pk, because="年度结束", by=cast.fay, at=AT)
    assert refused.value.code == "fund_in_use"
    posted(EntryKind.CONSUME, fund.budget, 100_00)
    funds.close(fund.pk, because="年度结束", by=cast.fay, at=AT)
    assert counters(fund.budget) == (100_00, 0, 0, 100_00)
    assert Fund.objects.get(pk=fund.pk).closed_at == AT


AFTERWARDS: dict[str, Callable[[Cast, Fund], Any]] = {
    "close": lambda cast, fund: funds.close(fund.pk, because="…", by=cast.fay, at=AT),
    "allocate": lambda cast, fund: filled(cast, fund, 1),
    "correct": lambda cast, fund: funds.correct(fund.pk, name="…", by=cast.fay, at=AT),
    "change": lambda cast, fund: funds.change_allocation(
        fund.pk, to_fen=1, expected_fen=0, because="…", by=cast.fay, at=AT
    ),
}


@pytest.mark.parametrize("verb", AFTERWARDS.values(), ids=AFTERWARDS)
def test_nothing_happens_to_a_closed_fund(cast: Cast, verb: Callable[[Cast, Fund], Any]) -> None:
    fund = opened(cast)
    funds.close(fund.pk, because="…", by=cast.fay, at=AT)
    with pytest.raises(DomainError) as refused:
        verb(cast, fund)
    assert refused.value.code == "fund_closed"


SEES_SHANGHAIS_FUND = {
    **dict.fromkeys(("max", "mei", "fay", "pia", "otto", "ada", "rui"), True),
    **dict.fromkeys(("ann", "bo", "sam", "nia"), False),
}


@pytest.mark.parametrize(("name", "sees"), SEES_SHANGHAIS_FUND.items())
def test_those_who_oversee_see_the_funds_of_their_units_and_of_those_above(
    cast: Cast, name: str, sees: bool
) -> None:
    fund_of(cast.shanghai)
    assert Fund.objects.visible_to(cast.named(name)).exists() == sees


def test_a_branch_does_not_see_the_funds_of_another(cast: Cast) -> None:
    fund_of(cast.hangzhou)
    head = fund_of(cast.head_office)
    assert list(Fund.objects.visible_to(cast.pia)) == [head]
