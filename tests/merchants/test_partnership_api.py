"""Partnerships through the API: the whole way, lists and their cost, and bad input."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.ids import uuid7
from merchants.models import Evidence, Partnership, Waiver
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.merchants.partnership_desk import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """The desk's now lies a little before the requests."""
    return timezone.now() - timedelta(hours=2)


@pytest.fixture
def desk(cast: Cast, now: datetime) -> Desk:
    return Desk(cast, now, "onboarding")


def test_from_onboarding_to_pilot_by_phone(cast: Cast, desk: Desk) -> None:
    ann, mei = Phone(cast.ann), Phone(cast.mei)
    base = f"partnerships/{desk.pk}/"
    for kind in ("training_record", "test_redemption", "published_rules"):
        body: dict[str, Any] = {"kind": kind, "said": "如实记录"}
        if kind == "training_record":
            body["document"] = str(desk.document(cast.ann))
        answer = ann.post(f"{base}evidence/", body)
        assert answer.status_code == 201, answer.content
    refused = ann.post(f"{base}advance/", {"to": "pilot"})
    assert refused.status_code == 409
    assert refused.json()["code"] == "stage_not_reachable"
    assert [one["code"] for one in refused.json()["errors"]] == ["materials_photo"]
    [way] = [one for one in mei.get(f"{base}ways/").json()["ways"] if one["to"] == "pilot"]
    assert (way["transition"], way["allowed"], way["missing"]) == ("T11", True, ["materials_photo"])
    photo = next(one for one in way["guards"] if one["guard"] == "materials_photo")
    assert (photo["met"], photo["waivable"], photo["evidence_kinds"]) == (
        False,
        True,
        ["materials_photo"],
    )
    waiver = {"to": "pilot", "guard": "materials_photo", "because": "下周补"}
    assert mei.post(f"{base}waivers/", waiver).status_code == 201
    moved = ann.post(f"{base}advance/", {"to": "pilot"}, if_match='"1"')
    assert (moved.status_code, moved.json()["stage"]) == (200, "pilot")
    step = ann.get(f"{base}steps/").json()["results"][0]
    assert (step["from"], step["to"], len(step["evidence"])) == ("onboarding", "pilot", 3)
    assert [one["guard"] for one in step["waivers"]] == ["materials_photo"]
    stale = ann.post(f"{base}advance/", {"to": "onboarding"}, if_match='"1"')
    assert stale.status_code == 412


def test_an_agreement_by_phone_from_draft_to_its_end(cast: Cast, desk: Desk) -> None:
    ann, max_, mei = Phone(cast.ann), Phone(cast.max), Phone(cast.mei)
    drafted = ann.post(
        f"partnerships/{desk.pk}/agreements/",
        {
            "number": "SH-1",
            "starts_on": "2026-01-01",
            "ends_on": "2027-12-31",
            "bank_signatory": "周伯言",
            "merchant_signatory": "张三",
            "document": str(desk.document(cast.ann)),
        },
        key="once",
    )
    assert drafted.status_code == 201, drafted.content
    address = f"agreements/{drafted.json()['id']}/"
    changed = ann.patch(address, {"settlement_days": 45}, if_match=drafted["ETag"])
    assert changed.json()["versions"][0]["settlement_days"] == 45
    assert max_.post(f"{address}sign/").json()["versions"][0]["state"] == "live"
    refused = ann.patch(address, {"settlement_days": 30}, if_match='"3"')
    assert (refused.status_code, refused.json()["code"]) == (409, "agreement_signed")
    amended = ann.post(f"{address}amend/", {"notice_days": 60})
    assert [one["state"] for one in amended.json()["versions"]] == ["draft", "live"]
    ended = mei.post(f"{address}end/", {"last_day": "2026-12-31", "because": "商户退出"})
    assert ended.json()["versions"][1]["last_day"] == "2026-12-31"
    seen = ann.get(f"partnerships/{desk.pk}/").json()
    assert seen["expires_on"] == "2026-12-31"


def filled(cast: Cast, now: datetime) -> Callable[[], None]:
    def grow() -> None:
        for _ in range(3):
            desk = Desk(cast, now, "active")
            desk.agree(date(2026, 1, 1), date(2027, 12, 31))
            desk.file("complaint")
            desk.step("wavering", cast.ann, reason="complaint")
            desk.waive("active", "cause_closed")

    return grow


