"""Counters that differ from the ledger freeze their pot; alerts come once per mark."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.domain import budget_alerts, campaign_money, ledger, reconciliation
from campaigns.models import Budget, EntryKind
from crm.actors import SYSTEM
from crm.domain import ticking
from crm.errors import DomainError, NotAllowed
from crm.models import Reminder
from tests import factories
from tests.campaigns.ledger_desk import counters, fund_of, posted
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT
BY: dict[str, Any] = {"by": SYSTEM, "at": AT}


def tampered(cast: Cast, **columns: int) -> Budget:
    """A pot whose counters somebody changed past the ledger."""
    budget = fund_of(cast.shanghai, allocated=50_000).budget
    Budget.objects.filter(pk=budget.pk).update(**columns)
    return budget


@pytest.mark.parametrize(
    "column", ["allocated_fen", "reserved_fen", "committed_fen", "consumed_fen"]
)
def test_a_counter_that_differs_by_one_fen_freezes_the_pot_and_tells_finance(
    cast: Cast, column: str
) -> None:
    budget = tampered(cast, **{column: 50_001 if column == "allocated_fen" else 1})
    sound = fund_of(cast.shanghai, name="另一个", allocated=1).budget
    assert reconciliation.reconcile_all(at=AT) == [budget.pk]
    assert Budget.objects.get(pk=budget.pk).frozen_at == AT
    assert Budget.objects.get(pk=sound.pk).frozen_at is None
    told = Reminder.objects.get()
    assert (told.recipient, told.kind) == (cast.fay, "budget_frozen")
    assert reconciliation.reconcile_all(at=AT) == []
    with pytest.raises(ledger.BudgetFrozen):
        posted(EntryKind.RESERVE, budget, 1)


def test_the_tick_compares_each_pot_once_a_day(cast: Cast) -> None:
    budget = fund_of(cast.shanghai, allocated=50_000).budget
    ticking.tick(at=AT)
    assert Budget.objects.get(pk=budget.pk).reconciled_at == AT
    Budget.objects.filter(pk=budget.pk).update(consumed_fen=1)
    assert reconciliation.reconcile_due(at=AT + timedelta(hours=23)) == []
    assert reconciliation.reconcile_due(at=AT + timedelta(hours=24)) == [budget.pk]


def test_a_pot_that_cannot_be_compared_holds_up_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = tampered(cast, consumed_fen=1), fund_of(name="另一个", allocated=1).budget
    monkeypatch.setattr(budget_alerts, "tell_of_freezing", _fail)
    reconciliation.reconcile_all(at=AT)
    assert Budget.objects.get(pk=broken.pk).frozen_at is None
    assert Budget.objects.get(pk=other.pk).reconciled_at == AT


def _fail(*args: Any, **options: Any) -> None:
    raise RuntimeError


def test_a_frozen_pot_is_restored_from_the_ledger(cast: Cast) -> None:
    budget = tampered(cast, consumed_fen=7)
    posted(EntryKind.RESERVE, budget, 100)
    reconciliation.reconcile_all(at=AT)
    with pytest.raises(NotAllowed):
        reconciliation.restore(budget.pk, because="…", by=cast.pia, at=AT)
    with pytest.raises(DomainError) as refused:
        reconciliation.restore(budget.pk, because="", by=cast.fay, at=AT)
    assert refused.value.code == "reason_missing"
    reconciliation.restore(budget.pk, because="有人改了数", by=cast.fay, at=AT)
    assert counters(budget) == (50_000, 100, 0, 0)
    posted(EntryKind.RESERVE, budget, 1)
    with pytest.raises(DomainError) as refused:
        reconciliation.restore(budget.pk, because="…", by=cast.fay, at=AT)
    assert refused.value.code == "budget_not_frozen"


def test_the_command_ends_with_an_error_while_a_pot_is_frozen(cast: Cast) -> None:
    said = StringIO()
    call_command("reconcile_budgets", stdout=said)
    assert "agrees" in said.getvalue()
    tampered(cast, consumed_fen=7)
    for _again in range(2):
        with pytest.raises(CommandError, match="1 budgets are frozen"):
            call_command("reconcile_budgets")


def running(cast: Cast) -> Any:
    """A campaign of 1,000.00, 60/40, out of a fund of 10,000.00, planned by Pia."""
    campaign = factories.CampaignFactory(
        unit=cast.shanghai,
        fund=fund_of(cast.shanghai, allocated=1_000_000),
        budget_fen=100_000,
        planner=cast.pia,
    )
    campaign_money.commit(campaign, key="approve", **BY)
    return campaign


def test_the_planner_is_told_at_70_90_and_100_per_cent_once_each(cast: Cast) -> None:
    campaign = running(cast)
    told: list[int] = []
    steps = {69: 0, 70: 1, 75: 1, 90: 2, 99: 2, 100: 3}
    spent = 0
    for percent, expected in steps.items():
        more = percent - spent
        parts = {"bank": 600 * more, "merchant": 400 * more}
        campaign_money.consume(campaign, parts, key=f"to {percent}", **BY)
        spent = percent
        for _again in range(2):
            budget_alerts.tell(at=AT)
        told.append(Reminder.objects.filter(kind="budget_used", recipient=cast.pia).count())
        assert told[-1] == expected, percent


def test_what_jumps_over_marks_is_told_of_the_highest_only(cast: Cast) -> None:
    campaign = running(cast)
    campaign_money.consume(campaign, {"merchant": 38_000}, key="most", **BY)
    budget_alerts.tell(at=AT)
    reminder = Reminder.objects.get(kind="budget_used")
    assert reminder.facts == {"name": campaign.name, "percent": "95", "left": "20.00"}
    assert budget_alerts.tell(at=AT) == 0


def test_finance_is_told_of_a_fund(cast: Cast) -> None:
    budget = fund_of(cast.xuhui, allocated=1000).budget
    posted(EntryKind.RESERVE, budget, 700)
    budget_alerts.tell(at=AT)
    assert Reminder.objects.get().recipient == cast.fay


def test_where_there_is_no_finance_somebody_is_told_all_the_same(cast: Cast) -> None:
    budget = fund_of(cast.hangzhou, allocated=1000).budget
    posted(EntryKind.RESERVE, budget, 700)
    budget_alerts.tell(at=AT)
    assert Reminder.objects.get().recipient == cast.ada


def test_what_a_campaign_spent_before_it_went_home_is_no_news(cast: Cast) -> None:
    campaign = running(cast)
    campaign_money.consume(campaign, {"bank": 600, "merchant": 400}, key="spent", **BY)
    campaign_money.close(campaign, key="close", **BY)
    type(campaign).objects.filter(pk=campaign.pk).update(stage="closed")
    assert budget_alerts.tell(at=AT) == 0
