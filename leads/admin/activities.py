"""Activities: what was done. They are logged on a lead's page, and put right by who wrote them."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import OwnerFilter, choices_of
from crm.admin.site import viewer
from leads.admin.filters import OfMerchant
from leads.admin.visit_forms import CorrectionForm, mood_words
from leads.domain import activities
from leads.models import Activity, ActivityKind, ActivityOutcome
from merchants.models import Merchant


class ActorFilter(OwnerFilter):
    """Mine or a colleague's."""

    title = _("who")
    with_nobody = False

    def narrowed(self, request: Any, queryset: Any, chosen: str) -> Any:
        return queryset.filter(actor_id=request.user.pk if chosen == "me" else chosen)


@admin.register(Activity)
class ActivityAdmin(RoomAdmin):
    list_display = ("occurred", "merchant", "kind", "outcome_code", "short", "actor")
    list_display_links = ("occurred",)
    list_filter = (
        choices_of("kind", _("kind"), ActivityKind),
        choices_of("outcome_code", pgettext_lazy("activity", "outcome"), ActivityOutcome),
        ActorFilter,
        OfMerchant,
    )
    list_select_related = ("merchant", "actor")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-occurred_at", "-id")
    quick_filters = ((_("All"), ""), (_("Mine"), "owner=me"))
    shown_fields = (
        "merchant",
        "lead",
        "kind",
        "summary",
        "outcome_code",
        "mood_shown",
        "two_way",
        "occurred_at",
        "actor",
    )
    change_form_outer_before_template = "leads/activity.html"
    pages = {"correct": "correct_page"}

    @admin.display(description=_("occurred at"), ordering="occurred_at")
    def occurred(self, row: Activity) -> str:
        return when(row.occurred_at)

    @admin.display(description=_("summary"))
    def short(self, row: Activity) -> str:
        return row.summary if len(row.summary) <= 80 else f"{row.summary[:80]}…"

    @admin.display(description=_("mood"))
    def mood_shown(self, row: Activity) -> str:
        return mood_words(row.mood)

    def row_context(self, request: HttpRequest, row: Activity) -> dict[str, Any]:
        return {"may_correct": row.actor_id == viewer(request).pk}

    def correct_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What one wrote down oneself, put right."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            CorrectionForm.of(row, request.POST or None),
            lambda given: activities.correct(pk, given, by=viewer(request), at=self.now()),
            title=_("Correct the activity"),
            intro=str(row.merchant),
            submit=_("Correct it"),
            said=_("The activity was corrected."),
            back=self.url("change", pk),
        )

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found
