"""By whose right somebody decides a step: their own role, or that of a colleague who delegated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.models import ApprovalRequest, ApprovalStep, Delegation
from crm.actors import Actor
from crm.errors import DomainError, NotAllowed, RuleBroken
from crm.models import Role, User

_SELF = _(
    "Whoever planned or submitted a campaign does not approve it, nor does anybody on their behalf."
)


@dataclass(frozen=True)
class Authority:
    """Who decides, and for whom if not for themselves."""

    person: User
    on_behalf_of: User | None = None


def authority(request: ApprovalRequest, *, by: Actor, at: datetime) -> Authority:
    """The right by which somebody decides the present step of a request.

    Raises RuleBroken with code `self_approval` for those who made it and for whoever would decide
    for one of them, `approved_already` for those who decided another step, NotAllowed for others.
    """
    if not isinstance(by, User):
        raise NotAllowed(_("An approval is somebody's word: the system gives none."))
    if by.pk in request.makers:
        raise _self_approval()
    spoke = _heard(request)
    unit = request.campaign.unit
    if policies.may_decide(by, unit.pk, request.waits_for):
        if by.pk in spoke:
            raise _twice()
        return Authority(by)
    today = at.astimezone(ZoneInfo(unit.time_zone)).date()
    principals = [
        one.principal
        for one in Delegation.objects.held_by(by, today)
        if policies.may_decide(one.principal, unit.pk, request.waits_for)
    ]
    if not principals:
        raise NotAllowed(
            _("This step is decided by: %(role)s.") % {"role": Role(request.waits_for).label}
        )
    others = [one for one in principals if one.pk not in request.makers]
    if not others:
        raise _self_approval()
    unheard = [one for one in others if one.pk not in spoke]
    if by.pk in spoke or not unheard:
        raise _twice()
    return Authority(by, on_behalf_of=unheard[0])


def may_decide_now(request: ApprovalRequest, *, by: Actor, at: datetime) -> bool:
    """Whether the buttons are for this person."""
    if not request.is_waiting:
        return False
    try:
        authority(request, by=by, at=at)
    except DomainError:
        return False
    return True


def _heard(request: ApprovalRequest) -> set[UUID]:
    """Everybody whose word stands at a step already, given by themselves or for them."""
    pairs: Iterable[tuple[UUID, UUID | None]] = ApprovalStep.objects.filter(
        request=request, decided_by__isnull=False
    ).values_list("decided_by", "on_behalf_of")
    return {one for pair in pairs for one in pair if one is not None}


def _self_approval() -> RuleBroken:
    return RuleBroken(_SELF, code="self_approval")


def _twice() -> RuleBroken:
    return RuleBroken(_("The same person does not decide two steps."), code="approved_already")
