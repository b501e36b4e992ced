"""The weekly report written late says what it would have said on time, says nothing of others, and
loses nothing but the part that fails."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import CampaignStage, CampaignStep
from crm import sections
from crm.domain import calendar, delivery, weekly_report
from crm.errors import RuleBroken
from crm.models import Delivery, User, WeeklyReport, WeeklySnapshot
from crm.report_mail import Content
from crm.sections import Audience, Column, Period, Section, Table
from crm.weeks import Week
from leads.domain import ownership
from leads.models import Lead, LeadOwnership, OwnershipChange, Stage
from tests import factories
from tests.conftest import ROLES, Cast

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
END = datetime(2026, 11, 16, tzinfo=SHANGHAI)
MONDAY = END + timedelta(hours=8)
BACK = END + timedelta(hours=13)
BEFORE = END - timedelta(days=60)


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2028), at=timezone.now())


def lead(cast: Cast, owner: str = "ann", unit: str = "xuhui", **values: Any) -> Lead:
    moments = ("created_at", "updated_at", "stage_entered_at", "last_activity_at")
    given = {
        "merchant__unit": getattr(cast, unit),
        "merchant__owner": cast.named(owner),
        "owner": cast.named(owner),
        **dict.fromkeys(moments, BEFORE),
    }
    made: Lead = factories.LeadFactory(**{**given, **values})
    LeadOwnership.objects.create(
        lead=made, owner=made.owner, since=made.created_at, how=OwnershipChange.OPENED
    )
    return made


def of(user: User, at: datetime = MONDAY) -> Content:
    return weekly_report.compose(user, WEEK, at=at)


def rows(content: Content, key: str) -> list[dict[str, Any]]:
    return [
        row["values"] for block in content.blocks if block["key"] == key for row in block["rows"]
    ]


# --- whose it was, at the cut-off ------------------------------------------------------------


def test_a_lead_handed_over_since_is_still_in_the_book_and_the_ranking_of_whose_it_was(
    cast: Cast,
) -> None:
    for owner in ("ann", "bo"):
        lead(cast, owner, expected_value_fen=100_00)
    given = lead(cast, expected_value_fen=500_00, stage=Stage.PROPOSAL)
    everybody = [cast.ann, cast.bo, cast.max, cast.mei]
    on_time = [of(one).fingerprint for one in everybody]
    ownership.give(given, to=cast.bo, how=OwnershipChange.HANDED_OVER, by=cast.max, at=END)
    assert [of(one, BACK).fingerprint for one in everybody] == on_time
    (row,) = rows(of(cast.ann, BACK), "to_come")
    assert row["owner"] == "Ann"
    ranked = {row["owner"]: row["open"] for row in rows(of(cast.max, BACK), "ranking")}
    assert ranked == {"Ann": 2, "Bo": 1}
    assert rows(of(cast.bo, BACK), "to_come") == []


def test_a_lead_handed_over_within_the_week_is_in_the_new_book(cast: Cast) -> None:
    given = lead(cast, stage=Stage.PROPOSAL)
    an_hour_before = END - timedelta(hours=1)
    ownership.give(
        given, to=cast.bo, how=OwnershipChange.HANDED_OVER, by=cast.max, at=an_hour_before
    )
    assert rows(of(cast.ann), "to_come") == []
    assert [row["owner"] for row in rows(of(cast.bo), "to_come")] == ["Bo"]


def warned(cast: Cast) -> Lead:
    """A lead that goes back on Wednesday, its owner warned on Friday."""
    day = (END + timedelta(days=2)).date()
    soon = lead(cast, recycle_on=day)
    friday = END - timedelta(days=3)
    factories.ReminderFactory(
        key=ownership.warning_key(soon.pk, day),
        recipient=cast.ann,
        created_at=friday,
        updated_at=friday,
    )
    return soon


@pytest.mark.parametrize("since", ["saved", "given away", "warned since"])
def test_what_goes_back_soon_is_told_as_it_stood(cast: Cast, since: str) -> None:
    soon = warned(cast)
    on_time = of(cast.max)
    assert len(rows(on_time, "going_back")) == 1
    match since:
        case "saved":
            soon.change(at=BACK, last_activity_at=BACK, recycle_on=None)
        case "given away":
            ownership.give(soon, to=cast.bo, how=OwnershipChange.ASSIGNED, by=cast.max, at=BACK)
        case _:
            other = lead(cast, recycle_on=soon.recycle_on)
            assert other.recycle_on is not None
            key = ownership.warning_key(other.pk, other.recycle_on)
            factories.ReminderFactory(key=key, created_at=BACK, updated_at=BACK)
            on_time = of(cast.max)
    late = of(cast.max, BACK + timedelta(hours=1))
    assert late.blocks == on_time.blocks
    assert rows(late, "going_back")[0]["owner"] == "Ann"
    assert len(rows(late, "going_back")) == 1


def test_what_was_saved_before_the_cut_off_does_not_go_back(cast: Cast) -> None:
    soon = warned(cast)
    saved_at = END - timedelta(hours=2)
    soon.change(at=saved_at, last_activity_at=saved_at)
    assert rows(of(cast.max), "going_back") == []


# --- campaigns -------------------------------------------------------------------------------


def test_a_campaign_that_began_or_ended_since_stands_as_it_stood(cast: Cast) -> None:
    sunday = (END - timedelta(days=1)).date()
    values = {
        "unit": cast.shanghai,
        "created_at": BEFORE,
        "starts_on": sunday,
        "ends_on": sunday + timedelta(days=9),
    }
    runs = factories.CampaignFactory(name="runs", stage_entered_at=BEFORE, **values)
    waits = factories.CampaignFactory(
        name="waits", stage=CampaignStage.SCHEDULED, stage_entered_at=BEFORE, **values
    )
    on_time = of(cast.mei)
    assert [row["name"] for row in rows(on_time, "campaigns")] == ["runs"]
    for campaign, to in ((runs, CampaignStage.PAUSED), (waits, CampaignStage.ACTIVE)):
        CampaignStep.objects.create(
            campaign=campaign, from_stage=campaign.stage, to_stage=to, at=BACK
        )
        campaign.change(at=BACK, stage=to, stage_entered_at=BACK)
    assert of(cast.mei, BACK + timedelta(hours=1)).blocks == on_time.blocks


# --- a section that fails --------------------------------------------------------------------


def _broken(_audience: Audience, _period: Period) -> Table:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return Table(columns=(Column("never", "never"),))


@pytest.fixture
def one_section_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A section whose statement the database refuses, which spoils a transaction."""
    monkeypatch.setitem(sections._sections, "broken", Section("broken", "Broken", 12, _broken))


