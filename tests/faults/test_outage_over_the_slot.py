"""Beat and workers are down from Sunday 22:00 to Monday 13:00, over the hour in which the weekly
report leaves (F4): everybody gets it once, soon after they are back, with the numbers that it would
have had; and whoever watches knew of the silence within three minutes.

By a clock of its own: the product is told what time it is. What was mailed is counted by the mail
server.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from crm import presentation
from crm.domain import calendar, ticking, weekly_report
from crm.models import Delivery, Heartbeat, OrgUnit, User, WeeklyReport, WeeklyRun
from crm.sections import Period
from crm.weeks import Week
from leads.domain import ownership
from leads.models import Lead, LeadOwnership, OwnershipChange, Stage
from tests import factories
from tests.faults.conftest import MailRecord

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
SUNDAY = datetime(2026, 11, 15, 22, tzinfo=SHANGHAI)
SLOT = datetime(2026, 11, 16, 8, tzinfo=SHANGHAI)
BACK = datetime(2026, 11, 16, 13, tzinfo=SHANGHAI)
BEFORE = SLOT - timedelta(days=40)
TICK = timedelta(seconds=30)
WORKERS = 4
ROUNDS = 3
TEAMS, REPS = 2, 4
IN_TIME_SECONDS = 120
ALERT_SECONDS = 180

type Figure = Callable[[str, object], None]
type Hashes = dict[UUID, str]


@pytest.fixture
def bank(transactional_db: None) -> list[Lead]:
    """A branch with two teams: each has two who lead it and four who sell, each of them two leads
    and a promise that is late; the report on the week before has been sent."""
    calendar.seed(range(2026, 2028), at=SUNDAY)
    branch = factories.UnitFactory(kind="branch")
    leads = []
    for _team in range(TEAMS):
        team = factories.UnitFactory(kind="team", parent=branch)
        for _leader in range(2):
            factories.MembershipFactory(unit=team, role="team_lead")
        for number in range(REPS):
            rep = factories.MembershipFactory(unit=team, role="rep").user
            leads += [_lead(team, rep, number), _lead(team, rep, number)]
    assert weekly_report.send_week(WEEK.previous, at=SLOT - timedelta(days=7))
    return leads


def _lead(team: OrgUnit, rep: User, number: int) -> Lead:
    moments = ("created_at", "updated_at", "stage_entered_at", "last_activity_at")
    lead: Lead = factories.LeadFactory(
        merchant__unit=team,
        owner=rep,
        stage=Stage.PROPOSAL,
        expected_value_fen=(number + 1) * 100_00,
        **dict.fromkeys(moments, BEFORE),
    )
    factories.StageChangeFactory(lead=lead, to_stage=Stage.PROPOSAL, at=BEFORE)
    LeadOwnership.objects.create(lead=lead, owner=rep, since=BEFORE, how=OwnershipChange.OPENED)
    factories.FollowUpFactory(
        merchant=lead.merchant,
        owner=rep,
        created_at=BEFORE,
        updated_at=BEFORE,
        due_at=SUNDAY - timedelta(days=2),
    )
    return lead


def hashes() -> Hashes:
    """What everybody's report says when it is written in time."""
    return {
        user.pk: weekly_report.compose(user, WEEK, at=SLOT).fingerprint
        for user in weekly_report.recipients()
    }


def work_goes_on(leads: list[Lead], at: datetime) -> None:
    """What people do on Monday morning: leads move, are lost, change hands, new ones come."""
    for number, lead in enumerate(leads):
        colleague = leads[(number + 2) % len(leads)].owner
        assert colleague is not None
        match number % 4:
            case 0:
                _step(lead, Stage.APPROVAL, at)
            case 1:
                ownership.give(
                    lead, to=colleague, how=OwnershipChange.HANDED_OVER, by=colleague, at=at
                )
            case 2:
                _step(lead, Stage.LOST, at)
            case _:
                promise = lead.merchant.follow_ups.get()
                promise.change(at=at, state="done", closed_at=at)
    first = leads[0]
    assert first.owner is not None
    moments = ("created_at", "updated_at", "stage_entered_at", "last_activity_at")
    factories.LeadFactory(
        merchant__unit=first.unit, owner=first.owner, **dict.fromkeys(moments, at)
    )


def _step(lead: Lead, to: Stage, at: datetime) -> None:
    factories.StageChangeFactory(lead=lead, from_stage=lead.stage, to_stage=to, at=at)
    reason = "price" if to == Stage.LOST else ""
    lead.change(at=at, stage=to, stage_entered_at=at, last_activity_at=at, lost_reason=reason)


