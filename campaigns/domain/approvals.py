"""A campaign is submitted, approved step by step, returned or withdrawn.

Submitting reserves the bank's money, the last approval commits it and lets the difference go,
anything else gives it back. Amendments of a live campaign go the same road. Each verb locks the
campaign first, so of two people who decide at once exactly one is heard.
"""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import (
    amending,
    approval_outcomes,
    approval_reminders,
    approval_requests,
    campaign_money,
    lifecycle,
    submission_checks,
)
from campaigns.domain.approval_authority import authority
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.domain.planning import NOT_YOURS
from campaigns.models import (
    ApprovalDecision,
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    ApprovalStep,
    Campaign,
    CampaignStage,
    CampaignVersion,
    VersionState,
)
from campaigns.models.campaign_stages import AGREED as AGREED_STAGES
from campaigns.models.campaign_stages import EDITABLE
from crm.actors import SYSTEM, Actor
from crm.command import command
from crm.errors import (
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleBroken,
    StageNotReachable,
)
from crm.locking import take
from crm.models import Row, RowQuerySet, User
from crm.policies import require
from merchants.domain import timeline

AGREED = timeline.kind(
    "approval.step_approved",
    _("Campaign approved at a step"),
    _("Campaign “%(name)s”: step %(step)s of %(steps)s of its approval was passed."),
)
LONGEST = 2000

log = structlog.get_logger()