def test_a_section_that_fails_says_so_and_the_others_stand(
    cast: Cast, one_section_fails: None
) -> None:
    lead(cast, stage=Stage.PROPOSAL, expected_value_fen=100_00)
    content = of(cast.max)
    assert rows(content, "broken") == [
        {"missing": "This part could not be reckoned. The others are complete."}
    ]
    assert len(rows(content, "to_come")) == 1
    weekly_report.send_week(WEEK, at=MONDAY)
    assert Delivery.objects.count() == WeeklyReport.objects.exclude(content=None).count() == 5
    mail = Delivery.objects.get(recipient=cast.max)
    for text in (mail.text, mail.html):
        assert "could not be reckoned" in text
    assert WeeklySnapshot.objects.filter(scope=f"unit:{cast.xuhui.pk}").exists()


def test_where_nothing_fails_the_guard_costs_two_statements(cast: Cast) -> None:
    period = Period.of(WEEK, SHANGHAI, at=MONDAY)
    audience = weekly_report.audience(cast.max)
    with CaptureQueriesContext(connection) as captured:
        of(cast.max)
    with CaptureQueriesContext(connection) as bare:
        for one in sections.registered():
            one.build(audience, period)
    marks = [one for one in captured.captured_queries if "SAVEPOINT" in one["sql"]]
    assert len(marks) == 2
    assert len(bare) > 2


# --- nobody reads of others ------------------------------------------------------------------


def test_a_report_is_shared_only_among_those_who_may_see_the_same(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.nia, unit=cast.xuhui, role="team_lead")
    factories.MembershipFactory(user=cast.nia, unit=cast.head_office, role="auditor")
    batch = weekly_report.Batch.of([cast.max.pk, cast.nia.pk])
    plain, wide = batch.places[cast.max.pk], batch.places[cast.nia.pk]
    assert plain.scope == wide.scope
    assert plain.rights != wide.rights
    assert plain.rights < wide.rights, "what everybody sees is kept first"
    first = batch.reckoned(cast.nia, WEEK, wide, at=MONDAY)
    assert batch.reckoned(cast.max, WEEK, plain, at=MONDAY) is not first


