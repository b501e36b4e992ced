"""Limits of an offer: when it holds, for which cards and shops, and how often it can be used.

Pure, without Django. They are asked in this order, and the first that fails is the reason that is
kept: window, card, shop and category, threshold; a customer's uses a day, a week, a month, in all;
uses a day (of the campaign or of a shop), in all; budget of a day, of the whole, of a party
(`eligibility.decide`). Source: domain page, 5.3.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from typing import Any

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
"""Monday to Sunday."""
HOLIDAYS = ("only", "never")
"""Whether it holds on public holidays only, or on none of them."""
CARDHOLDERS = ("new", "existing")
MOST_LISTED = 400
"""Days, prefixes, products or categories of one offer."""
LARGEST = 10**13
_PREFIX = re.compile(r"[0-9]{6,8}")
_CATEGORY = re.compile(r"[0-9]{4}")
_PRODUCT = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Windows and caps; what is None or empty does not limit. Sums in fen.

    A week is Monday to Sunday, a month that of the calendar. The offer holds through the minute of
    `closes_at`, so that 23:59 means until midnight.
    """

    weekdays: tuple[int, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    blackout_days: tuple[date, ...] = ()
    holidays: str = ""
    card_prefixes: tuple[str, ...] = ()
    """The first six to eight digits (BIN); never more of a card number than that."""
    card_products: tuple[str, ...] = ()
    cardholders: str = ""
    categories: tuple[str, ...] = ()
    """Merchant category codes."""
    uses_per_customer_day: int | None = None
    uses_per_customer_week: int | None = None
    uses_per_customer_month: int | None = None
    uses_per_customer: int | None = None
    uses_per_store_day: int | None = None
    uses_per_day: int | None = None
    uses_in_total: int | None = None
    day_budget_fen: int | None = None

    def flaws(self) -> list[str]:
        """The codes of what cannot be."""
        return [code for code, _name in self.named_flaws()]

    def named_flaws(self) -> list[tuple[str, str]]:
        """What cannot be: a stable code each, and the limit that it is about."""
        found = []
        if not set(self.weekdays) <= set(EVERY_DAY):
            found.append(("weekday_unknown", "weekdays"))
        if (self.opens_at is None) != (self.closes_at is None) or (
            self.opens_at and self.closes_at and self.closes_at <= self.opens_at
        ):
            found.append(("hours_end_before_start", "closes_at"))
        if self.holidays not in ("", *HOLIDAYS):
            found.append(("holidays_unknown", "holidays"))
        if self.cardholders not in ("", *CARDHOLDERS):
            found.append(("cardholders_unknown", "cardholders"))
        for name, pattern, code in _LISTED:
            if not all(
                isinstance(one, str) and pattern.fullmatch(one) for one in getattr(self, name)
            ):
                found.append((code, name))
        found += [
            ("too_many_listed", name)
            for name in ("blackout_days", *(name for name, _pattern, _code in _LISTED))
            if len(getattr(self, name)) > MOST_LISTED
        ]
        for name in CAPS:
            cap = getattr(self, name)
            if cap is None:
                continue
            if isinstance(cap, bool) or not isinstance(cap, int) or cap <= 0:
                found.append(("cap_not_above_zero", name))
            elif cap > LARGEST:
                found.append(("cap_too_large", name))
        return found


_LISTED = (
    ("card_prefixes", _PREFIX, "card_prefix_malformed"),
    ("card_products", _PRODUCT, "card_product_malformed"),
    ("categories", _CATEGORY, "category_malformed"),
)
NAMES = tuple(field.name for field in fields(Limits))
CAPS = tuple(name for name in NAMES if name.startswith(("uses", "day_")))
"""The limits that are a number: counts, and the budget of a day in fen."""


def stored(limits: Limits) -> dict[str, Any]:
    """Limits as plain JSON values, without those that do not limit."""
    return {
        name: [_plain(one) for one in value] if isinstance(value, tuple) else _plain(value)
        for name, value in asdict(limits).items()
        if value not in (None, (), "")
    }


def as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Limits as doors take them (days, hours, lists) as plain JSON values. Whether they can be is
    not asked here: that is for whoever reads them."""
    taken: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return stored(Limits(**taken))


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else value


class ImpossibleLimits(ValueError):
    """Limits that cannot be: (code, limit) of everything that is wrong with them."""

    def __init__(self, flaws: list[tuple[str, str]]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for code, name in flaws))
        self.flaws = flaws


def read(values: Mapping[str, Any]) -> Limits:
    """Limits as they were stored. Raises ImpossibleLimits, a ValueError, for what they know nothing
    of, or what cannot be."""
    found = [("limit_unknown", name) for name in values if name not in NAMES]
    taken: dict[str, Any] = {}
    for name, value in values.items():
        try:
            taken[name] = _READ[name](value) if name in _READ else value
        except (TypeError, ValueError):
            found.append((_MALFORMED.get(name, "limit_malformed"), name))
    if not found:
        limits = Limits(**taken)
        found = limits.named_flaws()
        if not found:
            return limits
    raise ImpossibleLimits(found)


def _listed(value: Any) -> tuple[Any, ...]:
    """Each once, in order: the same list means the same limits, however it was typed."""
    if isinstance(value, str):
        raise TypeError(value)
    return tuple(sorted(set(value)))


def _days(value: Any) -> tuple[date, ...]:
    return _listed(
        [one if isinstance(one, date) else date.fromisoformat(one) for one in _listed(value)]
    )


def _clock(value: Any) -> time | None:
    if not isinstance(value, str | time | None):
        raise TypeError(value)
    return time.fromisoformat(value) if isinstance(value, str) else value


_READ: Mapping[str, Any] = {
    "weekdays": _listed,
    "opens_at": _clock,
    "closes_at": _clock,
    "blackout_days": _days,
    "card_prefixes": _listed,
    "card_products": _listed,
    "categories": _listed,
}
_MALFORMED = {"opens_at": "hour_malformed", "closes_at": "hour_malformed",
              "blackout_days": "day_malformed", "weekdays": "weekday_unknown"}  # fmt: skip
