"""How the machinery does: the heartbeat, what waits, and what was given up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import policies
from crm.admin.site import page, viewer
from crm.domain import delivery, ticking
from crm.models import Delivery, DeliveryState, Reminder, ReminderState

SHOWN = 50


def may_look(request: HttpRequest) -> bool:
    """Whether the page is for this person."""
    return request.user.is_authenticated and policies.may_operate(viewer(request))


def show(request: HttpRequest) -> HttpResponse:
    """The page; a POST sends given-up messages again."""
    if not may_look(request):
        raise PermissionDenied
    if request.method == "POST":
        again = delivery.send_again(
            _chosen(request),
            by=viewer(request),
            because=request.POST.get("because", ""),
            at=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(count)s message will be sent again.",
                "%(count)s messages will be sent again.",
                again,
            )
            % {"count": again},
        )
        return redirect(request.path)
    now = timezone.now()
    health = ticking.health(at=now)
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).select_related("recipient")
    return page(
        request,
        "crm/operations.html",
        title=_("Operations"),
        healthy=health["healthy"],
        heartbeat=_how_long(health["last_tick_seconds_ago"], now),
        waited=_how_long(health["oldest_due_seconds"] or None, now),
        reminders=_by_state(Reminder, ReminderState),
        deliveries=_by_state(Delivery, DeliveryState),
        oldest_reminder=Reminder.objects.due(now).aggregate(at=Min("due_at"))["at"],
        oldest_delivery=Delivery.objects.unsettled().aggregate(at=Min("next_try_at"))["at"],
        dead=list(dead.order_by("-updated_at")[:SHOWN]),
    )


def _how_long(seconds: float | bool | None, now: datetime) -> str:
    """A span in the words of the reader; nothing for none."""
    if seconds is None:
        return ""
    return timesince(now - timedelta(seconds=float(seconds)), now)


def _chosen(request: HttpRequest) -> list[UUID]:
    ids = []
    for raw in request.POST.getlist("delivery")[:SHOWN]:
        try:
            ids.append(UUID(raw))
        except ValueError:
            continue
    return ids


def _by_state(
    model: type[Reminder] | type[Delivery], states: type[ReminderState] | type[DeliveryState]
) -> list[dict[str, object]]:
    counted = dict(
        model.objects.order_by().values_list("state").annotate(count=Count("pk"))  # type: ignore[attr-defined]
    )
    return [
        {"state": state.value, "label": state.label, "count": counted.get(state.value, 0)}
        for state in states
    ]
