"""What a new pool starts with, and what holds where a unit has no pool of its own."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm import parameters
from merchants.models import MerchantTier

_GROUP = _("Lead pool")

CLAIMS_A_DAY = parameters.number(
    "leads.pool.claims_a_day", _("Claims a day"), 10, least=1, most=1000, group=_GROUP
)
HOLDING_CAP = parameters.number(
    "leads.pool.holding_cap",
    _("Open leads a colleague may hold"),
    50,
    least=1,
    most=10000,
    group=_GROUP,
)
COOLDOWN_DAYS = parameters.number(
    "leads.pool.cooldown_days",
    _("Days before a former owner may claim again"),
    15,
    least=0,
    most=3650,
    group=_GROUP,
)


@dataclass(frozen=True)
class Limits:
    """When leads of a tier go back: the start values of a rule."""

    quiet_working_days: int | None
    resting_days: int | None
    warning_days: int = 3
    protection_days: int = 7
    spares_partners: bool = True


START_RULES: dict[str, Limits] = {
    MerchantTier.A: Limits(10, 60),
    MerchantTier.B: Limits(15, 75),
    MerchantTier.C: Limits(20, 90),
    "": Limits(15, 75),
}
"""By tier of the merchant; the last for merchants without one. Start values, edited per pool."""
