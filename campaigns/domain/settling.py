"""What the last stages of a campaign ask of settlement, of claims and of the queue.

Settled means that everybody has what is theirs: whatever was redeemed or given back stands on a
statement that is paid. Closed means that nothing of it waits for anybody any more.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.domain import lifecycle, statements
from campaigns.models import Campaign, CampaignStage, Claim, Discrepancy
from crm.errors import Problem


@lifecycle.asks(CampaignStage.SETTLED, CampaignStage.CLOSED)
def everything_is_paid(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """Every purchase and every refund stands on a paid statement; also what came in after the
    campaign was settled, before it is closed."""
    if waiting := statements.unsettled(campaign.pk):
        yield Problem(
            "campaign_unsettled",
            _("%(count)s redemptions and refunds stand on no paid statement yet.")
            % {"count": waiting},
        )


@lifecycle.asks(CampaignStage.CLOSED)
def every_claim_is_answered(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """No claim waits to be decided or paid, or may still be submitted."""
    claims = Claim.objects.filter(campaign=campaign.pk)
    if waiting := claims.unanswered(at).count():
        yield Problem(
            "claims_unanswered",
            _("%(count)s claims are not decided or not paid yet.") % {"count": waiting},
        )


@lifecycle.asks(CampaignStage.CLOSED)
def every_discrepancy_is_closed(campaign: Campaign, at: datetime) -> Iterable[Problem]:
    """Whatever could not be taken as it came was looked at by somebody."""
    if waiting := Discrepancy.objects.open().filter(campaign=campaign.pk).count():
        yield Problem(
            "discrepancies_open",
            _("%(count)s discrepancies of this campaign are still open.") % {"count": waiting},
        )
