"""Quick capture: merchant, person and lead at once or not at all; and what makes a lead valid."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.errors import DomainError, InvalidInput, NotAllowed, RuleBroken
from crm.ids import uuid7
from crm.models import User
from leads.domain import capture, validity
from leads.domain.capture import Person
from leads.models import Lead, LeadSource
from leads.models.validity import ValidityPart
from merchants.domain.registration import Details
from merchants.models import Contact, LicenceStatus, Merchant, TimelineEntry
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

type SignedIn = Callable[[User], Client]

CODE = "92310104MA1TE5TX06"
OTHER_CODE = "92310104MA1TE5TX19"
NAME = "南京大牌档(徐家汇店)"


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    factories.CategoryFactory()
    factories.DivisionFactory()


def captured(cast: Cast, at: datetime, by: User | None = None, **values: Any) -> Lead:
    details = {"name": NAME, "mcc": "5812", "division": "310104", **values.pop("details", {})}
    given: dict[str, Any] = {"unit_id": cast.xuhui.pk, "owner": by or cast.ann, **values}
    return capture.capture(uuid7(), Details(**details), by=by or cast.ann, at=at, **given)


def nothing_was_written() -> bool:
    return not (
        Lead.objects.exists()
        or Contact.objects.filter(merchant__name=NAME).exists()
        or TimelineEntry.objects.filter(kind="lead.opened").exists()
    )


def test_a_name_and_a_phone_become_a_merchant_a_contact_and_a_lead(
    cast: Cast, at: datetime
) -> None:
    lead = captured(
        cast,
        at,
        details={"credit_code": CODE},
        person=Person("王五", "13800138000", "public", role="store_manager"),
        expected_value_fen=48_000_00,
    )
    merchant = lead.merchant
    assert (merchant.name, merchant.credit_code, merchant.owner, merchant.unit) == (
        NAME,
        CODE,
        cast.ann,
        cast.xuhui,
    )
    assert (lead.owner, lead.stage, lead.source, lead.expected_value_fen) == (
        cast.ann,
        "new",
        "field",
        48_000_00,
    )
    contact = Contact.objects.get()
    assert (contact.merchant, contact.role, contact.lawful_basis) == (
        merchant,
        "store_manager",
        "public",
    )
    kinds = set(TimelineEntry.objects.values_list("kind", flat=True))
    assert kinds == {"merchant.registered", "contact.added", "lead.opened"}


def test_without_a_person_there_is_no_contact(cast: Cast, at: datetime) -> None:
    captured(cast, at, person=Person())
    assert not Contact.objects.exists()


SOURCES = [
    # lead's source, day given → the merchant's source, day kept
    (LeadSource.FIELD, None, "field", date(2026, 11, 18)),
    (LeadSource.REFERRAL, date(2026, 11, 2), "referral", date(2026, 11, 2)),
    (LeadSource.PUBLIC_REGISTRY, date(2026, 11, 2), "public_registry", date(2026, 11, 2)),
]


@pytest.mark.parametrize(("source", "given", "kept_source", "kept_day"), SOURCES)
def test_the_source_and_its_day_are_kept(
    source: str, given: date | None, kept_source: str, kept_day: date, cast: Cast, at: datetime
) -> None:
    lead = captured(cast, at, source=source, details={"accessed_on": given})
    assert (lead.source, lead.merchant.source, lead.merchant.accessed_on) == (
        source,
        kept_source,
        kept_day,
    )


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str, str | None]] = [
    ({"name": "  "}, {}, "name_required", "name"),
    ({"mcc": "9999"}, {}, "mcc_unknown", "mcc"),
    ({"division": "999999"}, {}, "division_unknown", "division"),
    ({"credit_code": "91310115MA1H8R7C6D"}, {}, "credit_code_check_digit", "credit_code"),
    ({"credit_code": "12345"}, {}, "credit_code_length", "credit_code"),
    ({"accessed_on": date(2026, 11, 19)}, {}, "access_date_in_future", "accessed_on"),
    ({}, {"source": "public_registry"}, "access_date_required", "accessed_on"),
    ({}, {"expected_value_fen": -1}, "value_out_of_range", "expected_value"),
    ({}, {"person": Person("王五", "12", "public")}, "phone_invalid", "phone"),
    ({}, {"person": Person("王五", "13800138000", "")}, "lawful_basis_required", "lawful_basis"),
    ({}, {"person": Person("", "13800138000", "public")}, "contact_name_required", "full_name"),
]


@pytest.mark.parametrize(
    ("details", "values", "code", "attr"), REFUSED, ids=[row[2] for row in REFUSED]
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    details: dict[str, Any],
    values: dict[str, Any],
    code: str,
    attr: str | None,
    cast: Cast,
    at: datetime,
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        captured(cast, at, details=details, **values)
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, attr)
    assert nothing_was_written()
    assert not Merchant.objects.exists()


def test_who_sells_elsewhere_captures_nothing_here(cast: Cast, at: datetime) -> None:
    for by in (cast.sam, cast.otto, cast.fay):
        with pytest.raises(NotAllowed):
            captured(cast, at, by)
    assert not Merchant.objects.exists()


# --- duplicates ----------------------------------------------------------------------------


def of_bo(cast: Cast, **values: Any) -> Merchant:
    return factories.MerchantFactory(unit=cast.xuhui, owner=cast.bo, **values)


EXACT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("credit_code", {"name": "新荣记", "credit_code": CODE}, {"credit_code": CODE}),
    ("name_and_district", {"name": "南京大牌档（徐家汇店）"}, {}),
]


@pytest.mark.parametrize(("kind", "known", "given"), EXACT, ids=[row[0] for row in EXACT])
def test_an_exact_duplicate_blocks_and_its_owner_stays_masked(
    kind: str, known: dict[str, Any], given: dict[str, Any], cast: Cast, at: datetime
) -> None:
    of_bo(cast, **known)
    with pytest.raises(RuleBroken) as refusal:
        captured(cast, at, details=given)
    assert refusal.value.code == "merchant_exists"
    assert "徐汇团队" in str(refusal.value)
    (hit,) = refusal.value.facts["duplicates"]
    assert (hit["kind"], hit["masked"], hit["owner"], hit["id"]) == (kind, True, None, None)
    assert nothing_was_written()
    with pytest.raises(RuleBroken) as of_leader:
        captured(cast, at, cast.max, details=given)
    (hit,) = of_leader.value.facts["duplicates"]
    assert (hit["masked"], hit["owner"]) == (False, "Bo"), "a leader sees whose it is"


def test_a_similar_name_is_said_and_does_not_block(cast: Cast, at: datetime) -> None:
    of_bo(cast, name="南京大牌挡(徐家汇店)")
    lead = captured(cast, at)
    (notice,) = lead.notices
    assert (notice.code, notice.attr) == ("possible_duplicate", "name")
    assert "徐汇团队" in str(notice.detail)
    assert "大牌挡" not in str(notice.detail), "of another rep's merchant the name is masked"


def test_a_name_shared_by_two_legal_entities_is_said_and_does_not_block(
    cast: Cast, at: datetime
) -> None:
    of_bo(cast, name=NAME, credit_code=OTHER_CODE)
    lead = captured(cast, at, details={"credit_code": CODE})
    assert [one.code for one in lead.notices] == ["possible_duplicate"]


def test_a_known_phone_is_said_and_blocks_where_the_setting_says_so(
    cast: Cast, at: datetime, settings: Any
) -> None:
    factories.ContactFactory(merchant=of_bo(cast, name="新荣记"), phone="+8613800138000")
    person = Person("王五", "13800138000", "public")
    settings.DUPLICATES_THAT_BLOCK = ["credit_code", "name_and_district", "phone"]
    with pytest.raises(RuleBroken) as refusal:
        captured(cast, at, person=person)
    assert refusal.value.code == "phone_exists"
    assert nothing_was_written()
    settings.DUPLICATES_THAT_BLOCK = ["credit_code", "name_and_district"]
    lead = captured(cast, at, person=person)
    assert ("possible_duplicate", "phone") in [(one.code, one.attr) for one in lead.notices]


def test_a_second_try_finds_the_first(cast: Cast, at: datetime) -> None:
    captured(cast, at)
    with pytest.raises(DomainError) as refusal:
        captured(cast, at)
    assert refusal.value.code == "merchant_exists"
    assert (Merchant.objects.count(), Lead.objects.count()) == (1, 1)


# --- validity ------------------------------------------------------------------------------

VALID: dict[str, Any] = {
    "credit_code": CODE,
    "licence_status": LicenceStatus.OPEN,
    "licence_checked_on": date(2026, 11, 2),
    "licence_source": "国家企业信用信息公示系统",
    "accessed_on": date(2026, 11, 2),
}
LACKING = [
    ({}, ()),
    ({"credit_code": None}, (ValidityPart.CREDIT_CODE,)),
    (
        {"credit_code": "91310115MA1H8R7C6D", "credit_code_override": "执照原件已核对"},
        (ValidityPart.CREDIT_CODE,),
    ),
    ({"licence_status": LicenceStatus.UNKNOWN}, (ValidityPart.LICENCE_OPEN,)),
    ({"licence_status": LicenceStatus.REVOKED}, (ValidityPart.LICENCE_OPEN,)),
    ({"category": None}, (ValidityPart.CATEGORY,)),
    ({"accessed_on": None}, (ValidityPart.SOURCE,)),
]


@pytest.mark.parametrize(("values", "lacks"), LACKING)
def test_a_lead_is_valid_when_nothing_is_missing(
    values: dict[str, Any], lacks: tuple[ValidityPart, ...], cast: Cast
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, **{**VALID, **values})
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    assert validity.missing(lead) == lacks
    assert Lead.objects.valid().exists() is (not lacks)


TWINS = [
    ({"name": NAME}, True),
    ({"name": NAME, "credit_code": OTHER_CODE}, False),
    ({"name": "新荣记"}, False),
    ({"name": NAME, "division": None}, False),
]


@pytest.mark.parametrize(("twin", "is_one"), TWINS)
@pytest.mark.parametrize("in_a_district", [True, False])
def test_a_merchant_of_the_same_name_and_district_makes_it_a_duplicate(
    twin: dict[str, Any], is_one: bool, in_a_district: bool, cast: Cast
) -> None:
    place: dict[str, Any] = {} if in_a_district else {"division": None}
    merchant = factories.MerchantFactory(
        name=NAME, unit=cast.xuhui, owner=cast.ann, **VALID, **place
    )
    lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    if not in_a_district:
        twin = {**twin, "division": None}
        is_one = twin["name"] == NAME and "credit_code" not in twin
    factories.MerchantFactory(unit=cast.hangzhou, **twin)
    assert validity.missing(lead) == ((ValidityPart.NO_DUPLICATE,) if is_one else ())
    assert Lead.objects.valid().exists() is not is_one


# --- the doors -----------------------------------------------------------------------------


def test_a_phone_captures_once_however_often_it_tries(cast: Cast) -> None:
    body = {
        "name": NAME,
        "mcc": "5812",
        "division": "310104",
        "full_name": "王五",
        "phone": "13800138000",
        "lawful_basis": "consent",
        "consent": {"text_version": "2026-01", "channel": "paper"},
        "expected_value": "48000.00",
    }
    phone = Phone(cast.ann)
    first = phone.post("leads/capture/", body, key="one")
    assert first.status_code == 201, first.content
    assert phone.post("leads/capture/", body, key="one").json() == first.json()
    assert Lead.objects.count() == 1
    answer = first.json()
    assert (answer["owner"]["full_name"], answer["stage"], answer["expected_value"]) == (
        "Ann",
        "new",
        "48000.00",
    )
    again = phone.post("leads/capture/", body)
    assert (again.status_code, again.json()["code"]) == (409, "merchant_exists")
    read = phone.get(f"leads/{answer['id']}/validity/").json()
    assert read["valid"] is False
    assert [one["part"] for one in read["missing"]] == ["credit_code", "licence_open"]


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "required", "name"),
        ({"name": NAME, "colour": "red"}, "unknown_field", "colour"),
        ({"name": NAME, "accessed_on": "yesterday"}, "invalid", "accessed_on"),
        ({"name": NAME, "expected_value": 48000.0}, "money", "expected_value"),
        ({"name": NAME, "lawful_basis": "because"}, "invalid_choice", "lawful_basis"),
        ({"name": NAME, "mcc": "0000"}, "mcc_unknown", "mcc"),
    ],
)
def test_bad_input_is_named(body: dict[str, Any], code: str, attr: str, cast: Cast) -> None:
    answer = Phone(cast.ann).post("leads/capture/", body)
    assert 400 <= answer.status_code < 500
    (problem,) = answer.json()["errors"]
    assert (problem["code"], problem["attr"]) == (code, attr)
    assert not Merchant.objects.exists()


CAPTURE = "/admin/capture/"


def test_the_screen_captures_and_says_no_beside_the_field(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.ann)
    form = browser.get(CAPTURE).context["form"]
    sent = {
        "row_id": form["row_id"].value(),
        "name": NAME,
        "mcc": "5812",
        "division": "310104",
        "full_name": "王五",
        "phone": "12",
        "lawful_basis": "public",
        "source": "field",
        "unit": cast.xuhui.pk,
    }
    refused = browser.post(CAPTURE, sent)
    assert "phone" in refused.context["form"].errors
    assert not Merchant.objects.exists()
    done = browser.post(CAPTURE, {**sent, "phone": "13800138000"})
    lead = Lead.objects.get()
    assert done["Location"] == f"/admin/leads/lead/{lead.pk}/change/"
    assert (lead.owner, lead.merchant.accessed_on) == (cast.ann, timezone.localdate())
    page = browser.get(done["Location"]).content.decode()
    assert "Not a valid lead yet" in page
    twice = browser.post(CAPTURE, {**sent, "phone": "13800138000"})
    assert "We know this merchant already" in twice.content.decode()
    assert Lead.objects.count() == 1


def test_only_those_who_sell_have_the_screen(cast: Cast, signed_in: SignedIn) -> None:
    for name, status in (("max", 200), ("otto", 403), ("fay", 403), ("nia", 403)):
        assert signed_in(cast.named(name)).get(CAPTURE).status_code == status
