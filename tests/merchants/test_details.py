"""What we know of a merchant: codes and their override, licences, sources, chains."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from crm.actors import SYSTEM
from crm.errors import DomainError, NotAllowed, NotFound, RuleBroken, TryAgain
from crm.ids import uuid7
from merchants.domain import contacts, credit_code, registration
from merchants.domain.registration import Details
from merchants.models import LegalForm, Merchant, TimelineEntry
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.sessions import Session

pytestmark = pytest.mark.django_db

COMPANY, SOLE = credit_code.made_up(1), credit_code.made_up(2, sole=True)
WRONG_DIGIT = COMPANY[:-1] + ("A" if COMPANY[-1] != "A" else "B")
WITH_LETTER = "N1310104" + COMPANY[8:]
WHY = "农民专业合作社,农业部门核发"


def register(cast: Cast, at: datetime, *, by: str = "mei", **given: Any) -> Merchant:
    values = {"name": "海底捞", **given}
    return registration.register(
        uuid7(),
        Details(**values),
        unit_id=cast.xuhui.pk,
        owner=None,
        by=cast.named(by),
        at=at,
    )


BAD: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "a name of ten megabytes": ({"name": "喜" * 10_000_000}, "too_long", "name"),
    "a name that grows when compared": ({"name": "㍿" * 101}, "too_long", "name"),
    "a name with NUL": ({"name": "喜\0茶"}, "nul_character", "name"),
    "a brand with NUL": ({"brand": "喜\0茶"}, "nul_character", "brand"),
    "a legal name too long": ({"legal_name": "喜" * 201}, "too_long", "legal_name"),
    "half a code": ({"credit_code": "9131"}, "credit_code_length", "credit_code"),
    "a code of ten megabytes": ({"credit_code": "9" * 10_000_000}, "too_long", "credit_code"),
    "a wrong check digit": (
        {"credit_code": WRONG_DIGIT},
        "credit_code_check_digit",
        "credit_code",
    ),
    "a blank reason": (
        {"credit_code": WRONG_DIGIT, "credit_code_override": "  "},
        "credit_code_check_digit",
        "credit_code",
    ),
    "a letter that no code has": (
        {"credit_code": "I" + COMPANY[1:], "credit_code_override": WHY},
        "credit_code_characters",
        "credit_code",
    ),
    "half a code, even with a reason": (
        {"credit_code": "9131", "credit_code_override": WHY},
        "credit_code_length",
        "credit_code",
    ),
    "an unknown category": ({"mcc": "0001"}, "mcc_unknown", "mcc"),
    "an open licence of no day": (
        {"licence_status": "open", "licence_source": "工商网"},
        "licence_details_required",
        "licence_checked_on",
    ),
    "an open licence from nowhere": (
        {"licence_status": "open", "licence_checked_on": date(2026, 11, 1)},
        "licence_details_required",
        "licence_source",
    ),
    "a licence checked tomorrow": (
        {
            "licence_status": "open",
            "licence_source": "工商网",
            "licence_checked_on": date(2026, 11, 19),
        },
        "licence_date_in_future",
        "licence_checked_on",
    ),
    "a public source of no day": (
        {"source": "public_registry"},
        "access_date_required",
        "accessed_on",
    ),
    "a public source read tomorrow": (
        {"source": "public_registry", "accessed_on": date(2026, 11, 19)},
        "access_date_in_future",
        "accessed_on",
    ),
    "a turnover below nothing": (
        {"monthly_turnover_fen": -1},
        "turnover_out_of_range",
        "monthly_turnover",
    ),
    "a turnover beyond the bank": (
        {"monthly_turnover_fen": 10**13 + 1},
        "turnover_out_of_range",
        "monthly_turnover",
    ),
    "a head that nobody knows": ({"parent": UUID(int=0)}, "not_found", "parent"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    kind: str, cast: Cast, at: datetime
) -> None:
    given, code, attr = BAD[kind]
    with pytest.raises(DomainError) as refusal:
        register(cast, at, **given)
    assert (refusal.value.code, refusal.value.problems[0].attr) == (code, attr)
    assert str(refusal.value)
    assert not Merchant.objects.exists()
    assert not TimelineEntry.objects.exists()


@pytest.mark.parametrize(
    ("code", "typed", "form"),
    [
        (COMPANY, "sole_proprietor", LegalForm.LEGAL_ENTITY),
        (SOLE, "legal_entity", LegalForm.SOLE_PROPRIETOR),
        ("", "sole_proprietor", LegalForm.SOLE_PROPRIETOR),
    ],
)
def test_the_legal_form_follows_the_credit_code(
    code: str, typed: str, form: LegalForm, cast: Cast, at: datetime
) -> None:
    assert register(cast, at, credit_code=code, legal_form=typed).legal_form == form


@pytest.mark.parametrize("code", [WRONG_DIGIT, WITH_LETTER])
def test_a_code_that_fails_is_accepted_with_a_reason_that_stays(
    code: str, cast: Cast, at: datetime
) -> None:
    merchant = register(cast, at, credit_code=f" {code.lower()} ", credit_code_override=WHY)
    assert (merchant.credit_code, merchant.credit_code_override) == (code, WHY)
    renamed = registration.correct(merchant.pk, {"name": "新荣记"}, by=cast.max, at=at)
    assert renamed.credit_code_override == WHY, "whoever corrects something else may"
    sound = registration.correct(merchant.pk, {"credit_code": COMPANY}, by=cast.max, at=at)
    assert sound.credit_code_override == ""


@pytest.mark.parametrize("name", ["ann", "max"])
def test_a_rep_or_a_team_lead_does_not_accept_a_code_that_fails(
    name: str, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NotAllowed, match="branch manager"):
        register(cast, at, by=name, credit_code=WRONG_DIGIT, credit_code_override=WHY)
    merchant = register(cast, at, by=name)
    with pytest.raises(NotAllowed):
        registration.correct(
            merchant.pk,
            {"credit_code": WRONG_DIGIT, "credit_code_override": WHY},
            by=cast.named(name),
            at=at,
        )
    sound = registration.correct(
        merchant.pk, {"credit_code": COMPANY, "credit_code_override": WHY}, by=cast.max, at=at
    )
    assert sound.credit_code_override == "", "a sound code needs no reason and keeps none"


def test_the_reason_for_one_code_is_none_for_another(cast: Cast, at: datetime) -> None:
    merchant = register(cast, at, credit_code=WRONG_DIGIT, credit_code_override=WHY)
    with pytest.raises(DomainError) as refusal:
        registration.correct(merchant.pk, {"credit_code": WITH_LETTER}, by=cast.mei, at=at)
    assert refusal.value.code == "credit_code_characters"


def test_compliance_accepts_a_code_and_changes_nothing_else(cast: Cast, at: datetime) -> None:
    merchant = register(cast, at)
    accepted = {"credit_code": WRONG_DIGIT, "credit_code_override": WHY}
    with pytest.raises(NotAllowed):
        registration.correct(merchant.pk, {**accepted, "name": "别名"}, by=cast.rui, at=at)
    changed = registration.correct(merchant.pk, accepted, by=cast.rui, at=at)
    assert changed.credit_code == WRONG_DIGIT


def test_a_sole_proprietor_with_contracts_does_not_become_a_company(
    cast: Cast, at: datetime
) -> None:
    merchant = register(cast, at, legal_form="sole_proprietor")
    contacts.add_contact(
        uuid7(), merchant.pk, full_name="李四", lawful_basis="contract", by=SYSTEM, at=at
    )
    with pytest.raises(RuleBroken) as refusal:
        registration.correct(merchant.pk, {"credit_code": COMPANY}, by=cast.mei, at=at)
    assert refusal.value.code == "contacts_rest_on_contract"


def test_correcting_nothing_makes_no_new_version(cast: Cast, at: datetime) -> None:
    merchant = register(cast, at, credit_code=COMPANY, tier="a", monthly_turnover_fen=5)
    same = registration.correct(merchant.pk, {"tier": "a"}, by=cast.mei, at=at)
    assert same.version == 1
    assert TimelineEntry.objects.count() == 1


# --- chains --------------------------------------------------------------------------------------


def chain(cast: Cast, length: int) -> list[Merchant]:
    """A head, a shop below it, one below that …"""
    rows: list[Merchant] = []
    for _ in range(length):
        above = rows[-1] if rows else None
        rows.append(factories.MerchantFactory(unit=cast.xuhui, parent=above))
    return rows


def stand_below(merchant: Merchant, head: Merchant | None, cast: Cast, at: datetime) -> Merchant:
    parent = head.pk if head else None
    return registration.correct(merchant.pk, {"parent": parent}, by=cast.mei, at=at)


def test_a_shop_stands_below_its_head_and_leaves_it(cast: Cast, at: datetime) -> None:
    head, shop = factories.MerchantFactory(unit=cast.xuhui), register(cast, at)
    assert stand_below(shop, head, cast, at).parent == head
    assert stand_below(shop, None, cast, at).parent is None


@pytest.mark.parametrize("above", [0, 1, 2])
def test_no_merchant_stands_above_itself(above: int, cast: Cast, at: datetime) -> None:
    rows = chain(cast, 3)
    with pytest.raises(RuleBroken) as refusal:
        stand_below(rows[0], rows[above], cast, at)
    assert (refusal.value.code, refusal.value.problems[0].attr) == ("parent_cyclic", "parent")


def test_a_chain_has_five_levels(cast: Cast, at: datetime) -> None:
    four, two = chain(cast, 4), chain(cast, 2)
    with pytest.raises(RuleBroken) as refusal:
        stand_below(two[0], four[3], cast, at)
    assert refusal.value.code == "chain_too_deep"
    assert stand_below(two[0], four[2], cast, at).parent == four[2]


def test_a_head_is_one_that_the_actor_may_know_of(cast: Cast, at: datetime) -> None:
    elsewhere, shop = factories.MerchantFactory(unit=cast.hangzhou), register(cast, at)
    with pytest.raises(NotFound) as refusal:
        stand_below(shop, elsewhere, cast, at)
    assert refusal.value.problems[0].attr == "parent"
    Merchant.objects.filter(pk=shop.pk).update(parent=elsewhere)
    kept = registration.correct(shop.pk, {"tier": "b"}, by=cast.mei, at=at)
    assert kept.parent == elsewhere, "what is not touched stays"


@pytest.mark.django_db(transaction=True)
def test_two_sessions_cannot_close_a_circle_between_them(cast: Cast, at: datetime) -> None:
    one, other = (factories.MerchantFactory(unit=cast.xuhui) for _ in range(2))
    with transaction.atomic():
        stand_below(one, other, cast, at)
        second = Session(lambda: stand_below(other, one, cast, at))
        assert second.wait_until_blocked()
    with pytest.raises((RuleBroken, TryAgain)) as refusal:
        second.end()
    assert refusal.value.code == "parent_cyclic"


# --- doors ---------------------------------------------------------------------------------------


def test_the_api_takes_and_shows_all_of_it(cast: Cast) -> None:
    head = factories.MerchantFactory(unit=cast.xuhui)
    body = {
        "name": "海底捞火锅(徐家汇店)",
        "brand": "海底捞",
        "legal_form": "legal_entity",
        "credit_code": COMPANY,
        "licence_status": "open",
        "licence_checked_on": "2026-11-01",
        "licence_source": "国家企业信用信息公示系统",
        "source": "public_registry",
        "accessed_on": "2026-11-01",
        "parent": str(head.pk),
        "tier": "a",
        "monthly_turnover": "1280000.50",
    }
    answer = Phone(cast.ann).post("merchants/", body)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert shown["parent"] == {"id": str(head.pk), "name": head.name}
    assert {name: shown[name] for name in body if name != "parent"} == {
        name: value for name, value in body.items() if name != "parent"
    }


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({"licence_status": "fine"}, "invalid_choice", "licence_status"),
        ({"licence_checked_on": "1.11.2026"}, "invalid", "licence_checked_on"),
        ({"tier": "d"}, "invalid_choice", "tier"),
        ({"monthly_turnover": 12.5}, "money", "monthly_turnover"),
        ({"parent": "x"}, "invalid", "parent"),
        ({"parent": "{self}"}, "parent_cyclic", "parent"),
        ({"credit_code_override": 1}, "invalid", "credit_code_override"),
        ({"category_group": "dining"}, "unknown_field", "category_group"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(
    body: dict[str, Any], code: str, attr: str, cast: Cast
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    sent = {name: str(merchant.pk) if value == "{self}" else value for name, value in body.items()}
    answer = Phone(cast.ann).patch(f"merchants/{merchant.pk}/", sent, if_match='"1"')
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], error["attr"]) == (code, attr)


BACKEND = "crm.authentication.EmailOrEmployeeNumberBackend"


def test_the_admins_form_keeps_what_it_shows(cast: Cast, client: Client) -> None:
    elsewhere = factories.MerchantFactory(unit=cast.hangzhou)
    merchant = factories.MerchantFactory(
        unit=cast.xuhui,
        owner=cast.ann,
        parent=elsewhere,
        monthly_turnover_fen=128_000_050,
        credit_code=WRONG_DIGIT,
        credit_code_override=WHY,
    )
    page = f"/admin/merchants/merchant/{merchant.pk}/change/"
    client.force_login(cast.ann, backend=BACKEND)
    form = client.get(page).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields}
    assert client.post(page, {**sent, "tier": "a"}).status_code == 302
    merchant.refresh_from_db()
    assert (merchant.tier, merchant.version) == ("a", 2)
    assert merchant.parent == elsewhere
    assert merchant.monthly_turnover_fen == 128_000_050
    assert merchant.credit_code_override == WHY


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"licence_status": "open"}, "licence_checked_on"),
        ({"source": "public_registry"}, "accessed_on"),
        ({"credit_code": WRONG_DIGIT}, "credit_code"),
        ({"name": "喜" * 201}, "name"),
        ({"name": "喜\0茶"}, "name"),
        ({"monthly_turnover": "-1"}, "monthly_turnover"),
    ],
)
def test_the_admins_form_says_what_is_wrong_beside_the_field(
    given: dict[str, str], field: str, cast: Cast, client: Client
) -> None:
    client.force_login(cast.mei, backend=BACKEND)
    form = {"name": "新店", "source": "field", "unit": str(cast.xuhui.pk), **given}
    answer = client.post("/admin/merchants/merchant/add/", form)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not Merchant.objects.exists()


def test_ten_megabytes_are_refused_at_every_door(cast: Cast, client: Client) -> None:
    client.force_login(cast.mei, backend=BACKEND)
    name = "x" * 10_000_000
    form = {"name": name, "source": "field", "unit": str(cast.xuhui.pk)}
    assert client.post("/admin/merchants/merchant/add/", form).status_code in (400, 413)
    assert Phone(cast.mei).post("merchants/", {"name": name}).status_code == 413
    assert not Merchant.objects.exists()


def test_compliance_accepts_a_code_in_the_admin(cast: Cast, client: Client) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    client.force_login(cast.rui, backend=BACKEND)
    page = f"/admin/merchants/merchant/{merchant.pk}/"
    assert "accept-code" in client.get(f"{page}change/").content.decode()
    sent = {"credit_code": WRONG_DIGIT, "credit_code_override": WHY}
    assert client.post(f"{page}accept-code/", sent).status_code == 302
    merchant.refresh_from_db()
    assert merchant.credit_code == WRONG_DIGIT


def test_a_merge_does_not_close_a_circle_in_a_chain(cast: Cast, at: datetime) -> None:
    from merchants.domain import merging

    other, between = chain(cast, 2)
    kept = factories.MerchantFactory(unit=cast.xuhui, parent=between)
    with pytest.raises(RuleBroken) as refusal:
        merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.mei, at=at)
    assert [one.code for one in refusal.value.problems] == ["parent_cyclic"]
