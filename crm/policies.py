"""Asking whether somebody may."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.errors import NotAllowed, Sentence
from crm.models import Role, User


def require(allowed: bool, sentence: Sentence | None = None) -> None:
    """Raise NotAllowed unless allowed, with the sentence the person reads."""
    if not allowed:
        raise NotAllowed(sentence or _("You are not allowed to do this."))


def may_operate(actor: Actor) -> bool:
    """Send given-up messages again, look at the workings: administrators and the system."""
    return not isinstance(actor, User) or actor.scope.holds(Role.ADMINISTRATOR)


def may_administer_people(actor: Actor) -> bool:
    """Open units, add colleagues, give roles: administrators."""
    return not isinstance(actor, User) or actor.scope.holds(Role.ADMINISTRATOR)


def may_set_parameters(actor: Actor) -> bool:
    """Change limits, weights and caps: administrators."""
    return not isinstance(actor, User) or actor.scope.holds(Role.ADMINISTRATOR)


def may_set_notification_defaults(actor: Actor) -> bool:
    """Say what people of a role hear of through which channel: administrators."""
    return not isinstance(actor, User) or actor.scope.holds(Role.ADMINISTRATOR)


def may_administer(actor: Actor, unit_id: UUID | None) -> bool:
    """Change a unit and who holds which role at it: administrators of it or of one above it."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, Role.ADMINISTRATOR)


def may_keep_webhooks(actor: Actor, unit_id: UUID | None) -> bool:
    """Let systems listen at a unit and below it: administrators of it or of one above it."""
    return may_administer(actor, unit_id)


EXPORTERS = (
    Role.TEAM_LEAD,
    Role.BRANCH_MANAGER,
    Role.PLANNER,
    Role.FINANCE,
    Role.COMPLIANCE,
    Role.AUDITOR,
)
"""Roles that take whole lists out of the product; reps take their own rows only."""


def exports_everything(actor: User) -> bool:
    """Export all that one sees, and not one's own rows only."""
    return actor.scope.holds(*EXPORTERS)


def may_export(actor: User, *, has_owner: bool) -> bool:
    """Leaders, planners, finance, compliance and auditors; reps where rows have an owner."""
    return exports_everything(actor) or (has_owner and actor.scope.holds(Role.REP))
