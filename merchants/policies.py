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


def may_override_credit_code(actor: Actor, unit_id: UUID) -> bool:
    """Accept a credit code that does not pass the check: the branch manager, and compliance."""
    if not isinstance(actor, User):
        return True
    return actor.scope.at(unit_id, Role.BRANCH_MANAGER, Role.COMPLIANCE)


def may_protect(actor: Actor, merchant: Merchant) -> bool:
    """Withdraw a person's consent, restrict their data: who works the merchant, and compliance."""
    return may_edit(actor, merchant) or _is_compliance(actor, merchant)


def may_unmask(actor: Actor, merchant: Merchant, *, restricted: bool) -> bool:
    """See a person's data in plain: the same; of a restricted person, compliance alone."""
    if restricted:
        return _is_compliance(actor, merchant)
    return may_protect(actor, merchant)


def may_erase(actor: Actor, merchant: Merchant) -> bool:
    """Wipe a person's data for good: who leads the merchant's unit, compliance, and the system."""
    if not isinstance(actor, User):
        return True
    return actor.scope.at(merchant.unit_id, *LEADERS, Role.COMPLIANCE)


def _is_compliance(actor: Actor, merchant: Merchant) -> bool:
    return isinstance(actor, User) and actor.scope.at(merchant.unit_id, Role.COMPLIANCE)


def may_hand_over(actor: Actor, merchant: Merchant) -> bool:
    """Those who lead the merchant's unit decide who looks after it."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, *LEADERS)
