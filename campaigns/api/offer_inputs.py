"""What the API takes about offers: terms, limits and shares. Shapes only; the verbs decide."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from rest_framework import serializers

from campaigns.domain import limits
from campaigns.domain.limits import CARDHOLDERS, HOLIDAYS, MOST_LISTED
from campaigns.models import Collection, Mechanic, Party
from crm.api.inputs import Choice, Day, Input, Line, YuanField
from merchants.api.partnership_inputs import Count


class ClockTime(serializers.TimeField):
    """A time of day, like 17:30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"], **kwargs)

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str):
            self.fail("invalid", format="HH:MM")
        taken: time = super().to_internal_value(value)
        return taken


def _codes(length: int, help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=Line(max_length=length), required=False, max_length=MOST_LISTED, help_text=help_text
    )


def _cap() -> Count:
    return Count(required=False, allow_null=True)


class LimitsIn(Input):
    """When an offer holds, for which cards and shops, and how often; what is absent does not
    limit."""

    weekdays = serializers.ListField(
        child=Count(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text="1 is Monday; none means every day",
    )
    opens_at = ClockTime(required=False, allow_null=True)
    closes_at = ClockTime(required=False, allow_null=True)
    blackout_days = serializers.ListField(child=Day(), required=False, max_length=MOST_LISTED)
    holidays = Choice(
        [(word, word) for word in HOLIDAYS],
        required=False,
        allow_blank=True,
        help_text="Only on public holidays, or never on them",
    )
    card_prefixes = _codes(8, "The first six to eight digits of a card, never more")
    card_products = _codes(40, "Codes of card products")
    cardholders = Choice([(word, word) for word in CARDHOLDERS], required=False, allow_blank=True)
    categories = _codes(4, "Merchant category codes")
    uses_per_customer_day = _cap()
    uses_per_customer_week = _cap()
    uses_per_customer_month = _cap()
    uses_per_customer = _cap()
    uses_per_store_day = _cap()
    uses_per_day = _cap()
    uses_in_total = _cap()
    day_budget = YuanField(required=False, allow_null=True)


class FundingShareIn(Input):
    """What one party pays of every discount."""

    party = Choice(Party.choices)
    basis_points = Count(min_value=1, max_value=10_000)
    ceiling = YuanField(required=False, allow_null=True, help_text="The most it pays in all")
    fallback = Choice(
        Party.choices, required=False, allow_blank=True, help_text="Who pays beyond the ceiling"
    )
    collection = Choice(Collection.choices, required=False)


class OfferIn(Input):
    """An offer with its limits and shares."""

    mechanic = Choice(Mechanic.choices)
    terms = serializers.DictField(
        help_text="The numbers of the mechanic; sums in whole fen, as named"
    )
    limits = LimitsIn(required=False)
    shares = serializers.ListField(
        child=FundingShareIn(),
        allow_empty=False,
        max_length=len(Party.values),
        help_text="Together 10,000 basis points, each party once",
    )


def limits_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Limits as they are stored. Whether they can be is for the verb to say."""
    named = {"day_budget_fen" if name == "day_budget" else name: values[name] for name in values}
    return limits.as_stored(named)


def shares_of(values: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each party: party, basis_points, ceiling_fen, fallback, collection."""
    return [
        {
            "party": share["party"],
            "basis_points": share["basis_points"],
            "ceiling_fen": share.get("ceiling"),
            "fallback": share.get("fallback") or "",
            "collection": share.get("collection") or Collection.NET_SETTLE.value,
        }
        for share in values
    ]


EXAMPLE: Mapping[str, Any] = {
    "mechanic": "one_yuan",
    "terms": {"agreed_price_fen": 2500},
    "limits": {
        "weekdays": [1, 2, 3, 4, 5],
        "opens_at": "10:00",
        "closes_at": "17:00",
        "blackout_days": ["2027-02-06"],
        "uses_per_customer_day": 1,
        "uses_per_customer_month": 4,
        "day_budget": "2000.00",
    },
    "shares": [
        {"party": "bank", "basis_points": 6000, "ceiling": "60000.00", "fallback": "merchant"},
        {"party": "merchant", "basis_points": 4000},
    ],
}
