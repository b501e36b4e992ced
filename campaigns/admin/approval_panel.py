"""The approval's card on a campaign's page: what is missing, who must agree, and the buttons."""

from datetime import datetime

from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin import approvals
from campaigns.admin.panels import Panel, panel
from campaigns.domain import approval_standing
from campaigns.models import Campaign
from crm.models import User


@panel(order=10)
def approval(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """What stands in the way of submitting it, or where its approval is."""
    standing = approval_standing.of(campaign, at=at)
    if standing.newest is None and not standing.submittable and standing.proposed is None:
        return None
    plans = policies.may_plan(user, campaign.unit_id)
    return Panel(
        title=pgettext_lazy("campaign", "Approval"),
        template="campaigns/approval_panel.html",
        context={
            "campaign": campaign,
            "standing": standing,
            "newest": approvals.one(standing.newest, user, at) if standing.newest else None,
            "roles": [str(one.label) for one in standing.roles],
            "may_submit": standing.submittable and plans,
            "may_amend": standing.proposed is not None and plans,
        },
        anchor="approval",
        first=standing.submittable or bool(standing.newest and standing.newest.is_waiting),
    )
