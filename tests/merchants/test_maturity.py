"""Maturity: what each level asks for, and how slowly a level is lost."""

from dataclasses import replace
from typing import Any

import pytest

from merchants.domain import maturity
from merchants.domain.maturity import BARS, CRITERIA, Criterion, Facts, Side

FULL = Facts(
    signed_agreement=True,
    live_offers=1,
    redemptions=1,
    new_cards=30,
    first_swipe=5000,
    lifted_campaigns=2,
    segmented_campaigns=1,
    bank_roi=0,
    further_products=2,
    joint_plan=True,
    merchant_share=3000,
)
"""Every criterion, just met."""

JUST_MISSED: dict[Criterion, tuple[dict[str, Any], int]] = {
    Criterion.SIGNED_AGREEMENT: ({"signed_agreement": False}, 0),
    Criterion.LIVE_OFFER: ({"live_offers": 0}, 0),
    Criterion.REDEMPTION: ({"redemptions": 0}, 0),
    Criterion.NEW_CARDS: ({"new_cards": 29}, 1),
    Criterion.FIRST_SWIPE: ({"first_swipe": 4999}, 1),
    Criterion.LIFTED_CAMPAIGNS: ({"lifted_campaigns": 1}, 2),
    Criterion.SEGMENTED_CAMPAIGN: ({"segmented_campaigns": 0}, 2),
    Criterion.BANK_ROI: ({"bank_roi": -1}, 2),
    Criterion.FURTHER_PRODUCTS: ({"further_products": 1}, 3),
    Criterion.JOINT_PLAN: ({"joint_plan": False}, 3),
    Criterion.MERCHANT_SHARE: ({"merchant_share": 2999}, 3),
}


def test_every_criterion_just_met_is_the_highest_level() -> None:
    assert maturity.measured(FULL) == maturity.TOP
    assert all(one.met for one in maturity.findings(FULL))


@pytest.mark.parametrize("criterion", JUST_MISSED)
def test_one_criterion_missed_keeps_the_level_below_whatever_else_is_met(
    criterion: Criterion,
) -> None:
    change, level = JUST_MISSED[criterion]
    missed = replace(FULL, **change)
    assert maturity.measured(missed) == level
    assert [one.criterion for one in maturity.findings(missed) if not one.met] == [criterion]


@pytest.mark.parametrize("criterion", JUST_MISSED)
def test_what_nobody_filed_meets_nothing(criterion: Criterion) -> None:
    change, level = JUST_MISSED[criterion]
    (name,) = change
    unknown = replace(FULL, **{name: False if name == "signed_agreement" else None})
    assert maturity.measured(unknown) == level


def test_nothing_known_is_level_0() -> None:
    assert maturity.measured(Facts()) == 0


def test_every_criterion_belongs_to_one_level_and_has_a_bar() -> None:
    listed = [one for asked in CRITERIA.values() for one in asked]
    assert sorted(listed) == sorted(Criterion)
    assert set(BARS) == set(Criterion)
    assert list(CRITERIA) == [1, 2, 3, 4]


MONTHS: dict[str, tuple[list[int], list[int]]] = {
    "the first counts as it is": ([3], [3]),
    "up at once": ([0, 1, 4], [0, 1, 4]),
    "one bad month changes nothing": ([3, 2, 3], [3, 3, 3]),
    "two bad months cost the level": ([3, 2, 2], [3, 3, 2]),
    "down to what both months support": ([4, 0, 2], [4, 4, 2]),
    "and the worse one second": ([4, 2, 0], [4, 4, 2]),
    "a third month further down": ([4, 2, 0, 0], [4, 4, 2, 0]),
    "a good month between starts anew": ([3, 2, 3, 2, 3], [3, 3, 3, 3, 3]),
    "bad, good, bad, bad": ([3, 1, 3, 1, 1], [3, 3, 3, 3, 1]),
    "lost and won back": ([2, 0, 0, 2], [2, 2, 0, 2]),
    "partly won back is no bad month for the lower level": ([4, 1, 3, 1, 3], [4, 4, 3, 3, 3]),
    "never above what was met": ([1, 0, 1, 0, 0], [1, 1, 1, 1, 0]),
}


@pytest.mark.parametrize("story", MONTHS)
def test_a_level_is_lost_after_two_evaluations_in_a_row_below_its_bar(story: str) -> None:
    found, expected = MONTHS[story]
    level: int | None = None
    before: int | None = None
    levels = []
    for measured in found:
        level = maturity.held(measured, before=level, measured_before=before)
        before = measured
        levels.append(level)
    assert levels == expected


@pytest.mark.parametrize(
    ("bank", "merchant", "customer", "weakest"),
    [
        (2, 1, 2, (Side.MERCHANT,)),
        (0, 1, 2, (Side.BANK,)),
        (2, 2, 1, (Side.CUSTOMER,)),
        (1, 1, 2, (Side.BANK, Side.MERCHANT)),
        (0, 0, 0, (Side.BANK, Side.MERCHANT, Side.CUSTOMER)),
        (2, 2, 2, ()),
        (2, None, 1, ()),
        (None, None, None, ()),
    ],
)
def test_the_weakest_side_of_the_ecosystem(
    bank: int | None, merchant: int | None, customer: int | None, weakest: tuple[Side, ...]
) -> None:
    assert maturity.weakest(bank, merchant, customer) == weakest


def test_a_level_is_written_with_one_decimal() -> None:
    assert str(maturity.shown(3)) == "3.0"
