"""Activities: what came of them, how they were taken, who may put them right, and for how long."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.domain import ticking
from crm.errors import DomainError, NotAllowed, RuleBroken, Stale
from crm.ids import uuid7
from leads.domain import activities, engagement, visit_upkeep
from leads.models import Activity, ActivityOutcome, Lead
from leads.models.activity import ATTEMPTS
from merchants.models import TimelineEntry
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    return lead


def logged(cast: Cast, lead: Lead, at: datetime, **more: Any) -> Activity:
    given = {"kind": "call", "summary": "约好周五见面", "occurred_at": at, "by": cast.ann, **more}
    return activities.log(uuid7(), lead.merchant_id, lead_id=lead.pk, at=at, **given)


@pytest.mark.parametrize(
    ("kind", "outcome", "said", "two_way"),
    [
        ("call", "reached", None, True),
        ("call", "", None, True),
        ("call", "no_answer", None, False),
        ("call", "left_message", None, False),
        ("visit", "decision_maker_met", None, True),
        ("visit", "no_answer", None, False),
        ("meeting", "refused", None, True),
        ("message", "", None, False),
        ("message", "interested", True, True),
        ("note", "", None, False),
        ("call", "reached", False, False),
    ],
)
def test_calls_visits_and_meetings_that_reached_somebody_are_two_way(
    cast: Cast, lead: Lead, at: datetime, kind: str, outcome: str, said: bool | None, two_way: bool
) -> None:
    row = logged(cast, lead, at, kind=kind, outcome_code=outcome, two_way=said)
    assert Activity.objects.get(pk=row.pk).two_way is two_way


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "note", "two_way": True}, "note_not_two_way"),
        ({"outcome_code": "no_answer", "two_way": True}, "failed_not_two_way"),
        ({"mood": 3}, "mood_out_of_range"),
        ({"mood": -3}, "mood_out_of_range"),
        ({"outcome_code": "sold"}, "outcome_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    cast: Cast, lead: Lead, at: datetime, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        logged(cast, lead, at, **given)
    assert refusal.value.code == code
    assert not Activity.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_failed_attempts_are_counted_by_the_day_in_shanghai(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    """23:30 and 00:30 in Shanghai are two days, though they are one in UTC."""
    late = datetime(2026, 11, 16, 15, 30, tzinfo=UTC)
    for moment in (late, late + timedelta(hours=1), late + timedelta(hours=2), at):
        logged(cast, lead, at, occurred_at=moment, outcome_code="no_answer")
    logged(cast, lead, at, kind="note", outcome_code="no_answer")
    logged(cast, lead, at, occurred_at=at - timedelta(days=4), outcome_code="interested")
    failed = Activity.objects.of_lead(lead.pk).failed_attempts()
    assert failed.days() == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]
    assert failed.since(at).days() == [date(2026, 11, 18)]


@pytest.mark.parametrize("outcome", ActivityOutcome.values)
def test_each_outcome_is_a_failure_a_refusal_or_neither(
    cast: Cast, lead: Lead, at: datetime, outcome: str
) -> None:
    logged(cast, lead, at, outcome_code=outcome)
    mine = Activity.objects.of_lead(lead.pk)
    assert mine.failed_attempts().exists() == (outcome in ("no_answer", "left_message"))
    assert mine.refusals().exists() == (outcome == "refused")
    assert "note" not in ATTEMPTS


def test_engagement_counts_what_was_two_way(cast: Cast, lead: Lead, at: datetime) -> None:
    logged(cast, lead, at, outcome_code="reached")
    logged(cast, lead, at, outcome_code="no_answer")
    logged(cast, lead, at, kind="message", two_way=True)
    logged(cast, lead, at, kind="note")
    counted = engagement.two_way_contacts(
        [lead.merchant_id], at - timedelta(days=60), at + timedelta(seconds=1)
    )
    assert counted == {lead.merchant_id: 2}


# --- put right -------------------------------------------------------------------------------


def test_who_wrote_it_puts_it_right_within_a_day(cast: Cast, lead: Lead, at: datetime) -> None:
    row = logged(cast, lead, at, outcome_code="no_answer", mood=None)
    later = at + timedelta(hours=24)
    changes = {"outcome_code": "reached", "mood": -1, "summary": "回电了"}
    right = activities.correct(row.pk, changes, by=cast.ann, at=later, version=1)
    assert (right.outcome_code, right.mood, right.two_way, right.version) == (
        "reached", -1, True, 2,
    )  # fmt: skip
    entries = TimelineEntry.objects.filter(subject_id=row.pk).order_by("at")
    assert [one.kind for one in entries] == ["activity.logged", "activity.corrected"]
    assert "mood" not in str([one.facts for one in entries])


@pytest.mark.parametrize(
    ("who", "hours", "version", "refusal", "code"),
    [
        ("max", 1, None, NotAllowed, "not_allowed"),
        ("ann", 24.1, None, RuleBroken, "correction_too_late"),
        ("ann", 1, 7, Stale, "stale"),
        ("bo", 1, None, DomainError, "not_found"),
    ],
)
def test_nobody_else_nor_later_nor_over_a_newer_version(
    cast: Cast, lead: Lead, at: datetime, who: str, hours: float, version: int | None,
    refusal: type[DomainError], code: str,
) -> None:  # fmt: skip
    row = logged(cast, lead, at)
    with pytest.raises(refusal) as refused:
        activities.correct(
            row.pk,
            {"summary": "…"},
            by=cast.named(who),
            at=at + timedelta(hours=hours),
            version=version,
        )
    assert refused.value.code == code
    assert Activity.objects.get(pk=row.pk).summary == "约好周五见面"


# --- kept as long as promised ----------------------------------------------------------------


def test_a_mood_is_erased_after_twelve_months_and_not_before(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    row = logged(cast, lead, at, mood=2)
    ticking.tick(at=datetime(2027, 11, 18, 1, 59, tzinfo=UTC))
    assert Activity.objects.get(pk=row.pk).mood == 2
    ticking.tick(at=datetime(2027, 11, 18, 2, 1, tzinfo=UTC))
    kept = Activity.objects.get(pk=row.pk)
    assert (kept.mood, kept.summary, kept.version) == (None, "约好周五见面", 2)
    assert visit_upkeep.forget_moods(at=datetime(2027, 11, 19, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2027, 11, 18), 12, date(2026, 11, 18)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_back_to_a_day_that_exists(day: date, months: int, before: date) -> None:
    assert visit_upkeep.months_before(day, months) == before


# --- the API ---------------------------------------------------------------------------------


def test_an_activity_is_logged_corrected_and_found_by_its_outcome(cast: Cast, lead: Lead) -> None:
    phone = Phone(cast.ann)
    body = {
        "merchant": str(lead.merchant_id),
        "kind": "call",
        "summary": "老板在开会",
        "occurred_at": "2026-11-18T15:30:00+08:00",
        "outcome_code": "asked_to_wait",
        "mood": -1,
    }
    made = phone.post("activities/", body).json()
    assert (made["outcome_code"], made["mood"], made["two_way"]) == ("asked_to_wait", -1, True)
    found = phone.get("activities/?outcome_code=asked_to_wait&outcome_code=refused").json()
    assert [one["id"] for one in found["results"]] == [made["id"]]
    assert phone.get("activities/?outcome_code=refused").json()["results"] == []
    path = f"activities/{made['id']}/"
    put_right = phone.patch(path, {"mood": None}, if_match='"1"')
    assert put_right.status_code == 200, put_right.content
    assert put_right.json()["mood"] is None
    assert phone.patch(path, {"mood": 1.5}, if_match='"2"').status_code == 400
    assert phone.patch(path, {"kind": "visit"}, if_match='"2"').status_code == 400
