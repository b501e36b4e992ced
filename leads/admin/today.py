"""Today: what one has promised, and when."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.admin.site import has_a_role, page, viewer
from leads.domain import today


def show(request: HttpRequest) -> HttpResponse:
    """Overdue, due today, and the next three working days."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    found = today.of(me, at=timezone.now())
    return page(
        request,
        "leads/today.html",
        title=pgettext("page", "Today"),
        groups=[
            (_("Overdue"), "bad", found.overdue),
            (_("Today"), "go", found.today),
            (_("The next three working days"), "calm", found.coming),
        ],
        nothing=not (found.overdue or found.today or found.coming),
    )
