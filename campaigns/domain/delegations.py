"""Approvals are handed to a colleague for some days, and taken back."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import ApprovalTier, Delegation
from crm.command import command
from crm.errors import InvalidInput, NotAllowed
from crm.locking import known, take
from crm.models import Role, User


def roles_that_approve() -> frozenset[Role]:
    """The roles that some tier in use asks for."""
    listed = ApprovalTier.objects.active().values_list("steps", flat=True)
    return frozenset(Role(one) for steps in listed for one in steps)


@command
def delegate(
    delegation_id: UUID,
    to_id: UUID,
    *,
    first_day: date,
    last_day: date,
    because: str = "",
    by: User,
    at: datetime,
) -> Delegation:
    """Let a colleague decide one's approvals from the first to the last day, both included.

    What one made oneself the colleague cannot approve either, and what the colleague made stays
    for others; nor can the colleague hand it on. Raises NotAllowed if one approves nothing,
    NotFound for a colleague whom one does not know, InvalidInput with codes `delegation_over` and
    `delegate_sees_nothing`, RuleBroken with codes `delegation_overlaps`, `delegation_dates`,
    `delegation_to_oneself`.
    """
    person = known(User.objects.active().filter(pk__in=_known_to(by)), to_id, attr="to")
    units = by.scope.under(roles_that_approve())
    if not units:
        raise NotAllowed(_("You approve nothing that you could delegate."))
    if last_day < timezone.localdate(at):
        raise InvalidInput(_("These days are over."), code="delegation_over", attr="last_day")
    theirs = person.scope
    if not (theirs.sees_everything or units & (theirs.seen | theirs.pool)):
        raise InvalidInput(
            _("This colleague does not see the campaigns that you approve."),
            code="delegate_sees_nothing",
            attr="to",
        )
    delegation = Delegation(
        pk=delegation_id,
        principal=by,
        delegate=person,
        first_day=first_day,
        last_day=last_day,
        because=because.strip(),
        created_at=at,
        updated_at=at,
    )
    delegation.save(force_insert=True)
    return delegation


@command
def end(delegation_id: UUID, *, by: User, at: datetime, version: int | None = None) -> Delegation:
    """Take a delegation back; its own people do, the one who gave it and the one who holds it.

    Taking it back twice changes nothing. Raises NotFound, NotAllowed, Stale.
    """
    delegation = take(Delegation.objects.seen_by(by), delegation_id, version=version)
    if by.pk not in (delegation.principal_id, delegation.delegate_id):
        raise NotAllowed(_("A delegation is ended by those it is between."))
    if delegation.ended_at is not None:
        return delegation
    return delegation.change(at=at, ended_at=at)


def _known_to(by: User) -> list[UUID]:
    return list(User.objects.visible_to(by).values_list("pk", flat=True))
