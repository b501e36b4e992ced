"""Who may do what with campaigns."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)


def may_set_tiers(actor: Actor, unit_id: UUID) -> bool:
    """Say who must agree to which amounts: administrators of the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, Role.ADMINISTRATOR)


def may_decide(actor: Actor, unit_id: UUID, role: str) -> bool:
    """Say yes or no at a step: whoever holds its role at the campaign's unit or above it. Never
    the system: an approval is somebody's word."""
    return isinstance(actor, User) and actor.scope.at(unit_id, Role(role))
