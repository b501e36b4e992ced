"""The weekly report: who gets it, when it leaves, that it says the same whenever it is written."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.domain import calendar, delivery, ticking, weekly_report
from crm.errors import RuleBroken
from crm.models import Delivery, User, WeeklyReport, WeeklyRun
from crm.presentation import money
from crm.weeks import Week
from leads.models import Stage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=SHANGHAI)
IN_WEEK = MONDAY - timedelta(days=5)


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2028), at=timezone.now())


def win(cast: Cast, at: datetime = IN_WEEK, unit: str = "xuhui", **values: Any) -> None:
    lead = factories.LeadFactory(
        merchant__unit=getattr(cast, unit),
        owner=cast.ann,
        stage=Stage.WON,
        stage_entered_at=at,
        last_activity_at=at,
        created_at=at,
        updated_at=at,
        **values,
    )
    factories.StageChangeFactory(lead=lead, from_stage="approval", to_stage="won", at=at)


REPS = ("ann", "bo", "sam")
MANAGERS = ("max", "mei")
EVERYBODY = sorted(f"{name}@bank.test" for name in (*MANAGERS, *REPS))


def test_managers_get_it_for_the_highest_unit_they_manage_and_reps_for_their_book(
    cast: Cast,
) -> None:
    factories.MembershipFactory(user=cast.mei, unit=cast.xuhui, role="team_lead")
    factories.MembershipFactory(user=cast.max, unit=cast.xuhui, role="rep")
    assert weekly_report.recipients() == {
        cast.ann: cast.xuhui,
        cast.bo: cast.xuhui,
        cast.max: cast.xuhui,
        cast.mei: cast.shanghai,
        cast.sam: cast.hangzhou,
    }
    assert set(weekly_report.recipients(cast.xuhui)) == {cast.ann, cast.bo, cast.max}
    assert weekly_report.home_of(cast.mei) == cast.shanghai
    assert weekly_report.home_of(cast.ann) == cast.xuhui
    assert weekly_report.home_of(cast.fay) is None
    assert weekly_report.audience(cast.mei).scope == f"unit:{cast.shanghai.pk}"
    assert weekly_report.audience(cast.ann).owner_id == cast.ann.pk
    assert weekly_report.audience(cast.max).owner_id is None


@pytest.mark.parametrize(
    ("week", "leaves"),
    [
        ("2026-W46", "2026-11-16"),
        ("2026-W07", "2026-02-24"),
        ("2026-W08", "2026-02-24"),
        ("2026-W40", "2026-10-08"),
        ("2026-W19", "2026-05-11"),
    ],
)
def test_it_leaves_at_eight_on_the_first_working_day_after_the_week(week: str, leaves: str) -> None:
    due = weekly_report.due_at(Week.parse(week), SHANGHAI, calendar.read())
    assert due.isoformat() == f"{leaves}T08:00:00+08:00"


def test_planning_twice_plans_once_and_adds_who_came_since(cast: Cast) -> None:
    assert weekly_report.plan_week(WEEK, at=MONDAY) == 5
    assert weekly_report.plan_week(WEEK, at=MONDAY) == 0
    factories.MembershipFactory(user=cast.nia, unit=cast.hangzhou, role="branch_manager")
    assert weekly_report.plan_week(WEEK, at=MONDAY) == 1


def test_a_new_installation_begins_with_the_last_finished_week() -> None:
    assert weekly_report.weeks_to_plan(MONDAY) == [WEEK]


def test_after_an_outage_every_missed_week_is_made_good_up_to_four(cast: Cast) -> None:
    weekly_report.plan_week(Week.parse("2026-W44"), at=MONDAY)
    assert list(map(str, weekly_report.weeks_to_plan(MONDAY))) == ["2026-W45", "2026-W46"]
    WeeklyRun.objects.update(week="2026-W30")
    assert len(weekly_report.weeks_to_plan(MONDAY)) == 4


def test_in_a_long_holiday_nothing_is_planned_and_then_both_weeks_are() -> None:
    WeeklyRun.objects.create(week="2026-W06")
    assert weekly_report.weeks_to_plan(datetime(2026, 2, 22, 8, tzinfo=SHANGHAI)) == []
    after = datetime(2026, 2, 24, 8, tzinfo=SHANGHAI)
    assert list(map(str, weekly_report.weeks_to_plan(after))) == ["2026-W07", "2026-W08"]


def test_the_tick_sends_everybody_one_mail_at_eight(cast: Cast) -> None:
    win(cast)
    ticking.sweep(at=MONDAY - timedelta(minutes=1))
    assert not Delivery.objects.exists()
    for minutes in (0, 1, 2):
        ticking.sweep(at=MONDAY + timedelta(minutes=minutes))
    assert sorted(Delivery.objects.values_list("recipient__email", flat=True)) == EVERYBODY
    mail = Delivery.objects.get(recipient=cast.mei)
    assert mail.subject == "[Pipeline] Week 46, 上海分行: Won 1 · Overdue 0"
    assert "海底捞" in mail.text
    assert "海底捞" in mail.html


def test_written_late_it_says_what_it_would_have_said_on_time(cast: Cast) -> None:
    win(cast)
    on_time = weekly_report.compose(cast.mei, WEEK, at=MONDAY)
    win(cast, at=MONDAY)
    late = weekly_report.compose(cast.mei, WEEK, at=MONDAY + timedelta(days=3))
    assert late.fingerprint == on_time.fingerprint
    assert late.cut_off == on_time.cut_off == WEEK.ends(SHANGHAI)
    assert late.is_final


def test_the_fingerprint_changes_with_a_number(cast: Cast) -> None:
    before = weekly_report.compose(cast.mei, WEEK, at=MONDAY).fingerprint
    win(cast)
    assert weekly_report.compose(cast.mei, WEEK, at=MONDAY).fingerprint != before


def test_nobody_reads_of_a_merchant_of_another_branch(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.sam, unit=cast.hangzhou, role="branch_manager")
    win(cast, merchant__name="沪上阿姨")
    win(cast, unit="hangzhou", merchant__name="杭帮菜馆")
    weekly_report.send_week(WEEK, at=MONDAY)
    said = {row.recipient_id: row.text + row.html for row in Delivery.objects.all()}
    assert "沪上阿姨" in said[cast.mei.pk]
    assert "杭帮菜馆" not in said[cast.mei.pk]
    assert "杭帮菜馆" in said[cast.sam.pk]
    assert "沪上阿姨" not in said[cast.sam.pk]


@pytest.mark.parametrize("why", ["inactive", "no longer a manager"])
def test_who_left_meanwhile_gets_nothing(cast: Cast, why: str) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    if why == "inactive":
        User.objects.filter(pk=cast.max.pk).update(is_active=False)
    else:
        cast.max.memberships.all().delete()
    assert weekly_report.prepare_due(at=MONDAY) == 5
    assert cast.max.pk not in {row.recipient_id for row in Delivery.objects.all()}
    assert Delivery.objects.count() == 4
    assert weekly_report.prepare_due(at=MONDAY) == 0


def test_one_report_that_fails_holds_up_no_other(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    weekly_report.plan_week(WEEK, at=MONDAY)
    broken = WeeklyRun.objects.create(week="2025-W53")
    report = WeeklyReport.objects.create(run=broken, recipient=cast.mei, due_at=MONDAY)
    assert weekly_report.prepare_due(at=MONDAY) == 5
    assert Delivery.objects.count() == 5
    assert WeeklyReport.objects.get(prepared_at=None) == report


@pytest.mark.parametrize("of", ["person", "unit"])
def test_a_zone_that_nobody_knows_is_read_as_the_banks_own(cast: Cast, of: str) -> None:
    if of == "person":
        User.objects.filter(pk=cast.max.pk).update(time_zone="Mars/Olympus")
    else:
        type(cast.xuhui).objects.filter(pk=cast.xuhui.pk).update(time_zone="Mars/Olympus")
    assert weekly_report.plan_week(WEEK, at=MONDAY) == 5
    assert weekly_report.prepare_due(at=MONDAY) == 5
    assert Delivery.objects.filter(recipient=cast.max).count() == 1


def test_a_week_that_is_not_over_is_shown_but_not_sent(cast: Cast, at: datetime) -> None:
    win(cast, at=at - timedelta(hours=1))
    week = Week.of(at.date())
    content = weekly_report.compose(cast.mei, week, at=at)
    assert not content.is_final
    assert content.cut_off == at
    assert "not over yet" in weekly_report.written(content, cast.mei)[0]
    for send in (
        lambda: weekly_report.send_week(week, at=at),
        lambda: weekly_report.send_now(cast.mei.pk, week, at=at),
    ):
        with pytest.raises(RuleBroken, match="not over") as refusal:
            send()
        assert refusal.value.code == "week_not_over"
    assert not WeeklyRun.objects.exists()


def test_a_copy_for_oneself_is_sent_as_often_as_one_asks(cast: Cast) -> None:
    weekly_report.send_week(WEEK, at=MONDAY)
    for _ in range(2):
        weekly_report.send_now(cast.mei.pk, WEEK, at=MONDAY)
    keys = Delivery.objects.filter(recipient=cast.mei).order_by("key").values_list("key", flat=True)
    first = f"weekly:2026-W46:{cast.mei.pk}"
    assert list(keys) == [first, f"{first}:1", f"{first}:2"]


def test_a_quiet_week_says_so_in_one_sentence(cast: Cast) -> None:
    content = weekly_report.compose(cast.max, WEEK, at=MONDAY)
    text, html = weekly_report.written(content, cast.max)
    assert content.subject == "[Pipeline] Week 46, 徐汇团队: a quiet week"
    assert "A quiet week" in text
    assert "A quiet week" in html
    assert "Stale" not in html


def test_the_mail_loads_nothing_from_elsewhere_and_escapes_what_people_typed(cast: Cast) -> None:
    win(cast, merchant__name="<script>alert(1)</script>")
    text, html = weekly_report.written(weekly_report.compose(cast.mei, WEEK, at=MONDAY), cast.mei)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>alert(1)</script>" in text
    for remote in ("<link", "url(", "@import", 'src="http'):
        assert remote not in html


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "0 元", "¥0"),
        (12_345, "123.45 元", "¥123.45"),
        (667_000_000, "667 万元", "¥6.67m"),
        (12_300_000_000, "1.23 亿元", "¥123m"),
        (123_000_000_000, "12.30 亿元", "¥1.23bn"),
    ],
)
def test_money_is_written_as_people_say_it(fen: int, chinese: str, english: str) -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        assert money(fen) == chinese
    assert money(fen) == english


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("weekly_report", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock of the command's door, on Wednesday of week 47."""
    monkeypatch.setattr(timezone, "now", lambda: factories.AT)
    return factories.AT


