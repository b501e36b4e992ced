"""Outlets: where they are, when they are open, and under which numbers they are known."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, RuleBroken
from crm.ids import uuid7
from merchants.domain import identifiers, opening_hours, outlets
from merchants.models import Merchant, MerchantIdentifier, Outlet, TimelineEntry
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db
BACKEND = "crm.authentication.EmailOrEmployeeNumberBackend"
ALL_WEEK = {day: [["10:00", "22:00"]] for day in "1234567"}
MID = "898290058120001"


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)


BAD: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "no name": ({"name": " "}, "name_required", "name"),
    "a name with NUL": ({"name": "\0"}, "nul_character", "name"),
    "a name of ten megabytes": ({"name": "店" * 10_000_000}, "too_long", "name"),
    "an address too long": ({"address": "路" * 301}, "too_long", "address"),
    "an unknown district": ({"division": "999999"}, "division_unknown", "division"),
    "half a point": ({"latitude": Decimal("31.2")}, "point_incomplete", None),
    "beyond the pole": (
        {"latitude": Decimal("90.000001"), "longitude": Decimal(0)},
        "point_out_of_range",
        "latitude",
    ),
    "beyond the date line": (
        {"latitude": Decimal(0), "longitude": Decimal("-181")},
        "point_out_of_range",
        "longitude",
    ),
    "no point at all": (
        {"latitude": Decimal("NaN"), "longitude": Decimal(0)},
        "point_out_of_range",
        "latitude",
    ),
    "an eighth day": (
        {"opening_hours": {"8": [["10:00", "22:00"]]}},
        "opening_hours_invalid",
        "opening_hours",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    kind: str, merchant: Merchant, at: datetime
) -> None:
    given, code, attr = BAD[kind]
    with pytest.raises(RuleBroken) as refusal:
        outlets.open_outlet(uuid7(), merchant.pk, by=SYSTEM, at=at, **{"name": "外滩店", **given})
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, attr)
    assert not Outlet.objects.exists()
    assert not TimelineEntry.objects.exists()


# --- opening hours -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "10-22",
        [],
        {"0": []},
        {"monday": [["10:00", "22:00"]]},
        {"1": "10:00-22:00"},
        {"1": [["10:00"]]},
        {"1": [["10:00", "22:00", "23:00"]]},
        {"1": [["10", "22"]]},
        {"1": [["10:60", "22:00"]]},
        {"1": [["24:01", "25:00"]]},
        {"1": [[10, 22]]},
        {"1": [["10:00", "10:00"]]},
        {"1": [["24:00", "02:00"]]},
        {"1": [["10:00", "14:00"], ["13:00", "22:00"]]},
        {"1": [["18:00", "02:00"], ["20:00", "21:00"]]},
        {"1": [["10:00", "11:00"]] * 7},
    ],
    ids=str,
)
def test_hours_that_are_none_are_refused(given: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        opening_hours.checked(given)
    assert refusal.value.code == "opening_hours_invalid"


@pytest.mark.parametrize(
    ("typed", "stored", "words"),
    [
        ("", {}, ""),
        ("1-7 10:00-22:00", ALL_WEEK, "Mon–Sun 10:00–22:00"),
        (
            "1-5 17:00-22:00 10:00-14:00\n6 10:00-24:00",
            {
                **{day: [["10:00", "14:00"], ["17:00", "22:00"]] for day in "12345"},
                "6": [["10:00", "24:00"]],
            },
            "Mon–Fri 10:00–14:00 17:00–22:00; Sat 10:00–24:00",
        ),
        (
            "5 18:00-02:00; 6 18:00-02:00",
            {"5": [["18:00", "02:00"]], "6": [["18:00", "02:00"]]},
            "Fri–Sat 18:00–02:00",
        ),
        ("1至5 10:00–22:00", {day: [["10:00", "22:00"]] for day in "12345"}, "Mon–Fri 10:00–22:00"),
    ],
)
def test_hours_are_typed_stored_and_read(typed: str, stored: Any, words: str) -> None:
    hours = opening_hours.typed(typed)
    assert hours == stored
    assert opening_hours.words(hours) == words
    assert opening_hours.typed(opening_hours.as_typed(hours)) == hours


@pytest.mark.parametrize("typed", ["always", "8 10:00-22:00", "1-5", "1 10-22", "1 1:00-2:00",
                                   "1-3 10:00-22:00\n2 10:00-22:00"])  # fmt: skip
def test_hours_that_nobody_understands_are_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        opening_hours.typed(typed)


def test_hours_are_read_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        words = opening_hours.words(ALL_WEEK)
    assert words.endswith(" 10:00–22:00")
    assert "Mon" not in words


# --- merchant numbers ----------------------------------------------------------------------------


@pytest.fixture
def outlet(merchant: Merchant) -> Outlet:
    return factories.OutletFactory(merchant=merchant)


def number(outlet: Outlet, at: datetime, **given: Any) -> MerchantIdentifier:
    values = {"acquirer": "银联商务", "mid": MID, "valid_from": date(2026, 1, 1), **given}
    return identifiers.register_identifier(uuid7(), outlet.pk, by=SYSTEM, at=at, **values)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"acquirer": " "}, "acquirer_required"),
        ({"mid": "12345"}, "mid_invalid"),
        ({"mid": MID[:-1] + "_"}, "mid_invalid"),
        ({"mid": MID[:-1] + "\0"}, "nul_character"),
        ({"terminal": "1"}, "terminal_invalid"),
        ({"valid_to": date(2025, 12, 31)}, "validity_backwards"),
    ],
)
def test_a_number_that_is_none_is_refused(
    given: dict[str, Any], code: str, outlet: Outlet, at: datetime
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        number(outlet, at, **given)
    assert refusal.value.code == code
    assert not MerchantIdentifier.objects.exists()


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, False),
        ({"valid_from": date(2026, 6, 30)}, False),
        ({"valid_from": date(2026, 7, 1)}, True),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2025, 12, 31)}, True),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2026, 1, 1)}, False),
        ({"terminal": "29001234"}, True),
        ({"acquirer": "通联支付"}, True),
        ({"mid": "898290058120002"}, True),
    ],
)
def test_a_number_is_valid_once_at_a_time(
    given: dict[str, Any], allowed: bool, outlet: Outlet, at: datetime
) -> None:
    number(outlet, at, valid_to=date(2026, 6, 30))
    other = factories.OutletFactory(merchant=outlet.merchant)
    if allowed:
        number(other, at, **given)
        return
    with pytest.raises(RuleBroken) as refusal:
        number(other, at, **given)
    assert refusal.value.code == "identifier_overlaps"


@pytest.mark.django_db(transaction=True)
def test_two_sessions_do_not_register_one_number_twice(outlet: Outlet, at: datetime) -> None:
    other = factories.OutletFactory(merchant__unit=outlet.merchant.unit)
    with transaction.atomic():
        number(outlet, at)
        second = Session(lambda: number(other, at))
        assert second.wait_until_blocked()
    with pytest.raises(RuleBroken) as refusal:
        second.end()
    assert refusal.value.code == "identifier_overlaps"
    assert MerchantIdentifier.objects.get().outlet == outlet


def test_another_category_in_the_number_is_a_hint_and_no_refusal(
    outlet: Outlet, at: datetime
) -> None:
    assert number(outlet, at).notices == (), "58-12 is what the merchant sells"
    (notice,) = number(outlet, at, mid="898290054110001").notices
    assert notice.code == "mcc_differs"
    assert "5411" in str(notice.detail)


def test_a_number_ends_and_another_outlet_takes_it_over(outlet: Outlet, at: datetime) -> None:
    first = number(outlet, at)
    identifiers.change_identifier(
        first.pk, {"valid_to": date(2026, 6, 30)}, by=SYSTEM, at=at, version=1
    )
    other = factories.OutletFactory(merchant=outlet.merchant)
    number(other, at, valid_from=date(2026, 7, 1))
    with pytest.raises(DomainError) as refusal:
        identifiers.change_identifier(first.pk, {"valid_to": None}, by=SYSTEM, at=at)
    assert refusal.value.code == "identifier_overlaps"


# --- doors ---------------------------------------------------------------------------------------


def test_the_api_takes_and_shows_an_outlet_with_its_numbers(
    merchant: Merchant, cast: Cast, same_queries: Any
) -> None:
    phone = Phone(cast.ann)
    body = {
        "name": "外滩店",
        "latitude": "31.240000",
        "longitude": "121.490000",
        "opening_hours": {"1": [["10:00", "22:00"]]},
    }
    made = phone.post(f"merchants/{merchant.pk}/outlets/", body)
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in body} == body
    path = f"outlets/{made.json()['id']}/identifiers/"
    sent = {"acquirer": "银联商务", "mid": MID, "terminal": "29001234", "valid_from": "2026-11-01"}
    added = phone.post(path, sent)
    assert added.status_code == 201, added.content
    assert phone.post(path, sent).json()["code"] == "identifier_overlaps"
    ended = phone.patch(
        f"identifiers/{added.json()['id']}/", {"valid_to": "2026-12-31"}, if_match='"1"'
    )
    assert (ended.json()["valid_to"], ended["ETag"]) == ("2026-12-31", '"2"')
    stale = phone.patch(f"identifiers/{added.json()['id']}/", {"valid_to": None}, if_match='"1"')
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    outlet = Outlet.objects.get()
    same_queries(
        lambda: phone.get(path).json(),
        after=lambda: factories.IdentifierFactory.create_batch(5, outlet=outlet),
        at_most=6,
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"latitude": 31.2, "longitude": 121.4}, "degrees"),
        ({"latitude": "31.2000001", "longitude": "121"}, "degrees"),
        ({"latitude": "1e9", "longitude": "121"}, "degrees"),
        ({"latitude": "91", "longitude": "121"}, "point_out_of_range"),
        ({"opening_hours": "always"}, "opening_hours_invalid"),
        ({"opening_hours": {"1": {"from": "10:00"}}}, "opening_hours_invalid"),
        ({"opening_hours": {"1": [[["10:00"]]]}}, "opening_hours_invalid"),
    ],
    ids=str,
)
def test_the_api_refuses_points_and_hours_that_are_none(
    body: dict[str, Any], code: str, outlet: Outlet, cast: Cast
) -> None:
    answer = Phone(cast.ann).patch(f"outlets/{outlet.pk}/", body, if_match='"1"')
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_an_outlet_is_corrected_in_the_admin(outlet: Outlet, cast: Cast, client: Client) -> None:
    client.force_login(cast.ann, backend=BACKEND)
    page = f"/admin/merchants/outlet/{outlet.pk}/"
    sent = {
        "name": outlet.name,
        "latitude": "31.24",
        "longitude": "121.49",
        "opening_hours": "1-5 10:00-22:00",
        "read_version": "1",
    }
    wrong = client.post(f"{page}change/", {**sent, "opening_hours": "always"})
    assert "opening_hours" in wrong.context["adminform"].form.errors
    half = client.post(f"{page}change/", {**sent, "longitude": ""})
    assert "Give both" in half.content.decode()
    assert client.post(f"{page}change/", sent).status_code == 302
    outlet.refresh_from_db()
    assert outlet.longitude == Decimal("121.49")
    shown = client.get(f"{page}change/").content.decode()
    assert "Mon–Fri 10:00–22:00" in shown
    form = client.get(f"{page}number/").context["form"]
    number_sent = {
        "row_id": form["row_id"].value(),
        "acquirer": "银联商务",
        "mid": MID,
        "valid_from": "2026-11-01",
    }
    assert client.post(f"{page}number/", number_sent).status_code == 302
    assert MID in client.get(f"{page}change/").content.decode()


def test_the_district_is_found_while_typing_on_the_page_of_a_new_outlet(
    merchant: Merchant, cast: Cast, client: Client
) -> None:
    factories.DivisionFactory(code="310101", full_name="上海市黄浦区")
    client.force_login(cast.ann, backend=BACKEND)
    page = f"/admin/merchants/merchant/{merchant.pk}/add-outlet/"
    answer = client.get(page)
    assert "admin-autocomplete" in answer.content.decode()
    sent = {"row_id": answer.context["form"]["row_id"].value(), "name": "外滩店"}
    assert client.post(page, {**sent, "division": "310101"}).status_code == 302
    assert Outlet.objects.get().division_id == "310101"
