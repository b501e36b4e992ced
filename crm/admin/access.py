"""The access log: who looked at personal data, took lists out, fetched files. Read only."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm import exports
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.models import AccessKind, AccessRecord, UnmaskReason


@admin.register(AccessRecord)
class AccessAdmin(RoomAdmin):
    list_display = ("looked_at", "user", "kind", "what", "reason_shown", "words")
    list_filter = (choices_of("kind", _("kind"), AccessKind),)
    list_select_related = ("user",)
    search_fields = ("user__full_name",)
    search_help_text = _("The person who looked")
    ordering = ("-at", "-id")
    shown_fields = ("looked_at", "user", "kind", "what", "subject_id", "reason_shown", "facts")

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(user__full_name=text) if text else queryset
        return found

    @admin.display(description=_("at"), ordering="at")
    def looked_at(self, row: AccessRecord) -> str:
        return when(row.at)

    @admin.display(description=_("noun"))
    def what(self, row: AccessRecord) -> str:
        """A list that can be exported, or else a noun, by the name that people know it by."""
        if listed := exports.named(row.noun):
            return str(listed.label)
        named = [one for one in apps.get_models() if one._meta.model_name == row.noun]
        return str(named[0]._meta.verbose_name) if named else row.noun

    @admin.display(description=_("reason"))
    def reason_shown(self, row: AccessRecord) -> str:
        known = row.reason in UnmaskReason.values
        return str(UnmaskReason(row.reason).label) if known else row.reason or "—"

    @admin.display(description=_("in words"))
    def words(self, row: AccessRecord) -> str:
        return str(row.facts.get("words", "")) or "—"
