"""What the weekly report says: whose numbers, compared with what, the same in every place."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from crm.domain import calendar, preferences, weekly_recipients, weekly_report
from crm.models import Channel, Delivery, User, WeeklyReport, WeeklySnapshot
from crm.weeks import Week
from leads.models import FollowUp, Lead, Stage
from merchants.models import Merchant
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W46")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=SHANGHAI)
IN_WEEK = MONDAY - timedelta(days=5)
QUIET = "A quiet week: nothing was won, nothing is overdue, and no lead waits for anybody."
BEFORE = MONDAY - timedelta(days=60)


@pytest.fixture(autouse=True)
def announced(db: None) -> None:
    calendar.seed(range(2026, 2028), at=timezone.now())


def lead(cast: Cast, owner: str = "ann", unit: str = "xuhui", **values: Any) -> Lead:
    given = {
        "merchant__unit": getattr(cast, unit),
        "merchant__owner": cast.named(owner),
        "unit": getattr(cast, unit),
        "owner": cast.named(owner),
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "stage_entered_at": BEFORE,
        "last_activity_at": BEFORE,
    }
    made: Lead = factories.LeadFactory(**{**given, **values})
    return made


def win(cast: Cast, owner: str = "ann", unit: str = "xuhui", at: datetime = IN_WEEK) -> Lead:
    moments = {"stage_entered_at": at, "last_activity_at": at, "updated_at": at}
    made = lead(cast, owner, unit, stage=Stage.WON, **moments)
    factories.StageChangeFactory(lead=made, from_stage="approval", to_stage="won", at=at)
    return made


def late_promise(made: Lead, owner: User) -> FollowUp:
    promise: FollowUp = factories.FollowUpFactory(
        merchant=made.merchant,
        owner=owner,
        created_at=BEFORE,
        updated_at=BEFORE,
        due_at=IN_WEEK,
        title="送方案",
    )
    return promise


def figures(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        f"{block['key']}.{figure['key']}": figure for block in blocks for figure in block["figures"]
    }


def of(user: User, week: Week = WEEK, at: datetime = MONDAY) -> dict[str, dict[str, Any]]:
    return figures(weekly_report.compose(user, week, at=at).blocks)


def test_exactly_four_figures_stand_at_the_top_even_in_an_empty_week(cast: Cast) -> None:
    for name in ("mei", "max", "ann", "sam"):
        top = [name for name, figure in of(cast.named(name)).items() if figure["is_headline"]]
        assert top == ["won.won", "overdue.overdue", "forecast.open_value", "campaigns.spent"]


def test_a_rep_reads_of_the_own_book_and_the_leader_of_the_team(cast: Cast) -> None:
    for owner in ("ann", "bo", "bo"):
        made = win(cast, owner)
        late_promise(made, cast.named(owner))
        lead(cast, owner, expected_value_fen=100_00)
    read = {
        name: tuple(
            of(cast.named(name))[one]["value"]
            for one in ("won.won", "overdue.overdue", "forecast.open_value")
        )
        for name in ("ann", "bo", "max", "mei", "sam")
    }
    assert read == {
        "ann": (1, 1, "100.00"),
        "bo": (2, 2, "200.00"),
        "max": (3, 3, "300.00"),
        "mei": (3, 3, "300.00"),
        "sam": (0, 0, "0.00"),
    }


def test_the_ranking_is_for_those_who_lead(cast: Cast) -> None:
    for owner in ("ann", "bo", "bo"):
        win(cast, owner)
    ranked = {
        name: [
            (row["values"]["place"], row["values"]["owner"], row["values"]["won"])
            for block in weekly_report.compose(cast.named(name), WEEK, at=MONDAY).blocks
            if block["key"] == "ranking"
            for row in block["rows"]
        ]
        for name in ("max", "ann")
    }
    assert ranked == {"max": [(1, "Bo", 2), (2, "Ann", 1)], "ann": []}


def test_a_campaign_is_in_the_book_of_who_looks_after_one_of_its_merchants(cast: Cast) -> None:
    shops = {name: lead(cast, name).merchant for name in ("ann", "bo")}
    for name, shop in shops.items():
        campaign = factories.CampaignFactory(
            name=f"of {name}", unit=cast.shanghai, created_at=BEFORE, stage_entered_at=BEFORE
        )
        campaign.merchants.add(shop)
    said = {name: of(cast.named(name))["campaigns.running"]["value"] for name in ("ann", "mei")}
    assert said == {"ann": 1, "mei": 2}


def test_what_changed_is_told_from_what_was_kept_and_never_from_todays_rows(cast: Cast) -> None:
    win(cast, at=IN_WEEK - timedelta(days=7))
    weekly_report.send_week(WEEK.previous, at=MONDAY - timedelta(days=7))
    # What is written down now about the week before changes nothing that was said of it.
    for _number in range(3):
        win(cast, at=IN_WEEK - timedelta(days=7))
    for _number in range(4):
        win(cast)
    won = of(cast.mei)["won.won"]
    assert (won["value"], won["delta"], won["delta_shown"]) == (4, 3, "+3")
    assert [(point["week"], point["value"]) for point in won["history"]] == [
        ("2026-W43", None),
        ("2026-W44", None),
        ("2026-W45", 1),
        ("2026-W46", 4),
    ]


def test_a_week_that_was_not_kept_is_a_gap_and_there_is_no_delta(cast: Cast) -> None:
    WeeklySnapshot.objects.create(
        scope=f"unit:{cast.xuhui.pk}", week="2026-W44", figures={"won.won": 2}, at=MONDAY
    )
    won = of(cast.max)["won.won"]
    assert (won["delta"], won["delta_shown"]) == (None, "")
    assert [point["shown"] for point in won["history"]] == ["—", "2", "—", "0"]


def test_a_week_is_written_down_once_for_each_scope_and_stays(cast: Cast) -> None:
    win(cast)
    weekly_report.send_week(WEEK, at=MONDAY)
    scopes = {
        f"unit:{cast.shanghai.pk}": 1,
        f"unit:{cast.xuhui.pk}": 1,
        f"person:{cast.ann.pk}": 1,
        f"person:{cast.bo.pk}": 0,
        f"person:{cast.sam.pk}": 0,
    }
    kept = dict(WeeklySnapshot.objects.values_list("scope", "figures__won.won"))
    assert kept == scopes
    factories.MembershipFactory(user=cast.nia, unit=cast.xuhui, role="team_lead")
    win(cast)
    weekly_report.send_week(WEEK, at=MONDAY + timedelta(days=1))
    assert dict(WeeklySnapshot.objects.values_list("scope", "figures__won.won")) == kept


def test_written_late_it_has_the_same_hash_whatever_happened_since(cast: Cast) -> None:
    made, promise = lead(cast, expected_value_fen=100_00), late_promise(lead(cast), cast.ann)
    on_time = weekly_report.compose(cast.max, WEEK, at=MONDAY)
    lead(cast, created_at=MONDAY, stage_entered_at=MONDAY, updated_at=MONDAY)
    factories.StageChangeFactory(lead=made, from_stage="new", to_stage="qualified", at=MONDAY)
    made.change(at=MONDAY, stage="qualified", stage_entered_at=MONDAY, last_activity_at=MONDAY)
    promise.change(at=MONDAY, state="done", closed_at=MONDAY)
    late = weekly_report.compose(cast.max, WEEK, at=MONDAY + timedelta(days=2))
    assert late.blocks == on_time.blocks
    assert late.fingerprint == on_time.fingerprint
    assert late.summary == on_time.summary


def test_who_shares_a_scope_gets_what_they_would_have_got_alone(cast: Cast) -> None:
    factories.MembershipFactory(user=cast.nia, unit=cast.xuhui, role="branch_manager")
    win(cast)
    late_promise(lead(cast, expected_value_fen=100_00), cast.bo)
    weekly_report.send_week(WEEK, at=MONDAY)
    for user in (cast.max, cast.nia):
        alone = weekly_report.compose(user, WEEK, at=MONDAY)
        written = WeeklyReport.objects.get(recipient=user)
        assert written.content_hash == alone.fingerprint


def test_who_wants_no_mail_finds_it_among_the_reports(cast: Cast) -> None:
    preferences.choose(
        cast.ann.pk,
        "weekly_report",
        Channel.MAIL,
        wanted=False,
        by=cast.ann,
        at=MONDAY - timedelta(days=1),
    )
    weekly_report.send_week(WEEK, at=MONDAY)
    assert not Delivery.objects.filter(recipient=cast.ann).exists()
    assert WeeklyReport.objects.get(recipient=cast.ann).content_hash
    assert WeeklySnapshot.objects.filter(scope=f"person:{cast.ann.pk}").exists()
    assert Delivery.objects.filter(recipient=cast.bo).count() == 1


def test_many_recipients_of_one_scope_cost_few_statements_each(cast: Cast) -> None:
    win(cast)

    def statements(week: Week, at: datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            weekly_report.send_week(week, at=at)
        return len(captured)

    few = statements(WEEK, MONDAY)
    for number in range(10):
        colleague = factories.UserFactory(full_name=f"L{number}", language="en")
        factories.MembershipFactory(user=colleague, unit=cast.xuhui, role="team_lead")
    many = statements(WEEK.next, MONDAY + timedelta(days=7))
    assert many - few <= 10 * 14, (few, many)


def test_an_empty_unit_and_an_empty_week_say_so(cast: Cast) -> None:
    empty = factories.UnitFactory(name="空团队", kind="team", parent=cast.shanghai)
    factories.MembershipFactory(user=cast.nia, unit=empty, role="team_lead")
    content = weekly_report.compose(cast.nia, WEEK, at=MONDAY)
    assert content.summary == QUIET
    assert not any(block["rows"] for block in content.blocks)
    weekly_report.send_week(WEEK, at=MONDAY)
    assert Delivery.objects.filter(recipient=cast.nia).count() == 1


def test_what_needs_action_stands_together_and_says_why(cast: Cast) -> None:
    stale = lead(cast)
    late_promise(stale, cast.ann)
    content = weekly_report.compose(cast.max, WEEK, at=MONDAY)
    block = next(one for one in content.blocks if one["key"] == "needs_action")
    assert [(row["values"]["what"], row["values"]["why"]) for row in block["rows"]] == [
        (stale.merchant.name, "Follow-up overdue: 送方案"),
        (stale.merchant.name, "Stale: for 37 working days in the stage “New”"),
    ]
    assert block["figures"][0]["value"] == 2
    assert content.blocks.index(block) < 3


def test_mail_front_page_and_api_give_the_same_numbers(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    win(cast)
    late_promise(lead(cast, expected_value_fen=667_000_000), cast.ann)
    for name in ("max", "ann"):
        user = User.objects.get(pk=cast.named(name).pk)
        mailed = weekly_report.compose(user, WEEK, at=MONDAY)
        answer = Phone(user).get(f"reports/pipeline/?week={WEEK}")
        told = json.loads(answer.content)
        assert told["sections"] == json.loads(json.dumps(mailed.blocks))
        assert told["summary"] == mailed.summary
        assert told["is_final"] is True
        # The front page shows the week so far: at the week's end that is the whole week.
        with translation.override("en"):
            page = weekly_report.reckon(
                user, None, at=mailed.cut_off - timedelta(microseconds=1), unit=None
            )
        assert page.week == WEEK
        assert page.blocks == mailed.blocks


def test_every_link_of_the_report_opens(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    win(cast, "bo")
    late_promise(lead(cast, expected_value_fen=100_00), cast.ann)
    campaign = factories.CampaignFactory(
        unit=cast.shanghai, created_at=BEFORE, ends_on=WEEK.next.sunday
    )
    campaign.merchants.add(Merchant.objects.all()[0])
    blocks = weekly_report.compose(cast.mei, WEEK, at=MONDAY).blocks
    links = {
        link
        for block in blocks
        for one in [block, *block["figures"], *block["rows"]]
        if (link := one["link"])
    }
    assert len(links) > 15
    browser = signed_in(cast.mei)
    opened = {link: browser.get(link).status_code for link in links}
    assert set(opened.values()) == {200}, opened


@pytest.mark.parametrize("reader", ["max", "ann"])
def test_a_link_under_a_number_opens_a_list_of_so_many(
    cast: Cast, signed_in: Callable[[User], Client], reader: str
) -> None:
    factories.MembershipFactory(user=cast.max, unit=cast.xuhui, role="rep")
    for owner in ("ann", "bo"):
        win(cast, owner)
        win(cast, owner, at=IN_WEEK - timedelta(days=7))
        late_promise(lead(cast, owner, stage=Stage.PROPOSAL), cast.named(owner))
        lost = lead(cast, owner, stage=Stage.LOST, lost_reason="rival")
        factories.StageChangeFactory(
            lead=lost, from_stage="new", to_stage="lost", lost_reason="rival", at=IN_WEEK
        )
    # What lies in the pool of the branch is in nobody's book, and not what the team has in hand.
    lead(cast, "mei", unit="shanghai")
    Lead.objects.filter(owner=cast.mei).update(owner=None, pooled_at=BEFORE)
    blocks = {
        block["key"]: block
        for block in weekly_report.compose(cast.named(reader), WEEK, at=MONDAY).blocks
    }
    told = [
        (figure["link"], figure["value"])
        for key in ("won", "overdue", "stale", "to_come")
        for figure in blocks[key]["figures"]
        if figure["kind"] == "count"
    ]
    told += [
        (row["link"], row["values"]["count"])
        for key in ("funnel", "lost")
        for row in blocks[key]["rows"]
    ]
    browser = signed_in(cast.named(reader))
    listed = {link: len(browser.get(link).context["cl"].result_list) for link, _count in told}
    assert listed == dict(told)
    # Without a week, or with nonsense for one, the filter narrows nothing.
    for word in ("won.2025-W53", "nowhere.2026-W46", "won"):
        assert browser.get(f"/admin/leads/lead/?stepped={word}").status_code == 200


def test_a_unit_that_one_may_not_see_whole_has_no_deltas(cast: Cast) -> None:
    assert weekly_report.audience(cast.mei, cast.xuhui).scope == f"unit:{cast.xuhui.pk}"
    assert weekly_report.audience(cast.max, cast.shanghai).scope == ""
    assert weekly_report.audience(cast.ann, cast.xuhui).scope == ""
    assert weekly_report.audience(cast.fay, cast.shanghai).scope == ""
    assert weekly_report.audience(cast.otto, cast.xuhui).scope == f"unit:{cast.xuhui.pk}"


def test_many_units_have_one_name_however_they_are_listed(cast: Cast) -> None:
    units = [cast.shanghai, cast.hangzhou, cast.xuhui]
    one = weekly_recipients.scope_of(units)
    assert one == weekly_recipients.scope_of(units[::-1])
    assert one == weekly_recipients.scope_of(units[:2])
    assert len(one) <= WeeklySnapshot._meta.get_field("scope").max_length
