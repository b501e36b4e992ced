"""Finance decides on claims: returns, approves in whole or in part, rejects, extends, pays, and
takes back what was paid."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import campaign_money, claim_money
from campaigns.domain.claim_steps import said, step, taken
from campaigns.models import Claim, ClaimState
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotAllowed, RuleBroken
from crm.models import User
from crm.policies import require
from merchants.domain import timeline

RETURNED = timeline.kind(
    "claim.returned",
    _("Claim returned"),
    _("A claim for campaign “%(name)s” was returned: %(because)s"),
)
APPROVED = timeline.kind(
    "claim.approved",
    _("Claim approved"),
    _("A claim for campaign “%(name)s” was approved: %(amount)s yuan."),
)
REJECTED = timeline.kind(
    "claim.rejected",
    _("Claim rejected"),
    _("A claim for campaign “%(name)s” was rejected: %(because)s"),
)
EXTENDED = timeline.kind(
    "claim.extended",
    _("Deadline of a claim extended"),
    _("A claim for campaign “%(name)s” may come until %(day)s: %(because)s"),
)
PAID = timeline.kind(
    "claim.paid",
    _("Claim paid"),
    _("A claim for campaign “%(name)s” was paid: %(amount)s yuan."),
)
CLAWED_BACK = timeline.kind(
    "claim.clawed_back",
    _("Claim taken back"),
    _("What was paid for a claim of campaign “%(name)s” is taken back: %(because)s"),
)
LONGEST_EXTENSION = 365
"""Days after the deadline; the money of a campaign is not held for ever."""


@command
def return_for_correction(
    claim_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Claim:
    """Send a claim back, with what is wrong. Raises NotFound, NotAllowed, Stale, InvalidInput
    without a reason, RuleBroken with code `claim_state`."""
    claim = _deciding(claim_id, by=by, version=version)
    reason = said(because)
    return step(claim, ClaimState.RETURNED, RETURNED, by=by, at=at, because=reason)


@command
def approve(
    claim_id: UUID,
    *,
    amount_fen: int | None = None,
    because: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Approve a claim; less than what was claimed says why. The money leaves the campaign's pot of
    the bank here, so that no more is ever approved than there is.

    Raises NotFound, Stale; NotAllowed, with code `self_approval` for a claim of one's own;
    InvalidInput; RuleBroken with code `claim_state`, `claim_approved_amount`, `budget_exceeded`.
    """
    claim = _deciding(claim_id, by=by, version=version)
    granted = claim.amount_claimed_fen if amount_fen is None else amount_fen
    if not 0 < granted <= claim.amount_claimed_fen:
        raise InvalidInput(
            _("What is approved is above zero and at most what was claimed."),
            code="claim_approved_amount",
            attr="amount",
        )
    whole = granted == claim.amount_claimed_fen
    reason = because.strip() if whole else said(because)
    step(
        claim,
        ClaimState.APPROVED if whole else ClaimState.PARTLY_APPROVED,
        APPROVED,
        by=by,
        at=at,
        because=reason,
        amount=granted,
        amount_approved_fen=granted,
        decided_by_id=user_id(by),
        decided_at=at,
    )
    claim_money.spend(claim, by=by, at=at)
    return claim


@command
def reject(
    claim_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Claim:
    """Reject a claim, and say why.

    Raises NotFound, Stale, InvalidInput without a reason; NotAllowed, with code `self_approval` for
    a claim of one's own; RuleBroken with code `claim_state`.
    """
    claim = _deciding(claim_id, by=by, version=version)
    reason = said(because)
    return step(
        claim,
        ClaimState.REJECTED,
        REJECTED,
        by=by,
        at=at,
        because=reason,
        decided_by_id=user_id(by),
        decided_at=at,
    )


@command
def extend(
    claim_id: UUID,
    *,
    to: date,
    because: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Let a claim come later than its deadline. That it was extended, from when to when, by whom
    and why, is written down and stays.

    Raises NotFound, Stale, InvalidInput for a day that is no extension or without a reason;
    NotAllowed, with code `self_approval` for a claim of one's own; RuleBroken with code
    `claim_fixed` once it was submitted, `money_returned` once the campaign's money went back.
    """
    claim = _deciding(claim_id, by=by, version=version)
    reason = said(because)
    if not claim.is_writable:
        raise RuleBroken(_("Only a claim that is still to come is extended."), code="claim_fixed")
    if campaign_money.has_gone_home(claim.campaign):
        raise RuleBroken(
            _("What was left of the campaign's money has gone back; nothing can be claimed of it."),
            code="money_returned",
        )
    until = (to - claim.deadline).days
    if to <= claim.last_day or to < timezone.localdate(at) or until > LONGEST_EXTENSION:
        raise InvalidInput(
            _("An extension ends after the deadline, not in the past, and within a year of it."),
            code="claim_extension",
            attr="to",
        )
    return step(
        claim,
        ClaimState(claim.state),
        EXTENDED,
        by=by,
        at=at,
        because=reason,
        extended_from=claim.last_day,
        extended_to=to,
        last_day=to,
    )


@command
def pay(
    claim_id: UUID, *, reference: str, by: Actor, at: datetime, version: int | None = None
) -> Claim:
    """Note that what was approved is paid. Raises NotFound, NotAllowed, Stale, InvalidInput without
    a reference; RuleBroken with code `claim_state`, `payment_exists`."""
    claim = _for_finance(claim_id, by=by, version=version)
    words = said(reference, attr="reference", code="reference_required")[:100]
    return step(
        claim,
        ClaimState.PAID,
        PAID,
        by=by,
        at=at,
        amount=claim.amount_approved_fen,
        because=words,
        payment_reference=words,
    )


@command
def claw_back(
    claim_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Claim:
    """Take back what was paid, and say why; the money returns to the campaign's pot.

    Raises NotFound, NotAllowed, Stale, InvalidInput without a reason, RuleBroken with code
    `claim_state`.
    """
    claim = _for_finance(claim_id, by=by, version=version)
    reason = said(because)
    step(
        claim,
        ClaimState.CLAWED_BACK,
        CLAWED_BACK,
        by=by,
        at=at,
        because=reason,
        amount=claim.amount_approved_fen,
    )
    claim_money.give_back(claim, by=by, at=at)
    return claim


def _for_finance(claim_id: UUID, *, by: Actor, version: int | None) -> Claim:
    claim = taken(claim_id, by=by, version=version)
    require(
        policies.may_decide_claims(by, claim.campaign),
        _("Finance of the campaign's unit decides on claims."),
    )
    return claim


def _deciding(claim_id: UUID, *, by: Actor, version: int | None) -> Claim:
    """A claim of somebody else's. The database refuses a decision on one's own, too."""
    claim = _for_finance(claim_id, by=by, version=version)
    if isinstance(by, User) and by.pk in (claim.claimant_id, claim.submitted_by_id):
        raise NotAllowed(_("Nobody decides on a claim of their own."), code="self_approval")
    return claim
