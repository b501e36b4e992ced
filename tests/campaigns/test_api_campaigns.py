"""Campaigns through the API: planned, corrected, taken on, amended; bad input is told why."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from crm.ids import uuid7
from tests.api import Phone
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    values = {
        "name": "一元洗头",
        "unit": str(cast.shanghai.pk),
        "fund": str(desk.fund(cast, at=timezone.now()).pk),
        "merchants": [str(desk.merchant(cast).pk)],
        "starts_on": "2026-12-01",
        "ends_on": "2027-02-28",
        "budget": "100000.00",
        "objective": "activate",
        "mechanic": "one_yuan",
        "terms": {"agreed_price_fen": 2500},
        "limits": {"uses_per_customer_day": 1},
        "shares": [
            {
                "party": "bank",
                "basis_points": 6000,
                "ceiling": "60000.00",
                "fallback": "merchant",
                "collection": "prepaid",
            },
            {"party": "merchant", "basis_points": 4000},
        ],
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def test_a_campaign_is_planned_and_corrected(cast: Cast) -> None:
    phone = Phone(cast.pia)
    made = phone.post("campaigns/", body(cast))
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["stage"], row["budget"], row["version_number"]) == ("draft", "100000.00", 0)
    assert row["planner"]["id"] == str(cast.pia.pk)
    assert row["shares"][0] == {
        "party": "bank",
        "basis_points": 6000,
        "ceiling": "60000.00",
        "fallback": "merchant",
        "collection": "prepaid",
    }
    path = f"campaigns/{row['id']}/"
    assert phone.patch(path, {"budget": "90000.00"}, if_match='"9"').status_code == 412
    changed = phone.patch(path, {"budget": "90000.00", "outlets": []}, if_match='"1"')
    assert changed.status_code == 200, changed.content
    assert changed.json()["budget"] == "90000.00"
    assert changed.json()["terms"] == {"agreed_price_fen": 2500}


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "shares of 99 %": (
        {"shares": [{"party": "bank", "basis_points": 9900}]},
        400,
        "shares_not_whole",
    ),
    "a party twice": (
        {"shares": [{"party": "bank", "basis_points": 5000}] * 2},
        400,
        "shares_not_whole",
    ),
    "a fallback without a share": (
        {
            "shares": [
                {"party": "bank", "basis_points": 10_000, "ceiling": "1.00", "fallback": "scheme"}
            ]
        },
        400,
        "share_fallback_unknown",
    ),
    "a fallback to itself": (
        {
            "shares": [
                {"party": "bank", "basis_points": 10_000, "ceiling": "1.00", "fallback": "bank"}
            ]
        },
        409,
        "share_fallback",
    ),
    "a fraction of a fen": ({"budget": "1.005"}, 400, "invalid"),
    "a budget of nothing": ({"budget": "0.00"}, 409, "campaign_budget"),
    "an end before the start": ({"ends_on": "2026-11-30"}, 409, "campaign_dates"),
    "no merchant": ({"merchants": []}, 400, "invalid"),
    "an unknown merchant": ({"merchants": [str(uuid7())]}, 400, "not_found"),
    "an unknown outlet": ({"outlets": [str(uuid7())]}, 400, "not_found"),
    "an unknown fund": ({"fund": str(uuid7())}, 400, "not_found"),
    "terms without a mechanic": ({"mechanic": ""}, 400, "mechanic_unknown"),
    "a term too many": ({"terms": {"agreed_price_fen": 2500, "x": 1}}, 400, "term_unknown"),
    "an hour that ends before": (
        {"limits": {"opens_at": "17:00", "closes_at": "09:00"}},
        400,
        "hours_end_before_start",
    ),
    "an unknown field": ({"stage": "active"}, 400, "invalid"),
}


@pytest.mark.parametrize(("changes", "status", "code"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_what_it_is(
    changes: dict[str, Any], status: int, code: str, cast: Cast
) -> None:
    answer = Phone(cast.pia).post("campaigns/", body(cast, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not Campaign.objects.exists()


def test_a_campaign_is_taken_on_and_amended(cast: Cast) -> None:
    at = timezone.now()
    campaign = desk.active(cast, at=at)
    phone, path = Phone(cast.pia), f"campaigns/{campaign.pk}"
    refused = phone.patch(f"{path}/", {"budget": "1.00"}, if_match=f'"{campaign.version}"')
    assert refused.json()["code"] == "terms_fixed"
    assert phone.post(f"{path}/advance/", {"to": "approved"}).json()["code"] == "stage_by_approval"
    assert phone.post(f"{path}/advance/", {"to": "paused"}).json()["code"] == "reason_missing"
    paused = phone.post(f"{path}/advance/", {"to": "paused", "because": "装修"})
    assert paused.json()["stage"] == "paused"
    (resumed, *_others) = phone.get(f"{path}/ways/").json()["ways"]
    assert (resumed["to"], resumed["allowed"], resumed["missing"]) == ("active", True, [])
    written = phone.post(f"{path}/versions/", {"claim_days": 45, "said": "商户要时间"})
    assert (written.status_code, written.json()["number"]) == (201, 2)
    (difference,) = phone.get(f"{path}/diff/").json()["differences"]
    assert (difference["name"], difference["before"], difference["after"]) == ("claim_days", 30, 45)
    assert phone.get(f"{path}/diff/?to=9").status_code == 404
    assert (
        next(one["to_stage"] for one in phone.get(f"{path}/steps/").json()["results"]) == "paused"
    )


def test_the_list_asks_a_constant_number_of_statements(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    phone = Phone(cast.ann)
    desk.drafted(cast, at=at)

    def grow() -> None:
        for _number in range(4):
            desk.drafted(cast, at=at)

    same_queries(lambda: phone.get("campaigns/?ordering=-ends_on"), after=grow, at_most=8)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ("stage=draft", {"a draft"}),
        ("stage=approved&stage=draft", {"a draft", "approved"}),
        ("objective=spend", {"approved"}),
        ("ordering=ends_on&limit=1", {"approved"}),
    ],
)
def test_the_list_is_narrowed(parameters: str, names: set[str], cast: Cast, at: datetime) -> None:
    desk.drafted(cast, at=at, name="a draft")
    desk.approved(cast, at=at, name="approved", objective="spend", ends_on=at.date())
    found = Phone(cast.pia).get(f"campaigns/?{parameters}").json()["results"]
    assert {one["name"] for one in found} == names
