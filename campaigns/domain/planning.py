"""Campaigns are planned; the money machine comes on top of this."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import shares as share_rules
from campaigns.models import Campaign, FundingShare
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, NotFound
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant

PLANNED = timeline.kind(
    "campaign.planned", _("Campaign planned"), _("Campaign “%(name)s” was planned.")
)


@command
def plan(
    campaign_id: UUID,
    *,
    name: str,
    unit_id: UUID,
    merchant_ids: Iterable[UUID],
    starts_on: date,
    ends_on: date,
    budget_fen: int,
    shares: Mapping[str, int],
    by: Actor,
    at: datetime,
) -> Campaign:
    """Plan a campaign with its merchants and funding shares (party → basis points).

    Raises NotAllowed, InvalidInput if the shares do not make 100 %, RuleBroken for dates or a
    budget that cannot be, NotFound for a merchant that the actor does not know.
    """
    require(policies.may_plan(by, unit_id), _("You do not plan campaigns for this unit."))
    if not share_rules.make_the_whole(shares):
        raise InvalidInput(
            _("The funding shares must sum to exactly 100 %."),
            code="shares_not_whole",
            attr="shares",
        )
    wanted = set(merchant_ids)
    merchants = list(Merchant.objects.seen_by(by).filter(pk__in=wanted))
    if not wanted or len(merchants) != len(wanted):
        raise NotFound(_("Choose merchants that you have access to."), attr="merchants")
    campaign = Campaign.objects.create(
        pk=campaign_id,
        name=name,
        unit_id=unit_id,
        starts_on=starts_on,
        ends_on=ends_on,
        budget_fen=budget_fen,
        created_at=at,
        updated_at=at,
    )
    campaign.merchants.set(merchants)
    FundingShare.objects.bulk_create(
        [
            FundingShare(
                campaign=campaign,
                party=party,
                basis_points=share,
                created_at=at,
                updated_at=at,
            )
            for party, share in shares.items()
        ]
    )
    for merchant in merchants:
        timeline.record(
            PLANNED,
            merchant_id=merchant.pk,
            subject_id=campaign.pk,
            by=by,
            at=at,
            name=name,
        )
    return campaign


@command
def reschedule(
    campaign_id: UUID,
    *,
    starts_on: date,
    ends_on: date,
    budget_fen: int,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Campaign:
    """Change the dates and the budget of a planned campaign."""
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_plan(by, campaign.unit_id))
    return campaign.change(at=at, starts_on=starts_on, ends_on=ends_on, budget_fen=budget_fen)
