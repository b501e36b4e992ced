"""The access log: who looked at personal data, took lists out, fetched files. Read only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.models import AccessKind, AccessRecord, UnmaskReason


@admin.register(AccessRecord)
class AccessAdmin(RoomAdmin):
    list_display = ("looked_at", "user", "kind", "noun", "reason_shown", "words")
    list_filter = (choices_of("kind", _("kind"), AccessKind),)
    list_select_related = ("user",)
    search_fields = ("user__full_name",)
    search_help_text = _("The person who looked")
    ordering = ("-at", "-id")
    shown_fields = ("looked_at", "user", "kind", "noun", "subject_id", "reason_shown", "facts")

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(user__full_name=text) if text else queryset
        return found

    @admin.display(description=_("at"), ordering="at")
    def looked_at(self, row: AccessRecord) -> str:
        return when(row.at)

    @admin.display(description=_("reason"))
    def reason_shown(self, row: AccessRecord) -> str:
        known = row.reason in UnmaskReason.values
        return str(UnmaskReason(row.reason).label) if known else row.reason or "—"

    @admin.display(description=_("in words"))
    def words(self, row: AccessRecord) -> str:
        return str(row.facts.get("words", "")) or "—"
