"""Who is told of an approval: those it waits for, at once and again after some working days; and
those who asked, once it is decided."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.domain import approval_parameters, approval_tiers
from campaigns.models import ApprovalRequest, ApprovalState, ApprovalStep, Delegation
from crm.actors import Actor
from crm.domain import calendar, reminders
from crm.models import User

MOST_TOLD = 20
"""People told of one step: beyond that it is everybody's and so nobody's."""
IN_THE_MORNING = time(9)

WAITING = reminders.kind(
    "approval_waiting",
    group=_("Approvals"),
    label=_("Approval waiting"),
    subject=_("To be approved: %(campaign)s"),
    text=_("%(requester)s asks for your approval of “%(campaign)s” (%(amount)s yuan)."),
)
STILL_WAITING = reminders.kind(
    "approval_still_waiting",
    group=_("Approvals"),
    label=_("Approval still waiting"),
    subject=_("Still to be approved: %(campaign)s"),
    text=_(
        "“%(campaign)s” (%(amount)s yuan) has been waiting for your approval since %(since_at)s."
    ),
)
APPROVED = reminders.kind(
    "approval_given",
    group=_("Approvals"),
    label=_("Approval given"),
    subject=_("Approved: %(campaign)s"),
    text=_("“%(campaign)s” is approved. The last to agree was %(actor)s."),
)
RETURNED = reminders.kind(
    "approval_returned",
    group=_("Approvals"),
    label=_("Returned for correction"),
    subject=_("To be corrected: %(campaign)s"),
    text=_("%(actor)s returned “%(campaign)s” for correction: %(comment)s"),
)
_SETTLED = {ApprovalState.APPROVED: APPROVED, ApprovalState.RETURNED: RETURNED}


def tell_approvers(request: ApprovalRequest, *, at: datetime) -> int:
    """Tell those whom the present step waits for; returns how many."""
    told = waited_for(request, at=at)[:MOST_TOLD]
    unit = request.campaign.unit
    zone = ZoneInfo(unit.time_zone)
    today = at.astimezone(zone).date()
    later = calendar.load().after(today, approval_parameters.REMIND_AFTER.value)
    facts = {
        "campaign": request.campaign.name,
        "amount": f"{request.amount_fen / 100:.2f}",
        "requester": request.requested_by.full_name,
        "since_at": at.isoformat(),
    }
    for person in told:
        for kind, due_at in (
            (WAITING, at),
            (STILL_WAITING, datetime.combine(later, IN_THE_MORNING, zone)),
        ):
            reminders.plan(
                f"{_of_step(request)}{person.pk}:{kind.name}",
                recipient=person,
                kind=kind,
                facts=facts,
                link=reverse("approvals"),
                due_at=due_at,
                at=at,
            )
    return len(told)


def waited_for(request: ApprovalRequest, *, at: datetime) -> list[User]:
    """Those who may decide the present step: holders of its role, and whom they delegated to."""
    spoke = ApprovalStep.objects.filter(request=request, decided_by__isnull=False)
    pairs = spoke.values_list("decided_by", "on_behalf_of")
    silent = {*request.makers, *(one for pair in pairs for one in pair if one)}
    unit = request.campaign.unit
    holders = approval_tiers.approvers(unit, request.waits_for, but=silent)
    today = at.astimezone(ZoneInfo(unit.time_zone)).date()
    delegated = Delegation.objects.standing(today).filter(
        principal__in=holders, delegate__is_active=True
    )
    theirs = [
        one.delegate
        for one in delegated.select_related("delegate")
        if one.delegate_id not in silent
    ]
    return list({person.pk: person for person in (*holders, *theirs)}.values())


def forget_step(request: ApprovalRequest, *, at: datetime) -> None:
    """Nobody needs to be reminded of the present step any more."""
    reminders.cancel_all(_of_step(request), at=at)


def tell_makers(request: ApprovalRequest, *, comment: str, by: Actor, at: datetime) -> None:
    """Tell those who asked what was decided."""
    kind = _SETTLED[ApprovalState(request.state)]
    for person in _active(request.makers):
        reminders.plan(
            f"approval:{request.pk}:settled:{person.pk}",
            recipient=person,
            kind=kind,
            facts={
                "campaign": request.campaign.name,
                "actor": by.full_name,
                "comment": comment,
            },
            link=reverse("admin:campaigns_campaign_change", args=[request.campaign_id]),
            due_at=at,
            at=at,
        )


def waiting_days(request: ApprovalRequest, *, at: datetime) -> int:
    """Working days for which the present step has waited, the first one not counted."""
    zone = ZoneInfo(request.campaign.unit.time_zone)
    first = request.step_since.astimezone(zone).date() + timedelta(days=1)
    return calendar.load().count(first, at.astimezone(zone).date())


def _of_step(request: ApprovalRequest) -> str:
    return f"approval:{request.pk}:{request.present_step}:"


def _active(ids: Iterable[object]) -> list[User]:
    return list(User.objects.active().filter(pk__in=list(ids)).order_by("pk"))