def test_the_list_costs_the_same_however_long_it_is(
    cast: Cast, now: datetime, same_queries: Callable[..., int]
) -> None:
    grow = filled(cast, now)
    grow()
    phone = Phone(cast.mei)
    same_queries(lambda: phone.get("partnerships/"), after=grow, at_most=5)


@pytest.mark.parametrize("what", ["steps", "evidence", "waivers", "agreements", "ways", ""])
def test_what_hangs_on_a_partnership_costs_the_same_however_much_it_is(
    what: str, cast: Cast, now: datetime, same_queries: Callable[..., int]
) -> None:
    desk = Desk(cast, now, "active")
    desk.agree(date(2026, 1, 1), date(2026, 6, 30))
    years = iter(range(2030, 2040))

    def grow() -> None:
        year = next(years)
        desk.agree(date(year, 1, 1), date(year, 12, 31))
        desk.file("complaint")
        desk.step("wavering", cast.ann, reason="complaint")
        desk.file("cause_closed")
        desk.waive("active", "health_recovered")
        desk.step("active", cast.mei)

    grow()
    phone = Phone(cast.mei)
    address = f"partnerships/{desk.pk}/{what}/".replace("//", "/")

    def look() -> None:
        assert phone.get(address).status_code == 200

    same_queries(look, after=grow, at_most=14)


def test_filters_narrow_the_list(cast: Cast, now: datetime) -> None:
    wavering = Desk(cast, now, "wavering", expires_on=date(2027, 1, 1))
    free = factories.PartnershipFactory(
        merchant=factories.MerchantFactory(name="肯德基", unit=cast.shanghai), stage="active"
    )
    phone = Phone(cast.mei)
    found = {
        query: {one["id"] for one in phone.get(f"partnerships/?{query}").json()["results"]}
        for query in (
            "stage=wavering",
            "owner=none",
            f"owner={cast.ann.pk}",
            f"unit={cast.xuhui.pk}",
            "expires_before=2027-01-02",
            "expires_before=2027-01-01",
            "q=kdj",
            f"merchant={free.merchant_id}",
        )
    }
    one, other = str(wavering.pk), str(free.pk)
    assert list(found.values()) == [{one}, {other}, {one}, {one}, {one}, set(), {other}, {other}]


