"""What one hears of through which channel, what a role gets unless people choose, and the inbox
read at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm import policies
from crm.admin import badges
from crm.admin.own_pages import OWN_PAGES
from crm.admin.site import has_a_role, page, viewer
from crm.domain import inbox, preferences
from crm.domain.preferences import Choice
from crm.errors import DomainError
from crm.models import CHATS, Role

INBOX = "admin:crm_notification_changelist"


def show(request: HttpRequest) -> HttpResponse:
    """One's own kinds and channels. A POST chooses, or takes every choice back."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    if request.method == "POST":
        if "forget" in request.POST:
            return _after(request, lambda: preferences.forget(me.pk, by=me, at=timezone.now()))
        choices = _chosen(request)
        return _after(
            request, lambda: preferences.choose_many(me.pk, choices, by=me, at=timezone.now())
        )
    matrix = preferences.of_person(me)
    return page(
        request,
        "crm/my_notifications.html",
        title=_("My notifications"),
        matrix=matrix,
        own_choices=sum(cell.said_by == "personal" for cell in matrix.cells),
        has_chats=any(channel in CHATS for channel in matrix.channels),
        own_pages=OWN_PAGES,
        may_set_defaults=policies.may_set_notification_defaults(me),
    )


def show_defaults(request: HttpRequest) -> HttpResponse:
    """What people of one role get. A POST changes it."""
    me = viewer(request)
    if not policies.may_set_notification_defaults(me):
        raise PermissionDenied
    named = request.GET.get("role", "")
    role = Role(named) if named in Role.values else Role.REP
    if request.method == "POST":
        choices = _chosen(request)
        return _after(
            request,
            lambda: preferences.set_role_defaults(role, choices, by=me, at=timezone.now()),
            back=f"{request.path}?role={role}",
        )
    return page(
        request,
        "crm/notification_defaults.html",
        title=_("Notifications by role"),
        matrix=preferences.of_role(role),
        role=role,
        roles=Role,
    )


def _chosen(request: HttpRequest) -> list[Choice]:
    """What the person changed of what the page showed; boxes that were left alone choose nothing,
    so that what a role gets can still change for them."""
    ticked = set(request.POST.getlist("wanted"))
    changed = []
    for shown in request.POST.getlist("shown"):
        kind, _first, rest = shown.partition(":")
        channel, _second, was = rest.partition(":")
        wanted = f"{kind}:{channel}" in ticked
        if wanted != (was == "1"):
            changed.append(Choice(kind, channel, wanted))
    return changed


def _after(
    request: HttpRequest, verb: Callable[[], Any], *, back: str | None = None
) -> HttpResponse:
    try:
        done = verb()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext("%(count)s choice was changed.", "%(count)s choices were changed.", done)
            % {"count": done}
            if done
            else _("Nothing was changed."),
        )
    return redirect(back or request.path)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the list showed, and what had come before it."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    done = inbox.read_all(by=me, at=timezone.now(), until=_moment(request.POST.get("until", "")))
    badges.forget(me)
    messages.success(
        request,
        ngettext(
            "%(count)s message was marked as read.", "%(count)s messages were marked as read.", done
        )
        % {"count": done},
    )
    return redirect(reverse(INBOX))


def _moment(text: str) -> datetime | None:
    """When the list was shown; none if that was not said soundly."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
