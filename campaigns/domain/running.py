"""What becomes of an approved campaign: scheduled, started, paused, ended, called off, settled.

Every verb locks the campaign, asks whether the actor may, and walks one road of the lifecycle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import campaign_money, go_live, lifecycle
from campaigns.models import Campaign, CampaignStage, Claim
from campaigns.models.campaign_stages import EDITABLE
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, Problem, StageNotReachable
from crm.locking import take
from crm.policies import require

LONGEST_REASON = 2000
NOT_YOURS = _("You do not run this campaign.")
NOT_YOURS_TO_SETTLE = _("Finance of the unit settles its campaigns.")


@command
def schedule(campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Campaign:
    """Let an approved campaign wait for its first day; its checklist is laid out."""
    campaign = _run_by(campaign_id, by, version)
    lifecycle.move(campaign, CampaignStage.SCHEDULED, by=by, at=at)
    go_live.prepare(campaign, at=at)
    return campaign


@command
def activate(campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Campaign:
    """Start a campaign whose first day has come and whose shops are ready.

    Raises StageNotReachable with code `campaign_not_begun`, `campaign_over`, `go_live_incomplete`
    or `partnership_suspended`.
    """
    campaign = _run_by(campaign_id, by, version)
    return lifecycle.move(campaign, CampaignStage.ACTIVE, by=by, at=at)


@command
def pause(
    campaign_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Campaign:
    """Interrupt a running campaign. Purchases meanwhile get nothing."""
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_stop(by, campaign), NOT_YOURS)
    return lifecycle.move(campaign, CampaignStage.PAUSED, because=said(because), by=by, at=at)


@command
def resume(campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Campaign:
    """Let a paused campaign go on. Raises StageNotReachable with code `budget_spent` while there is
    not enough for a single discount, or `partnership_suspended`."""
    return activate(campaign_id, by=by, at=at, version=version)


@command
def end(
    campaign_id: UUID,
    *,
    because: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Campaign:
    """End a campaign: after its last day, or sooner with a reason."""
    campaign = _run_by(campaign_id, by, version)
    if campaign.ends_on >= timezone.localdate(at):
        because = said(because)
    return lifecycle.move(campaign, CampaignStage.ENDED, because=because, by=by, at=at)


@command
def cancel(
    campaign_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Campaign:
    """Call a campaign off before it ever ran; whatever was set aside for it goes back, and what
    waits for somebody's approval is taken back with it."""
    campaign = _run_by(campaign_id, by, version)
    money = campaign.stage not in EDITABLE
    lifecycle.move(campaign, CampaignStage.CANCELLED, because=said(because), by=by, at=at)
    if money:
        campaign_money.release(
            campaign, key=f"campaign:{campaign.pk}:cancelled", because=because, by=by, at=at
        )
    return campaign.change(at=at, money_returned_at=at)


@command
def terminate(
    campaign_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Campaign:
    """Stop a campaign for good while it runs. Purchases up to now are still settled; what is left
    of its money goes back when no claim may come any more."""
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_stop(by, campaign), NOT_YOURS)
    return lifecycle.move(campaign, CampaignStage.TERMINATED, because=said(because), by=by, at=at)


