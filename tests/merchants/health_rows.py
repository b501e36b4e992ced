"""Partnerships with figures, for the tests of health and maturity."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from merchants.models import Merchant, Partnership, PeriodFigures, SalesDay
from tests import factories

TODAY = timezone.localdate(factories.AT)
"""Wednesday 18 November 2026."""


def partnership(merchant: Merchant | None = None, **given: Any) -> Partnership:
    """An active partnership, for a hundred days."""
    given = {
        "merchant": merchant or factories.MerchantFactory(),
        "created_at": factories.AT - timedelta(days=100),
        "stage_entered_at": factories.AT - timedelta(days=100),
        "evidence_since": factories.AT - timedelta(days=100),
        **given,
    }
    made: Partnership = factories.PartnershipFactory(**given)
    return made


def sold(
    one: Partnership, day: date, *, fen: int = 100, sales: int = 1, redemptions: int = 0
) -> SalesDay:
    """Sales of one day."""
    return SalesDay.objects.create(
        partnership=one, day=day, sales_fen=fen, qualifying_sales=sales, redemptions=redemptions
    )


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


def figures(one: Partnership, month: date, **given: Any) -> PeriodFigures:
    """Figures of a month."""
    return PeriodFigures.objects.create(partnership=one, month=month, source="卡部月报", **given)


def the_worked_example(one: Partnership) -> None:
    """8 days with sales, 90,000 against 100,000, 450 of 600 redemptions, 1 of 6 statements
    overdue; the contact is an activity of the merchant's."""
    sold(one, days_ago(31), fen=10_000_000, redemptions=1000)
    for place in range(8):
        sold(one, days_ago(1 + place), fen=1_000_000, redemptions=56)
    sold(one, days_ago(30), fen=1_000_000, sales=0, redemptions=2)
    figures(one, date(2026, 10, 1), planned_redemptions=620, statements=6, statements_overdue=1)
    figures(one, date(2026, 11, 1), planned_redemptions=600)
    factories.ActivityFactory(
        merchant=one.merchant, occurred_at=factories.AT - timedelta(days=3), kind="call"
    )
