"""One's own calendar address: a page of one's own."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from crm import calendar_door
from crm.admin.own_pages import own_page
from crm.admin.site import has_a_role, page, viewer
from crm.domain import calendar_feeds
from crm.errors import DomainError
from crm.models import User

own_page(gettext_lazy("My calendar"), "my-calendar")


@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """What stands, with buttons; a new address is on the page that answers its making."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, me)
    wanted, tells_details = request.POST.get("do"), request.POST.get("tells_details") == "yes"
    try:
        if wanted == "renew":
            _feed, token = calendar_feeds.renew(
                tells_details=tells_details, by=me, at=timezone.now()
            )
            return _page(request, me, address=calendar_door.address(token))
        if wanted == "details":
            calendar_feeds.tell_details(tells_details, by=me, at=timezone.now())
            messages.success(request, _("Saved."))
        elif wanted == "revoke":
            calendar_feeds.revoke(by=me, at=timezone.now())
            messages.success(request, _("The calendar address is of no more use."))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("my-calendar")


def _page(request: HttpRequest, me: User, *, address: str = "") -> HttpResponse:
    return page(
        request,
        "crm/my_calendar.html",
        title=_("My calendar"),
        feed=calendar_feeds.of(me),
        address=address,
        webcal=f"webcal://{address.partition('://')[2]}" if address else "",
    )
