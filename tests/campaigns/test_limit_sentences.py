"""Limits in the words of people."""

from typing import Any

import pytest

from campaigns.domain import limit_sentences, limits


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, []),
        ({"weekdays": [1, 2, 3, 4]}, ["Monday to Thursday"]),
        ({"weekdays": [6, 7]}, ["Saturday, Sunday"]),
        ({"weekdays": [1, 3, 5]}, ["Monday, Wednesday, Friday"]),
        ({"weekdays": [1, 2, 3, 4, 5, 6, 7]}, []),
        ({"opens_at": "14:00", "closes_at": "17:30"}, ["14:00–17:30"]),
        ({"blackout_days": ["2027-01-01"], "holidays": "never"},
         ["Not on 2027-01-01", "Never on public holidays"]),
        ({"blackout_days": [f"2027-01-{day:02}" for day in range(1, 21)]},
         ["Not on 2027-01-01 and 19 more"]),
        ({"card_prefixes": ["622260"], "card_products": ["gold"], "cardholders": "new",
          "categories": ["5812"]},
         ["Cards that begin with 622260", "Card products gold", "New cardholders only",
          "Merchant categories 5812"]),
        ({"uses_per_customer_day": 1, "uses_per_customer_week": 2, "uses_per_customer_month": 4,
          "uses_per_customer": 1, "uses_per_store_day": 50, "uses_per_day": 1600,
          "uses_in_total": 9000},
         ["Once a day per customer", "2 times a week per customer",
          "4 times a month per customer", "Once per customer",
          "The first 50 customers a day in each shop", "The first 1,600 customers a day",
          "9,000 times in all"]),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_every_limit_is_said(values: dict[str, Any], said: list[str]) -> None:
    assert limit_sentences.of(limits.read(values)) == said


def test_customers_are_not_told_what_a_day_may_cost() -> None:
    read = limits.read({"day_budget_fen": 200_000})
    assert limit_sentences.of(read) == []
    assert limit_sentences.day_budget(read) == "Discounts of ¥2,000 a day"