def come_back(other_session: Callable[..., Future[Any]]) -> float:
    """Four workers start at once at 13:00 and take three rounds each, half a minute apart by the
    clock; returns how long the slowest took."""
    together = threading.Barrier(WORKERS)

    def worker() -> None:
        together.wait(20)
        for number in range(ROUNDS):
            ticking.sweep(at=BACK + number * TICK)

    began = time.monotonic()
    for session in [other_session(worker) for _ in range(WORKERS)]:
        session.result(IN_TIME_SECONDS * 2)
    return time.monotonic() - began


def test_after_an_outage_over_the_slot_everybody_gets_the_report_once_as_it_would_have_been(
    bank: list[Lead],
    other_session: Callable[..., Future[Any]],
    record: MailRecord,
    figure: Figure,
) -> None:
    ticking.sweep(at=SUNDAY)
    record.taken.clear()
    record.to.clear()
    on_time = hashes()
    work_goes_on(bank, at=SLOT + timedelta(hours=2))
    assert not WeeklyRun.objects.filter(week=str(WEEK)).exists(), "nobody was there to plan it"

    seconds = come_back(other_session)

    written = dict(
        WeeklyReport.objects.filter(run__week=str(WEEK)).values_list("recipient", "content_hash")
    )
    # Monday morning brings other mails as well.
    reports = {
        one.message_id: one.recipient.email
        for one in Delivery.objects.filter(key__startswith=f"weekly:{WEEK}:").select_related(
            "recipient"
        )
        if one.recipient is not None
    }
    mailed = Counter(reports[mail] for mail in record.taken if mail in reports)
    people = {user.email for user in weekly_report.recipients()}
    same = sum(written.get(one) == said for one, said in on_time.items())
    once = sum(mailed[email] == 1 for email in people)
    figure("F4 recipients, mailed exactly once", f"{len(people)}, {once}")
    figure("F4 seconds from the return to the last mail, at most", f"{seconds:.1f}")
    figure("F4 hash as on time", f"{same} of {len(on_time)}")
    assert len(people) == len(on_time) == TEAMS * (2 + REPS)
    assert (once, record.extras, set(mailed)) == (len(people), 0, people)
    assert written == on_time
    assert seconds <= IN_TIME_SECONDS


def test_control_reckoned_from_the_rows_of_the_return_it_would_be_another_report(
    bank: list[Lead],
) -> None:
    def figures(end: datetime) -> dict[UUID, dict[str, int | None]]:
        period = Period(WEEK, WEEK.starts(SHANGHAI), end)
        return {
            user.pk: presentation.figures(presentation.tables(weekly_report.audience(user), period))
            for user in weekly_report.recipients()
        }

    cut_off = WEEK.ends(SHANGHAI)
    on_time = figures(cut_off)
    work_goes_on(bank, at=SLOT + timedelta(hours=2))
    assert figures(cut_off) == on_time
    late = figures(BACK)
    differ = sum(late[one] != said for one, said in on_time.items())
    assert differ == len(on_time)


def test_control_a_clock_that_only_strikes_the_hour_would_have_sent_nothing(
    bank: list[Lead], record: MailRecord
) -> None:
    """As a crontab does it: at 08:00 and at no other minute, to whoever is there to hear it."""
    moment, struck = SUNDAY - timedelta(hours=1), 0
    while moment < SLOT + timedelta(hours=23):
        if not SUNDAY < moment < BACK and (moment.weekday(), moment.hour, moment.minute) == (
            0,
            8,
            0,
        ):
            struck += 1
            weekly_report.send_week(WEEK, at=moment)
        moment += timedelta(minutes=1)
    assert struck == 0
    assert not WeeklyReport.objects.filter(run__week=str(WEEK)).exists()
    assert record.taken == []


def test_the_silence_is_told_within_three_minutes(
    transactional_db: None, client: Client, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    ticking.sweep(at=SUNDAY)
    Heartbeat.objects.update(at=SUNDAY)

    def answer(seconds: int) -> int:
        monkeypatch.setattr(timezone, "now", lambda: SUNDAY + timedelta(seconds=seconds))
        return client.get("/healthz/scheduler").status_code

    assert answer(30) == 200
    silent = next(seconds for seconds in range(0, 600, 5) if answer(seconds) == 503)
    figure("F4 seconds from the stop to the alert", silent)
    assert silent <= ALERT_SECONDS
    Heartbeat.objects.update(at=SUNDAY + timedelta(seconds=silent))
    assert answer(silent + 1) == 200, "back, and well"
