"""The demo is an invented bank that makes sense, and is made once."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from campaigns.models import Campaign
from crm import demo, reference
from crm.domain import calendar
from crm.models import Reminder, User
from leads.domain import today
from leads.models import (
    Activity,
    FollowUp,
    Lead,
    LeadSource,
    Objection,
    ObjectionState,
    Pain,
    PainStatus,
    ProposalVersion,
    Stage,
    StageChange,
    Suggestion,
    SuggestionOutcome,
    Visit,
    VisitState,
)
from leads.models.stages import OPEN_STAGES
from merchants.models import Contact, Merchant, Outlet, TimelineEntry
from tests.campaigns import demo_story

LOGINS = ("rep", "lead", "manager", "planner", "finance", "compliance", "admin")
MOST_OVERDUE = 12
MOST_REMINDED = 35
"""What is overdue, the leads that are about to go back to the pool, and the news of campaigns."""
MOMENTS = {
    "a Sunday evening": datetime(2026, 11, 22, 11, 30, tzinfo=UTC),
    "a Monday before work": datetime(2026, 11, 22, 22, 0, tzinfo=UTC),
    "a Wednesday at noon": datetime(2026, 11, 18, 4, 0, tzinfo=UTC),
    "two minutes before midnight": datetime(2026, 11, 18, 15, 58, tzinfo=UTC),
    "in the autumn holidays": datetime(2026, 10, 3, 2, 0, tzinfo=UTC),
    "in the first days of a year": datetime(2027, 1, 4, 3, 0, tzinfo=UTC),
}


def counts() -> dict[str, int]:
    models = (User, Merchant, Outlet, Contact, Lead, Activity, FollowUp, Campaign, TimelineEntry)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.django_db
def test_the_command_makes_the_whole_bank_and_a_second_run_adds_nothing() -> None:
    told = io.StringIO()
    call_command("load_demo", stdout=told, stderr=io.StringIO())
    assert "invented" in told.getvalue()
    made = counts()
    assert made["Merchant"] == 184, "four of them twice, to be merged"
    assert made["Outlet"] == 300
    assert 150 <= made["Contact"] <= 200, "and whoever was met on the way"
    won = Lead.objects.filter(stage=Stage.WON).count()
    assert made["Campaign"] == 11 + won, "a draft for each lead that was won"
    assert 120 <= made["Lead"] <= 145

    for login in LOGINS:
        person = User.objects.get(email=f"{login}@demo.test")
        assert person.check_password(demo.PASSWORD)
        assert person.is_staff
        assert not person.is_superuser
        assert person.language == "zh-hans"
        assert person.memberships.exists()
    stages = dict(Lead.objects.values_list("stage").annotate(Count("pk")))
    assert set(stages) == set(Stage.values)

    now = timezone.now()
    rep = demo.person("rep")
    mine = Lead.objects.open().owned_by(rep)
    assert mine.count() >= 25
    assert set(mine.values_list("stage", flat=True)) == set(OPEN_STAGES)
    todo = today.of(rep, at=now)
    assert todo.overdue
    assert todo.today
    assert todo.coming
    assert 8 <= Reminder.objects.due(now).count() <= MOST_REMINDED
    assert set(Pain.objects.filter(lead__owner=rep).values_list("status", flat=True)) == set(
        PainStatus.values
    )
    assert set(Objection.objects.values_list("state", flat=True)) == set(ObjectionState.values)
    assert Objection.objects.filter(mismatch=True).exists()
    assert set(Visit.objects.filter(owner=rep).values_list("state", flat=True)) >= {
        VisitState.PLANNED,
        VisitState.CHECKED_OUT,
        VisitState.MISSED,
    }
    waived = ProposalVersion.objects.exclude(forecast_waiver="")
    assert waived.exists()
    losing = ProposalVersion.objects.filter(bank_net_fen__lte=0)
    assert set(losing) == set(waived), "all three win by every other one"
    assert not ProposalVersion.objects.filter(merchant_net_fen__lte=0).exists()
    assert Lead.objects.open().filter(source=LeadSource.WIN_BACK).exists()
    assert Lead.objects.filter(stage=Stage.LOST, lost_to_rival__isnull=False).exists()
    assert StageChange.objects.filter(from_stage=Stage.LOST).exists()
    assert set(Suggestion.objects.values_list("outcome", flat=True)) == {
        "",
        *SuggestionOutcome.values,
    }
    demo_story.tells_all(now)
    colleagues = User.objects.filter(email__endswith="@demo.test")
    assert not Reminder.objects.exclude(recipient__in=colleagues).exists()

    call_command("load_demo", stdout=io.StringIO(), stderr=io.StringIO())
    assert counts() == made


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_story_ends_now_whenever_it_is_told(moment: str) -> None:
    now = MOMENTS[moment]
    list(reference.load_all(at=now))
    calendar.forget()
    list(demo.load(now=now))
    assert not StageChange.objects.filter(at__gt=now).exists()
    assert not Activity.objects.filter(occurred_at__gt=now).exists()
    assert not TimelineEntry.objects.filter(at__gt=now).exists()
    assert not Objection.objects.filter(state_since__gt=now).exists()
    assert not Visit.objects.filter(checked_out_at__gt=now).exists()
    rep = demo.person("rep")
    assert Visit.objects.filter(owner=rep, state=VisitState.PLANNED).exists()
    overdue = FollowUp.objects.open().filter(due_at__lt=now)
    assert overdue.count() <= MOST_OVERDUE
    assert Reminder.objects.due(now).count() <= MOST_REMINDED
    assert today.of(demo.person("rep"), at=now).today
    demo_story.tells_all(now)


@pytest.mark.django_db
def test_production_gets_no_demo(settings: object) -> None:
    settings.DEMO = settings.TEST = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=io.StringIO(), stderr=io.StringIO())
    assert not User.objects.exists()
