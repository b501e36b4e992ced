"""The limits of an offer in the words of people: what each is called, and what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.domain import limits
from campaigns.domain.limits import ImpossibleLimits, Limits
from crm.errors import InvalidInput, Problem, Sentence

NAMES: Mapping[str, Sentence] = {
    "weekdays": _("On these days"),
    "opens_at": _("Every day from"),
    "closes_at": _("Every day until"),
    "blackout_days": _("Not on these days"),
    "holidays": _("Public holidays"),
    "card_prefixes": _("Cards that begin with"),
    "card_products": _("Card products"),
    "cardholders": _("Cardholders"),
    "categories": _("Merchant categories"),
    "uses_per_customer_day": _("Uses per customer a day"),
    "uses_per_customer_week": _("Uses per customer a week"),
    "uses_per_customer_month": _("Uses per customer a month"),
    "uses_per_customer": _("Uses per customer in all"),
    "uses_per_store_day": _("Uses per shop a day"),
    "uses_per_day": _("Uses a day"),
    "uses_in_total": _("Uses in all"),
    "day_budget_fen": _("Budget a day"),
}
"""The name of every limit."""
HOLIDAYS: Mapping[str, Sentence] = {
    "": _("As on other days"),
    "only": _("Only on public holidays"),
    "never": _("Never on public holidays"),
}
CARDHOLDERS: Mapping[str, Sentence] = {
    "": _("New and existing cardholders"),
    "new": _("New cardholders only"),
    "existing": _("Existing cardholders only"),
}
FLAWS: Mapping[str, Sentence] = {
    "limit_unknown": _("There is no limit of this name."),
    "limit_malformed": _("This limit cannot be read."),
    "weekday_unknown": _("Weekdays run from 1, Monday, to 7, Sunday."),
    "hour_malformed": _("Write a time of day like 17:30."),
    "hours_end_before_start": _("The hours end after they begin; give both or neither."),
    "day_malformed": _("Write days like 2026-10-01."),
    "holidays_unknown": _("Say “only”, “never”, or nothing about public holidays."),
    "cardholders_unknown": _("Say “new”, “existing”, or nothing about cardholders."),
    "card_prefix_malformed": _("A card's beginning is six to eight digits, and never more."),
    "card_product_malformed": _("A card product is a short code of letters and digits."),
    "category_malformed": _("A merchant category is a code of four digits."),
    "too_many_listed": _("List 400 at the most."),
    "cap_not_above_zero": _("This number is above zero."),
    "cap_too_large": _("This number is too large."),
}


def read(values: Mapping[str, Any]) -> Limits:
    """The limits that these values make.

    Raises InvalidInput with a sentence for each flaw, about the limit `limits.<name>`.
    """
    try:
        return limits.read(values)
    except ImpossibleLimits as impossible:
        problems = [
            Problem(code, FLAWS[code], f"limits.{name[:40]}")
            for code, name in impossible.flaws[:20]
        ]
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems) from None
