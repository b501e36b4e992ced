"""The fields and the inputs of an offer: what people type is what is stored, and is shown again."""

from datetime import date, time
from typing import Any

import pytest
from django import forms

from campaigns.admin.number_fields import CodesField, DaysField, PrizesField
from campaigns.admin.offer_fields import OfferFields
from campaigns.api import offer_inputs
from campaigns.domain import limit_words, limits
from campaigns.domain.campaign_terms import Share
from campaigns.models import Mechanic
from crm.errors import InvalidInput

TYPED = {
    "term_agreed_price_fen": "25",
    "weekdays": ["1", "2"],
    "opens_at": "10:00",
    "closes_at": "17:00",
    "blackout_days": "2026-10-01~2026-10-03、2027-01-01",
    "holidays": "never",
    "card_prefixes": "622260，62226199",
    "card_products": "platinum",
    "cardholders": "new",
    "categories": "7230 7231",
    "uses_per_customer_day": "1",
    "uses_per_store_day": "50",
    "day_budget": "2000.50",
    "share_bank": "60",
    "ceiling_bank": "60000",
    "fallback_bank": "merchant",
    "collection_bank": "invoice",
    "share_merchant": "40",
}
LIMITS = {
    "weekdays": [1, 2],
    "opens_at": "10:00",
    "closes_at": "17:00",
    "blackout_days": ["2026-10-01", "2026-10-02", "2026-10-03", "2027-01-01"],
    "holidays": "never",
    "card_prefixes": ["622260", "62226199"],
    "card_products": ["platinum"],
    "cardholders": "new",
    "categories": ["7230", "7231"],
    "uses_per_customer_day": 1,
    "uses_per_store_day": 50,
    "day_budget_fen": 200_050,
}
BANK = Share("bank", 6_000, 6_000_000, "merchant", "invoice")
MERCHANT = Share("merchant", 4_000)


class OfferForm(forms.Form):
    def __init__(self, data: Any = None, *, mechanic: str = "one_yuan", **asked: Any) -> None:
        super().__init__(data)
        self.offer = OfferFields(self, mechanic=mechanic, **asked)


def test_what_is_typed_is_what_is_stored() -> None:
    form = OfferForm(TYPED)
    assert form.is_valid(), form.errors
    assert form.offer.terms == {"agreed_price_fen": 2_500}
    assert form.offer.limits == LIMITS
    assert limits.stored(limits.read(form.offer.limits)) == LIMITS
    assert form.offer.shares == {"bank": 6_000, "merchant": 4_000}
    assert form.offer.shares_in_detail == [BANK._asdict(), MERCHANT._asdict()]


def test_what_is_stored_is_shown_and_typed_again_unchanged() -> None:
    form = OfferForm()
    form.offer.fill(
        mechanic="one_yuan",
        terms={"agreed_price_fen": 2_500},
        limits=LIMITS,
        shares=[BANK, MERCHANT],
    )
    shown = {name: field.initial for name, field in form.fields.items() if field.initial}
    again = OfferForm(shown)
    assert again.is_valid(), again.errors
    assert (again.offer.terms, again.offer.limits) == ({"agreed_price_fen": 2_500}, LIMITS)
    assert again.offer.shares_in_detail == [BANK._asdict(), MERCHANT._asdict()]


def test_the_numbers_of_another_mechanic_are_not_shown() -> None:
    form = OfferForm(mechanic="threshold_off")
    form.offer.fill(mechanic="one_yuan", terms={"threshold_fen": 500}, limits={}, shares=[])
    assert form.fields["term_threshold_fen"].initial is None


@pytest.mark.parametrize("mechanic", Mechanic.values)
def test_every_field_stands_in_one_section(mechanic: str) -> None:
    form = OfferForm(mechanic=mechanic)
    listed = [name for _title, names in form.offer.sections for name in names]
    shared = [field.name for _party, fields in form.offer.share_rows for field in fields]
    assert sorted([*listed, *shared]) == sorted(form.fields)
    assert set(form.offer.fields_of.values()) <= set(form.fields)


def test_fewer_limits_can_be_asked() -> None:
    form = OfferForm({"share_bank": "100"}, limit_names=("weekdays", "day_budget"), in_detail=False)
    assert form.is_valid()
    assert "card_prefixes" not in form.fields
    assert "ceiling_bank" not in form.fields
    assert (form.offer.limits, form.offer.shares) == ({}, {"bank": 10_000})


