"""Who may do what with campaigns."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)


FILERS = (Role.FINANCE, Role.ADMINISTRATOR)
"""Who files what the card system says: nobody whose own work it measures."""
TARGET_SETTERS = (Role.BRANCH_MANAGER, Role.PLANNER, Role.ADMINISTRATOR)


def may_file_figures(actor: Actor, unit_id: UUID) -> bool:
    """Finance of the unit and administrators, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *FILERS)


def may_set_targets(actor: Actor, unit_id: UUID) -> bool:
    """Branch managers, planners and administrators of the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *TARGET_SETTERS)


def may_keep_schemes(actor: Actor, unit_id: UUID) -> bool:
    """Branch managers and administrators of the unit, and the system."""
    reaches = (Role.BRANCH_MANAGER, Role.ADMINISTRATOR)
    return not isinstance(actor, User) or actor.scope.at(unit_id, *reaches)
