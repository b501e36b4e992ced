"""Amendments: the terms of an approved campaign change through a new version that is approved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import campaign_terms, go_live, planning, running, version_writing
from campaigns.domain import terms_checking as checking
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import Campaign, CampaignVersion, VersionState
from campaigns.models.campaign_stages import AGREED, LIVE
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant

AMENDED = timeline.kind(
    "campaign.amended",
    _("Terms changed"),
    _("The terms of campaign “%(name)s” changed to version %(number)s."),
)


@command
def propose(
    campaign_id: UUID,
    changes: Mapping[str, Any],
    *,
    said: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> CampaignVersion:
    """Write the next version of an approved campaign's terms; it counts once it is approved.

    Raises NotFound, NotAllowed, Stale, RuleBroken with code `terms_not_agreed` for a campaign that
    is not approved or is over, `version_open` while another version waits; InvalidInput with code
    `nothing_changed`, `already_begun`, `ends_in_the_past`, and what planning raises.
    """
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_plan(by, campaign.unit_id), planning.NOT_YOURS)
    if campaign.stage not in AGREED:
        raise RuleBroken(
            _("Only an approved campaign that is not over has its terms amended."),
            code="terms_not_agreed",
        )
    if campaign.versions.open().exists():
        raise RuleBroken(_("A new version of these terms is waiting already."), code="version_open")
    before = campaign_terms.of(campaign)
    after = planning.changed(before, changes)
    checking.terms(after)
    planning.chosen(after, before, by)
    _can_still(campaign, before, after, at)
    written = version_writing.write(
        campaign, after, VersionState.DRAFT, said=running.said(said), by=by, at=at
    )
    campaign.change(at=at)
    return written


def _can_still(
    campaign: Campaign, before: CampaignTerms, after: CampaignTerms, at: datetime
) -> None:
    if not campaign_terms.differences(before, after):
        raise InvalidInput(_("Nothing would change."), code="nothing_changed")
    if after.starts_on != before.starts_on and campaign.stage in LIVE:
        raise InvalidInput(
            _("It has begun: its first day does not change any more."),
            code="already_begun",
            attr="starts_on",
        )
    if after.ends_on < timezone.localdate(at):
        raise InvalidInput(
            _("The last day is today at the earliest."), code="ends_in_the_past", attr="ends_on"
        )
    if after.ends_on < after.starts_on:
        raise InvalidInput(
            _("A campaign cannot end before it starts."), code="campaign_dates", attr="ends_on"
        )
    if after.budget_fen <= 0:
        raise InvalidInput(
            _("A campaign needs a budget above zero."), code="campaign_budget", attr="budget"
        )


@command
def give_up(version_id: UUID, *, by: Actor, at: datetime) -> CampaignVersion:
    """Take a proposed version back that was not sent to approval. Raises NotFound, NotAllowed,
    RuleBroken with code `version_not_draft`."""
    seen = known(CampaignVersion.objects.seen_by(by), version_id, attr="version")
    campaign = take(Campaign.objects.seen_by(by), seen.campaign_id)
    require(policies.may_plan(by, campaign.unit_id), planning.NOT_YOURS)
    version = CampaignVersion.objects.for_change().get(pk=version_id)
    _only_draft(version)
    campaign.change(at=at)
    return version.change(at=at, state=VersionState.REFUSED)


def send(version: CampaignVersion, *, at: datetime) -> CampaignVersion:
    """The version goes to approval. Called by approval, which holds the campaign's lock."""
    _only_draft(version)
    return version.change(at=at, state=VersionState.SUBMITTED)


def refuse(version: CampaignVersion, *, at: datetime) -> CampaignVersion:
    """The version was returned or withdrawn; the terms in force stay. Called by approval, which
    holds the campaign's lock."""
    return version.change(at=at, state=VersionState.REFUSED)


def take_effect(version: CampaignVersion, *, by: Actor, at: datetime) -> Campaign:
    """The version is approved: from now on its terms count. Called by approval, which holds the
    campaign's lock and has settled its money.

    Raises RuleBroken with code `terms_not_agreed` if the campaign is over meanwhile.
    """
    campaign = version.campaign
    if campaign.stage not in AGREED:
        raise RuleBroken(
            _("Only an approved campaign that is not over has its terms amended."),
            code="terms_not_agreed",
        )
    version_writing.settle(campaign, VersionState.IN_FORCE, at=at)
    version_writing.put_in_force(campaign, version, at=at)
    go_live.prepare(campaign, at=at)
    with timeline.written_together():
        for merchant in Merchant.objects.filter(campaigns=campaign).order_by().only("pk"):
            timeline.record(
                AMENDED,
                merchant_id=merchant.pk,
                subject_id=campaign.pk,
                by=by,
                at=at,
                name=campaign.name,
                number=version.number,
            )
    return campaign


def _only_draft(version: CampaignVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise RuleBroken(_("This version is not a draft any more."), code="version_not_draft")