@pytest.mark.parametrize(
    ("field", "typed", "found"),
    [
        (DaysField(), "2026-10-01", [date(2026, 10, 1)]),
        (DaysField(), "2026-10-01 ~ 2026-10-02", [date(2026, 10, 1), date(2026, 10, 2)]),
        (DaysField(), "2026-10-01至2026-10-02", [date(2026, 10, 1), date(2026, 10, 2)]),
        (DaysField(), "2026-10-01–2026-10-02", [date(2026, 10, 1), date(2026, 10, 2)]),
        (DaysField(), "2026-10-02 2026-10-01", [date(2026, 10, 1), date(2026, 10, 2)]),
        (DaysField(), "", []),
        (DaysField(), "2026-10-02~2026-10-01", None),
        (DaysField(), "2026-10-01~2099-10-01", None),
        (DaysField(), "2026-13-01", None),
        (DaysField(), "soon", None),
        (DaysField(), "2026-10-01~2026-10-02~2026-10-03", None),
        (CodesField(), " 6222, 6223；6224、6225 6226 ", ["6222", "6223", "6224", "6225", "6226"]),
        (PrizesField(), "888×1, 50.5x100", [
            {"value_fen": 88_800, "count": 1}, {"value_fen": 5_050, "count": 100},
        ]),
        (PrizesField(), "a car", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_lists_are_read_as_people_write_them(field: forms.Field, typed: str, found: Any) -> None:
    if found is None:
        with pytest.raises(forms.ValidationError):
            field.clean(typed)
    else:
        assert field.clean(typed) == found


def test_the_api_takes_the_same_offer() -> None:
    taken = offer_inputs.OfferIn(data=offer_inputs.EXAMPLE)
    assert taken.is_valid(), taken.errors
    values = taken.validated_data
    assert values["limits"]["opens_at"] == time(10)
    assert offer_inputs.limits_of(values["limits"]) == {
        "weekdays": [1, 2, 3, 4, 5],
        "opens_at": "10:00",
        "closes_at": "17:00",
        "blackout_days": ["2027-02-06"],
        "uses_per_customer_day": 1,
        "uses_per_customer_month": 4,
        "day_budget_fen": 200_000,
    }
    assert offer_inputs.shares_of(values["shares"]) == [
        Share("bank", 6_000, 6_000_000, "merchant")._asdict(),
        MERCHANT._asdict(),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"mechanic": "free_beer"},
        {"limits": {"a_week": 1}},
        {"limits": {"weekdays": [8]}},
        {"limits": {"day_budget": 20.5}},
        {"limits": {"holidays": "sometimes"}},
        {"limits": {"blackout_days": ["soon"]}},
        {"limits": {"card_prefixes": ["6222601234567890"]}},
        {"shares": []},
        {"shares": [{"party": "nobody", "basis_points": 10_000}]},
        {"shares": [{"party": "bank", "basis_points": 0}]},
        {"shares": [{"party": "bank", "basis_points": 50.5}]},
        {"shares": [{"party": "bank", "basis_points": 10_000, "ceiling": "-1.00"}]},
    ],
    ids=str,
)
def test_the_api_refuses_what_has_no_such_shape(change: dict[str, Any]) -> None:
    assert not offer_inputs.OfferIn(data={**offer_inputs.EXAMPLE, **change}).is_valid()


@pytest.mark.parametrize(
    ("values", "code", "attr"),
    [
        ({"weekdays": [0]}, "weekday_unknown", "weekdays"),
        ({"weekdays": "1"}, "weekday_unknown", "weekdays"),
        ({"opens_at": "25:00"}, "hour_malformed", "opens_at"),
        ({"opens_at": 10}, "hour_malformed", "opens_at"),
        ({"opens_at": "14:00"}, "hours_end_before_start", "closes_at"),
        ({"blackout_days": ["2026-02-30"]}, "day_malformed", "blackout_days"),
        ({"holidays": "sometimes"}, "holidays_unknown", "holidays"),
        ({"cardholders": "rich"}, "cardholders_unknown", "cardholders"),
        ({"card_prefixes": ["62226"]}, "card_prefix_malformed", "card_prefixes"),
        ({"card_prefixes": ["622260123"]}, "card_prefix_malformed", "card_prefixes"),
        ({"card_products": ["a b"]}, "card_product_malformed", "card_products"),
        ({"categories": ["58"]}, "category_malformed", "categories"),
        ({"categories": [f"{n:04}" for n in range(401)]}, "too_many_listed", "categories"),
        ({"uses_per_store_day": 0}, "cap_not_above_zero", "uses_per_store_day"),
        ({"uses_per_day": 1.5}, "cap_not_above_zero", "uses_per_day"),
        ({"uses_per_day": True}, "cap_not_above_zero", "uses_per_day"),
        ({"day_budget_fen": 10**14}, "cap_too_large", "day_budget_fen"),
        ({"a_week": 1}, "limit_unknown", "a_week"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_limits_that_cannot_be_are_refused_in_words(
    values: dict[str, Any], code: str, attr: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        limit_words.read(values)
    assert (refused.value.code, refused.value.problems[0].attr) == (code, f"limits.{attr}")


def test_every_limit_and_every_flaw_has_its_words() -> None:
    assert set(limit_words.NAMES) == set(limits.NAMES)
    assert set(limit_words.HOLIDAYS) == {"", *limits.HOLIDAYS}
    assert set(limit_words.CARDHOLDERS) == {"", *limits.CARDHOLDERS}


def test_the_same_limits_are_stored_the_same_however_they_were_listed() -> None:
    one = limits.read({"weekdays": [3, 1, 1], "categories": ["5812", "5411"]})
    assert one == limits.read({"weekdays": [1, 3], "categories": ["5411", "5812", "5411"]})
