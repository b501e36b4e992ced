"""How the machinery does: the heartbeat, what waits, what was given up, and sending that again."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm import policies
from crm.admin.site import page, viewer
from crm.domain import delivery, watching
from crm.domain.watching import Figures
from crm.errors import DomainError
from crm.models import Channel, Delivery, DeliveryState, ReminderState, User
from crm.models.delivery import UNSETTLED

SHOWN = 50


def may_look(request: HttpRequest) -> bool:
    """Whether the page is for this person."""
    return request.user.is_authenticated and policies.may_operate(viewer(request))


def show(request: HttpRequest) -> HttpResponse:
    """The page; a POST sends given-up messages again."""
    if not may_look(request):
        raise PermissionDenied
    if request.method == "POST":
        _send_again(request)
        return redirect(request.get_full_path())
    now = timezone.now()
    figures = watching.figures(at=now)
    channel = request.GET.get("channel", "")
    channel = channel if channel in Channel.values else ""
    dead, older = _given_up(viewer(request), channel, request.GET.get("before", ""))
    return page(
        request,
        "crm/operations.html",
        title=_("Operations page"),
        healthy=figures.is_healthy,
        heartbeat=_how_long(figures.heartbeat_age, now),
        waited=_how_long(figures.oldest_due_age or None, now),
        reminders=_reminders(figures),
        messages_under_way=_under_way(figures),
        channels=_channels(figures),
        beside=_beside(figures),
        dead=dead,
        chips=_chips(figures, channel),
        older=f"?{urlencode({'channel': channel, 'before': older})}" if older else "",
        newest=f"?{urlencode({'channel': channel})}" if request.GET.get("before") else "",
    )


def _send_again(request: HttpRequest) -> None:
    try:
        again = delivery.send_again(
            _chosen(request),
            by=viewer(request),
            because=request.POST.get("because", ""),
            at=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return
    said = ngettext(
        "%(count)s message will be sent again.",
        "%(count)s messages will be sent again.",
        again,
    )
    messages.success(request, said % {"count": again})


def _how_long(seconds: float | None, now: datetime) -> str:
    """A span in the words of the reader; nothing for none."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("%(count)s s") % {"count": round(seconds)}
    return timesince(now - timedelta(seconds=seconds), now)


def _chosen(request: HttpRequest) -> list[UUID]:
    ids = []
    for raw in request.POST.getlist("delivery")[:SHOWN]:
        try:
            ids.append(UUID(raw))
        except ValueError:
            continue
    return ids


def _given_up(user: User, channel: str, before: str) -> tuple[list[Delivery], str]:
    """One page of what was given up, the latest first, and where the next page begins."""
    rows = Delivery.objects.visible_to(user).dead().select_related("recipient", "endpoint")
    if channel:
        rows = rows.filter(channel=channel)
    place = _place(before)
    if place is not None:
        moment, last = place
        rows = rows.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, id__lt=last))
    found = list(rows.order_by("-updated_at", "-id")[: SHOWN + 1])
    if len(found) <= SHOWN:
        return found, ""
    edge = found[SHOWN - 1]
    return found[:SHOWN], f"{edge.updated_at.isoformat()}_{edge.pk}"


def _place(before: str) -> tuple[datetime, UUID] | None:
    moment, _mark, last = before.partition("_")
    try:
        there = datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        return None
    return there if there[0].tzinfo else None


def _reminders(figures: Figures) -> list[dict[str, object]]:
    listed = reverse("admin:crm_reminder_changelist")
    planned = f"{listed}?state={ReminderState.PLANNED}"
    return [
        {"label": pgettext("how many", "Due"), "count": figures.reminders_due, "link": planned},
        {"label": _("Late"), "count": figures.reminders_late, "link": planned},
        {"label": _("Held until the morning"), "count": figures.held, "link": ""},
    ]


def _under_way(figures: Figures) -> list[dict[str, object]]:
    listed = reverse("admin:crm_delivery_changelist")
    rows: list[dict[str, object]] = [
        {
            "label": DeliveryState(state).label,
            "count": sum(count for (_to, now), count in figures.unsettled.items() if now == state),
            "link": f"{listed}?state={state}",
        }
        for state in UNSETTLED
    ]
    rows.append(
        {
            "label": DeliveryState.DEAD.label,
            "count": sum(figures.dead.values()),
            "link": f"{listed}?state={DeliveryState.DEAD}",
        }
    )
    return rows


def _channels(figures: Figures) -> list[dict[str, object]]:
    """Channel by channel; one that nothing goes through is left out."""
    rows = []
    for channel in Channel:
        counts = [
            figures.sent.get(channel, 0),
            figures.retried.get(channel, 0),
            figures.due.get(channel, 0),
            figures.late.get(channel, 0),
            figures.dead.get(channel, 0),
        ]
        if any(counts):
            rows.append({"label": channel.label, "counts": counts})
    return rows


def _beside(figures: Figures) -> list[dict[str, Any]]:
    """What stands beside the machine and wants looking at."""
    return [
        {
            "label": _("Addresses that are written to no more"),
            "count": figures.suppressed,
            "link": _page_of("suppressedaddress"),
        },
        {
            "label": _("Webhooks that fail"),
            "count": figures.webhooks_failing,
            "link": _page_of("webhookendpoint"),
        },
        {
            "label": _("Webhooks that were stopped"),
            "count": figures.webhooks_stopped,
            "link": _page_of("webhookendpoint"),
        },
    ]


def _page_of(noun: str) -> str:
    try:
        return reverse(f"admin:crm_{noun}_changelist")
    except NoReverseMatch:
        return ""


def _chips(figures: Figures, chosen: str) -> list[dict[str, object]]:
    every = pgettext("channels", "All")
    offered = [("", every), *((one.value, one.label) for one in Channel if one in figures.dead)]
    return [
        {"label": label, "link": f"?channel={value}", "on": value == chosen}
        for value, label in offered
    ]
