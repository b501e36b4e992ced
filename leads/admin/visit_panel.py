"""Visits on a lead's page: the coming ones, the last ones, and a way to plan another."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.ids import uuid7
from crm.models import User
from leads import policies
from leads.admin import visit_shown
from leads.admin.panels import Panel, panel
from leads.domain.visit_upkeep import bank_day
from leads.models import Lead, Visit, VisitState

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
    newest = list(rows[:MOST])
    due = [one for one in newest if _is_due(one, user, at)]
    return Panel(
        _("Visits"),
        "leads/visit_panel.html",
        {
            "lead": lead,
            "visits": [(visit, visit_shown.state_badge(visit), visit in due) for visit in newest],
            "due": bool(due),
            "may_plan": policies.may_follow_up(user, lead.merchant, lead),
            "row_id": uuid7(),
        },
        anchor="visits",
    )


def _is_due(visit: Visit, user: User, at: datetime) -> bool:
    """Whether somebody who stands before the shop means this visit, and no other one."""
    is_today = visit.planned_for == bank_day(at)
    return is_today and visit.state == VisitState.PLANNED and policies.may_make(user, visit)
