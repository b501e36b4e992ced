"""Who may do what with merchants."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User
from merchants.models import Merchant

WORKERS = (Role.REP, Role.TEAM_LEAD, Role.BRANCH_MANAGER)
LEADERS = (Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_register(actor: Actor, unit_id: UUID) -> bool:
    """Those who sell, at their own unit or below it, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *WORKERS)


def may_edit(actor: Actor, merchant: Merchant) -> bool:
    """The owner, and those who lead the merchant's unit; anybody who sells there, if unowned."""
    if not isinstance(actor, User):
        return True
    if actor.scope.at(merchant.unit_id, *LEADERS):
        return True
    if merchant.owner_id is None:
        return actor.scope.holds(Role.REP) and merchant.unit_id in actor.scope.pool
    return merchant.owner_id == actor.pk and actor.scope.holds(*WORKERS)


def may_hand_over(actor: Actor, merchant: Merchant) -> bool:
    """Those who lead the merchant's unit decide who looks after it."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, *LEADERS)


def may_look_for_duplicates(actor: Actor) -> bool:
    """Those who sell: they are about to register somebody."""
    return not isinstance(actor, User) or actor.scope.holds(*WORKERS)


def may_merge(actor: Actor, *unit_ids: UUID) -> bool:
    """Those who lead the units of both merchants."""
    return not isinstance(actor, User) or all(
        actor.scope.at(unit_id, *LEADERS) for unit_id in unit_ids
    )
