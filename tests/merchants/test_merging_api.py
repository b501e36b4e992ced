"""Merging through the API: by id, with If-Match, and undone by the merge's own id."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from crm.errors import RuleBroken, TryAgain
from crm.ids import uuid7
from leads.domain import activities, pipeline
from leads.models import Stage
from merchants.domain import merging
from merchants.models import Merchant, MerchantMerge
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.sessions import Session


@pytest.fixture
def pair(cast: Cast) -> tuple[Merchant, Merchant]:
    kept, other = (
        factories.MerchantFactory(name=name, unit=cast.xuhui, owner=cast.ann)
        for name in ("南京大牌档", "南京大排档")
    )
    return kept, other


@pytest.mark.django_db
def test_a_phone_merges_reads_where_it_went_and_undoes(
    cast: Cast, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    merge_id = str(uuid7())
    body = {"id": merge_id, "other": str(other.pk), "choices": {"name": "other"}}
    max_, ann, sam = Phone(cast.max), Phone(cast.ann), Phone(cast.sam)
    answer = max_.post(f"merchants/{kept.pk}/merge/", body, if_match='"1"', key="once")
    assert answer.status_code == 200
    assert (answer.json()["name"], answer["ETag"]) == ("南京大排档", '"2"')
    assert max_.post(f"merchants/{kept.pk}/merge/", body, if_match='"1"', key="once").content == (
        answer.content
    )

    gone = ann.get(f"merchants/{other.pk}/")
    never = ann.get(f"merchants/{uuid7()}/")
    assert gone.status_code == never.status_code == 404
    assert gone.json()["detail"] == never.json()["detail"]
    assert gone.json()["merged_into"] == str(kept.pk)
    for place in ("timeline", "outlets", "contacts", "duplicates"):
        assert ann.get(f"merchants/{other.pk}/{place}/").json()["merged_into"] == str(kept.pk)
    assert "merged_into" not in sam.get(f"merchants/{other.pk}/").json()
    assert "merged_into" not in never.json()

    (listed,) = ann.get(f"merges/?merchant={other.pk}&standing=true").json()["results"]
    assert listed["id"] == merge_id
    assert (listed["kept"]["id"], listed["merged"]["id"]) == (str(kept.pk), str(other.pk))
    assert sam.get("merges/").json()["results"] == []

    undone = max_.post(f"merges/{merge_id}/undo/", {})
    assert undone.status_code == 200
    assert undone.json()["undone_by"]["full_name"] == "Max"
    assert ann.get(f"merchants/{other.pk}/").json()["name"] == "南京大排档"
    assert ann.get(f"merchants/{kept.pk}/").json()["name"] == "南京大牌档"
    again = max_.post(f"merges/{merge_id}/undo/", {})
    assert (again.status_code, again.json()["code"]) == (409, "merge_undone_already")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "if_match", "status", "code"),
    [
        ({}, '"1"', 400, "invalid"),
        ({"other": "{kept}"}, '"1"', 400, "merge_with_itself"),
        ({"other": "{nobody}"}, '"1"', 400, "not_found"),
        ({"other": "{hidden}"}, '"1"', 400, "not_found"),
        ({"other": "{other}"}, "", 428, "if_match_required"),
        ({"other": "{other}"}, '"7"', 412, "stale"),
        ({"other": "{other}", "choices": {"name": "both"}}, '"1"', 400, "invalid"),
        ({"other": "{other}", "choices": {"version": "other"}}, '"1"', 400, "invalid"),
        ({"other": "{other}", "choices": ["name"]}, '"1"', 400, "invalid"),
        ({"other": "a\0"}, '"1"', 400, "nul_character"),
        ({"other": "{other}", "more": 1}, '"1"', 400, "invalid"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_merged(
    body: dict[str, object],
    if_match: str,
    status: int,
    code: str,
    cast: Cast,
    pair: tuple[Merchant, Merchant],
) -> None:
    kept, other = pair
    hidden = factories.MerchantFactory(unit=cast.hangzhou, owner=cast.sam)
    ids = {"{kept}": kept.pk, "{other}": other.pk, "{nobody}": uuid7(), "{hidden}": hidden.pk}
    filled = {name: str(ids.get(str(value), value)) if name == "other" else value
              for name, value in body.items()}  # fmt: skip
    answer = Phone(cast.max).post(f"merchants/{kept.pk}/merge/", filled, if_match=if_match)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Merchant.objects.count() == 3
    assert not MerchantMerge.objects.exists()


@pytest.mark.django_db
def test_the_list_of_merges_costs_the_same_however_long(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    def grow() -> None:
        for _ in range(3):
            kept, other = (
                factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann) for _ in range(2)
            )
            merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at)

    grow()
    ann = Phone(cast.ann)
    same_queries(lambda: ann.get("merges/"), after=grow, at_most=8)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_one_merchant_one_wins_and_the_other_is_told(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    third = factories.MerchantFactory(name="第三家", unit=cast.xuhui, owner=cast.ann)
    with transaction.atomic():
        merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at)
        second = Session(lambda: merging.merge(uuid7(), third.pk, other.pk, {}, by=cast.mei, at=at))
        assert second.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        second.end()
    assert refusal.value.code == "merged_already"
    assert MerchantMerge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_the_same_two_crosswise_do_not_deadlock(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    with transaction.atomic():
        merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at)
        second = Session(lambda: merging.merge(uuid7(), other.pk, kept.pk, {}, by=cast.mei, at=at))
        assert second.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        second.end()
    assert refusal.value.code == "merged_already"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_one_merge_one_is_told(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    merge = merging.merge(uuid7(), pair[0].pk, pair[1].pk, {}, by=cast.max, at=at)
    with transaction.atomic():
        merging.undo(merge.pk, by=cast.max, at=at)
        second = Session(lambda: merging.undo(merge.pk, by=cast.mei, at=at))
        assert second.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        second.end()
    assert refusal.value.code == "merge_undone_already"


@pytest.mark.django_db(transaction=True)
def test_a_lead_that_moves_on_while_its_merchant_is_merged_is_waited_for(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    lead = factories.LeadFactory(merchant=other, owner=cast.ann)
    desk = LeadDesk.of(cast, lead, at).ready(Stage.QUALIFIED)
    with transaction.atomic():
        pipeline.advance(lead.pk, to=Stage.QUALIFIED, by=cast.ann, at=desk.at)
        second = Session(lambda: merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at))
        assert second.wait_until_blocked()
    second.end()
    lead.refresh_from_db()
    assert (lead.merchant_id, lead.stage) == (kept.pk, Stage.QUALIFIED)
    kinds = kept.timeline.values_list("kind", flat=True)
    assert "lead.moved" in kinds, "what was written meanwhile has come along"


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_to_a_merchant_while_it_is_merged_is_asked_to_try_again(
    cast: Cast, at: datetime, pair: tuple[Merchant, Merchant]
) -> None:
    kept, other = pair
    with transaction.atomic():
        merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at)
        second = Session(
            lambda: activities.log(
                uuid7(), other.pk, kind="note", summary="…", occurred_at=at, by=cast.ann, at=at
            )
        )
        assert second.wait_until_blocked(), "at its commit, for the merchant that it points at"
    with pytest.raises(TryAgain) as refusal:
        second.end()
    assert refusal.value.retryable
    assert not kept.activities.exists()
