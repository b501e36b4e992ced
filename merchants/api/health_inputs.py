"""What the API takes about the figures of a partnership: shapes only."""

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.inputs import Choice, Day, Flag, Input, Line, YuanField
from merchants.domain.figures import MOST_DAYS
from merchants.models import BankProduct
from merchants.models.figures import HIGHEST_RETURN, LARGEST_COUNT

MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
_MONTH = re.compile(MONTH[1:-1])


class Count(serializers.IntegerField):
    """A whole number, and nothing that only looks like one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


@extend_schema_field({"type": "string", "pattern": MONTH, "example": "2026-11"})
class Month(serializers.Field[date, str, str, Any]):
    """A month, like 2026-11."""

    default_error_messages = {"month": _("Write a month like 2026-11.")}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not _MONTH.fullmatch(data):
            self.fail("month")
        return date.fromisoformat(f"{data}-01")


class SalesDayIn(Input):
    day = Day()
    sales = YuanField()
    qualifying_sales = Count(min_value=0, max_value=LARGEST_COUNT)
    redemptions = Count(min_value=0, max_value=LARGEST_COUNT)


class SalesDaysIn(Input):
    days = serializers.ListField(child=SalesDayIn(), min_length=1, max_length=MOST_DAYS)


def _count(most: int = LARGEST_COUNT, least: int = 0, help_text: str = "") -> Count:
    return Count(
        min_value=least, max_value=most, required=False, allow_null=True, help_text=help_text
    )


class FiguresIn(Input):
    """Absent: stays as it is. Null: taken back."""

    month = Month()
    source = Line(help_text="Where the figures come from")  # type: ignore[assignment]
    planned_redemptions = _count()
    statements = _count(6, help_text="How many of the last six statements there are")
    statements_overdue = _count(6)
    live_offers = _count()
    new_cards = _count(help_text="Attributed to the merchant in the month")
    first_swipe = _count(10_000, help_text="Basis points")
    lifted_campaigns = _count(1000, help_text="Campaigns measured in the month, with positive lift")
    segmented_campaigns = _count(1000)
    bank_roi = _count(HIGHEST_RETURN, -HIGHEST_RETURN, help_text="Basis points")
    further_products = serializers.ListField(
        child=Choice(BankProduct.choices), max_length=5, required=False, allow_null=True
    )
    joint_plan = Flag(required=False, allow_null=True)
    merchant_share = _count(10_000, help_text="Basis points")
    bank_side = _count(2)
    merchant_side = _count(2)
    customer_side = _count(2)