def test_the_command_run_twice_sends_one_mail_each(cast: Cast, now: datetime) -> None:
    win(cast)
    assert "5 reports written now, 5 of 5 in all" in run("--week", "2026-W46")
    assert "0 reports written now, 5 of 5 in all" in run()
    assert Delivery.objects.count() == 5


def test_the_command_for_a_unit_leaves_the_others_to_their_time(cast: Cast, now: datetime) -> None:
    assert "3 reports written now, 3 of 5 in all" in run("--unit", "徐汇团队")
    assert {row.recipient_id for row in Delivery.objects.all()} == {
        cast.ann.pk,
        cast.bo.pk,
        cast.max.pk,
    }


def test_a_dry_run_prints_every_mail_and_writes_nothing(cast: Cast, now: datetime) -> None:
    win(cast)
    said = run("--dry-run")
    assert "To: Mei <mei@bank.test>" in said
    assert "Subject: [Pipeline] Week 46, 上海分行: Won 1" in said
    assert "海底捞" in said
    assert not WeeklyRun.objects.exists()
    assert not Delivery.objects.exists()
    assert "not over yet" in run("--dry-run", "--week", "2026-W47")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--week", "2026-W47"), "not over"),
        (("--week", "47"), "2026-W47"),
        (("--week", "2025-W53"), "2026-W47"),
        (("--unit", "nowhere"), "no unit"),
        (("--unit", "7b0c1a52-0000-7000-8000-000000000000"), "no unit"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    cast: Cast, now: datetime, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
    assert not Delivery.objects.exists()


def test_its_mail_is_delivered_like_any_other(cast: Cast, mailoutbox: list[Any]) -> None:
    weekly_report.send_week(WEEK, at=datetime(2026, 11, 16, tzinfo=UTC))
    Delivery.objects.update(next_try_at=timezone.now())
    assert delivery.deliver_due() == 5
    assert sorted(mail.to[0] for mail in mailoutbox) == EVERYBODY
    assert {mail.alternatives[0][1] for mail in mailoutbox} == {"text/html"}
