"""Lists are walked to the end and back without a row lost or twice, at a constant price."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from crm.models import Channel, Notification
from leads.models import Lead
from merchants.models import Merchant
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.factories import AT

pytestmark = pytest.mark.django_db


def grow(cast: Cast, count: int = 3) -> Merchant:
    """More of everything that Ann can list."""
    for _ in range(count):
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
        factories.ActivityFactory(merchant=merchant, lead=lead, actor=cast.ann)
        factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.ann)
        factories.OutletFactory(merchant=merchant)
        factories.ContactFactory(merchant=merchant)
        factories.MembershipFactory(unit=cast.xuhui)
        Notification.objects.create(
            delivery=factories.DeliveryFactory(recipient=cast.ann, channel=Channel.INBOX),
            recipient=cast.ann,
            kind="follow_up_due",
            title="送方案",
        )
    return merchant


LISTS = [
    "leads/",
    "leads/?q=海底&stage=new&owner=me",
    "merchants/",
    "merchants/?q=haidilao",
    "activities/",
    "follow-ups/",
    "notifications/",
    "users/",
    "units/",
    "devices/",
    "merchants/{merchant}/timeline/",
    "merchants/{merchant}/outlets/",
    "merchants/{merchant}/contacts/",
    "leads/{lead}/timeline/",
    "leads/{lead}/?expand=timeline",
    "leads/{lead}/",
    "merchants/{merchant}/",
    "leads/{lead}/ways/",
    "leads/stats/",
    "today/",
    "me/",
]

MORE = {"leads/{lead}/ways/": 14}
"""A checklist asks each noun that a step may rest on once."""


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_however_long_it_is(
    path: str, cast: Cast, same_queries: Callable[..., int]
) -> None:
    merchant, at_most = grow(cast, 1), MORE.get(path, 6)
    path = path.replace("{merchant}", str(merchant.pk)).replace(
        "{lead}", str(merchant.leads.get().pk)
    )
    phone = Phone(cast.ann)

    def read() -> None:
        answer = phone.get(path)
        assert answer.status_code == 200, answer.content

    same_queries(read, after=lambda: grow(cast, 6), at_most=at_most)


def pages(phone: Phone, path: str, follow: str) -> Iterator[list[str]]:
    """The ids of page after page, in one direction."""
    while path:
        page = phone.get(path).json()
        yield [row["id"] for row in page["results"]]
        link = page[follow]
        path = link and urlsplit(link)._replace(scheme="", netloc="").geturl()[len("/api/v1/") :]


ORDERS = [
    ("leads/", ["created_at", "updated_at", "last_activity_at", "stage_entered_at"]),
    ("merchants/", ["created_at", "name_pinyin"]),
    ("follow-ups/", ["due_at"]),
    ("activities/", ["occurred_at"]),
]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("noun", "column"), [(noun, column) for noun, columns in ORDERS for column in columns]
)
def test_walking_there_and_back_meets_every_row_once(
    noun: str, column: str, sign: str, cast: Cast
) -> None:
    for number in range(17):
        # Only three moments and two names in seventeen rows: ties everywhere.
        moment = AT + timedelta(minutes=number % 3)
        merchant = factories.MerchantFactory(
            unit=cast.xuhui,
            owner=cast.ann,
            name=["海底捞", "新荣记"][number % 2],
            normalised_name=f"{number}",
            created_at=moment,
        )
        lead = factories.LeadFactory(
            merchant=merchant,
            owner=cast.ann,
            created_at=moment,
            updated_at=moment,
            last_activity_at=moment,
            stage_entered_at=moment,
        )
        factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.ann, due_at=moment)
        factories.ActivityFactory(merchant=merchant, actor=cast.ann, occurred_at=moment)
    phone = Phone(cast.ann)
    whole = [row["id"] for row in phone.get(f"{noun}?ordering={sign}{column}").json()["results"]]
    assert len(set(whole)) == 17
    there = list(pages(phone, f"{noun}?ordering={sign}{column}&limit=4", "next"))
    assert [len(page) for page in there] == [4, 4, 4, 4, 1]
    assert [pk for page in there for pk in page] == whole
    last = phone.get(f"{noun}?ordering={sign}{column}&limit=4").json()
    while last["next"]:
        last = phone.client.get(last["next"], headers=phone.headers).json()
    back = [[row["id"] for row in last["results"]]]
    while last["previous"]:
        last = phone.client.get(last["previous"], headers=phone.headers).json()
        back.insert(0, [row["id"] for row in last["results"]])
    assert [pk for page in back for pk in page] == whole


def test_the_ends_of_a_list_have_no_further_page(cast: Cast) -> None:
    grow(cast, 4)
    phone = Phone(cast.ann)
    first = phone.get("leads/?limit=2").json()
    assert first["previous"] is None
    last = phone.client.get(first["next"], headers=phone.headers).json()
    assert last["next"] is None
    again = phone.client.get(last["previous"], headers=phone.headers).json()
    assert (again["previous"], again["results"]) == (None, first["results"])
    assert phone.get("leads/?stage=won").json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    "other",
    ["leads/?stage=new&", "leads/?ordering=created_at&", "leads/?q=海底&", "merchants/?owner=me&"],
)
def test_a_cursor_belongs_to_its_filters_and_order(other: str, cast: Cast) -> None:
    grow(cast, 4)
    phone = Phone(cast.ann)
    cursor = phone.get("leads/?limit=2").json()["next"].split("cursor=")[1]
    assert phone.get(f"leads/?limit=3&cursor={cursor}").status_code == 200
    refused = phone.get(f"{other}cursor={cursor}")
    assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid")


def test_rows_that_come_in_meanwhile_do_not_shift_the_pages(cast: Cast) -> None:
    grow(cast, 6)
    phone = Phone(cast.ann)
    seen = phone.get("leads/?limit=3").json()
    grow(cast, 2)
    second = phone.client.get(seen["next"], headers=phone.headers).json()
    ids = [row["id"] for page in (seen, second) for row in page["results"]]
    assert len(ids) == len(set(ids)) == 6


SEARCHES = ["海", "海底", "海底捞", "haidilao", "hdl", "HaiDiLao", "8000", "13800138000", "{code}"]
CODE = "91310000775785552L"


@pytest.mark.parametrize("text", SEARCHES)
@pytest.mark.parametrize("noun", ["leads", "merchants"])
def test_search_finds_by_name_pinyin_initials_phone_and_code(
    noun: str, text: str, cast: Cast
) -> None:
    wanted = factories.MerchantFactory(
        unit=cast.xuhui, owner=cast.ann, name="海底捞火锅(徐家汇店)", credit_code=CODE
    )
    factories.ContactFactory(merchant=wanted)
    other = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, name="新荣记")
    for merchant in (wanted, other):
        factories.LeadFactory(merchant=merchant, owner=cast.ann)
    found = Phone(cast.ann).get(f"{noun}/?q={text.replace('{code}', CODE)}").json()["results"]
    expected = wanted.pk if noun == "merchants" else wanted.leads.get().pk
    assert [row["id"] for row in found] == [str(expected)]


def test_search_does_not_find_what_one_may_not_know_of(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam, name="海底捞火锅(西湖店)")
    assert Phone(cast.ann).get("merchants/?q=海底").json()["results"] == []
    assert len(Phone(cast.sam).get("merchants/?q=海底").json()["results"]) == 1


def test_every_kind_of_search_uses_an_index(cast: Cast) -> None:
    for name in ("海底捞南京路店", "新荣记淮海路店", "外婆家漕溪路店"):
        factories.MerchantFactory(name=name, unit=cast.xuhui)
    fields = [one.column for one in Merchant._meta.concrete_fields]
    copied = ["gen_random_uuid()" if one == "id" else one for one in fields]
    copied[fields.index("normalised_name")] = "normalised_name || n"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO merchants_merchant ({', '.join(fields)}) "
            f"SELECT {', '.join(copied)} FROM merchants_merchant, generate_series(1, 6700) n"
        )
        for index in ("merchant_grams", "merchant_text"):
            # What autovacuum does by and by: a long list of pending entries makes an index dear.
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
        cursor.execute("ANALYZE merchants_merchant")
    indexes = {
        # Long enough for trigrams as well: the planner may take the rarer of the two.
        "徐记海鲜": ("merchant_grams", "merchant_text"),
        "西湖": ("merchant_grams",),
        "xjhx": ("merchant_text",),
        "haidilaoxihu": ("merchant_text",),
    }
    for text, fitting in indexes.items():
        plan = Merchant.objects.matching(text).explain()
        assert any(index in plan for index in fitting), (text, plan)
        assert "Seq Scan on merchants_merchant" not in plan, (text, plan)


def test_the_schema_is_sound_and_complete(tmp_path: Any) -> None:
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml")
    )


def test_lead_timelines_are_put_in_the_readers_words(cast: Cast) -> None:
    phone = Phone(cast.ann)
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead = phone.post("leads/", {"merchant": str(merchant.pk)}).json()
    phone.post(f"leads/{lead['id']}/advance/", {"to": "lost", "lost_reason": "rival"})
    shown = phone.get(f"leads/{lead['id']}/?expand=timeline").json()["timeline"]
    listed = phone.get(f"leads/{lead['id']}/timeline/").json()["results"]
    assert shown == listed
    assert [one["kind"] for one in listed] == ["lead.moved", "lead.opened"]
    assert listed[0]["text"] == "The lead moved from “New” to “Lost”."
    assert Lead.objects.get().stage == "lost"
