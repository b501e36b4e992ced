"""The steps of a partnership that go by its figures: wavering, recovery, silence, the pilot."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.actors import SYSTEM
from crm.domain import ticking
from crm.errors import StageNotReachable
from merchants import ticks
from merchants.domain import measured, partnerships, scoring, wavering
from merchants.domain.checklists import CaseFile
from merchants.models import (
    Evidence,
    EvidenceKind,
    HealthReading,
    Partnership,
    PartnershipStage,
    StepReason,
)
from merchants.models.partnership_roads import ROADS, Guard
from tests import factories
from tests.conftest import Cast
from tests.merchants.health_rows import TODAY, days_ago, figures, partnership, sold

pytestmark = pytest.mark.django_db

AT = factories.AT


def guard(one: Partnership, to: PartnershipStage, asked: Guard, at: datetime = AT) -> bool:
    """Whether a guard of the road is met."""
    road = ROADS[PartnershipStage(one.stage)][to]
    (found,) = [check for check in CaseFile(one, at).checks(road, to=to) if check.guard == asked]
    return found.met


def evidence(one: Partnership, kind: EvidenceKind, at: datetime = AT, **numbers: Any) -> Evidence:
    return Evidence.objects.create(
        partnership=one, kind=kind, happened_on=timezone.localdate(at), numbers=numbers, at=at
    )


SILENCES: dict[str, tuple[list[tuple[int, int]], bool, int | None]] = {
    # (days ago, qualifying sales): silent for 30 days?, whole days without a sale
    "nothing was ever filed": ([], False, None),
    "sold yesterday": ([(1, 1)], False, 0),
    "sold today": ([(0, 1)], False, 0),
    "29 whole days": ([(30, 1)], False, 29),
    "30 whole days": ([(31, 1)], True, 30),
    "sales that do not qualify": ([(31, 1), (5, 0)], True, 30),
    "long ago": ([(91, 2), (200, 1)], True, 90),
    "never a qualifying one": ([(40, 0), (1, 0)], True, 40),
    "first filed lately": ([(20, 0)], False, 20),
}


@pytest.mark.parametrize("case", SILENCES)
def test_silence_is_counted_in_whole_days(case: str) -> None:
    filed, silent, days = SILENCES[case]
    one = partnership()
    for ago, sales in filed:
        sold(one, days_ago(ago), sales=sales)
    rows = Partnership.objects.filter(pk=one.pk)
    assert measured.silent(rows, AT).exists() == silent
    assert measured.days_without_a_sale(one, AT) == days
    assert (StepReason.NO_SALES in wavering.causes(one, AT)) == silent


@pytest.mark.parametrize(("days", "silent"), [(29, False), (30, True)])
def test_whoever_came_back_is_given_thirty_days(days: int, silent: bool) -> None:
    one = partnership(evidence_since=AT - timedelta(days=days))
    sold(one, days_ago(80))
    assert measured.silent(Partnership.objects.all(), AT).exists() == silent


def read(one: Partnership, *scores: str | None, until: date = TODAY) -> None:
    """A reading a day, the last one on `until`."""
    for ago, score in enumerate(reversed(scores)):
        HealthReading.objects.create(partnership=one, day=until - timedelta(days=ago), score=score)


RECOVERIES: dict[str, tuple[list[str | None], int, bool | None]] = {
    "fourteen days of 70": (["70.0"] * 14, 0, True),
    "thirteen": (["70.0"] * 13, 0, False),
    "one of them below": (["70.0"] * 7 + ["69.9"] + ["70.0"] * 6, 0, False),
    "the one before them below": (["10.0", *["70.0"] * 14], 0, True),
    "today below": ([*["80.0"] * 14, "69.9"], 0, False),
    "up to yesterday": (["70.0"] * 14, 1, True),
    "up to the day before": (["70.0"] * 14, 2, False),
    "a day without a score": (["70.0"] * 13 + [None], 0, False),
    "never a score": ([None] * 14, 0, None),
    "no reading": ([], 0, None),
}


@pytest.mark.parametrize("case", RECOVERIES)
def test_recovery_is_fourteen_days_of_70(case: str) -> None:
    scores, ago, recovered = RECOVERIES[case]
    one = partnership(stage=PartnershipStage.WAVERING)
    read(one, *scores, until=days_ago(ago))
    assert measured.healthy_since(one, 70, 14, AT) is recovered
    assert guard(one, PartnershipStage.ACTIVE, Guard.HEALTH_RECOVERED) == bool(recovered)


def test_without_readings_a_record_on_file_says_so() -> None:
    one = partnership(stage=PartnershipStage.WAVERING)
    evidence(one, EvidenceKind.HEALTH_RECORD, health="71", days=14)
    assert guard(one, PartnershipStage.ACTIVE, Guard.HEALTH_RECOVERED)
    read(one, "50.0")
    assert not guard(one, PartnershipStage.ACTIVE, Guard.HEALTH_RECOVERED), "readings know better"


@pytest.mark.parametrize(("ago", "silent"), [(90, False), (91, True)])
def test_ninety_days_without_a_sale_let_a_partnership_end(ago: int, silent: bool) -> None:
    one = partnership(stage=PartnershipStage.WAVERING)
    sold(one, days_ago(ago))
    assert guard(one, PartnershipStage.CHURNED, Guard.SETTLED_OR_SILENT) == silent


@pytest.mark.parametrize(("redeemed", "enough"), [(29, False), (30, True)])
def test_a_pilot_has_thirty_redemptions_by_its_sales_days(redeemed: int, enough: bool) -> None:
    began = AT - timedelta(days=10)
    one = partnership(stage=PartnershipStage.PILOT, stage_entered_at=began, evidence_since=began)
    sold(one, days_ago(11), redemptions=500)
    assert measured.redemptions_in_stage(one, AT) is None
    sold(one, days_ago(10), redemptions=9)
    sold(one, days_ago(0), redemptions=redeemed - 9)
    assert guard(one, PartnershipStage.ACTIVE, Guard.ENOUGH_REDEMPTIONS) == enough


@pytest.mark.parametrize(("redeemed", "enough"), [(29, False), (30, True)])
def test_without_sales_days_the_record_of_the_pilot_counts(redeemed: int, enough: bool) -> None:
    one = partnership(stage=PartnershipStage.PILOT)
    evidence(one, EvidenceKind.PILOT_REDEMPTIONS, redemptions=redeemed)
    assert guard(one, PartnershipStage.ACTIVE, Guard.ENOUGH_REDEMPTIONS) == enough


def morning(days: int) -> datetime:
    """Six in the morning in Shanghai, so many days after today."""
    return AT - timedelta(hours=4) + timedelta(days=days)


def ticked(days: int) -> None:
    """What a tick does for partnerships, on the morning of a day."""
    at = morning(days)
    ticks.reckon_health(at)
    ticks.evaluate_maturity(at)
    ticks.partnerships_take_due_steps(at)


def sell(one: Partnership, first: int, last: int, *, fen: int) -> None:
    for day in range(first, last + 1):
        sold(one, TODAY + timedelta(days=day), fen=fen)


def test_a_partnership_wavers_by_the_tick_and_comes_back_after_fourteen_good_days(
    cast: Cast,
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    one = partnership(merchant)
    sell(one, -60, -31, fen=100)
    sell(one, -30, -25, fen=100)
    figures(one, date(2026, 11, 1), statements=6, statements_overdue=6)
    ticked(0)
    one.refresh_from_db()
    assert one.health is not None
    assert one.health < 60
    assert one.stage == PartnershipStage.WAVERING
    assert one.steps.get().reason == StepReason.HEALTH_LOW

    # Sales come back; the statements are paid, we talk.
    figures(one, date(2026, 12, 1), statements=6, statements_overdue=0, planned_redemptions=0)
    for day in (1, 12, 14):
        factories.ActivityFactory(merchant=merchant, occurred_at=AT + timedelta(days=day))
    sell(one, 0, 40, fen=900)
    evidence(one, EvidenceKind.CAUSE_CLOSED, at=AT + timedelta(days=1))
    refused, good = 0, 0
    for day in range(1, 41):
        ticked(day)
        one.refresh_from_db()
        assert one.health is not None
        good = good + 1 if one.health >= 70 else 0
        try:
            partnerships.advance(one.pk, to=PartnershipStage.ACTIVE, by=cast.mei, at=morning(day))
        except StageNotReachable:
            refused += 1
        else:
            break
    one.refresh_from_db()
    assert one.stage == PartnershipStage.ACTIVE
    assert good == 14
    assert refused >= 13
    ticked(day + 1)
    one.refresh_from_db()
    assert one.stage == PartnershipStage.ACTIVE


def test_the_tick_reckons_before_it_moves_partnerships() -> None:
    ours = [part.__name__ for part in ticking._STEPS if part.__module__ == "merchants.ticks"]
    assert ours.index("reckon_health") < ours.index("partnerships_take_due_steps")
    one = partnership()
    sold(one, days_ago(40))
    ticking.tick(at=morning(0))
    one.refresh_from_db()
    assert (one.health_computed_on, one.stage) == (TODAY, PartnershipStage.WAVERING)


def test_a_partnership_without_figures_never_wavers_by_itself() -> None:
    one = partnership()
    for day in range(40):
        ticked(day)
    one.refresh_from_db()
    assert (one.stage, one.health) == (PartnershipStage.ACTIVE, None)


def test_the_tick_reckons_each_day_once() -> None:
    one = partnership()
    for hours in (0, 1, 25):
        ticks.reckon_health(morning(0) + timedelta(hours=hours))
    assert list(one.health_readings.order_by("day").values_list("day", flat=True)) == [
        TODAY,
        TODAY + timedelta(days=1),
    ]
    assert scoring.recompute(TODAY, by=SYSTEM, at=AT) == 0
