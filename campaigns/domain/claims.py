"""Claims are drafted, proved, submitted, decided, paid and taken back.

A claim comes before its deadline, which is the campaign's, unless somebody extends it in writing.
Nobody decides on a claim of their own. The lock is the campaign's, then the claim's.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.domain.claim_steps import said, step, taken
from campaigns.models import Campaign, CampaignStage, Claim, ClaimState
from campaigns.models.campaign_stages import UNDECIDED
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.policies import require
from merchants.domain import timeline
from merchants.models import Merchant

DRAFTED = timeline.kind(
    "claim.drafted",
    _("Claim drafted"),
    _("A claim for campaign “%(name)s” was drafted."),
)
CORRECTED = timeline.kind(
    "claim.corrected",
    _("Claim changed"),
    _("A claim for campaign “%(name)s” was changed."),
)
SUBMITTED = timeline.kind(
    "claim.submitted",
    _("Claim submitted"),
    _("A claim for campaign “%(name)s” was submitted: %(amount)s yuan."),
)
WITHDRAWN = timeline.kind(
    "claim.withdrawn",
    _("Claim withdrawn"),
    _("A claim for campaign “%(name)s” was withdrawn: %(because)s"),
)
CLAIMANT_ONLY = pgettext_lazy("claim", "You do not claim for this merchant.")


@command
def draft(
    claim_id: UUID,
    campaign_id: UUID,
    merchant_id: UUID,
    *,
    amount_fen: int,
    what_for: str,
    by: Actor,
    at: datetime,
) -> Claim:
    """Draft the claim of a merchant of a campaign. Whether it comes in time is asked when it is
    submitted: until then, its deadline can be extended.

    Raises NotFound, NotAllowed, RuleBroken with code `claim_campaign` for a campaign that nobody
    agreed to, `claim_merchant` for a merchant that does not take part, `claim_amount`,
    `claim_what_for`.
    """
    campaign = take(Campaign.objects.seen_by(by), campaign_id, attr="campaign")
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    require(policies.may_claim(by, campaign, merchant), CLAIMANT_ONLY)
    if campaign.stage in (*UNDECIDED, CampaignStage.CANCELLED):
        raise RuleBroken(
            _("Nothing is claimed of a campaign that was not approved."),
            code="claim_campaign",
            attr="campaign",
        )
    if not campaign.merchants.filter(pk=merchant_id).exists():
        raise RuleBroken(
            _("This merchant does not take part in the campaign."),
            code="claim_merchant",
            attr="merchant",
        )
    day = deadline_of(campaign)
    claim = Claim.objects.create(
        pk=claim_id,
        campaign=campaign,
        merchant=merchant,
        said=said(what_for, attr="what_for", code="claim_what_for"),
        amount_claimed_fen=amount_fen,
        deadline=day,
        last_day=day,
        claimant_id=user_id(by),
        keep_until=timezone.localdate(at),
        created_at=at,
        updated_at=at,
    )
    return step(claim, ClaimState.DRAFT, DRAFTED, by=by, at=at)


@command
def correct(
    claim_id: UUID,
    *,
    amount_fen: int | None = None,
    what_for: str | None = None,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Change a draft, or what was returned.

    Raises NotFound, NotAllowed, Stale, RuleBroken with code `claim_fixed`, `claim_amount`.
    """
    claim = writable(claim_id, by=by, version=version)
    changes: dict[str, Any] = {}
    if amount_fen is not None:
        changes["amount_claimed_fen"] = amount_fen
    if what_for is not None:
        changes["said"] = said(what_for, attr="what_for", code="claim_what_for")
    if not changes:
        return claim
    return step(claim, ClaimState(claim.state), CORRECTED, by=by, at=at, **changes)


@command
def submit(claim_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Claim:
    """Send a claim to whoever decides.

    Raises NotFound, NotAllowed, Stale, InvalidInput with code `claim_needs_proof` without any
    evidence; RuleBroken with code `claim_fixed`, `claim_late` after the deadline unless it was
    extended.
    """
    claim = writable(claim_id, by=by, version=version)
    last_day = _deadline_as_it_is(claim)
    if timezone.localdate(at) > last_day:
        raise RuleBroken(
            _("The deadline of this claim was %(day)s. Ask finance to extend it.")
            % {"day": last_day},
            code="claim_late",
            last_day=last_day.isoformat(),
        )
    if not claim.evidence.exists():
        raise InvalidInput(
            _("Attach what proves the claim: a photo, a receipt, an invoice or a report."),
            code="claim_needs_proof",
            attr="evidence",
        )
    return step(
        claim,
        ClaimState.SUBMITTED,
        SUBMITTED,
        by=by,
        at=at,
        amount=claim.amount_claimed_fen,
        submitted_by_id=user_id(by),
        submitted_at=at,
        decided_by_id=None,
        decided_at=None,
        deadline=claim.deadline,
        extended_to=claim.extended_to,
        last_day=last_day,
    )


@command
def withdraw(
    claim_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Claim:
    """Take a claim back before it is decided. Raises NotFound, NotAllowed, Stale, InvalidInput
    without a reason, RuleBroken with code `claim_state`."""
    claim = taken(claim_id, by=by, version=version)
    require(policies.may_claim(by, claim.campaign, claim.merchant), CLAIMANT_ONLY)
    reason = said(because)
    return step(claim, ClaimState.WITHDRAWN, WITHDRAWN, by=by, at=at, because=reason)


def writable(claim_id: UUID, *, by: Actor, version: int | None = None) -> Claim:
    """A claim that whoever claims may still write, locked."""
    claim = taken(claim_id, by=by, version=version)
    require(policies.may_claim(by, claim.campaign, claim.merchant), CLAIMANT_ONLY)
    if not claim.is_writable:
        raise RuleBroken(
            _("This claim was submitted and stays as it is, unless it is returned."),
            code="claim_fixed",
        )
    return claim


def deadline_of(campaign: Campaign) -> date:
    """The last day on which something can be claimed of a campaign, by its terms."""
    return (campaign.ended_on or campaign.ends_on) + timedelta(days=campaign.claim_days)


def _deadline_as_it_is(claim: Claim) -> date:
    """The last day, by the terms that are in force now: they may have been amended."""
    claim.deadline = deadline_of(claim.campaign)
    if claim.extended_to is not None and claim.extended_to <= claim.deadline:
        claim.extended_to = None
    return claim.extended_to or claim.deadline