BAD: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "an unknown stage": ("advance", {"to": "married"}, 400, "invalid_choice"),
    "an unknown reason": ("advance", {"to": "pilot", "reason": "whim"}, 400, "invalid_choice"),
    "a reason of another step": (
        "advance", {"to": "pilot", "reason": "rival"}, 400, "reason_not_for_step",
    ),
    "a forbidden edge": ("advance", {"to": "active"}, 409, "stage_not_reachable"),
    "the stage where it is": ("advance", {"to": "onboarding"}, 409, "stage_not_reachable"),
    "missing evidence": ("advance", {"to": "pilot"}, 409, "training_record"),
    "an unknown field": ("advance", {"to": "pilot", "force": True}, 400, "unknown_field"),
    "a guard waived twice": (
        "advance",
        {"to": "pilot", "waivers": [{"guard": "materials_photo", "because": "a"}] * 2},
        400, "guard_repeated",
    ),
    "an unknown guard": (
        "advance", {"to": "pilot", "waivers": [{"guard": "luck", "because": "a"}]},
        400, "invalid_choice",
    ),
    "NUL in a comment": ("advance", {"to": "pilot", "comment": "a\0b"}, 400, ""),
    "a comment of 3000 characters": ("advance", {"to": "pilot", "comment": "长" * 3000}, 400, ""),
    "an unknown kind": ("evidence", {"kind": "hearsay"}, 400, "invalid_choice"),
    "no document": ("evidence", {"kind": "training_record"}, 400, "document_required"),
    "no notes": ("evidence", {"kind": "test_redemption"}, 400, "notes_required"),
    "a date to come": (
        "evidence", {"kind": "complaint", "said": "…", "happened_on": "2099-01-01"},
        400, "date_in_future",
    ),
    "a date of long ago": (
        "evidence", {"kind": "complaint", "said": "…", "happened_on": "0001-01-01"},
        400, "date_too_early",
    ),
    "NUL in the notes": ("evidence", {"kind": "complaint", "said": "a\0b"}, 400, ""),
    "a document of nobody": (
        "evidence", {"kind": "complaint", "said": "…", "document": str(uuid7())}, 400, "not_found",
    ),
    "no figure": ("evidence", {"kind": "pilot_redemptions"}, 400, "figure_invalid"),
    "a figure in words": (
        "evidence", {"kind": "pilot_redemptions", "numbers": {"redemptions": "many"}},
        400, "figure_invalid",
    ),
    "a float": (
        "evidence", {"kind": "pilot_redemptions", "numbers": {"redemptions": 34.5}},
        400, "figure_invalid",
    ),
    "a list as a figure": (
        "evidence", {"kind": "pilot_redemptions", "numbers": {"redemptions": [34]}},
        400, "figure_invalid",
    ),
    "not a number": (
        "evidence", {"kind": "pilot_review", "numbers": {"lift_percent": "NaN"}},
        400, "document_required",
    ),
    "a negative figure": (
        "evidence", {"kind": "sales_stopped", "numbers": {"days": -1}}, 400, "figure_invalid",
    ),
    "a figure of another kind": (
        "evidence", {"kind": "complaint", "said": "…", "numbers": {"days": 3}},
        400, "figure_unknown",
    ),
    "what compliance files": (
        "evidence", {"kind": "risk_case", "said": "RC-1"}, 403, "not_allowed",
    ),
    "what the product files": (
        "evidence", {"kind": "signed_renewal"}, 403, "not_allowed",
    ),
    "an agreement without end": (
        "agreements", {"number": "SH-1", "starts_on": "2026-01-01"}, 400, "required",
    ),
    "an agreement that ends before it starts": (
        "agreements",
        {"number": "SH-1", "starts_on": "2026-01-01", "ends_on": "2025-01-01"},
        400, "agreement_ends_before_start",
    ),
    "settlement after 61 days": (
        "agreements",
        {"number": "SH-1", "starts_on": "2026-01-01", "ends_on": "2027-01-01",
         "settlement_days": 61},
        400, "max_value",
    ),
    "a day that is none": (
        "agreements", {"number": "SH-1", "starts_on": "2026-02-30", "ends_on": "2027-01-01"},
        400, "invalid",
    ),
    "a waiver by a rep": (
        "waivers", {"to": "pilot", "guard": "materials_photo", "because": "…"}, 403, "not_allowed",
    ),
    "a waiver without a reason": (
        "waivers", {"to": "pilot", "guard": "materials_photo", "because": " "}, 400, "blank",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bad_input_is_refused_with_a_code_and_nothing_is_written(
    case: str, language: str, cast: Cast, desk: Desk
) -> None:
    address, body, status, code = BAD[case]
    answer = Phone(cast.ann, language).post(f"partnerships/{desk.pk}/{address}/", body)
    problem = answer.json()
    assert answer.status_code == status, problem
    codes = [problem["code"], *(one["code"] for one in problem["errors"])]
    assert not code or code in codes, problem
    assert all(one["detail"] for one in problem["errors"])
    assert desk.stage == "onboarding"
    assert not Evidence.objects.exists()
    assert not Waiver.objects.exists()
    assert not desk.row.agreements.exists()


@pytest.mark.parametrize(
    "query",
    ["stage=married", "owner=you", "unit=1", "expires_before=soon", "expires_before=2026-02-30",
     "merchant=x", "ordering=expires_on", "colour=red", "q=%00"],
)  # fmt: skip
def test_a_bad_parameter_is_refused(query: str, cast: Cast) -> None:
    assert Phone(cast.mei).get(f"partnerships/?{query}").status_code == 400


def test_a_partnership_is_registered_by_phone_once(cast: Cast, now: datetime) -> None:
    desk = Desk(cast, now)
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    body = {
        "merchant": str(merchant.pk),
        "stage": "active",
        "agreement": {
            "number": "SH-9",
            "starts_on": "2026-01-01",
            "ends_on": "2027-12-31",
            "bank_signatory": "周伯言",
            "merchant_signatory": "张三",
            "document": str(desk.document(cast.mei)),
        },
    }
    phone = Phone(cast.mei)
    first = phone.post("partnerships/", body, key="once")
    again = phone.post("partnerships/", body, key="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert Partnership.objects.filter(merchant=merchant).count() == 1
    assert phone.post("partnerships/", body).json()["code"] == "partnership_exists"
