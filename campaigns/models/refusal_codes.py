"""Why a purchase gets nothing: one code each, in the order in which they are asked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusalCode(models.TextChoices):
    """The listed order is the order of asking; the first that says no is the one that is kept."""

    WINDOW = "window", _("Outside the days or hours")
    CARD = "card", _("Card not in the offer")
    STORE = "store", _("Shop not in the offer")
    THRESHOLD = "threshold", _("Purchase too small")
    CUSTOMER_DAY = "customer_day", _("Customer's uses of the day used up")
    CUSTOMER_WEEK = "customer_week", _("Customer's uses of the week used up")
    CUSTOMER_MONTH = "customer_month", _("Customer's uses of the month used up")
    CUSTOMER_TOTAL = "customer_total", _("Customer's uses used up")
    DAY_QUOTA = "day_quota", _("Uses of the day used up")
    TOTAL_QUOTA = "total_quota", _("All uses used up")
    DAY_BUDGET = "day_budget", _("Budget of the day used up")
    TOTAL_BUDGET = "total_budget", _("Budget used up")
    PARTY_BUDGET = "party_budget", _("Money of one party used up")