@command
def begin_settling(
    campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> Campaign:
    """Begin to settle a campaign that is over."""
    campaign = _settled_by(campaign_id, by, version)
    return lifecycle.move(campaign, CampaignStage.SETTLING, by=by, at=at)


@command
def mark_settled(
    campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> Campaign:
    """Say that everybody has what is theirs. Raises StageNotReachable with what is still open."""
    campaign = _settled_by(campaign_id, by, version)
    return lifecycle.move(campaign, CampaignStage.SETTLED, by=by, at=at)


@command
def close(campaign_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Campaign:
    """Close a settled campaign for good. Raises StageNotReachable with code `claims_open` while
    claims may still come."""
    campaign = _settled_by(campaign_id, by, version)
    return_money(campaign, by=by, at=at)
    return lifecycle.move(campaign, CampaignStage.CLOSED, by=by, at=at)


@dataclass(frozen=True)
class Way:
    """A next stage as a screen shows it: whether the actor may, and what is missing."""

    to: CampaignStage
    allowed: bool
    asks_reason: bool
    missing: tuple[Problem, ...]


NEEDS_REASON = (CampaignStage.PAUSED, CampaignStage.CANCELLED, CampaignStage.TERMINATED)
BY_APPROVAL = (CampaignStage.SUBMITTED, CampaignStage.RETURNED, CampaignStage.APPROVED)
"""Stages that are reached through approval only."""


def ways(campaign: Campaign, *, by: Actor, at: datetime) -> list[Way]:
    """Where a campaign can go from here without approval. The checklist is taken as it stands."""
    today = timezone.localdate(at)
    return [
        Way(
            to,
            _may(to)(by, campaign),
            to in NEEDS_REASON or (to == CampaignStage.ENDED and campaign.ends_on >= today),
            tuple(lifecycle.missing(campaign, to, at)),
        )
        for to in lifecycle.reachable(campaign)
        if to not in BY_APPROVAL
    ]


def _may(to: CampaignStage) -> Callable[[Actor, Campaign], bool]:
    match to:
        case CampaignStage.PAUSED | CampaignStage.TERMINATED:
            return policies.may_stop
        case CampaignStage.SETTLING | CampaignStage.SETTLED | CampaignStage.CLOSED:
            return policies.may_settle
    return policies.may_run


def advance(
    campaign_id: UUID,
    *,
    to: CampaignStage,
    because: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Campaign:
    """Take the verb that leads to a stage. Raises StageNotReachable with code `stage_by_approval`
    for stages that only approval gives, and what the verb raises."""
    match to:
        case CampaignStage.SCHEDULED:
            return schedule(campaign_id, by=by, at=at, version=version)
        case CampaignStage.ACTIVE:
            return activate(campaign_id, by=by, at=at, version=version)
        case CampaignStage.PAUSED:
            return pause(campaign_id, because=because, by=by, at=at, version=version)
        case CampaignStage.ENDED:
            return end(campaign_id, because=because, by=by, at=at, version=version)
        case CampaignStage.CANCELLED:
            return cancel(campaign_id, because=because, by=by, at=at, version=version)
        case CampaignStage.TERMINATED:
            return terminate(campaign_id, because=because, by=by, at=at, version=version)
        case CampaignStage.SETTLING:
            return begin_settling(campaign_id, by=by, at=at, version=version)
        case CampaignStage.SETTLED:
            return mark_settled(campaign_id, by=by, at=at, version=version)
        case CampaignStage.CLOSED:
            return close(campaign_id, by=by, at=at, version=version)
    raise StageNotReachable(
        _("Only approval leads to this stage."), code="stage_by_approval", attr="to"
    )


def return_money(campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """What is left goes back, exactly once; nothing before claims may not come any more, nor while
    one that came in time waits. The caller holds the campaign's lock."""
    if campaign.money_returned_at is not None or claims_open(campaign, at):
        return
    if claims_waiting(campaign, at):
        return
    campaign_money.close(campaign, key=f"campaign:{campaign.pk}:closed", by=by, at=at)
    campaign.change(at=at, money_returned_at=at)


def last_claim_day(campaign: Campaign) -> date:
    """The last day on which claims and late redemptions of a campaign are taken."""
    return (campaign.ended_on or campaign.ends_on) + timedelta(days=campaign.claim_days)


def claims_open(campaign: Campaign, at: datetime) -> bool:
    return timezone.localdate(at) <= last_claim_day(campaign)


def claims_waiting(campaign: Campaign, at: datetime) -> bool:
    """Whether a claim may still need the campaign's money after the days for claims are over."""
    return Claim.objects.keeping_money(at).filter(campaign=campaign.pk).exists()


@lifecycle.asks(CampaignStage.CLOSED)
def missing_to_close(campaign: Campaign, at: datetime) -> list[Problem]:
    """A campaign is closed once no claim may come any more."""
    if not claims_open(campaign, at):
        return []
    return [
        Problem(
            "claims_open",
            _("Claims may come until %(day)s.") % {"day": last_claim_day(campaign).isoformat()},
        )
    ]


def said(because: str) -> str:
    """The reason. Raises InvalidInput for none, or for what cannot be stored."""
    reason = because.strip()
    if not reason:
        raise InvalidInput(_("Say why."), code="reason_missing", attr="because")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InvalidInput(
            _("This reason cannot be stored."), code="reason_invalid", attr="because"
        )
    return reason


def _run_by(campaign_id: UUID, by: Actor, version: int | None) -> Campaign:
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_run(by, campaign), NOT_YOURS)
    return campaign


def _settled_by(campaign_id: UUID, by: Actor, version: int | None) -> Campaign:
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_settle(by, campaign), NOT_YOURS_TO_SETTLE)
    return campaign
