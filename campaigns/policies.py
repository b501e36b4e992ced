"""Who may do what with campaigns."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)


def may_keep_funds(actor: Actor, unit_id: UUID) -> bool:
    """Open funds, fill, change and close them: finance of the unit, and who leads the bank."""
    if not isinstance(actor, User):
        return True
    leads_the_bank = Role.BRANCH_MANAGER in actor.scope.everywhere
    return leads_the_bank or actor.scope.at(unit_id, Role.FINANCE)
