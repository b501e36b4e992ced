"""What the leads' sections of the pipeline report share: whose leads, as of when, and how a lead is
named in a row."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.sections import Audience, Column, Kind, Period
from leads.models import Lead, StageChange
from leads.models.lead import LeadQuerySet, StageChangeQuerySet

SHOWN = 10
"""Rows of a list in a report; the link leads to the others."""
LEADS = "/admin/leads/lead/"
FOLLOW_UPS = "/admin/leads/followup/"

MERCHANT = Column("merchant", _("Merchant"))
OWNER = Column("owner", _("Owner"))
VALUE = Column("value", _("Expected value"), Kind.MONEY)


def leads_of(audience: Audience) -> LeadQuerySet:
    """The leads that an audience is shown."""
    leads = Lead.objects.visible_to(audience.viewer)
    if audience.unit_ids is not None:
        leads = leads.filter(unit__in=audience.unit_ids)
    return leads


def leads_then(audience: Audience, period: Period) -> Any:
    """Those leads as they were at the end of the period, with `stage_then` and its like."""
    return leads_of(audience).as_of(period.end).order_by()


def steps_of(audience: Audience) -> StageChangeQuerySet:
    """The steps of those leads."""
    return StageChange.objects.filter(lead__in=leads_of(audience).values("pk"))


def in_stage(stage: str) -> str:
    """The list of leads in a stage."""
    return f"{LEADS}?stage={stage}"


def named(lead: Lead) -> dict[str, Any]:
    return {
        "link": f"{LEADS}{lead.pk}/change/",
        "merchant": lead.merchant.name,
        "owner": lead.owner.full_name if lead.owner else None,
        "value": lead.expected_value_fen,
    }
