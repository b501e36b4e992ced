"""Who may do what with merchants."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User
from merchants.models import AgreementVersion, Merchant
from merchants.models.evidence_kinds import Filer
from merchants.models.partnership_roads import Who

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
    """See a person's data in plain: the same, but nobody who knows the merchant only through the
    pool; of a restricted person, compliance alone."""
    if restricted:
        return _is_compliance(actor, merchant)
    return may_protect(actor, merchant) and not knows_through_pool(actor, merchant)


def knows_through_pool(actor: Actor, merchant: Merchant) -> bool:
    """Whether the actor sees the merchant only because nobody owns it yet."""
    if not isinstance(actor, User) or merchant.owner_id is not None:
        return False
    leads = actor.scope.at(merchant.unit_id, *LEADERS)
    return not leads and not _is_compliance(actor, merchant)


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


def may_manage(actor: Actor, merchant: Merchant) -> bool:
    """The branch manager of the merchant's unit: registers what exists, waives, ends."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, Role.BRANCH_MANAGER)


def may_rule(actor: Actor, merchant: Merchant) -> bool:
    """Compliance, at the merchant's unit or above it."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, Role.COMPLIANCE)


def may_step(actor: Actor, merchant: Merchant, who: Who) -> bool:
    """Whether the actor is of those whom a road of a partnership asks for."""
    match who:
        case Who.WORKER:
            return may_edit(actor, merchant)
        case Who.MANAGER | Who.APPROVER:
            return may_manage(actor, merchant)
        case Who.COMPLIANCE:
            return may_rule(actor, merchant)
        case Who.SYSTEM:
            return not isinstance(actor, User)


def is_maker(actor: Actor, version: AgreementVersion) -> bool:
    """Whether the actor drafted or signed off a version; such a one does not approve it."""
    return isinstance(actor, User) and actor.pk in (version.drafted_by_id, version.signed_by_id)


def may_file(actor: Actor, merchant: Merchant, filer: Filer) -> bool:
    """Whether the actor may put a kind of evidence on file."""
    match filer:
        case Filer.WORKER:
            return may_edit(actor, merchant)
        case Filer.COMPLIANCE:
            return may_rule(actor, merchant)
        case Filer.PRODUCT:
            return not isinstance(actor, User)


def may_sign_off(actor: Actor, merchant: Merchant) -> bool:
    """Those who lead the merchant's unit put signed agreements into force."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, *LEADERS)


def may_file_figures(actor: Actor, merchant: Merchant) -> bool:
    """Those who may edit the merchant, and finance of its unit, who reads the statements."""
    if isinstance(actor, User) and actor.scope.at(merchant.unit_id, Role.FINANCE):
        return True
    return may_edit(actor, merchant)


def may_look_for_duplicates(actor: Actor) -> bool:
    """Those who sell: they are about to register somebody."""
    return not isinstance(actor, User) or actor.scope.holds(*WORKERS)


def may_merge(actor: Actor, *unit_ids: UUID) -> bool:
    """Those who lead the units of both merchants."""
    return not isinstance(actor, User) or all(
        actor.scope.at(unit_id, *LEADERS) for unit_id in unit_ids
    )
