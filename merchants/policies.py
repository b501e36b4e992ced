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


PLANNERS = (Role.PLANNER, *LEADERS)


def may_keep_rivals(actor: Actor) -> bool:
    """Planners and leaders keep the list of rivals, which is one for the whole bank."""
    return not isinstance(actor, User) or actor.scope.holds(*PLANNERS)


def may_analyse(actor: Actor, merchant: Merchant | None) -> bool:
    """Planners and leaders compare our package with a rival's: for a merchant those of its unit,
    for a category group any."""
    if not isinstance(actor, User) or merchant is None:
        return may_keep_rivals(actor)
    return actor.scope.at(merchant.unit_id, *PLANNERS)
