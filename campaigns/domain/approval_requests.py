"""A request for approval comes to be: its tier, its steps, and who made what it is about."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from campaigns.domain import approval_reminders, approval_tiers
from campaigns.models import ApprovalKind, ApprovalRequest, ApprovalStep, Campaign
from crm.errors import RuleBroken
from crm.models import Role, User


def ask(
    campaign: Campaign,
    kind: ApprovalKind,
    *,
    version_number: int,
    amount_fen: int,
    makers: Iterable[UUID | None],
    said: str,
    by: User,
    at: datetime,
) -> ApprovalRequest:
    """Open the next round for a locked campaign, and tell those whom it waits for first.

    `makers` are all who wrote, planned or submitted it; nobody among them will decide. Raises
    RuleBroken with codes `tier_missing`, `tier_empty` if some step would have nobody left, and
    `approval_waiting` if a round is open.
    """
    made_by = sorted({one for one in makers if one is not None})
    tier = approval_tiers.for_amount(campaign.unit, amount_fen)
    stuck = approval_tiers.passable(campaign.unit, tier.steps, makers=made_by)
    if stuck is not None:
        raise RuleBroken(
            _("Nobody but those who made it could approve at the step “%(role)s”.")
            % {"role": Role(stuck).label},
            code="tier_empty",
        )
    last = campaign.approval_requests.aggregate(last=Max("round"))["last"] or 0
    request = ApprovalRequest(
        campaign=campaign,
        round=last + 1,
        kind=kind,
        version_number=version_number,
        amount_fen=amount_fen,
        tier=tier,
        requested_by=by,
        makers=made_by,
        said=said,
        waits_for=tier.steps[0],
        present_step=1,
        requested_at=at,
        step_since=at,
        created_at=at,
        updated_at=at,
    )
    request.save(force_insert=True)
    ApprovalStep.objects.bulk_create(
        [
            ApprovalStep(
                request=request,
                order=order,
                role=role,
                makers=made_by,
                created_at=at,
                updated_at=at,
            )
            for order, role in enumerate(tier.steps, 1)
        ]
    )
    approval_reminders.tell_approvers(request, at=at)
    return request
