"""Who may do what with campaigns."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)
