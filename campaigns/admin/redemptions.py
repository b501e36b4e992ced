"""Redemptions: the list, and one of them with what was reported of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns.models import Party, Redemption, RedemptionEvent, RedemptionState
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.presentation import yuan

_COLOURS = {
    RedemptionState.RESERVED: "go",
    RedemptionState.REDEEMED: "good",
    RedemptionState.PARTIALLY_REVERSED: "warn",
    RedemptionState.REVERSED: "warn",
    RedemptionState.EXPIRED: "calm",
    RedemptionState.RELEASED: "calm",
}
MOST_EVENTS = 100


@admin.register(Redemption)
class RedemptionAdmin(RoomAdmin):
    list_display = (
        "reference", "campaign", "merchant", "occurred", "amount", "discount", "state_shown",
    )  # fmt: skip
    list_filter = (choices_of("state", _("state"), RedemptionState),)
    list_select_related = ("campaign", "merchant")
    search_fields = ("reference__exact",)
    search_help_text = _("Transaction reference, whole")
    ordering = ("-occurred_at", "-id")
    shown_fields = ("mid", "source", "version_number", "cleared_at")
    change_form_outer_before_template = "campaigns/redemption.html"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # The card of a campaign links to its redemptions.
        return lookup == "campaign__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("campaign", "merchant", "outlet")

    @admin.display(description=_("occurred at"), ordering="occurred_at")
    def occurred(self, row: Redemption) -> str:
        return when(row.occurred_at)

    @admin.display(description=_("amount"))
    def amount(self, row: Redemption) -> str:
        return yuan(row.amount_fen)

    @admin.display(description=_("discount"))
    def discount(self, row: Redemption) -> str:
        return yuan(row.discount_fen)

    @admin.display(description=_("state"))
    def state_shown(self, row: Redemption) -> str:
        return badge(row)

    def row_context(self, request: HttpRequest, row: Redemption) -> dict[str, Any]:
        given, returned = row.parts, row.returned_parts
        return {
            "redemption": row,
            "badge": badge(row),
            "amount": yuan(row.amount_fen),
            "discount": yuan(row.discount_fen),
            "refunded": yuan(row.refunded_fen),
            "returned": yuan(row.returned_fen),
            "parts": [
                (Party(party).label, yuan(fen), yuan(returned.get(party, 0)))
                for party, fen in given.items()
            ],
            "events": [
                (one, yuan(one.amount_fen), yuan(one.discount_fen), own_key(one))
                for one in row.events.select_related("intake").order_by("at", "id")[:MOST_EVENTS]
            ],
        }


def own_key(event: RedemptionEvent) -> str:
    """The number that the source gave to an event; nothing where the key is one that we made."""
    made = event.key == event.kind or event.key.startswith(f"{event.kind}:")
    return "" if made else event.key


def badge(row: Redemption) -> str:
    """The state in its colour."""
    state = RedemptionState(row.state)
    return format_html('<span class="crm-badge crm-{}">{}</span>', _COLOURS[state], state.label)
