"""The cards of outcome and claims on a campaign's page."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin import outcome_shown as shown
from campaigns.admin.claims import exact, state_badge
from campaigns.admin.panels import Panel, panel
from campaigns.models import Campaign, CampaignOutcome, CampaignStage, Claim
from campaigns.models.campaign_stages import UNDECIDED
from crm.models import User

CLAIMS_SHOWN = 5


@panel(order=80)
def outcome(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """What the campaign brought, in three tiles, with how it is known and what is missing."""
    found = CampaignOutcome.objects.filter(campaign=campaign).first()
    may_begin = (
        found is None
        and campaign.stage not in (*UNDECIDED, CampaignStage.CANCELLED)
        and policies.may_file_outcome(user, campaign)
    )
    if found is None and not may_begin:
        return None
    if found is not None:
        found.campaign = campaign
    return Panel(
        title=pgettext_lazy("campaign", "Outcome"),
        template="campaigns/outcome_panel.html",
        context={
            "campaign": campaign,
            "outcome": found,
            "method": shown.method_badge(found) if found else "",
            "verdict": shown.verdict_badge(found) if found else "",
            "sides": shown.sides(found.result) if found else [],
            "missing": len(shown.missing(found.result)) if found else 0,
        },
        anchor="outcome",
    )


@panel(order=70)
def claims(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """The newest claims of the campaign."""
    if campaign.stage in (*UNDECIDED, CampaignStage.CANCELLED):
        return None
    rows = (
        Claim.objects.visible_to(user)
        .filter(campaign=campaign)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text")
        .order_by("-created_at", "-id")[: CLAIMS_SHOWN + 1]
    )
    found = list(rows)
    return Panel(
        title=_("Claims"),
        template="campaigns/claims_panel.html",
        context={
            "campaign": campaign,
            "claims": [
                (one, state_badge(one), exact(one.amount_claimed_fen))
                for one in found[:CLAIMS_SHOWN]
            ],
            "more": len(found) > CLAIMS_SHOWN,
        },
        anchor="claims",
    )
