"""Campaigns are planned; the money machine comes on top of this."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import limits as limit_rules
from campaigns.domain import offer_words
from campaigns.domain import shares as share_rules
from campaigns.models import Campaign, CampaignStage, FundingShare
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, NotFound
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant

DRAFTED = timeline.kind(
    "campaign.drafted",
    _("Campaign drafted"),
    _("Campaign “%(name)s” was drafted from the proposal that was won."),
)
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
    _whole(shares)
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
    _share_out(campaign, shares, at=at)
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
def draft(
    campaign_id: UUID,
    *,
    name: str,
    unit_id: UUID,
    merchant_id: UUID,
    starts_on: date,
    ends_on: date,
    budget_fen: int,
    shares: Mapping[str, int],
    mechanic: str,
    terms: Mapping[str, Any],
    limits: Mapping[str, Any],
    origin_id: UUID,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Draft the campaign that was agreed with a merchant; a planner takes it from there.

    `origin_id` says what it was agreed in: of one origin there is one campaign. Raises NotAllowed,
    InvalidInput for shares or terms that make no offer, RuleBroken with code
    `campaign_drafted_already`.
    """
    require(policies.may_plan(by, unit_id), _("You do not plan campaigns for this unit."))
    _whole(shares)
    offer_words.read(mechanic, terms)
    limit_rules.read(limits)
    campaign = Campaign.objects.create(
        pk=campaign_id,
        name=name,
        unit_id=unit_id,
        stage=CampaignStage.DRAFT,
        starts_on=starts_on,
        ends_on=ends_on,
        budget_fen=budget_fen,
        mechanic=mechanic,
        terms=dict(terms),
        limits=dict(limits),
        origin_id=origin_id,
        created_at=at,
        updated_at=at,
    )
    campaign.merchants.set(Merchant.objects.filter(pk=merchant_id))
    _share_out(campaign, shares, at=at)
    timeline.record(
        DRAFTED, merchant_id=merchant_id, subject_id=campaign.pk, by=by, at=at, name=name
    )
    return campaign


def _whole(shares: Mapping[str, int]) -> None:
    if not share_rules.make_the_whole(shares):
        raise InvalidInput(
            _("The funding shares must sum to exactly 100 %."),
            code="shares_not_whole",
            attr="shares",
        )


def _share_out(campaign: Campaign, shares: Mapping[str, int], *, at: datetime) -> None:
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
