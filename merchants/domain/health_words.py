"""Health and maturity in words: what each part, criterion, level and side is called."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.errors import Sentence
from merchants.domain.health import RULES, Facts, Part
from merchants.domain.maturity import Criterion, Side

PARTS: Mapping[Part, Sentence] = MappingProxyType(
    {
        Part.ACTIVITY: pgettext_lazy("health", "Activity"),
        Part.TREND: pgettext_lazy("health", "Trend"),
        Part.TARGET: pgettext_lazy("health", "Target"),
        Part.SETTLEMENT: pgettext_lazy("health", "Settlement"),
        Part.ENGAGEMENT: pgettext_lazy("health", "Engagement"),
    }
)

LEVELS: Mapping[int, Sentence] = MappingProxyType(
    {
        0: gettext_lazy("Not yet begun"),
        1: gettext_lazy("Product approval"),
        2: gettext_lazy("Batch acquisition"),
        3: gettext_lazy("Customer management"),
        4: gettext_lazy("Ecosystem"),
    }
)

CRITERIA: Mapping[Criterion, Sentence] = MappingProxyType(
    {
        Criterion.SIGNED_AGREEMENT: gettext_lazy("Signed agreement in force"),
        Criterion.LIVE_OFFER: gettext_lazy("Live offers"),
        Criterion.REDEMPTION: gettext_lazy("Redemptions in 90 days"),
        Criterion.NEW_CARDS: gettext_lazy("Attributed new cards in three months"),
        Criterion.FIRST_SWIPE: gettext_lazy("30-day first-swipe rate"),
        Criterion.LIFTED_CAMPAIGNS: gettext_lazy(
            "Campaigns with measured positive lift in six months"
        ),
        Criterion.SEGMENTED_CAMPAIGN: gettext_lazy("Of those, aimed at a segment"),
        Criterion.BANK_ROI: gettext_lazy("Bank's return on the latest campaign"),
        Criterion.FURTHER_PRODUCTS: gettext_lazy("Further bank products"),
        Criterion.JOINT_PLAN: gettext_lazy("Joint annual plan"),
        Criterion.MERCHANT_SHARE: gettext_lazy("Merchant's funding share"),
    }
)

IN_PERCENT = frozenset({Criterion.FIRST_SWIPE, Criterion.BANK_ROI, Criterion.MERCHANT_SHARE})
YES_OR_NO = frozenset({Criterion.SIGNED_AGREEMENT, Criterion.JOINT_PLAN})

SIDES: Mapping[Side, Sentence] = MappingProxyType(
    {
        Side.BANK: gettext_lazy("Bank: smart tools"),
        Side.MERCHANT: gettext_lazy("Merchant: use of the scenario"),
        Side.CUSTOMER: gettext_lazy("Customer: mobile experience"),
    }
)


def told(part: Part, facts: Facts) -> str:
    """What a part was made from, or why there is nothing to make it from."""
    match part:
        case Part.ACTIVITY:
            if facts.active_days is None:
                return _("No sales were ever filed.")
            return _(
                "Days with a qualifying sale in the last %(window)d: %(days)d; full at %(full)d."
            ) % {
                "window": RULES.sales_window_days,
                "days": facts.active_days,
                "full": RULES.full_activity_days,
            }
        case Part.TREND:
            if facts.sales_fen is None or facts.previous_fen is None:
                return _("No sales were ever filed.")
            return _(
                "Sales in the last %(window)d days: ¥%(now)s; in as many before: ¥%(before)s."
            ) % {
                "window": RULES.sales_window_days,
                "now": yuan(facts.sales_fen),
                "before": yuan(facts.previous_fen),
            }
        case Part.TARGET:
            if facts.redemptions is None or not facts.planned_redemptions:
                return _("No redemptions are planned for this time.")
            return _("Redemptions: %(done)d of %(planned)s planned.") % {
                "done": facts.redemptions,
                "planned": plain(facts.planned_redemptions),
            }
        case Part.SETTLEMENT:
            if not facts.statements or facts.statements_overdue is None:
                return _("No statements were filed.")
            return _("Overdue: %(overdue)d of the last %(statements)d statements.") % {
                "overdue": facts.statements_overdue,
                "statements": facts.statements,
            }
        case Part.ENGAGEMENT:
            if facts.contacts is None:
                return _("Contacts are not counted.")
            return _(
                "Two-way contacts in the last %(window)d days: %(contacts)d; full at %(full)d."
            ) % {
                "window": RULES.contact_window_days,
                "contacts": facts.contacts,
                "full": RULES.full_contacts,
            }


def measure(criterion: Criterion, value: int | None) -> str:
    """A value of a criterion as people read it."""
    if value is None:
        return _("no data")
    if criterion in YES_OR_NO:
        return _("yes") if value else _("no")
    if criterion in IN_PERCENT:
        return f"{Decimal(value).scaleb(-2):.2f} %"
    return f"{value:,}"


def asked(criterion: Criterion, bar: int) -> str:
    """What a criterion asks for, as people read it."""
    if criterion in YES_OR_NO:
        return _("yes")
    return f"≥ {measure(criterion, bar)}"


def yuan(fen: int) -> str:
    """Fen as yuan, for reading."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def plain(number: Decimal) -> str:
    """A number without needless zeros."""
    return f"{number.normalize():,f}"