def test_no_report_names_a_merchant_a_campaign_or_a_colleague_of_elsewhere(cast: Cast) -> None:
    told = {}
    for unit, owner in (("xuhui", "ann"), ("hangzhou", "sam")):
        names = {"merchant": f"店{unit}", "campaign": f"活动{unit}", "promise": f"约{unit}"}
        made = lead(cast, owner, unit, merchant__name=names["merchant"], stage=Stage.PROPOSAL)
        factories.FollowUpFactory(
            merchant=made.merchant,
            owner=cast.named(owner),
            created_at=BEFORE,
            updated_at=BEFORE,
            due_at=END - timedelta(days=4),
            title=names["promise"],
        )
        campaign = factories.CampaignFactory(
            name=names["campaign"], unit=getattr(cast, unit), created_at=BEFORE
        )
        campaign.merchants.add(made.merchant)
        told[unit] = {*names.values(), cast.named(owner).full_name}
    said = {}
    for name in ROLES:
        content = of(cast.named(name))
        letter = weekly_report.written(content, cast.named(name))
        said[name] = " ".join([str(content.kept()), *letter])
    for name in ("ann", "bo", "max", "mei", "fay", "pia"):
        assert [word for word in told["hangzhou"] if word in said[name]] == [], name
    assert [word for word in told["xuhui"] if word in said["sam"]] == []
    assert told["xuhui"] <= {word for word in told["xuhui"] if word in said["mei"]}
    assert "店xuhui" in said["ann"]
    assert "店xuhui" not in said["bo"]


# --- times and places ------------------------------------------------------------------------


def test_a_copy_is_not_sent_while_the_week_lasts_where_the_unit_is(cast: Cast) -> None:
    cast.hangzhou.change(at=MONDAY, time_zone="America/Los_Angeles")
    with pytest.raises(RuleBroken) as refusal:
        weekly_report.send_now(cast.sam.pk, WEEK, at=MONDAY)
    assert refusal.value.code == "week_not_over"
    assert not Delivery.objects.exists()
    weekly_report.send_now(cast.sam.pk, WEEK, at=MONDAY + timedelta(hours=16))
    assert Delivery.objects.count() == 1


def test_whoever_reads_it_in_another_zone_reads_the_same_numbers(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.nia, unit=cast.xuhui, role="team_lead")
    cast.nia.change(at=BEFORE, time_zone="America/Los_Angeles")
    lead(cast, stage=Stage.PROPOSAL)
    near, far = of(cast.max), of(cast.nia)
    values = [
        [figure["value"] for block in one.blocks for figure in block["figures"]]
        for one in (near, far)
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("week", "before"),
    [("2027-W01", "2026-W53"), ("2026-W53", "2026-W52"), ("2026-W01", "2025-W52")],
)
def test_the_week_before_the_first_is_the_last_of_the_year_before(
    cast: Cast, week: str, before: str
) -> None:
    scope = f"unit:{cast.xuhui.pk}"
    figures = {"won.won": 3}
    WeeklySnapshot.objects.create(scope=scope, week=before, figures=figures, at=BEFORE)
    at = Week.parse(week).ends(SHANGHAI)
    content = weekly_report.compose(cast.max, Week.parse(week), at=at)
    (won,) = [
        figure for block in content.blocks if block["key"] == "won" for figure in block["figures"]
    ]
    assert [one["week"] for one in won["history"]][-2:] == [before, week]
    assert won["delta"] == -3


def test_a_name_with_hidden_marks_or_lines_stands_on_its_line_and_turns_nothing_round(
    cast: Cast, mailoutbox: list[Any]
) -> None:
    cast.xuhui.change(at=BEFORE, name="徐汇\r\nBcc: x@y.z \u202eteam")
    name = "\u202e店\u2066</mj-text>& =1+1\u2028" + "长" * 120
    lead(cast, merchant__name=name, stage=Stage.PROPOSAL)
    weekly_report.send_week(WEEK, at=MONDAY)
    said = "店</mj-text>& =1+1 " + "长" * 120
    (row,) = rows(of(cast.max), "to_come")
    assert row["merchant"] == said
    mail = Delivery.objects.get(recipient=cast.max)
    assert "徐汇 Bcc: x@y.z team" in mail.subject
    for text in (mail.subject, mail.text, mail.html):
        assert not {"\u202e", "\u2066", "\u2028"} & set(text)
    delivery.deliver_due()
    assert "max@bank.test" in {one.to[0] for one in mailoutbox}
