"""The pool through the API: listed masked, claimed, returned, kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.ids import uuid7
from leads.models import Lead, LeadOwnership, Pool
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.pool_desk import opened, owned, pooled

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch_pool(cast: Cast) -> Pool:
    return opened(cast.shanghai)


def test_the_pool_shows_people_masked_and_nothing_else_of_them(
    cast: Cast, branch_pool: Pool
) -> None:
    lead = pooled(cast, branch_pool, expected_value_fen=4_800_000)
    factories.ContactFactory(merchant=lead.merchant, email="zhang.san@qq.com")
    answer = Phone(cast.ann).get("pool/")
    (row,) = answer.json()["results"]
    assert row["contacts"] == [{"full_name": "张*", "position": "店长", "phone": "138****8000"}]
    assert row["merchant"]["division"] == {"code": "310104", "name": "上海市徐汇区"}
    assert (row["pool"]["id"], row["expected_value"]) == (str(branch_pool.pk), "48000.00")
    for secret in ("13800138000", "张三", "zhang.san"):
        assert secret not in answer.content.decode()


def test_people_are_unmasked_only_once_the_lead_is_claimed(cast: Cast, branch_pool: Pool) -> None:
    lead = pooled(cast, branch_pool)
    person = factories.ContactFactory(merchant=lead.merchant)
    phone = Phone(cast.ann)
    refused = phone.post(f"contacts/{person.pk}/unmask/", {"reason": "call"})
    assert (refused.status_code, refused.json()["code"]) == (403, "claim_first")
    assert phone.post(f"pool/{lead.pk}/claim/").status_code == 200
    shown = phone.post(f"contacts/{person.pk}/unmask/", {"reason": "call"})
    assert (shown.status_code, shown.json()["phone"]) == (200, "+8613800138000")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category_group=dining", True),
        ("category_group=travel", False),
        ("division=3101", True),
        ("division=3301", False),
        ("stage=new", True),
        ("stage=proposal", False),
        ("tier=a", False),
        ("pooled_since=2026-11-15T00:00:00%2B08:00", True),
        ("pooled_since=2026-11-16T00:00:00%2B08:00", False),
    ],
)
def test_the_pool_is_narrowed(cast: Cast, branch_pool: Pool, query: str, found: bool) -> None:
    pooled(cast, branch_pool)
    answer = Phone(cast.ann).get(f"pool/?{query}")
    assert (answer.status_code, len(answer.json()["results"])) == (200, int(found))


def test_the_pool_of_another_team_is_not_offered(cast: Cast, branch_pool: Pool) -> None:
    jingan = factories.UnitFactory(name="静安", parent=cast.shanghai)
    pooled(cast, opened(jingan), merchant=factories.MerchantFactory(unit=jingan))
    mine = pooled(cast, branch_pool)
    listed = Phone(cast.ann).get("pool/").json()["results"]
    assert [row["id"] for row in listed] == [str(mine.pk)]
    assert len(Phone(cast.mei).get("pool/").json()["results"]) == 2
    assert Phone(cast.sam).get("pool/").json()["results"] == []


def test_who_claims_too_late_gets_409_with_a_sentence(cast: Cast, branch_pool: Pool) -> None:
    lead = pooled(cast, branch_pool)
    assert Phone(cast.ann).post(f"pool/{lead.pk}/claim/").json()["owner"]["full_name"] == "Ann"
    late = Phone(cast.bo).post(f"pool/{lead.pk}/claim/")
    assert (late.status_code, late.json()["code"]) == (409, "lead_already_claimed")
    assert late.json()["detail"] == "Somebody claimed this lead a moment ago."
    chinese = Phone(cast.bo, "zh-hans").post(f"pool/{lead.pk}/claim/")
    assert chinese.status_code == 409


def test_a_repeated_claim_acts_once(cast: Cast, branch_pool: Pool) -> None:
    lead, phone = pooled(cast, branch_pool), Phone(cast.ann)
    first = phone.post(f"pool/{lead.pk}/claim/", key="k")
    again = phone.post(f"pool/{lead.pk}/claim/", key="k")
    assert (first.content, again["Idempotency-Replayed"]) == (again.content, "true")
    assert LeadOwnership.objects.count() == 1


def test_ones_allowance_is_told(cast: Cast, branch_pool: Pool) -> None:
    Phone(cast.ann).post(f"pool/{pooled(cast, branch_pool).pk}/claim/")
    (mine,) = Phone(cast.ann).get("pool/allowance/").json()["pools"]
    assert mine == {
        "pool": {"id": str(branch_pool.pk), "name": branch_pool.name},
        "claims_a_day": 10,
        "claims_left": 9,
        "holding_cap": 50,
        "held": 1,
        "cooldown_days": 15,
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "required"),
        ({"reason": "bored"}, 400, "invalid_choice"),
        ({"reason": "other"}, 400, "reason_words_required"),
        ({"reason": "no_capacity", "why": "…"}, 400, "unknown_field"),
        ({"reason": "no_capacity"}, 200, None),
    ],
)
def test_a_return_says_why(cast: Cast, body: dict[str, Any], status: int, code: str | None) -> None:
    lead = owned(cast.ann, cast)
    answer = Phone(cast.ann).post(f"leads/{lead.pk}/return/", body)
    assert answer.status_code == status
    if code:
        assert answer.json()["errors"][0]["code"] == code
        assert Lead.objects.get(pk=lead.pk).owner == cast.ann


def test_the_history_of_a_lead_is_told(cast: Cast, branch_pool: Pool, at: datetime) -> None:
    lead = owned(cast.ann, cast)
    Phone(cast.ann).post(f"leads/{lead.pk}/return/", {"reason": "no_interest"})
    listed = Phone(cast.max).get(f"leads/{lead.pk}/ownership/").json()["results"]
    assert [(one["how"], one["reason"], one["owner"]) for one in listed] == [
        ("returned", "no_interest", None),
        ("opened", "", {"id": str(cast.ann.pk), "full_name": "Ann"}),
    ]
    assert (listed[0]["until"], listed[1]["until"]) == (None, listed[0]["since"])


def test_a_pool_is_opened_changed_and_given_a_rule(cast: Cast) -> None:
    phone = Phone(cast.mei)
    body = {"unit": str(cast.shanghai.pk), "name": "餐饮公海", "category_groups": ["dining"]}
    opened_ = phone.post("pools/", body)
    assert opened_.status_code == 201
    assert [one["tier"] for one in opened_.json()["rules"]] == ["", "a", "b", "c"]
    pk = opened_.json()["id"]
    changed = phone.patch(f"pools/{pk}/", {"claims_a_day": 3}, if_match='"1"')
    assert changed.json()["claims_a_day"] == 3
    rule = phone.post(f"pools/{pk}/rules/", {"tier": "a", "quiet_working_days": None})
    assert rule.json()["rules"][1]["quiet_working_days"] is None
    taken = phone.post("pools/", {**body, "id": str(uuid7())})
    assert (taken.status_code, taken.json()["code"]) == (409, "pool_name_taken")


def test_a_hand_over_is_previewed_and_done(cast: Cast) -> None:
    owned(cast.ann, cast)
    phone = Phone(cast.max)
    seen = phone.get(f"colleagues/{cast.ann.pk}/hand-over/").json()
    assert seen == {
        "open": {"leads": 1, "merchants": 1, "follow_ups": 0, "visits": 0},
        "job": None,
    }
    done = phone.post(f"colleagues/{cast.ann.pk}/hand-over/", {"to": str(cast.bo.pk)})
    assert done.status_code == 200, done.content
    assert done.json()["moved"]["leads"] == 1
    assert Lead.objects.get().owner == cast.bo


def test_lists_ask_the_same_however_long_they_are(
    cast: Cast, branch_pool: Pool, same_queries: Callable[..., int]
) -> None:
    phone = Phone(cast.ann)

    def grow() -> None:
        for _ in range(5):
            lead = pooled(cast, branch_pool)
            factories.ContactFactory(merchant=lead.merchant)

    grow()
    same_queries(lambda: phone.get("pool/"), after=grow, at_most=12)
    same_queries(lambda: phone.get("pools/"), after=lambda: opened(cast.shanghai), at_most=10)


def test_the_pool_is_paged(cast: Cast, branch_pool: Pool) -> None:
    for _ in range(5):
        pooled(cast, branch_pool)
    phone = Phone(cast.ann)
    page = phone.get("pool/?limit=2").json()
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = phone.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert len(seen) == len(set(seen)) == 5
