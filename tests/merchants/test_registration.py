"""Merchants come in once, and their details hold together."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import InvalidInput, NotAllowed, RuleBroken
from crm.ids import uuid7
from merchants.domain import contacts, phones, registration
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
CODE = "91310000775785552L"


def register(cast: Cast, at: datetime, name: str, **details: Any) -> Merchant:
    return registration.register(
        uuid7(),
        registration.Details(name, **details),
        unit_id=cast.xuhui.pk,
        owner=cast.ann,
        by=cast.ann,
        at=at,
    )


@pytest.mark.parametrize(
    "twin", ["海底捞火锅（徐家汇店）", "海底捞 火锅(徐家汇店)", "海底捞火锅(徐家汇店)有限公司"]
)
def test_a_merchant_is_known_whatever_way_its_name_is_written(
    twin: str, cast: Cast, at: datetime
) -> None:
    factories.DivisionFactory()
    register(cast, at, "海底捞火锅(徐家汇店)", division="310104")
    with pytest.raises(RuleBroken) as refusal:
        register(cast, at, twin, division="310104")
    assert refusal.value.code == "merchant_exists"
    assert register(cast, at, twin).pk, "without the district it may be another one"


def test_a_credit_code_is_known_once(cast: Cast, at: datetime) -> None:
    register(cast, at, "海底捞", credit_code=CODE)
    with pytest.raises(RuleBroken) as refusal:
        register(cast, at, "别的名字", credit_code=CODE.lower())
    assert refusal.value.code == "merchant_exists"


def test_a_prohibited_category_is_not_won(cast: Cast, at: datetime) -> None:
    factories.CategoryFactory(code="7995", prohibited=True)
    with pytest.raises(InvalidInput) as refusal:
        register(cast, at, "彩票店", mcc="7995")
    assert refusal.value.code == "mcc_prohibited"


def test_one_registers_for_ones_own_unit(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        registration.register(
            uuid7(),
            registration.Details("新荣记"),
            unit_id=cast.hangzhou.pk,
            owner=cast.ann,
            by=cast.ann,
            at=at,
        )
    assert not Merchant.objects.exists()


def test_a_correction_brings_what_follows_from_the_name_up_to_date(
    cast: Cast, at: datetime
) -> None:
    merchant = register(cast, at, "海底捞")
    corrected = registration.correct(merchant.pk, {"name": "新荣记"}, by=cast.ann, at=at, version=1)
    assert (corrected.name_initials, corrected.version) == ("xrj", 2)
    assert list(Merchant.objects.matching("新荣")) == [merchant]
    assert not Merchant.objects.matching("海底").exists()


@pytest.mark.parametrize(
    ("raw", "stored", "masked"),
    [
        ("138 0013 8000", "+8613800138000", "138****8000"),
        ("+86 138-0013-8000", "+8613800138000", "138****8000"),
        ("021-64310000", "+862164310000", "216****0000"),
        ("95555", "95555", "95555"),
        ("400-820-8820", "4008208820", "4008208820"),
    ],
)
def test_phones_are_stored_in_one_form_and_shown_masked(raw: str, stored: str, masked: str) -> None:
    assert phones.parsed(raw) == stored
    assert phones.masked(stored) == masked


@pytest.mark.parametrize("raw", ["1", "none", "138001380001234", "+1", "１３８", "\x00", "+" * 40])
def test_what_cannot_be_dialled_is_no_phone(raw: str) -> None:
    with pytest.raises(phones.BadPhone):
        phones.parsed(raw)


def test_an_employees_data_cannot_rest_on_the_merchants_contract(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    with pytest.raises(InvalidInput) as refusal:
        contacts.add_contact(
            uuid7(), merchant.pk, full_name="李四", lawful_basis="contract", by=SYSTEM, at=at
        )
    assert refusal.value.code == "contract_needs_sole_proprietor"


def test_every_contact_has_a_day_on_which_it_goes(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    contact = contacts.add_contact(
        uuid7(), merchant.pk, full_name="李四", lawful_basis="consent", by=cast.ann, at=at
    )
    assert contact.retain_until == (at + timedelta(days=365)).date()
