"""Limits of an offer: read back as they were stored, and refused where they cannot be."""

from datetime import time
from typing import Any

import pytest

from campaigns.domain import limits
from campaigns.domain.limits import Limits

AFTERNOONS = Limits(
    weekdays=(1, 2, 3, 4),
    opens_at=time(14),
    closes_at=time(17, 30),
    uses_per_customer_day=1,
    uses_in_total=5_000,
    day_budget_fen=200_000,
)


def test_what_is_stored_is_read_back() -> None:
    stored = limits.stored(AFTERNOONS)
    assert stored == {
        "weekdays": [1, 2, 3, 4],
        "opens_at": "14:00",
        "closes_at": "17:30",
        "uses_per_customer_day": 1,
        "uses_in_total": 5_000,
        "day_budget_fen": 200_000,
    }
    assert limits.read(stored) == AFTERNOONS
    assert limits.stored(Limits()) == {}
    assert limits.read({}) == Limits()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"weekdays": [0]}, "weekday_unknown"),
        ({"weekdays": [8]}, "weekday_unknown"),
        ({"opens_at": "17:00", "closes_at": "14:00"}, "hours_end_before_start"),
        ({"opens_at": "14:00", "closes_at": "14:00"}, "hours_end_before_start"),
        ({"opens_at": "14:00"}, "hours_end_before_start"),
        ({"uses_per_day": 0}, "cap_not_above_zero"),
        ({"day_budget_fen": -1}, "cap_not_above_zero"),
        ({"a_week": 1}, "a_week"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        limits.read(values)
