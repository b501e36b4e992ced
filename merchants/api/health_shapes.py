"""What the API answers about the health and maturity of a partnership."""

from typing import Any

from rest_framework import serializers

from crm.api.pages import Listing
from crm.api.shapes import Shape, Yuan
from merchants.domain.health import Part
from merchants.domain.maturity import Criterion, Side
from merchants.models import PeriodFigures, SalesDay

SALES_DAY = Shape(
    "SalesDay",
    SalesDay,
    id="id",
    version="version",
    partnership="partnership_id",
    day="day",
    sales=Yuan("sales_fen"),
    qualifying_sales="qualifying_sales",
    redemptions="redemptions",
    created_at="created_at",
    updated_at="updated_at",
)

FIGURES = Shape(
    "PeriodFigures",
    PeriodFigures,
    id="id",
    version="version",
    partnership="partnership_id",
    month="month",
    source="source",
    planned_redemptions="planned_redemptions",
    statements="statements",
    statements_overdue="statements_overdue",
    live_offers="live_offers",
    new_cards="new_cards",
    first_swipe="first_swipe",
    lifted_campaigns="lifted_campaigns",
    segmented_campaigns="segmented_campaigns",
    bank_roi="bank_roi",
    further_products="further_products",
    joint_plan="joint_plan",
    merchant_share="merchant_share",
    bank_side="bank_side",
    merchant_side="merchant_side",
    customer_side="customer_side",
    created_at="created_at",
    updated_at="updated_at",
)

SALES_DAYS = Listing(SALES_DAY, orderings=("day",), filters={})
FIGURES_LIST = Listing(FIGURES, orderings=("month",), filters={})


HEALTH_PARTS = [(one.value, one.value) for one in Part]


class RecordedOut(serializers.Serializer[Any]):
    """What became of the days that were filed."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class HealthPartOut(serializers.Serializer[Any]):
    """One of the five parts. Share and points are null where there is no data."""

    part = serializers.ChoiceField(HEALTH_PARTS)
    label = serializers.CharField(help_text="In the language of Accept-Language")  # type: ignore[assignment]
    share = serializers.DecimalField(max_digits=5, decimal_places=4, allow_null=True)
    weight = serializers.DecimalField(
        max_digits=5, decimal_places=4, help_text="After the weight of parts without data is spread"
    )
    points = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    text = serializers.CharField(help_text="What it was made from, in words")


class HealthDayOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    score = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)


class HealthOut(serializers.Serializer[Any]):
    """The health of a partnership as it was reckoned last. Null score: too little data."""

    partnership = serializers.UUIDField()
    day = serializers.DateField(allow_null=True)
    score = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    alarm_below = serializers.IntegerField(help_text="An active partnership of less wavers")
    recovered_from = serializers.IntegerField(help_text="What a wavering one has to come back to")
    parts = HealthPartOut(many=True)
    no_data = serializers.ListField(child=serializers.ChoiceField(HEALTH_PARTS))
    history = HealthDayOut(many=True)


class CriterionOut(serializers.Serializer[Any]):
    """One thing that a level asks for. Rates, shares and returns are basis points."""

    level = serializers.IntegerField()
    criterion = serializers.ChoiceField([one.value for one in Criterion])
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.IntegerField(allow_null=True, help_text="Null: no data")
    bar = serializers.IntegerField(help_text="The least that meets it")
    met = serializers.BooleanField()


class SideOut(serializers.Serializer[Any]):
    side = serializers.ChoiceField([one.value for one in Side])
    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.IntegerField(allow_null=True)
    weakest = serializers.BooleanField()


class MaturityMonthOut(serializers.Serializer[Any]):
    month = serializers.DateField()
    measured = serializers.IntegerField()
    level = serializers.IntegerField()


class MaturityOut(serializers.Serializer[Any]):
    """The level that the partnership has, and what the figures filed so far would give."""

    partnership = serializers.UUIDField()
    level = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    measured = serializers.IntegerField(help_text="What the figures filed so far would give")
    criteria = CriterionOut(many=True)
    ecosystem = SideOut(many=True)
    history = MaturityMonthOut(many=True)
