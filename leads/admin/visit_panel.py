"""Visits on a lead's page: the coming ones, the last ones, and a way to plan another."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.ids import uuid7
from crm.models import User
from leads import policies
from leads.admin import visit_shown
from leads.admin.panels import Panel, panel
from leads.models import Lead, Visit

MOST = 5


@panel(order=60)
def visits(lead: Lead, user: User, at: datetime) -> Panel:
    """The lead's newest visits, and who may plan one."""
    rows = (
        Visit.objects.visible_to(user)
        .filter(lead=lead)
        .select_related("owner", "outlet")
        .order_by("-planned_for", "-id")
    )
    return Panel(
        _("Visits"),
        "leads/visit_panel.html",
        {
            "lead": lead,
            "visits": [(visit, visit_shown.state_badge(visit)) for visit in rows[:MOST]],
            "may_plan": policies.may_follow_up(user, lead.merchant, lead),
            "row_id": uuid7(),
        },
        anchor="visits",
    )
