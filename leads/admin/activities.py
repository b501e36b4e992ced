"""Activities: what was done, read only; they are logged on a lead's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import OwnerFilter, choices_of
from leads.admin.filters import OfMerchant
from leads.models import Activity, ActivityKind
from merchants.models import Merchant


class ActorFilter(OwnerFilter):
    """Mine or a colleague's."""

    title = _("who")
    with_nobody = False

    def narrowed(self, request: Any, queryset: Any, chosen: str) -> Any:
        return queryset.filter(actor_id=request.user.pk if chosen == "me" else chosen)


@admin.register(Activity)
class ActivityAdmin(RoomAdmin):
    list_display = ("occurred", "merchant", "kind", "short", "actor")
    list_display_links = ("occurred",)
    list_filter = (choices_of("kind", _("kind"), ActivityKind), ActorFilter, OfMerchant)
    list_select_related = ("merchant", "actor")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-occurred_at", "-id")
    quick_filters = ((_("All"), ""), (_("Mine"), "owner=me"))
    shown_fields = ("merchant", "lead", "kind", "summary", "occurred_at", "actor")

    @admin.display(description=_("occurred at"), ordering="occurred_at")
    def occurred(self, row: Activity) -> str:
        return when(row.occurred_at)

    @admin.display(description=_("summary"))
    def short(self, row: Activity) -> str:
        return row.summary if len(row.summary) <= 80 else f"{row.summary[:80]}…"

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found
