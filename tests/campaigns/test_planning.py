"""Campaigns: the shares make the whole, and an amount is split to the last fen."""

from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from campaigns.domain import planning, shares
from campaigns.models import Campaign, Party
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from tests import factories
from tests.conftest import Cast


@given(
    fen=some.integers(0, 10**13),
    cuts=some.lists(some.integers(1, 9999), max_size=4, unique=True),
)
def test_the_parts_always_sum_to_the_amount(fen: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 10_000]
    split = {
        f"party{number}": after - before for number, (before, after) in enumerate(pairwise(edges))
    }
    assert shares.make_the_whole(split)
    parts = shares.split(fen, split)
    assert sum(parts.values()) == fen
    assert all(abs(parts[party] - fen * share / 10_000) < 1.01 for party, share in split.items())


def test_the_last_fen_goes_by_largest_remainder() -> None:
    split = {"bank": 5000, "merchant": 3000, "scheme": 1500, "platform": 500}
    assert list(shares.split(1999, split).values()) == [999, 600, 300, 100]


@pytest.mark.parametrize(
    "parts", [{}, {"bank": 9999}, {"bank": 10_001}, {"bank": 11_000, "merchant": -1000}]
)
def test_anything_but_the_whole_is_refused(parts: dict[str, int]) -> None:
    assert not shares.make_the_whole(parts)


def plan(cast: Cast, at: datetime, by: Any, **changed: Any) -> Campaign:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    values: dict[str, Any] = {
        "name": "满200减50",
        "unit_id": cast.shanghai.pk,
        "merchant_ids": [merchant.pk],
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 31),
        "budget_fen": 10_000_000,
        "shares": {Party.BANK: 6000, Party.MERCHANT: 4000},
    }
    return planning.plan(uuid7(), **{**values, **changed}, by=by, at=at)


@pytest.mark.django_db
def test_a_planner_plans_for_her_branch_and_a_rep_does_not(cast: Cast, at: datetime) -> None:
    assert plan(cast, at, cast.pia).shares.count() == 2
    for name in ("ann", "fay", "sam"):
        with pytest.raises(NotAllowed):
            plan(cast, at, cast.named(name))
    with pytest.raises(NotAllowed):
        plan(cast, at, cast.pia, unit_id=cast.hangzhou.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"shares": {Party.BANK: 9999}}, InvalidInput, "shares_not_whole"),
        ({"ends_on": date(2026, 11, 1)}, RuleBroken, "campaign_dates"),
        ({"budget_fen": 0}, RuleBroken, "campaign_budget"),
        ({"merchant_ids": []}, NotFound, "not_found"),
        ({"merchant_ids": [uuid7()]}, NotFound, "not_found"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(
    changed: dict[str, Any], error: type[RuleBroken], code: str, cast: Cast, at: datetime
) -> None:
    with pytest.raises(error) as refusal:
        plan(cast, at, cast.pia, **changed)
    assert refusal.value.code == code
    assert not Campaign.objects.exists()
