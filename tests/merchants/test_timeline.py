"""The timeline is narrowed by kind, group, person, days and subject, each through an index."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.domain import webhooks
from crm.ids import uuid7
from crm.models import User
from merchants.admin import stream
from merchants.domain import timeline
from merchants.models import Merchant, TimelineEntry, TimelineGroup
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

MANY = 50_000


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


def entry(
    merchant: Merchant,
    kind: str,
    at: datetime,
    actor: User | None = None,
    subject: UUID | None = None,
) -> TimelineEntry:
    return TimelineEntry.objects.create(
        merchant=merchant, kind=kind, at=at, actor=actor, subject_id=subject or uuid7()
    )


@pytest.fixture
def story(merchant: Merchant, cast: Cast, at: datetime) -> dict[str, TimelineEntry]:
    hours = [at - timedelta(hours=n) for n in range(10)]
    return {
        "visit": entry(merchant, "activity.logged", hours[0], cast.ann),
        "stage": entry(merchant, "lead.moved", hours[1], cast.ann),
        "contact": entry(merchant, "contact.added", hours[2], cast.max),
        "insight": entry(merchant, "insight.recorded", hours[3], cast.max),
        "system": entry(merchant, "lead.opened", hours[4], None),
        "newer": entry(merchant, "hologram.shown", hours[5], cast.ann),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "visit stage contact insight system newer"),
        ("kind=lead.moved", "stage"),
        ("kind=lead.moved&kind=contact.added", "stage contact"),
        ("kind=hologram.shown", "newer"),
        ("kind=nothing.known", ""),
        ("group=stages", "stage system"),
        ("group=stages&group=visits", "visit stage system"),
        ("group=personal_data", "contact"),
        ("group=insight", "insight"),
        ("group=merges", ""),
        ("group=stages&kind=lead.moved", "stage"),
        ("actor=me", "visit stage newer"),
        ("actor=system", "system"),
        ("actor={max}", "contact insight"),
        ("actor={max}&group=insight", "insight"),
        ("subject={subject}", "contact"),
        ("from={hour2}", "visit stage contact"),
        ("to={hour2}", "insight system newer"),
        ("from={hour3}&to={hour1}", "contact insight"),
    ],
)
def test_the_stream_is_narrowed(
    query: str,
    expected: str,
    story: dict[str, TimelineEntry],
    merchant: Merchant,
    cast: Cast,
) -> None:
    times = list(story.values())
    for name, value in {
        "max": str(cast.max.pk),
        "subject": str(story["contact"].subject_id),
        **{f"hour{n}": quote(times[n].at.isoformat()) for n in range(6)},
    }.items():
        query = query.replace(f"{{{name}}}", value)
    answer = Phone(cast.ann).get(f"merchants/{merchant.pk}/timeline/?{query}")
    assert answer.status_code == 200, answer.content
    names = {str(one.pk): name for name, one in story.items()}
    assert [names[one["id"]] for one in answer.json()["results"]] == expected.split()


@pytest.mark.parametrize(
    "query",
    [
        "kind=",
        "kind=Lead.Moved",
        "kind=lead",
        "kind=%00",
        "group=moon",
        "group=",
        "actor=",
        "actor=ann",
        "actor=me&actor=system",
        "subject=7",
        "from=2026-11-18",
        "to=yesterday",
        "from=2026-11-18T10:00:00",
        "colour=red",
    ],
)
def test_a_narrowing_that_means_nothing_is_refused(
    query: str, merchant: Merchant, cast: Cast
) -> None:
    answer = Phone(cast.ann).get(f"merchants/{merchant.pk}/timeline/?{query}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["attr"] == query.split("=")[0]


@pytest.mark.parametrize("group", TimelineGroup)
def test_every_kind_is_in_a_group(group: TimelineGroup) -> None:
    kinds = timeline.kinds_in(group)
    assert all(timeline.KINDS[one].group == group for one in kinds)
    assert set(timeline.kinds_in(*TimelineGroup)) == set(timeline.KINDS)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("lead.moved", "stages"),
        ("activity.logged", "visits"),
        ("contact.added", "personal_data"),
        ("outlet.added", "details"),
        ("campaign.planned", "campaigns"),
        ("swot.begun", "insight"),
        ("hologram.shown", "other"),
    ],
)
def test_the_group_follows_from_the_name(name: str, group: str) -> None:
    assert timeline.group_of(name) == group


def test_a_kind_may_say_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "KINDS", dict(timeline.KINDS))
    monkeypatch.setattr(webhooks, "EVENTS", dict(webhooks.EVENTS))
    kind = timeline.kind("merchant.split", "Split", "Split.", group=TimelineGroup.MERGES)
    assert kind.group == "merges"
    assert timeline.kinds_in("merges") == ["merchant.split", "merge.done", "merge.undone"]


def test_every_group_but_the_last_has_kinds() -> None:
    for group in set(TimelineGroup) - {TimelineGroup.OTHER}:
        assert timeline.kinds_in(group), group


def test_kinds_are_published_with_both_languages_and_their_group(cast: Cast) -> None:
    published = Phone(cast.ann).get("meta/").json()
    kinds = {one["value"]: one for one in published["timeline_kinds"]}
    assert set(kinds) == set(timeline.KINDS)
    moved = kinds["lead.moved"]
    assert (moved["label"]["en"], moved["group"]) == ("Stage changed", "stages")
    assert moved["label"]["zh-hans"] not in ("", "Stage changed")
    assert {one["value"] for one in published["enums"]["timeline_group"]} == set(TimelineGroup)
    assert published["contact_windows"]["restaurant"]["opens"] == "14:00"


def test_pages_go_on_within_a_narrowing(merchant: Merchant, cast: Cast, at: datetime) -> None:
    wanted = []
    for number in range(30):
        moment = at - timedelta(minutes=number // 3)  # Three at the same moment.
        if number % 2:
            wanted.append(str(entry(merchant, "lead.moved", moment, cast.ann).pk))
        else:
            entry(merchant, "contact.added", moment, cast.ann)
    phone, path = Phone(cast.ann), f"merchants/{merchant.pk}/timeline/?group=stages&limit=4"
    read: list[str] = []
    while path:
        answer = phone.get(path).json()
        read += [one["id"] for one in answer["results"]]
        path = (
            answer["next"]
            and urlsplit(answer["next"])._replace(scheme="", netloc="").geturl()[len("/api/v1/") :]
        )
    assert sorted(read) == sorted(wanted)
    assert len(read) == len(set(read)) == 15


def test_the_leads_timeline_is_narrowed_in_the_same_way(cast: Cast, at: datetime) -> None:
    lead = factories.LeadFactory(
        merchant=factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann), owner=cast.ann
    )
    entry(lead.merchant, "lead.moved", at, cast.ann)
    entry(lead.merchant, "contact.added", at, cast.ann)
    answer = Phone(cast.ann).get(f"leads/{lead.pk}/timeline/?group=stages").json()
    assert [one["kind"] for one in answer["results"]] == ["lead.moved"]


# --- the indexes --------------------------------------------------------------------------------


@pytest.fixture
def long_story(merchant: Merchant, cast: Cast, at: datetime) -> Merchant:
    """One merchant with fifty thousand entries beside others of the same kinds."""
    other = factories.MerchantFactory(unit=cast.xuhui, owner=cast.bo)
    kinds = ("activity.logged",) * 6 + ("lead.moved", "contact.added", "insight.recorded")
    people = [cast.ann, cast.max, None]
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                merchant=merchant if number < MANY else other,
                # A hundred of fifty thousand are of the rare kind and by the rare person.
                kind="agreement.signed" if number % 500 == 0 else kinds[number % len(kinds)],
                actor=cast.mei if number % 500 == 1 else people[number % len(people)],
                at=at - timedelta(minutes=number),
                subject_id=uuid7(),
            )
            for number in range(MANY + 5_000)
        ],
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE merchants_timelineentry")
    return merchant


def plan(rows: Any) -> str:
    """How PostgreSQL would read a page of these rows."""
    explained: str = rows.order_by("-at", "-id")[:51].explain()
    return explained


INDEXES = {
    "all": "timeline_of_merchant",
    "rare kind": "timeline_of_kind",
    "rare kinds": "timeline_of_kind",
    "common kind": "timeline_of_",
    "common kinds": "timeline_of_",
    "rare actor": "timeline_of_actor",
    "common actor": "timeline_of_",
    "system": "timeline_of_",
    "days": "timeline_of_merchant",
    "rare kind in days": "timeline_of_",
    "subject": "timeline_of_subject",
    "deep page of a rare kind": "timeline_of_kind",
}


def test_every_narrowing_is_read_through_an_index(
    long_story: Merchant, cast: Cast, at: datetime
) -> None:
    rows = TimelineEntry.objects.filter(merchant=long_story)
    assert rows.count() == MANY
    days = {"at__gte": at - timedelta(days=20), "at__lt": at - timedelta(days=18)}
    rare = rows.filter(kind__in=["agreement.signed"])
    narrowed = {
        "all": rows,
        "rare kind": rare,
        "rare kinds": rows.filter(kind__in=["agreement.signed", "import.reverted"]),
        "common kind": rows.filter(kind__in=["activity.logged"]),
        "common kinds": rows.filter(kind__in=["activity.logged", "lead.moved"]),
        "rare actor": rows.filter(actor=cast.mei),
        "common actor": rows.filter(actor=cast.ann),
        "system": rows.filter(actor=None),
        "days": rows.filter(**days),
        "rare kind in days": rare.filter(**days),
        "subject": rows.filter(subject_id=rows[7].subject_id),
        "deep page of a rare kind": rare.filter(at__lte=at - timedelta(days=25)),
    }
    read = {name: plan(some) for name, some in narrowed.items()}
    assert {name: text for name, text in read.items() if INDEXES[name] not in text} == {}
    assert {name: text for name, text in read.items() if "Seq Scan" in text} == {}


# --- the page -----------------------------------------------------------------------------------


def test_the_whole_timeline_has_a_page_with_chips_and_paging(
    merchant: Merchant,
    cast: Cast,
    at: datetime,
    signed_in: Callable[[User], Client],
) -> None:
    for number in range(stream.SHOWN + 5):
        entry(merchant, "lead.opened", at - timedelta(minutes=number), cast.ann)
    entry(merchant, "contact.added", at, cast.max)
    address = reverse("admin:merchants_merchant_timeline", args=[merchant.pk])
    browser = signed_in(cast.ann)
    first = browser.get(address, {"group": "stages"})
    assert first.status_code == 200
    shown = first.context["stream"]
    assert {one["group"] for one in shown.entries} == {TimelineGroup.STAGES}
    assert "group=stages" in first.content.decode()
    second = browser.get(address, {"group": "stages", "before": shown.earlier})
    assert len(second.context["stream"].entries) == 5
    by_max = browser.get(address, {"actor": str(cast.max.pk)}).context["stream"].entries
    assert len(by_max) == 1
    in_days = browser.get(address, {"first": "2026-11-19"}).context["stream"].entries
    assert in_days == []
    assert len(browser.get(address, {"last": "2026-11-18"}).context["stream"].entries) == 30


@pytest.mark.parametrize(
    "query",
    ["group=moon", "actor=x", "actor=%00", "first=x", "last=9999-12-31", "before=x", "first=1-1-1"],
)
def test_an_address_typed_by_hand_breaks_nothing(
    query: str, merchant: Merchant, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    address = reverse("admin:merchants_merchant_timeline", args=[merchant.pk])
    assert signed_in(cast.ann).get(f"{address}?{query}").status_code == 200


def test_the_page_costs_the_same_however_much_happened(
    merchant: Merchant,
    cast: Cast,
    at: datetime,
    signed_in: Callable[[User], Client],
    same_queries: Callable[..., int],
) -> None:
    address = reverse("admin:merchants_merchant_timeline", args=[merchant.pk])
    browser = signed_in(cast.ann)

    def grow() -> None:
        for number in range(5):
            entry(merchant, "lead.opened", at - timedelta(minutes=number), factories.UserFactory())

    grow()
    same_queries(lambda: browser.get(address), after=grow, at_most=12)


@pytest.mark.parametrize("query", ["", "?group=stages&actor=me", "?kind=lead.opened"])
def test_the_list_costs_the_same_however_much_happened(
    query: str, merchant: Merchant, cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    phone = Phone(cast.ann)
    path = f"merchants/{merchant.pk}/timeline/{query}"

    def grow() -> None:
        for number in range(5):
            entry(merchant, "lead.opened", at - timedelta(minutes=number), cast.ann)

    grow()
    same_queries(lambda: phone.get(path), after=grow, at_most=6)
