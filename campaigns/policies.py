"""Who may do what with campaigns."""

from uuid import UUID

from campaigns.models import Campaign, Discrepancy
from crm.actors import Actor, user_id
from crm.models import Role, User
from merchants import policies as merchant_policies
from merchants.models import Merchant

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


def may_keep_funds(actor: Actor, unit_id: UUID) -> bool:
    """Open funds, fill, change and close them: finance of the unit, and who leads the bank."""
    if not isinstance(actor, User):
        return True
    leads_the_bank = Role.BRANCH_MANAGER in actor.scope.everywhere
    return leads_the_bank or actor.scope.at(unit_id, Role.FINANCE)


SETTLERS = (Role.FINANCE, Role.BRANCH_MANAGER)


def may_run(actor: Actor, campaign: Campaign) -> bool:
    """Start, pause, resume, end or call off a campaign: those who plan for its unit."""
    return may_plan(actor, campaign.unit_id)


def may_stop(actor: Actor, campaign: Campaign) -> bool:
    """Pause or terminate a running campaign: those who run it, and compliance."""
    return may_run(actor, campaign) or (
        isinstance(actor, User) and actor.scope.at(campaign.unit_id, Role.COMPLIANCE)
    )


def may_settle(actor: Actor, campaign: Campaign) -> bool:
    """Begin to settle a campaign, say that it is settled, close it: finance and the manager."""
    return not isinstance(actor, User) or actor.scope.at(campaign.unit_id, *SETTLERS)


def may_prepare(actor: Actor, campaign: Campaign, merchant: Merchant) -> bool:
    """Tick off the go-live checklist: those who run the campaign, and who looks after the shop."""
    return may_run(actor, campaign) or merchant.owner_id == user_id(actor)


def may_file_outcome(actor: Actor, campaign: Campaign) -> bool:
    """Planners, leaders and finance of the campaign's unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(campaign.unit_id, *PLANNERS, Role.FINANCE)


def may_conclude(actor: Actor, campaign: Campaign) -> bool:
    """Finance and the branch manager say what came of a campaign, and open it again."""
    if not isinstance(actor, User):
        return True
    return actor.scope.at(campaign.unit_id, Role.FINANCE, Role.BRANCH_MANAGER)


def may_claim(actor: Actor, campaign: Campaign, merchant: Merchant) -> bool:
    """Those who work the merchant, and who plans for the campaign's unit."""
    return merchant_policies.may_edit(actor, merchant) or may_plan(actor, campaign.unit_id)


def may_decide_claims(actor: Actor, campaign: Campaign) -> bool:
    """Finance of the campaign's unit and leaders at the head office."""
    if not isinstance(actor, User):
        return True
    return (
        actor.scope.at(campaign.unit_id, Role.FINANCE)
        or Role.BRANCH_MANAGER in actor.scope.everywhere
    )


def may_keep_fees(actor: Actor) -> bool:
    """Card fees are the whole bank's: finance at the head office, and administrators."""
    if not isinstance(actor, User):
        return True
    return Role.FINANCE in actor.scope.everywhere or actor.scope.holds(Role.ADMINISTRATOR)


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


TAKERS_IN = (Role.FINANCE,)
"""Who takes redemptions in and works what is wrong with them; for the whole bank, its leaders."""


def may_take_in(actor: Actor, unit_id: UUID) -> bool:
    """Bring redemptions of campaigns below a unit: finance, and who leads the whole bank."""
    if not isinstance(actor, User):
        return True
    scope = actor.scope
    return scope.at(unit_id, *TAKERS_IN) or Role.BRANCH_MANAGER in scope.everywhere


def may_work_discrepancy(actor: Actor, row: Discrepancy) -> bool:
    """Assign, resolve, dismiss, try again: those who take in redemptions of the unit."""
    return may_take_in(actor, row.unit_id)


STATEMENT_SETTLERS = (Role.FINANCE,)

STATEMENT_APPROVERS = (Role.FINANCE, Role.BRANCH_MANAGER)


def may_settle_statements(actor: Actor, unit_id: UUID) -> bool:
    """Draft, send, confirm, invoice and pay statements: finance of the merchant's unit or above it,
    those who lead the head office, and the system."""
    if not isinstance(actor, User):
        return True
    return (
        actor.scope.at(unit_id, *STATEMENT_SETTLERS)
        or Role.BRANCH_MANAGER in actor.scope.everywhere
    )


def may_approve_settlement(actor: Actor, unit_id: UUID) -> bool:
    """Approve a statement or an adjustment: finance and who leads the branch; never their own."""
    return isinstance(actor, User) and actor.scope.at(unit_id, *STATEMENT_APPROVERS)
