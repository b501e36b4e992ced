"""The numbers behind entry points, as an administrator set them."""

from django.utils.translation import gettext_lazy as _

from crm import parameters
from leads.domain.entry_scores import Weights

_GROUP = _("Entry points")
IMPACT = parameters.number(
    "leads.entry.impact", _("Weight of the impact"), 35, least=0, most=100, group=_GROUP
)
FIT = parameters.number(
    "leads.entry.fit", _("Weight of the fit"), 25, least=0, most=100, group=_GROUP
)
URGENCY = parameters.number(
    "leads.entry.urgency", _("Weight of the urgency"), 20, least=0, most=100, group=_GROUP
)
EVIDENCE = parameters.number(
    "leads.entry.evidence", _("Weight of the evidence"), 20, least=0, most=100, group=_GROUP
)
TURNOVER_SHARE = parameters.number(
    "leads.entry.turnover_share",
    _("Impact is full at this share of the monthly turnover (%)"),
    10,
    least=1,
    most=100,
    group=_GROUP,
)
URGENT_DAYS = parameters.number(
    "leads.entry.urgent_days",
    _("Days within which a date presses"),
    90,
    least=1,
    most=730,
    group=_GROUP,
)
LEAST_FIT = parameters.decimal(
    "leads.entry.least_fit", _("Least fit of an entry point"), "0.30", most="1", group=_GROUP
)


def weights() -> Weights:
    """The weights as they stand."""
    return Weights(
        impact=IMPACT.value,
        fit=FIT.value,
        urgency=URGENCY.value,
        evidence=EVIDENCE.value,
        turnover_share=TURNOVER_SHARE.value,
        urgent_days=URGENT_DAYS.value,
        least_fit=LEAST_FIT.value,
    )
