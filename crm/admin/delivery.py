"""What is said to whom: reminders and deliveries to look at, the inbox to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from crm.actors import SYSTEM
from crm.admin import badges
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.site import has_a_role, viewer
from crm.domain import inbox
from crm.domain.reminder_wording import sentences
from crm.domain.reminders import KINDS
from crm.models import (
    Channel,
    Delivery,
    DeliveryState,
    HeldBecause,
    Notification,
    Reminder,
    ReminderState,
    User,
)

_TONES = {
    DeliveryState.SENT: "good",
    DeliveryState.DEAD: "bad",
    DeliveryState.RETRY: "warn",
    ReminderState.RELEASED: "good",
}


def state_badge(row: Any) -> str:
    return format_html(
        '<span class="crm-badge crm-{}">{}</span>',
        _TONES.get(row.state, "calm"),
        row.get_state_display(),
    )


def kind_words(kind: str) -> Any:
    """What people call a kind of message."""
    return KINDS[kind].label if kind in KINDS else kind


@admin.register(Reminder)
class ReminderAdmin(RoomAdmin):
    list_display = ("what", "recipient", "due", "state_shown", "released")
    list_filter = (choices_of("state", _("state"), ReminderState),)
    list_select_related = ("recipient",)
    ordering = ("-due_at", "-id")
    shown_fields = (
        "what",
        "recipient",
        "escalates_to",
        "due_at",
        "state",
        "released_at",
        "waits",
        "link",
        "key",
    )

    @admin.display(description=_("reminder"))
    def what(self, row: Reminder) -> str:
        return sentences(row, row.recipient)[0]

    @admin.display(description=_("due at"), ordering="due_at")
    def due(self, row: Reminder) -> str:
        return when(row.due_at)

    @admin.display(description=_("released at"))
    def released(self, row: Reminder) -> str:
        return when(row.released_at)

    @admin.display(description=_("waits for the morning"))
    def waits(self, row: Reminder) -> str:
        """What quiet hours or an outage hold back of it: channel, whom for, until when, why."""
        return format_html_join(
            mark_safe("<br>"),
            "{} · {} · {} · {}",
            (
                (
                    Channel(one.channel).label,
                    one.recipient,
                    when(one.deliver_at),
                    HeldBecause(one.because).label,
                )
                for one in row.held.waiting().select_related("recipient").order_by("pk")
            ),
        )

    @admin.display(description=_("state"))
    def state_shown(self, row: Reminder) -> str:
        return state_badge(row)


@admin.register(Delivery)
class DeliveryAdmin(RoomAdmin):
    list_display = ("subject", "channel", "recipient", "state_shown", "tries", "sent", "failure")
    list_filter = (
        choices_of("state", _("state"), DeliveryState),
        choices_of("channel", _("channel"), Channel),
    )
    list_select_related = ("recipient",)
    ordering = ("-created_at", "-id")
    shown_fields = (
        "subject",
        "text",
        "channel",
        "recipient",
        "state",
        "attempts",
        "losses",
        "next_try_at",
        "sent_at",
        "failure",
        "sent_again",
        "key",
    )

    @admin.display(description=_("sent again"))
    def sent_again(self, row: Delivery) -> str:
        """Who had it sent again, when and why, the latest first."""
        again = row.resends.select_related("by").order_by("-revision")
        lines = [
            (when(one.at), one.by.full_name if one.by else SYSTEM.full_name, one.because)
            for one in again
        ]
        return format_html_join("", '<span class="crm-sub">{} · {} · {}</span>', lines) or "—"

    @admin.display(description=_("state"))
    def state_shown(self, row: Delivery) -> str:
        return state_badge(row)

    @admin.display(description=_("attempts"))
    def tries(self, row: Delivery) -> int:
        return row.attempts

    @admin.display(description=_("sent at"))
    def sent(self, row: Delivery) -> str:
        return when(row.sent_at)


class ReadFilter(Among):
    title = _("read")
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("no", _("Unread")), ("yes", _("Read"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(read_at__isnull=chosen == "no")


@admin.register(Notification)
class InboxAdmin(RoomAdmin):
    """One's own inbox. Opening a line reads it."""

    list_before_template = "crm/inbox_head.html"
    list_display = ("line", "came")
    list_filter = (ReadFilter,)
    ordering = ("-created_at", "-id")
    shown_fields = ("came",)
    change_form_outer_before_template = "crm/notification.html"
    quick_filters = ((_("All"), ""), (_("Unread"), "read=no"))

    def visible(self, user: User) -> QuerySet[Any]:
        return Notification.objects.visible_to(user)

    def may_look(self, user: User) -> bool:
        return has_a_role(user)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # “Mark all as read” means what is shown here, not what comes while one looks at it.
        return super().changelist_view(request, {"shown_at": self.now(), **(extra_context or {})})

    @admin.display(description=_("message"))
    def line(self, row: Notification) -> str:
        tone = "crm-unread" if row.read_at is None else "crm-read"
        return format_html(
            '<span class="{}">{}</span><span class="crm-sub">{}</span>', tone, row.title, row.body
        )

    @admin.display(description=_("came at"))
    def came(self, row: Notification) -> str:
        return when(row.created_at)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and row.read_at is None:
            inbox.read(row.pk, by=viewer(request), at=self.now())
            badges.forget(viewer(request))
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response
