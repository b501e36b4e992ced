"""Reckoning: from filed figures to a reading a day, once, in batches, resumably."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.actors import SYSTEM
from crm.domain import webhooks
from merchants.domain import health, known_facts, scoring
from merchants.models import (
    HealthReading,
    MaturityReading,
    Partnership,
    PartnershipStage,
    TimelineEntry,
)
from tests import factories
from tests.merchants.health_rows import (
    TODAY,
    days_ago,
    figures,
    partnership,
    sold,
    the_worked_example,
)

pytestmark = pytest.mark.django_db

AT = factories.AT


def recompute(day: date = TODAY, **given: Any) -> int:
    return scoring.recompute(day, by=SYSTEM, at=AT, **given)


def facts_of(one: Partnership, day: date = TODAY) -> health.Facts:
    return known_facts.of_health({one.pk: one.merchant_id}, day)[one.pk]


def test_the_worked_example_is_reckoned_from_rows() -> None:
    one = partnership()
    the_worked_example(one)
    assert facts_of(one) == health.Facts(
        active_days=8,
        sales_fen=9_000_000,
        previous_fen=10_000_000,
        redemptions=450,
        planned_redemptions=Decimal("600.00"),
        statements=6,
        statements_overdue=1,
        contacts=1,
    )
    assert recompute() == 1
    one.refresh_from_db()
    assert (one.health, one.health_computed_on, one.version) == (Decimal("68.0"), TODAY, 1)
    reading = HealthReading.objects.get()
    assert (reading.score, reading.activity, reading.trend) == (
        Decimal("68.0"),
        Decimal("0.8"),
        Decimal("0.45"),
    )
    assert scoring.facts_of(reading) == facts_of(one)


def test_the_window_is_the_thirty_days_before() -> None:
    one = partnership()
    for ago in (0, 1, 30, 31, 60, 61):
        sold(one, days_ago(ago), fen=10**ago if ago < 9 else ago)
    found = facts_of(one)
    assert (found.active_days, found.sales_fen, found.previous_fen) == (2, 10 + 30, 31 + 60)


def test_a_day_without_a_qualifying_sale_is_not_an_active_day() -> None:
    one = partnership()
    sold(one, days_ago(2), sales=0)
    sold(one, days_ago(3), sales=5)
    assert facts_of(one).active_days == 1


def test_a_partner_of_whom_nothing_was_ever_filed_is_unknown_and_not_ill() -> None:
    one = partnership()
    assert facts_of(one) == health.Facts(contacts=0)
    recompute()
    one.refresh_from_db()
    assert (one.health, one.health_computed_on) == (None, TODAY)


def test_a_partner_whose_sales_stopped_long_ago_is_not_active() -> None:
    one = partnership()
    sold(one, days_ago(200), fen=500)
    found = facts_of(one)
    assert (found.active_days, found.sales_fen, found.previous_fen) == (0, 0, 0)


PLANS: dict[str, tuple[dict[date, int], date, str | None]] = {
    "two months": ({date(2026, 10, 1): 620, date(2026, 11, 1): 600}, TODAY, "600.00"),
    "one of two months": ({date(2026, 11, 1): 600}, TODAY, "340.00"),
    "three months": (
        {date(2026, 1, 1): 310, date(2026, 2, 1): 56, date(2026, 3, 1): 310},
        date(2026, 3, 2),
        "76.00",
    ),
    "no plan": ({}, TODAY, None),
    "another time": ({date(2026, 8, 1): 600}, TODAY, None),
    "a plan of none": ({date(2026, 10, 1): 0, date(2026, 11, 1): 0}, TODAY, "0.00"),
}


@pytest.mark.parametrize("case", PLANS)
def test_of_each_month_as_much_of_its_plan_counts_as_days_of_it(case: str) -> None:
    plans, day, expected = PLANS[case]
    assert known_facts.planned(plans, day) == (None if expected is None else Decimal(expected))


def test_only_redemptions_of_planned_months_are_held_against_the_plan() -> None:
    one = partnership()
    sold(one, date(2026, 10, 25), redemptions=70)
    sold(one, date(2026, 11, 2), redemptions=17)
    figures(one, date(2026, 11, 1), planned_redemptions=600)
    found = facts_of(one)
    assert (found.redemptions, found.planned_redemptions) == (17, Decimal(340))


def test_the_newest_statement_figures_count_and_those_of_next_month_do_not() -> None:
    one = partnership()
    figures(one, date(2026, 8, 1), statements=6, statements_overdue=5)
    figures(one, date(2026, 10, 1), statements=4, statements_overdue=1)
    figures(one, date(2026, 11, 1), planned_redemptions=1)
    figures(one, date(2026, 12, 1), statements=6, statements_overdue=6)
    found = facts_of(one)
    assert (found.statements, found.statements_overdue) == (4, 1)


@pytest.mark.parametrize(
    ("kind", "days", "counted"),
    [
        ("call", 1, 1),
        ("visit", 59, 1),
        ("meeting", 3, 1),
        ("message", 3, 0),
        ("note", 3, 0),
        ("call", 61, 0),
        ("call", 0, 0),
    ],
)
def test_conversations_of_sixty_days_are_engagement(kind: str, days: int, counted: int) -> None:
    one = partnership()
    factories.ActivityFactory(
        merchant=one.merchant, kind=kind, occurred_at=AT - timedelta(days=days)
    )
    factories.ActivityFactory(kind=kind, occurred_at=AT - timedelta(days=days))
    assert facts_of(one).contacts == counted


def test_a_partnership_is_reckoned_once_a_day() -> None:
    one = partnership()
    the_worked_example(one)
    assert [recompute(), recompute()] == [1, 0]
    sold(one, days_ago(20), fen=1)
    assert recompute() == 0
    assert HealthReading.objects.get().score == Decimal("68.0")
    assert recompute(TODAY + timedelta(days=1)) == 1
    assert HealthReading.objects.count() == 2


def test_reckoning_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "BATCH", 2)
    for _count in range(5):
        partnership()
    assert recompute(most=2) == 2
    assert Partnership.objects.filter(health_computed_on=TODAY).count() == 2
    assert recompute() == 3
    assert HealthReading.objects.count() == 5


@pytest.mark.parametrize(
    ("stage", "reckoned"),
    [
        *((stage, 1) for stage in ("onboarding", "pilot", "active", "wavering", "renewal")),
        ("churned", 0),
        ("blocked", 0),
    ],
)
def test_whoever_has_parted_is_not_reckoned(stage: str, reckoned: int) -> None:
    partnership(stage=stage)
    assert recompute() == reckoned


def test_a_suspended_partnership_is_reckoned() -> None:
    partnership(stage=PartnershipStage.SUSPENDED, stage_before=PartnershipStage.ACTIVE)
    assert recompute() == 1


def test_a_batch_takes_the_same_statements_however_many_there_are() -> None:
    def counted(count: int) -> int:
        for _one in range(count):
            one = partnership()
            the_worked_example(one)
        with CaptureQueriesContext(connection) as asked:
            assert scoring._recompute_batch(TODAY, by=SYSTEM, at=AT) == count
        return len(asked)

    few = counted(1)
    assert counted(12) == few <= 9


@pytest.mark.parametrize("statement", ["UPDATE {} SET month = month", "DELETE FROM {}"])
def test_nobody_changes_a_reading(statement: str) -> None:
    one = partnership()
    recompute()
    scoring.evaluate(TODAY, by=SYSTEM, at=AT)
    for model in (HealthReading, MaturityReading):
        said = statement.format(model._meta.db_table)
        said = said.replace("month", "day") if model is HealthReading else said
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(said)
    assert one.health_readings.count() == 1


def fully_mature(one: Partnership, month: date) -> None:
    figures(
        one,
        month,
        live_offers=1,
        new_cards=30,
        first_swipe=5000,
        lifted_campaigns=2,
        segmented_campaigns=1,
        bank_roi=0,
        further_products=["acquiring", "loan"],
        joint_plan=True,
        merchant_share=3000,
    )


def signed(one: Partnership) -> None:
    from merchants.models import Agreement, AgreementState, AgreementVersion

    AgreementVersion.objects.create(
        agreement=Agreement.objects.create(partnership=one, number=f"A-{one.pk}"),
        partnership=one,
        number=1,
        state=AgreementState.LIVE,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        last_day=date(2026, 12, 31),
        bank_signatory="周伯言",
        merchant_signatory="王海",
        document_sha256="0" * 64,
        signed_at=AT,
    )


def evaluate(month: date) -> int:
    one = Partnership.objects.get()
    scoring.evaluate(month, by=SYSTEM, at=AT)
    one.refresh_from_db()
    return one.maturity


def test_maturity_is_evaluated_month_by_month_from_rows() -> None:
    one = partnership()
    assert evaluate(date(2026, 7, 1)) == 0
    signed(one)
    fully_mature(one, date(2026, 7, 1))
    sold(one, date(2026, 7, 15), redemptions=1)
    assert evaluate(date(2026, 7, 1)) == 0, "this month was evaluated already"
    assert evaluate(date(2026, 8, 1)) == 4
    assert evaluate(date(2026, 9, 1)) == 4
    # The redemption of July is more than 90 days old at the beginning of November.
    assert evaluate(date(2026, 11, 1)) == 4, "one evaluation below the bar changes nothing"
    assert evaluate(date(2026, 12, 1)) == 0
    assert [one.measured for one in MaturityReading.objects.order_by("month")] == [0, 4, 4, 0, 0]
    told = TimelineEntry.objects.filter(kind=scoring.MATURED.name).order_by("id")
    assert [entry.facts for entry in told] == [
        {"from": "0.0", "to": "4.0"},
        {"from": "4.0", "to": "0.0"},
    ]


def test_a_reading_says_of_every_criterion_whether_it_was_met() -> None:
    one = partnership()
    signed(one)
    figures(one, date(2026, 10, 1), live_offers=3, first_swipe=4999)
    scoring.evaluate(date(2026, 11, 1), by=SYSTEM, at=AT)
    criteria = MaturityReading.objects.get().criteria
    assert len(criteria) == 11
    assert criteria["signed_agreement"] == {"value": 1, "met": True}
    assert criteria["live_offer"] == {"value": 3, "met": True}
    assert criteria["redemption"] == {"value": None, "met": False}
    assert criteria["first_swipe"] == {"value": 4999, "met": False}


def test_cards_count_for_three_months_and_campaigns_for_six() -> None:
    one = partnership()
    for month, cards, lifted in ((4, 1, 1), (5, 10, 2), (8, 100, 4), (10, 1000, 8)):
        figures(one, date(2026, month, 1), new_cards=cards, lifted_campaigns=lifted)
    found = known_facts.of_maturity([one.pk], date(2026, 11, 1))[one.pk]
    assert (found.new_cards, found.lifted_campaigns) == (1100, 14)


def test_evaluating_takes_the_same_statements_however_many_there_are() -> None:
    def counted(count: int) -> int:
        for _one in range(count):
            one = partnership()
            signed(one)
            fully_mature(one, date(2026, 10, 1))
            sold(one, date(2026, 10, 15), redemptions=1)
        with CaptureQueriesContext(connection) as asked:
            assert scoring._evaluate_batch(date(2026, 11, 1), by=SYSTEM, at=AT) == count
        return len(asked)

    webhooks.listeners(at=AT)  # A process looks now and then whether anybody listens.
    few = counted(1)
    assert counted(12) == few <= 10
    assert set(Partnership.objects.values_list("maturity", flat=True)) == {4}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [("2026-11-18T04:59:59+08:00", date(2026, 11, 17)), ("2026-11-18T05:00:00+08:00", TODAY)],
)
def test_a_day_is_reckoned_from_five_in_the_morning(hour: str, expected: date) -> None:
    from datetime import datetime

    assert scoring.day_to_reckon(datetime.fromisoformat(hour)) == expected
