"""What follows from an approval, a return or a withdrawal: for the money and for the campaign."""

from datetime import datetime

from campaigns.domain import approval_reminders, campaign_money, lifecycle
from campaigns.models import (
    ApprovalKind,
    ApprovalRequest,
    ApprovalState,
    CampaignStage,
)
from crm.actors import Actor


def approved(request: ApprovalRequest, *, comment: str, by: Actor, at: datetime) -> ApprovalRequest:
    """Every step agreed: the money is committed, and the campaign or its new terms stand."""
    _settle(request, ApprovalState.APPROVED, at=at)
    campaign = request.campaign
    if request.kind == ApprovalKind.LAUNCH:
        lifecycle.move(campaign, CampaignStage.APPROVED, by=by, at=at, because=comment)
        campaign_money.commit(campaign, key=f"approval:{request.pk}:commit", by=by, at=at)
    approval_reminders.tell_makers(request, comment=comment, by=by, at=at)
    return request


def refused(
    request: ApprovalRequest, state: ApprovalState, *, because: str, by: Actor, at: datetime
) -> ApprovalRequest:
    """Returned or withdrawn: what was reserved goes back, and the planner may correct it."""
    _settle(request, state, at=at)
    campaign = request.campaign
    if request.kind == ApprovalKind.LAUNCH:
        lifecycle.move(campaign, CampaignStage.RETURNED, by=by, at=at, because=because)
        campaign_money.release(
            campaign, key=f"approval:{request.pk}:release", because=because, by=by, at=at
        )
    if state == ApprovalState.RETURNED:
        approval_reminders.tell_makers(request, comment=because, by=by, at=at)
    return request


def _settle(request: ApprovalRequest, state: ApprovalState, *, at: datetime) -> None:
    request.change(at=at, state=state, waits_for="", settled_at=at)
