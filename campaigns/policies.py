"""Who may do what with campaigns."""

from uuid import UUID

from campaigns.models import Campaign
from crm.actors import Actor
from crm.models import Role, User
from merchants import policies as merchant_policies
from merchants.models import Merchant

PLANNERS = (Role.PLANNER, Role.TEAM_LEAD, Role.BRANCH_MANAGER)


def may_plan(actor: Actor, unit_id: UUID) -> bool:
    """Planners and those who lead the unit, and the system."""
    return not isinstance(actor, User) or actor.scope.at(unit_id, *PLANNERS)


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
