"""What follows from an approval, a return or a withdrawal: for the money and for the campaign."""

from datetime import datetime

from campaigns.domain import amending, approval_reminders, campaign_money, lifecycle
from campaigns.domain import shares as share_rules
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import (
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    CampaignStage,
    CampaignVersion,
    VersionState,
)
from crm.actors import Actor


def approved(request: ApprovalRequest, *, comment: str, by: Actor, at: datetime) -> ApprovalRequest:
    """Every step agreed: the money is committed, and the campaign or its new terms stand."""
    settle(request, ApprovalState.APPROVED, at=at)
    campaign, key = request.campaign, f"approval:{request.pk}:commit"
    if request.kind == ApprovalKind.LAUNCH:
        lifecycle.move(campaign, CampaignStage.APPROVED, by=by, at=at, because=comment)
        campaign_money.commit(campaign, key=key, by=by, at=at)
    else:
        version = version_of(request)
        parts = parts_under(CampaignTerms.from_json(version.terms))
        campaign_money.commit(campaign, key=key, by=by, at=at, parts=parts)
        amending.take_effect(version, by=by, at=at)
    approval_reminders.tell_makers(request, comment=comment, by=by, at=at)
    return request


def refused(
    request: ApprovalRequest, state: ApprovalState, *, because: str, by: Actor, at: datetime
) -> ApprovalRequest:
    """Returned or withdrawn: what was reserved goes back, and the planner may correct it. The terms
    that a live campaign has stay in force."""
    settle(request, state, at=at)
    campaign, key = request.campaign, f"approval:{request.pk}:release"
    if request.kind == ApprovalKind.LAUNCH:
        lifecycle.move(campaign, CampaignStage.RETURNED, by=by, at=at, because=because)
        campaign_money.release(campaign, key=key, because=because, by=by, at=at)
    else:
        amending.refuse(version_of(request), at=at)
        campaign_money.unreserve(campaign, key=key, because=because, by=by, at=at)
    if state == ApprovalState.RETURNED:
        approval_reminders.tell_makers(request, comment=because, by=by, at=at)
    return request


def lapsed(request: ApprovalRequest, *, by: Actor, at: datetime) -> ApprovalRequest:
    """The campaign was called off or came to its end meanwhile: nobody needs to decide any more."""
    approval_reminders.forget_step(request, at=at)
    settle(request, ApprovalState.WITHDRAWN, at=at)
    campaign_money.unreserve(
        request.campaign, key=f"approval:{request.pk}:release", because="", by=by, at=at
    )
    return request


def is_moot(request: ApprovalRequest) -> bool:
    """Whether what a waiting request asks for cannot come to be any more."""
    if request.kind == ApprovalKind.LAUNCH:
        return request.campaign.stage != CampaignStage.SUBMITTED
    return version_of(request).state != VersionState.SUBMITTED


def settle(request: ApprovalRequest, state: ApprovalState, *, at: datetime) -> None:
    """Write down what has become of a request."""
    request.change(at=at, state=state, waits_for="", settled_at=at)


def version_of(request: ApprovalRequest) -> CampaignVersion:
    """The version of the terms that a request is about."""
    version = CampaignVersion.objects.get(
        campaign=request.campaign_id, number=request.version_number
    )
    version.campaign = request.campaign
    return version


def parts_under(terms: CampaignTerms) -> dict[str, int]:
    """What each party gives under terms that are not in force yet (fen), as
    `campaign_money.parts_of` says of those that are."""
    return share_rules.split_within(
        terms.budget_fen, terms.basis_points, left=terms.ceilings, fallback=terms.fallbacks
    ).parts
