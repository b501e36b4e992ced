"""What the API takes about proposals: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from campaigns.api.offer_inputs import ClockTime
from campaigns.models import Mechanic
from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Words, YuanField
from leads.models import Cell
from merchants.api.partnership_inputs import Count

SUMS = (
    "monthly_impact",
    "budget",
    "day_budget",
    "operating_cost",
    "ticket",
    "card_contribution",
)


class _Content(Input):
    entry_pain = Id(required=False, allow_null=True, help_text="A pain of the lead's merchant")
    entry_cell = Choice(Cell.choices, required=False, allow_blank=True)
    pain_words = Words(max_length=2000, required=False, allow_blank=True)
    monthly_impact = YuanField(required=False, allow_null=True)
    title = Line(max_length=100, required=False, allow_blank=True)
    mechanic = Choice(Mechanic.choices, required=False, allow_blank=True)
    terms = serializers.DictField(
        required=False, help_text="The numbers of the mechanic; sums in whole fen, as named"
    )
    next_steps = Words(max_length=2000, required=False, allow_blank=True)
    starts_on = Day(required=False, allow_null=True)
    ends_on = Day(required=False, allow_null=True)
    weekdays = serializers.ListField(
        child=Count(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text="1 is Monday; none means every day",
    )
    opens_at = ClockTime(required=False, allow_null=True)
    closes_at = ClockTime(required=False, allow_null=True)
    uses_per_customer_day = Count(required=False, allow_null=True)
    uses_per_customer_month = Count(required=False, allow_null=True)
    uses_per_customer = Count(required=False, allow_null=True)
    uses_per_day = Count(required=False, allow_null=True)
    uses_in_total = Count(required=False, allow_null=True)
    shares = serializers.DictField(
        child=Count(),
        required=False,
        help_text="Party → basis points; together 10,000, or empty while nobody has said",
    )
    budget = YuanField(required=False, allow_null=True)
    day_budget = YuanField(required=False, allow_null=True)
    operating_cost = YuanField(required=False)
    redemptions = Count(required=False, allow_null=True)
    purchases_without = Count(required=False, allow_null=True)
    ticket = YuanField(required=False, allow_null=True)
    first_swipe_cards = Count(required=False, allow_null=True)
    reactivated_cards = Count(required=False, allow_null=True)
    card_contribution = YuanField(required=False, allow_null=True)
    gross_margin = Count(required=False, allow_null=True, help_text="In basis points")
    merchant_rate = Count(required=False, help_text="In millionths: 0.60 % is 6000")


class ProposalIn(_Content):
    id = ClientId()
    lead = Id()


class ProposalVersionIn(_Content):
    """What the next version says differently."""


class ProposalPatch(_Content):
    """What the draft says from now on."""


class ForecastIn(_Content):
    """Numbers to reckon with; nothing is stored."""


class ProposalBecauseIn(Input):
    because = Words(max_length=2000)


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Content as the verbs call it."""
    names = {"entry_pain": "entry_pain_id", **{name: f"{name}_fen" for name in SUMS}}
    return {names.get(name, name): value for name, value in values.items()}


EXAMPLE: Mapping[str, Any] = {
    "title": "工作日晚餐满100减20",
    "pain_words": "周一到周四晚上,总有十来桌空着。",
    "mechanic": "threshold_off",
    "terms": {"threshold_fen": 10000, "off_fen": 2000},
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-28",
    "weekdays": [1, 2, 3, 4],
    "opens_at": "17:00",
    "closes_at": "21:00",
    "uses_per_customer_day": 1,
    "shares": {"bank": 5000, "merchant": 3000, "scheme": 1500, "platform": 500},
    "budget": "20000.00",
    "operating_cost": "2000.00",
    "redemptions": 1000,
    "purchases_without": 600,
    "ticket": "120.00",
    "first_swipe_cards": 80,
    "reactivated_cards": 50,
    "card_contribution": "150.00",
    "gross_margin": 6000,
    "merchant_rate": 6000,
}