@command
def submit(
    campaign_id: UUID,
    *,
    said: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalRequest:
    """Ask for a drafted or returned campaign to be approved; the bank's part is reserved.

    Raises NotFound, NotAllowed, Stale, StageNotReachable with everything that is missing, and
    RuleBroken with codes `tier_missing`, `tier_empty` or what the money says (`budget_exceeded`).
    """
    campaign = take(Campaign.objects.seen_by(by), campaign_id, version=version)
    require(policies.may_plan(by, campaign.unit_id), NOT_YOURS)
    person = _person(by)
    if campaign.stage not in EDITABLE:
        raise RuleBroken(_("Only drafts and returned campaigns are submitted."), code="not_a_draft")
    if missing := submission_checks.missing(campaign, at=at):
        raise StageNotReachable(missing[0].detail, code="campaign_incomplete", problems=missing)
    lifecycle.move(campaign, CampaignStage.SUBMITTED, by=by, at=at, because=said)
    request = approval_requests.ask(
        campaign,
        ApprovalKind.LAUNCH,
        version_number=campaign.version_number,
        amount_fen=campaign.budget_fen,
        makers={person.pk, campaign.planner_id},
        said=said[:LONGEST],
        by=person,
        at=at,
    )
    campaign_money.reserve(campaign, key=f"approval:{request.pk}:reserve", by=by, at=at)
    return request


@command
def submit_version(
    version_id: UUID,
    *,
    said: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalRequest:
    """Ask for a new version of an approved campaign's terms to take effect; what the bank would
    give beyond what is committed is reserved.

    Raises NotFound, NotAllowed, Stale, RuleBroken with codes `version_not_draft`,
    `terms_not_agreed`, `approval_waiting`, and like `submit`.
    """
    seen = _seen(CampaignVersion.objects.seen_by(by), version_id)
    campaign = take(Campaign.objects.seen_by(by), seen.campaign_id)
    require(policies.may_plan(by, campaign.unit_id), NOT_YOURS)
    person = _person(by)
    written = take(CampaignVersion.objects.all(), version_id, version=version)
    if campaign.stage not in AGREED_STAGES:
        raise RuleBroken(
            _("Only an approved campaign that is not over has its terms amended."),
            code="terms_not_agreed",
        )
    amending.send(written, at=at)
    terms = CampaignTerms.from_json(written.terms)
    request = approval_requests.ask(
        campaign,
        ApprovalKind.AMENDMENT,
        version_number=written.number,
        amount_fen=terms.budget_fen,
        makers={person.pk, campaign.planner_id, written.created_by_id},
        said=(said or written.said)[:LONGEST],
        by=person,
        at=at,
    )
    campaign_money.reserve(
        campaign,
        key=f"approval:{request.pk}:reserve",
        parts=approval_outcomes.parts_under(terms),
        by=by,
        at=at,
    )
    return request


@command
def approve(
    request_id: UUID,
    *,
    step: int,
    comment: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalRequest:
    """Agree to a step; after the last one the campaign is approved and its money committed.

    `step` is the one that the person read: who comes second to it is told so instead of deciding
    the next one unread. Raises NotFound, Stale, NotAllowed, RuleBroken with codes `self_approval`,
    `approved_already`, `step_decided`, `approval_settled`.
    """
    request, present = _present_step(request_id, step, by=by, at=at, version=version)
    right = authority(request, by=by, at=at)
    present.change(
        at=at,
        decision=ApprovalDecision.APPROVED,
        comment=comment.strip()[:LONGEST],
        decided_by=right.person,
        on_behalf_of=right.on_behalf_of,
        decided_at=at,
    )
    approval_reminders.forget_step(request, at=at)
    following = request.steps.filter(order=present.order + 1).first()
    with timeline.written_together():
        for merchant_id in request.campaign.merchants.values_list("pk", flat=True):
            timeline.record(
                AGREED,
                merchant_id=merchant_id,
                subject_id=request.campaign_id,
                by=by,
                at=at,
                name=request.campaign.name,
                step=present.order,
                steps=request.steps.count(),
            )
    if following is None:
        return approval_outcomes.approved(request, comment=comment, by=by, at=at)
    request.change(at=at, present_step=following.order, waits_for=following.role, step_since=at)
    approval_reminders.tell_approvers(request, at=at)
    return request


@command
def return_for_correction(
    request_id: UUID,
    *,
    step: int,
    comment: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalRequest:
    """Send a campaign back with what is to be corrected; what was reserved for it is free again.

    Raises like `approve`, and InvalidInput with code `comment_required`.
    """
    if not comment.strip():
        raise InvalidInput(
            _("Say what is to be corrected."), code="comment_required", attr="comment"
        )
    request, present = _present_step(request_id, step, by=by, at=at, version=version)
    right = authority(request, by=by, at=at)
    present.change(
        at=at,
        decision=ApprovalDecision.RETURNED,
        comment=comment.strip()[:LONGEST],
        decided_by=right.person,
        on_behalf_of=right.on_behalf_of,
        decided_at=at,
    )
    approval_reminders.forget_step(request, at=at)
    return approval_outcomes.refused(
        request, ApprovalState.RETURNED, because=comment.strip()[:LONGEST], by=by, at=at
    )


@command
def withdraw(
    request_id: UUID,
    *,
    because: str = "",
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalRequest:
    """Take a request back before it is settled: those who made it, and who plans for the unit.

    Raises NotFound, Stale, NotAllowed, RuleBroken with code `approval_settled`.
    """
    request = _locked(request_id, by=by, version=version)
    made = by.pk is not None and by.pk in request.makers
    require(
        made or policies.may_plan(by, request.campaign.unit_id),
        _("A request is withdrawn by those who made it."),
    )
    _waiting(request)
    approval_reminders.forget_step(request, at=at)
    return approval_outcomes.refused(
        request, ApprovalState.WITHDRAWN, because=because.strip()[:LONGEST], by=by, at=at
    )


def _seen[M: Row](rows: RowQuerySet[M], pk: UUID) -> M:
    """The row as it stands, not locked yet: what is above it is locked first."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such row."))
    return row


def _person(by: Actor) -> User:
    if not isinstance(by, User):
        raise NotAllowed(_("A campaign is submitted by a person, who answers for it."))
    return by


def _locked(request_id: UUID, *, by: Actor, version: int | None) -> ApprovalRequest:
    """The request with its campaign, both locked, the campaign first."""
    found = _seen(ApprovalRequest.objects.seen_by(by), request_id)
    campaign = take(Campaign.objects.select_related("unit"), found.campaign_id)
    request = take(
        ApprovalRequest.objects.select_related("requested_by"), request_id, version=version
    )
    request.campaign = campaign
    return request


def _present_step(
    request_id: UUID, step: int, *, by: Actor, at: datetime, version: int | None
) -> tuple[ApprovalRequest, ApprovalStep]:
    request = _locked(request_id, by=by, version=version)
    _waiting(request)
    if step != request.present_step:
        raise RuleBroken(
            _("This step is not the one that waits. Look at the current state and decide again."),
            code="step_decided",
            attr="step",
        )
    return request, take(request.steps.all(), request.steps.get(order=step).pk)


def _waiting(request: ApprovalRequest) -> None:
    if not request.is_waiting:
        raise RuleBroken(
            _("This request is settled already: %(state)s.")
            % {"state": request.get_state_display()},
            code="approval_settled",
        )


@command
def lapse(request_id: UUID, *, by: Actor, at: datetime) -> ApprovalRequest:
    """Take back a request that nothing can come of, because the campaign was called off or is over.
    One that is still wanted, or settled, stays as it is."""
    request = _locked(request_id, by=by, version=None)
    if not request.is_waiting or not approval_outcomes.is_moot(request):
        return request
    return approval_outcomes.lapsed(request, by=by, at=at)


@lifecycle.follows(CampaignStage.CANCELLED, CampaignStage.ENDED, CampaignStage.TERMINATED)
def lapse_with_the_campaign(campaign: Campaign, by: Actor, at: datetime) -> None:
    """What still waits for somebody's word when a campaign is called off or comes to its end is
    taken back at once, by whoever took that step."""
    for request in campaign.approval_requests.waiting().for_change():
        request.campaign = campaign
        approval_outcomes.lapsed(request, by=by, at=at)


def lapse_all(*, at: datetime, most: int = 100) -> int:
    """The tick's part: requests that nothing can come of any more. Returns how many were taken
    back; finds nothing when run twice, and one that fails stops no other."""
    launched = Q(kind=ApprovalKind.LAUNCH) & ~Q(campaign__stage=CampaignStage.SUBMITTED)
    sent = CampaignVersion.objects.filter(
        campaign=OuterRef("campaign"),
        number=OuterRef("version_number"),
        state=VersionState.SUBMITTED,
    )
    amended = Q(kind=ApprovalKind.AMENDMENT) & ~Q(Exists(sent))
    moot = ApprovalRequest.objects.waiting().filter(launched | amended).order_by("pk")
    done = 0
    for pk in list(moot.values_list("pk", flat=True)[:most]):
        try:
            lapse(pk, by=SYSTEM, at=at)
        except DomainError:
            log.exception("approval_not_lapsed", request=str(pk))
        else:
            done += 1
    return done
