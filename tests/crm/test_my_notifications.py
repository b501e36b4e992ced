"""The doors of the inbox and of one's notifications: pages and endpoints."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.domain import inbox, preferences
from crm.domain.notification_kinds import KINDS
from crm.models import (
    Channel,
    ChatAddress,
    Notification,
    PersonalChannel,
    Role,
    RoleChannel,
    User,
)
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

MINE = "/admin/my-notifications/"
DEFAULTS = "/admin/notification-defaults/"
INBOX = "/admin/crm/notification/"
type SignIn = Callable[[User], Client]


def line(user: User, **more: Any) -> Notification:
    made: Notification = Notification.objects.create(
        delivery=factories.DeliveryFactory(recipient=user, channel=Channel.INBOX),
        recipient=user,
        kind="follow_up_due",
        title="跟进提醒",
        **more,
    )
    return made


def form(html: str) -> dict[str, list[str]]:
    """What a browser would send: what the page shows, with its boxes as they are."""
    shown = re.findall(r'name="shown" value="([^"]+)"', html)
    ticked = re.findall(r'name="wanted" value="([^"]+)" checked', html)
    return {"shown": shown, "wanted": ticked}


def mails(user: User, kind: str = "follow_up_due") -> bool:
    return Channel.MAIL in preferences.channels_for(KINDS[kind], [user])[user.pk]


# --- my notifications ---------------------------------------------------------------------------


def test_the_page_shows_every_kind_under_its_heading(cast: Cast, signed_in: SignIn) -> None:
    html = signed_in(cast.ann).get(MINE).content.decode()
    for kind in KINDS.values():
        assert f'id="kind-{kind.name}"' in html
    for heading in ("Leads", "Follow-ups", "Approvals", "Campaign money", "Reports"):
        assert f'<h2 class="crm-title">{heading}</h2>' in html
    assert ":wecom:" not in html, "she has set no chat up"
    assert DEFAULTS not in html


def test_a_chat_can_be_chosen_once_it_is_set_up(cast: Cast, signed_in: SignIn) -> None:
    ChatAddress.objects.create(
        user=cast.ann, channel=Channel.WECOM, address=b"sealed", host="chat.test"
    )
    assert "follow_up_due:wecom:1" in signed_in(cast.ann).get(MINE).content.decode()


def test_only_what_was_changed_on_the_page_is_chosen(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.ann)
    sent = form(browser.get(MINE).content.decode())
    assert "follow_up_due:mail" in sent["wanted"]
    sent["wanted"].remove("follow_up_due:mail")
    page = browser.post(MINE, sent, follow=True).content.decode()
    assert "1 choice was changed." in page
    row = PersonalChannel.objects.get()
    assert (row.user, row.kind, row.channel, row.is_wanted) == (
        cast.ann, "follow_up_due", "mail", False,
    )  # fmt: skip
    assert "follow_up_due:mail:0" in page


def test_sending_the_page_as_it_is_chooses_nothing(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.ann)
    page = browser.post(MINE, form(browser.get(MINE).content.decode()), follow=True)
    assert "Nothing was changed." in page.content.decode()
    assert not PersonalChannel.objects.exists()


def test_every_choice_can_be_taken_back_at_once(
    cast: Cast, signed_in: SignIn, at: datetime
) -> None:
    preferences.choose(cast.ann.pk, "follow_up_due", "mail", wanted=False, by=cast.ann, at=at)
    browser = signed_in(cast.ann)
    assert "Back to what my role has" in browser.get(MINE).content.decode()
    browser.post(MINE, {"forget": "1"})
    assert mails(cast.ann)


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "x",
        "::",
        "nothing:mail:0",
        "follow_up_due:inbox:0",
        "follow_up_due:pigeon:0",
        "\0:mail:0",
    ],
)
def test_a_page_that_was_tampered_with_is_refused_in_words(
    cast: Cast, signed_in: SignIn, shown: str
) -> None:
    wanted = ":".join(shown.split(":")[:2])
    sent = {"shown": shown, "wanted": wanted}
    page = signed_in(cast.ann).post(MINE, sent, follow=True)
    assert page.status_code == 200
    said = [str(one) for one in page.context["messages"]]
    assert len(said) == 1
    assert not PersonalChannel.objects.exists()


def test_who_has_no_role_has_no_notifications_to_choose(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.nia).get(MINE).status_code == 403
    assert signed_in(cast.nia).post("/admin/inbox/read-all/").status_code == 403


def test_the_page_is_reached_from_the_inbox_and_from_ones_name(
    cast: Cast, signed_in: SignIn
) -> None:
    html = signed_in(cast.ann).get(INBOX).content.decode()
    assert html.count(f'href="{MINE}"') >= 3, "sidebar, menu under one's name, inbox"
    assert "/admin/password_change/" in html, "what stood under one's name still does"


def test_the_page_costs_the_same_whatever_was_chosen(
    cast: Cast, signed_in: SignIn, same_queries: Callable[..., int]
) -> None:
    browser = signed_in(cast.ann)

    def grow() -> None:
        for kind in KINDS:
            PersonalChannel.objects.create(
                user=cast.ann, kind=kind, channel="mail", is_wanted=False
            )

    same_queries(lambda: browser.get(MINE), after=grow, at_most=12)


# --- defaults by role ---------------------------------------------------------------------------


def test_an_administrator_changes_what_a_role_gets(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.ada)
    address = f"{DEFAULTS}?role=finance"
    sent = form(browser.get(address).content.decode())
    sent["wanted"].remove("follow_up_due:mail")
    done = browser.post(address, sent)
    assert done["Location"] == address
    row = RoleChannel.objects.get()
    assert (row.role, row.kind, row.channel, row.is_wanted) == (
        Role.FINANCE, "follow_up_due", "mail", False,
    )  # fmt: skip
    assert not mails(cast.fay)
    assert mails(cast.ann)
    assert "follow_up_due:mail:0" in browser.get(address).content.decode()


@pytest.mark.parametrize("role", ["", "king", "\0"])
def test_a_role_that_there_is_not_shows_the_first_one(
    cast: Cast, signed_in: SignIn, role: str
) -> None:
    page = signed_in(cast.ada).get(DEFAULTS, {"role": role})
    assert page.status_code == 200
    assert page.context["role"] == Role.REP


# --- the inbox ----------------------------------------------------------------------------------


def test_all_is_read_at_once_and_the_badge_goes(
    cast: Cast, signed_in: SignIn, at: datetime
) -> None:
    for _number in range(3):
        line(cast.ann)
    of_bo = line(cast.bo)
    browser = signed_in(cast.ann)
    page = browser.get(INBOX)
    until = page.context["shown_at"]
    done = browser.post("/admin/inbox/read-all/", {"until": until.isoformat()}, follow=True)
    assert "3 messages were marked as read." in done.content.decode()
    assert not Notification.objects.visible_to(cast.ann).unread().exists()
    of_bo.refresh_from_db()
    assert of_bo.read_at is None


def test_what_came_after_the_list_was_shown_stays_unread(cast: Cast, at: datetime) -> None:
    seen = line(cast.ann, created_at=at)
    later = line(cast.ann, created_at=at + timedelta(seconds=1))
    assert inbox.read_all(by=cast.ann, at=at + timedelta(minutes=1), until=at) == 1
    seen.refresh_from_db()
    later.refresh_from_db()
    assert seen.read_at == at + timedelta(minutes=1)
    assert (seen.version, later.version, later.read_at) == (2, 1, None)


def test_reading_all_twice_keeps_when_it_was_read(cast: Cast, at: datetime) -> None:
    one = line(cast.ann, created_at=at)
    assert inbox.read_all(by=cast.ann, at=at) == 1
    assert inbox.read_all(by=cast.ann, at=at + timedelta(days=1)) == 0
    one.refresh_from_db()
    assert (one.read_at, one.version) == (at, 2)


@pytest.mark.parametrize("until", ["", "yesterday", "2026-11-18T10:00:00", "\0"])
def test_a_moment_that_makes_no_sense_is_no_moment(
    cast: Cast, signed_in: SignIn, until: str
) -> None:
    line(cast.ann)
    signed_in(cast.ann).post("/admin/inbox/read-all/", {"until": until})
    assert not Notification.objects.unread().exists()


def test_looking_at_the_address_reads_nothing(cast: Cast, signed_in: SignIn) -> None:
    line(cast.ann)
    assert signed_in(cast.ann).get("/admin/inbox/read-all/").status_code == 405
    assert Notification.objects.unread().exists()


# --- the API ------------------------------------------------------------------------------------


def kinds_of(answer: Any) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        one["kind"]: {cell["channel"]: cell for cell in one["channels"]}
        for one in answer.json()["kinds"]
    }


def test_a_phone_reads_and_chooses_the_channels(cast: Cast) -> None:
    phone = Phone(cast.ann)
    before = kinds_of(phone.get("notification-preferences/"))
    assert set(before) == set(KINDS)
    assert before["follow_up_due"]["mail"] == {
        "channel": "mail", "is_wanted": True, "is_fixed": False, "said_by": "kind",
    }  # fmt: skip
    assert before["follow_up_due"]["inbox"]["is_fixed"]

    choice = {"kind": "follow_up_due", "channel": "mail", "is_wanted": False}
    answer = phone.post("notification-preferences/", {"choices": [choice]})
    assert answer.status_code == 200
    cell = kinds_of(answer)["follow_up_due"]["mail"]
    assert (cell["is_wanted"], cell["said_by"]) == (False, "personal")
    assert not mails(cast.ann)

    back = phone.post("notification-preferences/", {"choices": [{**choice, "is_wanted": None}]})
    assert kinds_of(back) == before


def test_labels_come_in_the_phones_language(cast: Cast) -> None:
    (one,) = (
        one
        for one in Phone(cast.ann, "zh-hans").get("notification-preferences/").json()["kinds"]
        if one["kind"] == "follow_up_due"
    )
    assert one["group"] == "跟进事项" or not one["group"].isascii()
    assert not one["label"].isascii()


GOOD = {"kind": "follow_up_due", "channel": "mail", "is_wanted": True}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({}, 400, "required", id="nothing"),
        pytest.param({"choices": "all"}, 400, "not_a_list", id="no list"),
        pytest.param({"choices": [{"kind": "follow_up_due"}]}, 400, "required", id="half a choice"),
        pytest.param(
            {"choices": [GOOD | {"is_wanted": "yes"}]}, 400, "invalid", id="a word for a flag"
        ),
        pytest.param(
            {"choices": [GOOD | {"channel": "inbox"}]}, 400, "invalid_choice", id="the inbox"
        ),
        pytest.param({"choices": [GOOD | {"user": "x"}]}, 400, "unknown_field", id="somebody else"),
        pytest.param({"choices": [GOOD | {"kind": "nothing"}]}, 400, "unknown_kind", id="kind"),
        pytest.param({"choices": [GOOD, GOOD]}, 400, "chosen_twice", id="twice"),
        pytest.param({"choices": [GOOD] * 501}, 400, "too_many_choices", id="too many"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_code(
    cast: Cast, body: Any, status: int, code: str
) -> None:
    answer = Phone(cast.ann).post("notification-preferences/", body)
    said = answer.json()
    assert (answer.status_code, said["errors"][0]["code"]) == (status, code), said
    assert not PersonalChannel.objects.exists()


def test_a_phone_knows_how_much_is_unread_and_reads_it_all(cast: Cast) -> None:
    phone = Phone(cast.ann)
    empty = {"unread": 0, "newest_unread_at": None}
    assert phone.get("notifications/summary/").json() == empty
    now = timezone.now()
    line(cast.ann, created_at=now - timedelta(hours=1))
    newest = line(cast.ann, created_at=now)
    line(cast.bo)
    said = phone.get("notifications/summary/").json()
    assert said["unread"] == 2
    assert datetime.fromisoformat(said["newest_unread_at"]) == newest.created_at
    until = (now - timedelta(minutes=1)).isoformat()
    assert phone.post("notifications/read-all/", {"until": until}).json() == {"read": 1}
    assert phone.post("notifications/read-all/", {}).json() == {"read": 1}
    assert phone.get("notifications/summary/").json() == empty
    assert phone.get("me/").json()["unread_notifications"] == 0


def test_a_moment_without_its_offset_is_refused(cast: Cast) -> None:
    answer = Phone(cast.ann).post("notifications/read-all/", {"until": "2026-11-18T10:00:00"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "until")


def test_a_repeated_request_is_answered_once(cast: Cast) -> None:
    phone = Phone(cast.ann)
    line(cast.ann)
    first = phone.post("notifications/read-all/", {}, key="a-key-of-mine")
    line(cast.ann)
    again = phone.post("notifications/read-all/", {}, key="a-key-of-mine")
    assert first.json() == again.json() == {"read": 1}
    assert Notification.objects.unread().count() == 1
