"""Who may do what with campaigns."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)


SETTLERS = (Role.FINANCE,)
STATEMENT_APPROVERS = (Role.FINANCE, Role.BRANCH_MANAGER)


def may_settle(actor: Actor, unit_id: UUID) -> bool:
    """Draft, send, confirm, invoice and pay statements: finance of the merchant's unit or above it,
    those who lead the head office, and the system."""
    if not isinstance(actor, User):
        return True
    return actor.scope.at(unit_id, *SETTLERS) or Role.BRANCH_MANAGER in actor.scope.everywhere


def may_approve_settlement(actor: Actor, unit_id: UUID) -> bool:
    """Approve a statement or an adjustment: finance and who leads the branch; never their own."""
    return isinstance(actor, User) and actor.scope.at(unit_id, *STATEMENT_APPROVERS)
