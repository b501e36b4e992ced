"""One's calendar at a secret address: made, read by calendar programs, revoked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import calendar_file
from crm.domain import calendar_feeds
from crm.domain.agenda import Entry
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import CalendarFeed, User
from leads.domain import follow_ups
from leads.models import VisitState
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.crm import ical_rules

pytestmark = pytest.mark.django_db


def address(person: User, *, tells_details: bool = False) -> str:
    _feed, token = calendar_feeds.renew(tells_details=tells_details, by=person, at=timezone.now())
    return f"/calendar/{token}.ics"


def events(client: Client, where: str) -> dict[str, ical_rules.Component]:
    """The events of a feed by their titles, strictly read."""
    answer = client.get(where)
    assert answer.status_code == 200
    calendar = ical_rules.read(answer.content)
    return {event.one("SUMMARY").text: event for event in calendar.parts("VEVENT")}


@pytest.fixture
def tomorrow() -> datetime:
    """Tomorrow at nine in Shanghai."""
    at = timezone.localtime(timezone.now()) + timedelta(days=1)
    return at.replace(hour=9, minute=0, second=0, microsecond=0)


def test_follow_ups_and_visits_stand_in_ones_calendar(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    merchant = factories.MerchantFactory(name="海底捞,火锅;总店", owner=cast.ann)
    due = factories.FollowUpFactory(merchant=merchant, owner=cast.ann, due_at=tomorrow)
    visit = factories.VisitFactory(
        merchant=merchant,
        owner=cast.ann,
        planned_for=tomorrow.date(),
        planned_time=time(14, 30),
        purpose="送样品",
    )
    factories.FollowUpFactory(merchant=merchant, owner=cast.bo, due_at=tomorrow)
    found = events(client, address(cast.ann))
    assert set(found) == {"Follow-up: 海底捞,火锅;总店", "Visit: 海底捞,火锅;总店"}

    promise = found["Follow-up: 海底捞,火锅;总店"]
    start = promise.one("DTSTART")
    assert (start.value, start.parameters) == (
        f"{tomorrow:%Y%m%dT}090000",
        {"TZID": "Asia/Shanghai"},
    )
    assert promise.one("DURATION").value == "PT30M"
    assert promise.one("UID").value == f"follow-up-{due.pk}@127.0.0.1"
    assert promise.one("SEQUENCE").value == "0"
    assert promise.one("TRANSP").value == "TRANSPARENT"
    assert promise.one("URL").value.endswith(f"/admin/leads/followup/{due.pk}/change/")

    trip = found["Visit: 海底捞,火锅;总店"]
    assert trip.one("DTSTART").value == f"{tomorrow:%Y%m%dT}143000"
    assert trip.one("UID").value == f"visit-{visit.pk}@127.0.0.1"
    assert trip.one("TRANSP").value == "OPAQUE"


def test_a_visit_without_an_hour_takes_its_day(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    factories.VisitFactory(owner=cast.ann, planned_for=tomorrow.date())
    (trip,) = events(client, address(cast.ann)).values()
    start, end = trip.one("DTSTART"), trip.one("DTEND")
    assert (start.value, start.parameters) == (f"{tomorrow:%Y%m%d}", {"VALUE": "DATE"})
    assert end.value == f"{tomorrow + timedelta(days=1):%Y%m%d}"
    assert trip.one("TRANSP").value == "TRANSPARENT"


def test_what_was_typed_in_freely_is_told_only_where_one_wants_it(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    outlet = factories.OutletFactory(name="外滩店", address="中山东一路 1 号")
    factories.FollowUpFactory(owner=cast.ann, due_at=tomorrow, title="问王总合同\n第二行")
    factories.VisitFactory(
        owner=cast.ann,
        merchant=outlet.merchant,
        outlet=outlet,
        planned_for=tomorrow.date(),
        purpose="送样品",
    )
    silent = client.get(address(cast.ann)).content.decode()
    assert not [word for word in ("王总", "送样品", "外滩店", "中山东") if word in silent]
    told = events(client, address(cast.ann, tells_details=True))
    words = {event.one("DESCRIPTION").text for event in told.values()}
    assert words == {"问王总合同\n第二行", "送样品"}
    (place,) = [one.text for event in told.values() for one in event.all("LOCATION")]
    assert place == "外滩店, 中山东一路 1 号"


def test_what_is_put_off_keeps_its_uid_and_counts_its_sequence(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    row = factories.FollowUpFactory(merchant=merchant, owner=cast.ann, due_at=tomorrow)
    where = address(cast.ann)
    (before,) = events(client, where).values()
    later = tomorrow + timedelta(days=1)
    follow_ups.snooze(row.pk, until=later, by=cast.ann, at=timezone.now())
    (after,) = events(client, where).values()
    assert after.one("UID").value == before.one("UID").value
    assert int(after.one("SEQUENCE").value) > int(before.one("SEQUENCE").value)
    assert after.one("DTSTART").value == f"{later:%Y%m%dT%H%M%S}"
    assert after.one("DTSTAMP").value >= before.one("DTSTAMP").value


def test_what_is_done_cancelled_missed_or_far_away_is_not_in_it(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    for days in (-32, 400):
        factories.FollowUpFactory(owner=cast.ann, due_at=tomorrow + timedelta(days=days))
    factories.FollowUpFactory(
        owner=cast.ann, due_at=tomorrow, state="done", closed_at=timezone.now()
    )
    factories.VisitFactory(
        owner=cast.ann,
        planned_for=tomorrow.date(),
        state=VisitState.CANCELLED,
        cancelled_because="店长外出",
    )
    factories.VisitFactory(owner=cast.ann, planned_for=date(2020, 1, 1))
    assert events(client, address(cast.ann)) == {}


def test_a_calendar_speaks_its_persons_language_and_zone(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    User.objects.filter(pk=cast.ann.pk).update(language="zh-hans", time_zone="America/New_York")
    factories.FollowUpFactory(owner=cast.ann, due_at=datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    row = Entry(
        key="follow-up:1",
        version=3,
        changed_at=datetime(2026, 11, 1, tzinfo=UTC),
        starts=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        minutes=30,
        title="跟进",
        details="",
        place="",
        link="/",
        is_busy=False,
    )
    content = calendar_file.written(
        [row], name="安", time_zone="America/New_York", tells_details=False
    )
    calendar = ical_rules.read(content)
    (event,) = calendar.parts("VEVENT")
    assert event.one("DTSTART").value == "20261130T200000"
    (zone,) = calendar.parts("VTIMEZONE")
    assert {rule.name for rule in zone.inside} == {"STANDARD", "DAYLIGHT"}
    assert {rule.one("TZOFFSETTO").value for rule in zone.inside} == {"-0500", "-0400"}
    where = address(cast.ann)
    assert client.get(where).status_code == 200
    User.objects.filter(pk=cast.ann.pk).update(time_zone="Mars/Olympus")
    answer = client.get(where)
    assert answer.status_code == 200, "an unknown zone is the bank's"
    assert b"America" not in answer.content


@pytest.mark.parametrize(
    "text",
    [
        "海底捞" * 60,
        "a" * 500,
        "😀" * 80,
        'a,b;c\\d\n\r\ne:f"g',
        "\x0bvertical\x00nul\x7f",
        " begins and ends with spaces ",
    ],
    ids=["chinese", "ascii", "four octets", "escapes", "controls", "spaces"],
)
def test_any_text_is_folded_and_escaped_as_the_standard_says(text: str) -> None:
    row = Entry(
        key="visit:1",
        version=1,
        changed_at=datetime(2026, 11, 1, tzinfo=UTC),
        starts=date(2026, 12, 1),
        minutes=60,
        title=text,
        details=text,
        place=text,
        link="/",
        is_busy=False,
    )
    content = calendar_file.written([row], name=text, time_zone="Asia/Shanghai", tells_details=True)
    (event,) = ical_rules.read(content).parts("VEVENT")
    expected = "".join(
        character
        for character in text.replace("\r\n", "\n")
        if character >= " " or character == "\n"
    ).replace("\x7f", "")
    assert event.one("SUMMARY").text == expected
    assert event.one("DESCRIPTION").text == expected


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda text: text.replace(b"\r\n", b"\n"), "line ends"),
        (lambda text: text.replace(b"VERSION:2.0\r\n", b""), "no version"),
        (lambda text: text.replace(b"BEGIN:VTIMEZONE", b"BEGIN:VTODO"), "no zone"),
        (lambda text: text.replace(b"\r\n ", b""), "no folding"),
        (lambda text: text.replace(b"SEQUENCE:0", b"SEQUENCE:one"), "sequence"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_control_the_strict_reader_refuses_what_is_broken(
    cast: Cast, client: Client, tomorrow: datetime, broken: Callable[[bytes], bytes], why: str
) -> None:
    factories.FollowUpFactory(owner=cast.ann, due_at=tomorrow, title="长" * 60)
    content = client.get(address(cast.ann, tells_details=True)).content
    ical_rules.read(content)
    changed = broken(content)
    assert changed != content, why
    with pytest.raises((AssertionError, ValueError)):
        ical_rules.read(changed)


# The door.


def test_the_address_alone_opens_it_and_programs_are_told_when_nothing_changed(
    cast: Cast, client: Client, tomorrow: datetime
) -> None:
    row = factories.FollowUpFactory(owner=cast.ann, due_at=tomorrow)
    where = address(cast.ann)
    first = client.get(where)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in first["Cache-Control"]
    again = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    weak = client.get(where, headers={"If-None-Match": f"W/{first['ETag']}"})
    assert weak.status_code == 304
    assert client.head(where)["ETag"] == first["ETag"]
    row.change(at=timezone.now(), due_at=tomorrow + timedelta(hours=1))
    changed = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert client.post(where).status_code == 405


def test_a_new_address_makes_the_old_one_useless_and_revoking_makes_all(
    cast: Cast, client: Client
) -> None:
    old = address(cast.ann)
    new = address(cast.ann)
    assert [client.get(where).status_code for where in (old, new)] == [404, 200]
    calendar_feeds.revoke(by=cast.bo, at=timezone.now())
    assert client.get(new).status_code == 200, "everybody revokes their own"
    calendar_feeds.revoke(by=cast.ann, at=timezone.now())
    assert client.get(new).status_code == 404
    calendar_feeds.revoke(by=cast.ann, at=timezone.now())


def test_no_log_tells_an_address(
    cast: Cast, client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    where = address(cast.ann)
    settings.CALENDAR_READS_PER_MINUTE = 0
    assert client.get(where).status_code == 429
    User.objects.filter(pk=cast.ann.pk).update(is_active=False)
    assert client.get(where).status_code == 404
    assert where not in caplog.text
    client.get("/nowhere/")
    assert "/nowhere/" in caplog.text, "others are told"


def test_of_an_address_only_its_digest_is_kept(cast: Cast) -> None:
    token = address(cast.ann).removeprefix("/calendar/").removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert len(token) >= 43, "256 bits"
    assert token not in str(vars(feed))


def test_somebody_who_left_has_no_calendar(cast: Cast, client: Client) -> None:
    where = address(cast.ann)
    User.objects.filter(pk=cast.ann.pk).update(is_active=False)
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("token", ["x", "é", "a" * 5000, "..", "%00"])
def test_what_is_no_address_is_not_found(db: None, client: Client, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_reading_costs_few_statements_and_writes_once_an_hour(
    cast: Cast, client: Client, tomorrow: datetime, same_queries: Callable[..., int]
) -> None:
    where = address(cast.ann)

    def more() -> None:
        factories.FollowUpFactory.create_batch(5, owner=cast.ann, due_at=tomorrow)
        factories.VisitFactory.create_batch(5, owner=cast.ann, planned_for=tomorrow.date())

    more()
    same_queries(lambda: client.get(where), after=more, at_most=3)
    noted = CalendarFeed.objects.get().read_at
    with CaptureQueriesContext(connection) as asked:
        client.get(where)
    assert not [one for one in asked.captured_queries if one["sql"].startswith("UPDATE")]
    assert CalendarFeed.objects.get().read_at == noted
    CalendarFeed.objects.update(read_at=timezone.now() - timedelta(hours=2))
    client.get(where)
    assert CalendarFeed.objects.get().read_at > timezone.now() - timedelta(minutes=1)


def test_a_program_that_asks_too_often_waits(cast: Cast, client: Client, settings: Any) -> None:
    settings.CALENDAR_READS_PER_MINUTE = 3
    where, other = address(cast.ann), address(cast.bo)
    answers = [client.get(where).status_code for _ in range(8)]
    assert 429 in answers
    assert answers[:3] == [200, 200, 200]
    assert client.get(other).status_code == 200
    refused = client.get(where)
    if refused.status_code == 429:
        assert 0 < int(refused["Retry-After"]) <= 60


# The doors at which one makes it.


def test_the_api_makes_changes_and_revokes_it(cast: Cast, client: Client) -> None:
    phone = Phone(cast.ann)
    assert phone.get("calendar-feed/").json() == {
        "is_on": False,
        "tells_details": False,
        "changed_at": None,
        "read_at": None,
        "address": None,
    }
    assert phone.send("PUT", "calendar-feed/", {"tells_details": True}).json()["code"] == (
        "no_calendar_feed"
    )
    made = phone.post("calendar-feed/", {"tells_details": False})
    assert made.status_code == 201
    where = made.json()["address"]
    assert client.get(where[where.index("/calendar/") :]).status_code == 200
    shown = phone.get("calendar-feed/").json()
    assert (shown["is_on"], shown["address"]) == (True, None)
    assert shown["read_at"]
    assert (
        phone.send("PUT", "calendar-feed/", {"tells_details": True}).json()["tells_details"] is True
    )
    for body in ({}, {"tells_details": "yes"}, {"tells_details": True, "user": str(uuid7())}):
        assert phone.post("calendar-feed/", body).status_code == 400
    assert phone.send("DELETE", "calendar-feed/").json()["is_on"] is False
    assert client.get(where[where.index("/calendar/") :]).status_code == 404


def test_the_page_makes_it_and_shows_it_once(
    cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.ann)
    page = "/admin/my-calendar/"
    assert page in browser.get("/admin/my-notifications/").content.decode()
    made = browser.post(page, {"do": "renew", "tells_details": "yes"})
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    text = made.content.decode()
    assert "webcal://" in text
    where = text[text.index("/calendar/") :].partition(".ics")[0] + ".ics"
    assert Client().get(where).status_code == 200
    assert "webcal://" not in browser.get(page).content.decode()
    assert CalendarFeed.objects.get().tells_details
    browser.post(page, {"do": "details"})
    assert not CalendarFeed.objects.get().tells_details
    browser.post(page, {"do": "revoke"})
    assert not CalendarFeed.objects.exists()
    assert browser.post(page, {"do": "details"}, follow=True).status_code == 200
    assert browser.post(page, {"do": "nonsense"}, follow=True).status_code == 200
    assert signed_in(cast.nia).get(page).status_code in (302, 403)


def test_nobody_changes_what_is_not_there(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        calendar_feeds.tell_details(True, by=cast.ann, at=timezone.now())
    assert refused.value.code == "no_calendar_feed"
