"""Follow-ups through API and admin: due in working days, coming back, handed over, done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.domain import calendar
from crm.models import SpecialDay, User
from leads.models import FollowUp, Lead
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]
FOLLOW_UPS = "/admin/leads/followup/"


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(name="南京大牌档", unit=cast.xuhui, owner=cast.ann)
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    return lead


@pytest.fixture
def follow_up(lead: Lead, cast: Cast) -> FollowUp:
    soon = timezone.now() + timedelta(hours=1)
    row: FollowUp = factories.FollowUpFactory(
        merchant=lead.merchant, lead=lead, owner=cast.ann, due_at=soon
    )
    return row


def nth_working_day(count: int) -> str:
    return calendar.load().after(timezone.localdate(), count).isoformat()


def local(moment: str | datetime) -> str:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return timezone.localtime(found).strftime("%Y-%m-%d %H:%M")


def test_a_phone_promises_in_working_days_and_again_every_five(cast: Cast, lead: Lead) -> None:
    phone = Phone(cast.ann)
    answer = phone.post(
        "follow-ups/",
        {
            "merchant": str(lead.merchant_id),
            "lead": str(lead.pk),
            "title": "回访",
            "due_in_working_days": 3,
            "due_time": "15:30",
            "priority": "high",
            "recurrence": {"repeats": "working_days", "number": 5, "times": 2},
        },
    )
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert local(made["due_at"]) == f"{nth_working_day(3)} 15:30"
    assert (made["priority"], made["repeats"], made["repeat_number"], made["repeats_left"]) == (
        "high",
        "working_days",
        5,
        1,
    )
    assert [one["code"] for one in made["notices"]] == ["counted_in_working_days"]
    done = phone.post(
        f"follow-ups/{made['id']}/done/", {"outcome": "同意再谈", "outcome_code": "agreed"}
    ).json()
    assert (done["state"], done["outcome_code"]) == ("done", "agreed")
    assert [one["code"] for one in done["notices"]] == ["comes_back"]
    following = phone.get(f"follow-ups/?lead={lead.pk}&state=open").json()["results"]
    assert [(one["previous"], one["repeats_left"]) for one in following] == [(made["id"], 0)]
    ended = phone.post(
        f"follow-ups/{following[0]['id']}/cancel/",
        {"outcome_code": "not_needed", "end_series": True},
    )
    assert (ended.status_code, ended.json()["state"]) == (200, "cancelled")
    assert FollowUp.objects.count() == 2


def test_a_phone_puts_off_in_working_days_and_hands_over(cast: Cast, follow_up: FollowUp) -> None:
    phone = Phone(cast.ann)
    later = phone.post(f"follow-ups/{follow_up.pk}/snooze/", {"in_working_days": 1})
    assert local(later.json()["due_at"]) == f"{nth_working_day(1)} 10:00"
    handed = phone.post(f"follow-ups/{follow_up.pk}/hand-over/", {"owner": str(cast.bo.pk)})
    assert (handed.status_code, handed.json()["owner"]["full_name"]) == (200, "Bo")
    assert phone.get(f"follow-ups/{follow_up.pk}/").status_code == 200, "the merchant is hers"
    stale = phone.send(
        "POST",
        f"follow-ups/{follow_up.pk}/hand-over/",
        {"owner": str(cast.ann.pk)},
        if_match='"1"',
    )
    assert stale.status_code == 412
    unknown = phone.post(f"follow-ups/{follow_up.pk}/hand-over/", {"owner": str(cast.sam.pk)})
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0]["attr"] == "owner"


SOON = (timezone.now() + timedelta(hours=1)).isoformat()
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "one_due_time", "due_at"),
    ({"due_at": SOON, "due_in_working_days": 3}, "one_due_time", "due_at"),
    ({"due_at": SOON, "due_time": "10:00"}, "one_due_time", "due_at"),
    ({"due_in_working_days": 0}, "min_value", "due_in_working_days"),
    ({"due_in_working_days": 251}, "max_value", "due_in_working_days"),
    ({"due_in_working_days": "3"}, "invalid", "due_in_working_days"),
    ({"due_in_working_days": True}, "invalid", "due_in_working_days"),
    ({"due_in_working_days": 3, "due_time": "25:00"}, "invalid", "due_time"),
    ({"due_at": SOON, "priority": "urgent"}, "invalid_choice", "priority"),
    ({"due_at": SOON, "recurrence": {"repeats": "daily", "number": 1}}, "invalid_choice",
     "recurrence.repeats"),
    ({"due_at": SOON, "recurrence": {"repeats": "weekly"}}, "required", "recurrence.number"),
    ({"due_at": SOON, "recurrence": {"repeats": "weekly", "number": 8}},
     "recurrence_number_out_of_range", "recurrence.number"),
    ({"due_at": SOON, "recurrence": {"repeats": "weekly", "number": 1, "times": 1}}, "min_value",
     "recurrence.times"),
    ({"due_at": SOON, "recurrence": {"repeats": "weekly", "number": 1, "until": "2020-01-01"}},
     "recurrence_ends_at_once", "recurrence.until"),
    ({"due_at": SOON, "recurrence": "weekly"}, "invalid", "recurrence"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "code", "attr"), BAD)
def test_what_makes_no_sense_is_named_and_nothing_is_written(
    values: dict[str, Any], code: str, attr: str, cast: Cast, lead: Lead
) -> None:
    body = {"merchant": str(lead.merchant_id), "title": "回访", **values}
    answer = Phone(cast.ann).post("follow-ups/", body)
    assert 400 <= answer.status_code < 500, answer.content
    problem = answer.json()["errors"][0]
    assert (problem["code"], (problem["attr"] or "").split(".non_field")[0]) == (code, attr)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(
    ("step", "body", "code"),
    [
        ("snooze", {}, "one_due_time"),
        ("snooze", {"until": SOON, "in_working_days": 1}, "one_due_time"),
        ("done", {"outcome_code": "not_needed"}, "outcome_does_not_fit"),
        ("cancel", {"outcome_code": "agreed"}, "outcome_does_not_fit"),
        ("cancel", {"end_series": "yes"}, "invalid"),
        ("hand-over", {}, "required"),
    ],
)
def test_a_step_that_makes_no_sense_changes_nothing(
    step: str, body: dict[str, Any], code: str, cast: Cast, follow_up: FollowUp
) -> None:
    answer = Phone(cast.ann).post(f"follow-ups/{follow_up.pk}/{step}/", body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["errors"][0]["code"] == code
    assert FollowUp.objects.get().version == 1


# --- the admin -----------------------------------------------------------------------------


QUICK = [("1", 1), ("3", 3)]


@pytest.mark.parametrize(("chosen", "days"), QUICK)
def test_the_lead_page_promises_with_one_choice(
    chosen: str, days: int, cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    page = f"/admin/leads/lead/{lead.pk}/promise/"
    form = browser.get(page).context["form"]
    sent = {"row_id": form["row_id"].value(), "title": "送方案", "due_in": chosen}
    assert browser.post(page, sent).status_code == 302
    assert local(FollowUp.objects.get().due_at) == f"{nth_working_day(days)} 10:00"


def test_in_a_week_is_moved_off_a_day_off_and_says_so(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    now = timezone.now()
    in_a_week = timezone.localdate() + timedelta(days=7)
    SpecialDay.objects.create(
        day=in_a_week, is_working_day=False, name="…", created_at=now, updated_at=now
    )
    calendar.forget()
    browser = signed_in(cast.ann)
    page = f"/admin/leads/lead/{lead.pk}/promise/"
    form = browser.get(page).context["form"]
    sent = {"row_id": form["row_id"].value(), "title": "送方案", "due_in": "week"}
    answer = browser.post(page, sent, follow=True)
    assert "moved to the next working day" in answer.content.decode()
    assert timezone.localtime(FollowUp.objects.get().due_at).date() > in_a_week


def test_the_promise_page_makes_a_series_and_asks_for_what_it_lacks(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    page = f"/admin/leads/lead/{lead.pk}/promise/"
    form = browser.get(page).context["form"]
    sent = {"row_id": form["row_id"].value(), "title": "回访", "due_in": "1", "repeats": "weekly"}
    assert "number" in browser.post(page, sent).context["form"].errors
    refused = browser.post(page, {**sent, "number": "8"})
    assert "does not fit the way it repeats" in refused.content.decode()
    assert (
        "due_at" in browser.post(page, {**sent, "due_in": "", "number": "1"}).context["form"].errors
    )
    assert not FollowUp.objects.exists()
    assert browser.post(page, {**sent, "number": "1"}).status_code == 302
    made = FollowUp.objects.get()
    assert (made.repeats, made.repeat_number) == ("weekly", 1)
    shown = browser.get(f"{FOLLOW_UPS}{made.pk}/change/").content.decode()
    assert "weekly on Monday" in shown
    of_lead = browser.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    assert "weekly on Monday" in of_lead
    assert f'href="{page}"' in of_lead


def test_a_follow_up_is_done_with_an_outcome_and_a_series_ended(
    cast: Cast, follow_up: FollowUp, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    page = f"{FOLLOW_UPS}{follow_up.pk}"
    assert "end_series" not in browser.get(f"{page}/drop/").context["form"].fields
    done = browser.post(f"{page}/done/", {"outcome_code": "talked", "outcome": "再约"})
    assert done.status_code == 302
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.outcome_code, follow_up.outcome) == (
        "done",
        "talked",
        "再约",
    )
    series = factories.FollowUpFactory(
        merchant=follow_up.merchant,
        owner=cast.ann,
        repeats="weekly",
        repeat_number=1,
        repeat_time=timezone.localtime().time(),
    )
    page = f"{FOLLOW_UPS}{series.pk}"
    assert "end_series" in browser.get(f"{page}/drop/").context["form"].fields
    assert browser.post(f"{page}/drop/", {"end_series": "on"}).status_code == 302
    assert not FollowUp.objects.open().exists()


def test_a_follow_up_is_handed_to_a_colleague_of_the_unit(
    cast: Cast, follow_up: FollowUp, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.ann)
    page = f"{FOLLOW_UPS}{follow_up.pk}/hand-over/"
    offered = list(browser.get(page).context["form"].fields["owner"].queryset)
    assert cast.bo in offered
    assert cast.sam not in offered
    assert "owner" in browser.post(page, {"owner": str(cast.sam.pk)}).context["form"].errors
    assert browser.post(page, {"owner": str(cast.bo.pk)}).status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.owner == cast.bo
    assert signed_in(cast.sam).get(page).status_code == 404


def test_the_day_page_shows_why_and_closes_with_one_tap(
    cast: Cast, lead: Lead, signed_in: SignedIn
) -> None:
    late = factories.FollowUpFactory(
        merchant=lead.merchant,
        lead=lead,
        owner=cast.ann,
        title="送方案",
        due_at=timezone.now() - timedelta(days=10),
        priority="high",
    )
    parked = factories.LeadFactory(
        merchant=factories.MerchantFactory(name="杏花楼", unit=cast.xuhui, owner=cast.ann),
        owner=cast.ann,
        stage="parked",
        revisit_on=timezone.localdate(),
    )
    browser = signed_in(cast.ann)
    page = browser.get("/admin/today/").content.decode()
    assert "high priority" in page
    assert "overdue by" in page
    assert "revisit date reached" in page
    assert f"/admin/leads/lead/{parked.pk}/change/" in page
    assert "My team" not in page
    one_tap = {"at_once": 1, "next": "/admin/today/"}
    assert browser.post(f"{FOLLOW_UPS}{late.pk}/done/", one_tap)["Location"] == "/admin/today/"
    assert FollowUp.objects.get().state == "done"
    assert "送方案" not in browser.get("/admin/today/").content.decode()


def test_an_empty_day_is_kind(cast: Cast, signed_in: SignedIn) -> None:
    for name in ("ann", "otto"):
        page = signed_in(cast.named(name)).get("/admin/today/").content.decode()
        assert "All clear." in page
    assert signed_in(cast.nia).get("/admin/today/").status_code == 403


def test_a_leader_has_a_second_view(cast: Cast, lead: Lead, signed_in: SignedIn) -> None:
    factories.FollowUpFactory(
        merchant=lead.merchant, owner=cast.ann, due_at=timezone.now() - timedelta(days=3)
    )
    for name, has_one in (("max", True), ("otto", True), ("ann", False)):
        browser = signed_in(cast.named(name))
        assert ("?view=team" in browser.get("/admin/today/").content.decode()) is has_one
        page = browser.get("/admin/today/?view=team").content.decode()
        assert (f"?owner={cast.ann.pk}&amp;state=overdue" in page) is has_one
