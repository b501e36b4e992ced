"""Today: what waits for one and why; for leaders also what is overdue in their team."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.admin.site import has_a_role, page, viewer
from leads.domain import team_day, today


def show(request: HttpRequest) -> HttpResponse:
    """Overdue, due today, and the next three working days, the most pressing first."""
    me, now = viewer(request), timezone.now()
    if not has_a_role(me):
        raise PermissionDenied
    leads_a_team = team_day.may_look(me)
    if leads_a_team and request.GET.get("view") == "team":
        return page(
            request,
            "leads/team_day.html",
            title=pgettext("page", "Today"),
            colleagues=team_day.of(me, at=now),
            leads_a_team=True,
            of_team=True,
        )
    found = today.of(me, at=now)
    return page(
        request,
        "leads/today.html",
        title=pgettext("page", "Today"),
        groups=[
            (_("Overdue"), "bad", found.overdue),
            (_("Today"), "go", found.today),
            (_("The next three working days"), "calm", found.coming),
        ],
        nothing=not found.rows,
        nothing_now=bool(found.coming) and not (found.overdue or found.today),
        leads_a_team=leads_a_team,
        of_team=False,
    )
