"""Who may do what with leads."""

from uuid import UUID

from crm.actors import Actor
from crm.models import Role, User
from leads.models import Lead, Pain, Pool, Visit
from leads.models.lead_numbers import BRANCH_UP_TO_YUAN, TEAM_LEAD_UP_TO_YUAN
from leads.models.stages import Who
from merchants.models import Merchant
from merchants.models.evidence_kinds import Filer
from merchants.policies import LEADERS, WORKERS


def may_open(actor: Actor, merchant: Merchant) -> bool:
    """Who sells at the merchant's unit, unless the merchant is somebody else's."""
    if not isinstance(actor, User) or actor.scope.at(merchant.unit_id, *LEADERS):
        return True
    if merchant.owner_id not in (None, actor.pk):
        return False
    return actor.scope.at(merchant.unit_id, *WORKERS) or (
        actor.scope.holds(Role.REP) and merchant.unit_id in actor.scope.pool
    )


def may_work(actor: Actor, lead: Lead) -> bool:
    """The owner, and those who lead the lead's unit."""
    if not isinstance(actor, User) or actor.scope.at(lead.unit_id, *LEADERS):
        return True
    return lead.owner_id == actor.pk and actor.scope.holds(*WORKERS)


def may_assign(actor: Actor, lead: Lead) -> bool:
    """Those who lead the lead's unit."""
    return not isinstance(actor, User) or actor.scope.at(lead.unit_id, *LEADERS)


def may_own(user: User, lead: Lead) -> bool:
    """An active colleague who sells at the lead's unit."""
    return user.is_active and user.scope.at(lead.unit_id, *WORKERS)


def may_walk(actor: Actor, lead: Lead, who: Who) -> bool:
    """Whether the actor is the one that a road asks for."""
    if not isinstance(actor, User):
        return True
    match who:
        case Who.WORKER:
            return may_work(actor, lead)
        case Who.LEADER:
            return actor.scope.at(lead.unit_id, *LEADERS)
        case Who.APPROVER:
            return actor.scope.at(lead.unit_id, *LEADERS) and lead.owner_id != actor.pk
        case Who.COMPLIANCE:
            return actor.scope.at(lead.unit_id, Role.COMPLIANCE)


def may_follow_up(actor: Actor, merchant: Merchant, lead: Lead | None) -> bool:
    """Who works the lead; without a lead, who may open one."""
    return may_work(actor, lead) if lead else may_open(actor, merchant)


def may_file_evidence(actor: Actor, lead: Lead, filer: Filer) -> bool:
    """Whether the actor may put a kind of evidence about a lead on file."""
    match filer:
        case Filer.WORKER:
            return may_work(actor, lead)
        case Filer.COMPLIANCE:
            return not isinstance(actor, User) or actor.scope.at(lead.unit_id, Role.COMPLIANCE)
        case Filer.PRODUCT:
            return not isinstance(actor, User)


def may_interview(actor: Actor, pain: Pain) -> bool:
    """Who works the pain's lead; without a lead, who may open one for the merchant."""
    return may_follow_up(actor, pain.merchant, pain.lead)


def may_word_questions(actor: Actor) -> bool:
    """Leaders and administrators keep the questions and the usual capabilities."""
    return not isinstance(actor, User) or actor.scope.holds(*LEADERS, Role.ADMINISTRATOR)


def may_write_plays(actor: Actor) -> bool:
    """Write on the playbook, which is one for the whole bank: leaders and administrators."""
    return not isinstance(actor, User) or actor.scope.holds(*LEADERS, Role.ADMINISTRATOR)


def may_make(user: User, visit: Visit) -> bool:
    """Whose visit it is: nobody checks in for somebody else."""
    return visit.owner_id == user.pk and user.scope.holds(*WORKERS)


def may_lead_visits(actor: Actor, merchant: Merchant) -> bool:
    """Those who lead the merchant's unit."""
    return not isinstance(actor, User) or actor.scope.at(merchant.unit_id, *LEADERS)


def may_arrange(actor: Actor, visit: Visit) -> bool:
    """Whose visit it is, and those who lead the merchant's unit."""
    if isinstance(actor, User) and may_make(actor, visit):
        return True
    return may_lead_visits(actor, visit.merchant)


def may_see_position(user: User, visit: Visit) -> bool:
    """Where a colleague was: they themselves, and those who lead the merchant's unit."""
    return visit.owner_id == user.pk or may_lead_visits(user, visit.merchant)


def may_waive_forecast(actor: Actor, lead: Lead) -> bool:
    """Those who lead the lead's unit answer for an offer by which somebody loses."""
    return may_assign(actor, lead)


def may_take_follow_up(user: User, merchant: Merchant) -> bool:
    """An active colleague who sells at the merchant's unit."""
    return user.is_active and user.scope.at(merchant.unit_id, *WORKERS)


def may_claim(actor: Actor, lead: Lead) -> bool:
    """Those who sell in the lead's branch, or lead its unit."""
    if not isinstance(actor, User):
        return False
    if actor.scope.at(lead.unit_id, *WORKERS):
        return True
    return lead.unit_id in actor.scope.pool


def may_use_pool(user: User, pool_id: UUID) -> bool:
    """Those who sell at the pool's unit or below it, and those who lead it."""
    return Pool.objects.claimable_by(user).filter(pk=pool_id).exists()


def may_keep_pool(actor: Actor, unit_id: UUID) -> bool:
    """Those who lead the pool's unit, or administer it."""
    if not isinstance(actor, User):
        return True
    return actor.scope.at(unit_id, *LEADERS, Role.ADMINISTRATOR)


def may_hand_over_work(actor: Actor, *unit_ids: UUID) -> bool:
    """Those who lead, or administer, every unit at which the work lies."""
    if not isinstance(actor, User):
        return True
    if not actor.scope.holds(*LEADERS, Role.ADMINISTRATOR):
        return False
    return all(actor.scope.at(unit_id, *LEADERS, Role.ADMINISTRATOR) for unit_id in unit_ids)


def may_waive(actor: Actor, lead: Lead) -> bool:
    """A leader of the lead's unit, in person: the product waives nothing."""
    return isinstance(actor, User) and actor.scope.at(lead.unit_id, *LEADERS)


def may_approve(actor: Actor, lead: Lead, amount_fen: int | None) -> bool:
    """Whether an amount is the actor's to approve: small ones a team lead's, larger ones the branch
    manager's, the largest a manager's of the head office. An unknown amount is no small one."""
    if not isinstance(actor, User):
        return True
    manages = actor.scope.at(lead.unit_id, Role.BRANCH_MANAGER)
    if amount_fen is None:
        return manages
    if amount_fen <= TEAM_LEAD_UP_TO_YUAN.value * 100:
        return actor.scope.at(lead.unit_id, *LEADERS)
    if amount_fen <= BRANCH_UP_TO_YUAN.value * 100:
        return manages
    return Role.BRANCH_MANAGER in actor.scope.everywhere
