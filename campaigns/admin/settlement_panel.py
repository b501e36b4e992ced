"""The card of a campaign's page that says how it is settled."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin import statement_shown as shown
from campaigns.admin.panels import Panel, panel
from campaigns.domain import statements
from campaigns.models import Campaign, Statement
from crm.models import User
from crm.presentation import yuan

SHOWN = 10


@panel(order=60)
def settlement(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """Its newest statements, and how much stands on none that is paid."""
    rows = Statement.objects.visible_to(user).of_campaign(campaign.pk).select_related("merchant")
    newest = list(rows.order_by("-last_day", "-id")[:SHOWN])
    unsettled = statements.unsettled(campaign.pk)
    if not newest and not unsettled:
        return None
    return Panel(
        _("Settlement"),
        "campaigns/statements_panel.html",
        {
            "statements": [(one, shown.state_badge(one), yuan(one.payable_fen)) for one in newest],
            "unsettled": unsettled,
            "may_draft": user.scope.holds(*policies.STATEMENT_SETTLERS),
        },
        anchor="settlement",
    )
