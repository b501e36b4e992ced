"""How approvals look: states as coloured words, steps with who spoke at them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns.domain import approval_reminders
from campaigns.models import (
    ApprovalDecision,
    ApprovalRequest,
    ApprovalState,
    ApprovalStep,
)
from crm.admin.base import when

_TONES = {
    ApprovalState.WAITING: "warn",
    ApprovalState.APPROVED: "good",
    ApprovalState.RETURNED: "bad",
    ApprovalState.WITHDRAWN: "calm",
}


def state_badge(request: ApprovalRequest) -> str:
    """What has become of a request, as a coloured word."""
    tone = _TONES[ApprovalState(request.state)]
    return format_html(
        '<span class="crm-badge crm-{}">{}</span>', tone, request.get_state_display()
    )


@dataclass(frozen=True)
class StepShown:
    """One step in words."""

    label: str
    tone: str
    """`past`, `here` or `ahead`, as a row of steps colours them."""
    sign: str
    who: str
    when: str
    comment: str


def steps(request: ApprovalRequest) -> list[StepShown]:
    """The steps of a request, in order; asks nothing where they are prefetched."""
    return [_step(request, one) for one in sorted(request.steps.all(), key=lambda one: one.order)]


def _step(request: ApprovalRequest, step: ApprovalStep) -> StepShown:
    here = request.is_waiting and step.order == request.present_step
    who = str(step.decided_by or "")
    if step.on_behalf_of is not None:
        who = _("%(person)s on behalf of %(principal)s") % {
            "person": who,
            "principal": step.on_behalf_of,
        }
    signs = {ApprovalDecision.APPROVED: "✓", ApprovalDecision.RETURNED: "✗"}
    return StepShown(
        label=str(step.get_role_display()),
        tone="here" if here else "past" if step.decision else "ahead",
        sign=signs.get(step.decision, "") if step.decision else "",  # type: ignore[call-overload]
        who=who,
        when=when(step.decided_at) if step.decided_at else "",
        comment=step.comment,
    )


def rows(requests: Iterable[ApprovalRequest], *, at: datetime) -> list[dict[str, Any]]:
    """Requests as the inbox lists them."""
    return [
        {
            "request": one,
            "badge": state_badge(one),
            "amount": f"{one.amount_fen / 100:,.2f}",
            "days": approval_reminders.waiting_days(one, at=at) if one.is_waiting else None,
        }
        for one in requests
    ]
