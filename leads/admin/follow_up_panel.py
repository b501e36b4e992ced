"""The card on a lead's page about follow-ups that come back by themselves."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.models import User
from leads import policies
from leads.admin import shown
from leads.admin.panels import Panel, panel
from leads.models import FollowUp, Lead

MOST = 10


@panel(order=80)
def series(lead: Lead, user: User, at: datetime) -> Panel | None:
    """The open ones with how they repeat, and the way to promise another."""
    repeating = FollowUp.objects.open().filter(lead=lead).exclude(repeats="")
    rows = [
        {"follow_up": one, "how": shown.recurrence(one)}
        for one in repeating.select_related("owner").order_by("due_at", "pk")[:MOST]
    ]
    may = policies.may_work(user, lead)
    if not rows and not may:
        return None
    return Panel(
        _("Follow-ups that repeat"),
        "leads/follow_up_series.html",
        {"rows": rows, "lead": lead, "may": may},
        anchor="series",
        folded=True,
    )
