"""Insights: listed, corrected, moved between quadrants, told to the merchant."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.site import viewer
from crm.models import User
from merchants import policies
from merchants.admin import window
from merchants.admin.insight_forms import MoveInsightForm, TellForm
from merchants.domain import insights, johari
from merchants.models import Insight, InsightKind, Merchant, Quadrant
from merchants.models.quadrants import ACTIONS, PEERS_AT_LEAST

MOVES_SHOWN = 50


class OwnFilter(Among):
    """Insights about one's own merchants."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("me", _("Me"))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        return queryset.filter(merchant__owner=viewer(request))


@admin.register(Insight)
class InsightAdmin(RoomAdmin):
    list_display = ("statement", "merchant", "kind", "quadrant_shown", "peers", "added")
    list_filter = (
        choices_of("quadrant", _("quadrant"), Quadrant),
        choices_of("kind", _("kind"), InsightKind),
        OwnFilter,
    )
    list_select_related = ("merchant",)
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("To be asked"), "quadrant=hidden"),
        (_("To be told"), "quadrant=blind"),
        (_("To be found out"), "quadrant=unknown"),
    )
    change_fields = (
        "kind",
        "statement",
        "is_hypothesis",
        "experiment",
        "could_tell",
        "data_source",
        "peers",
        "evidence",
    )
    shown_fields = ("merchant", "known_to_merchant_on", "known_to_bank_on", "shared_at")
    change_form_outer_before_template = "merchants/insight_head.html"
    change_form_outer_after_template = "merchants/insight_moves.html"
    pages = {"move": "move_page", "tell": "tell_page"}

    class Media:
        css = {"all": ["merchants/insight.css"]}

    @admin.display(description=_("quadrant"), ordering="quadrant")
    def quadrant_shown(self, row: Insight) -> str:
        return window.badge(row.quadrant)

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Insight) -> str:
        return when(row.created_at)

    def may_change(self, user: User, row: Insight) -> bool:
        return policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset
        return found.filter(merchant__in=Merchant.objects.matching(text)) if text else found

    def row_context(self, request: HttpRequest, row: Insight) -> dict[str, Any]:
        return {
            "insight": row,
            "badge": window.badge(row.quadrant),
            "action": ACTIONS[Quadrant(row.quadrant)],
            "board": reverse("admin:merchants_merchant_insight", args=[row.merchant_id]),
            "moves": row.moves.select_related("actor").order_by("-at", "-id")[:MOVES_SHOWN],
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Insight:
        given = dict(form.cleaned_data)
        version = given.pop("read_version")
        changes = {name: given[name] for name in form.changed_data if name in given}
        return insights.change(row.pk, changes, by=viewer(request), at=self.now(), version=version)

    def move_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To another quadrant, with what that one asks for."""
        row = self.row_or_404(request, pk)
        wanted = request.POST.get("to") or request.GET.get("to") or ""
        left = Quadrant(row.quadrant)
        to = Quadrant(wanted) if wanted in Quadrant.values else left
        way = johari.through(left, to)

        def move(given: dict[str, Any]) -> Insight:
            because = given.pop("because")
            return insights.change(pk, given, because=because, by=viewer(request), at=self.now())

        known = {
            name: getattr(row, name)
            for name in ("could_tell", "data_source", "peers", "experiment")
        }
        return self.verb_page(
            request,
            MoveInsightForm(request.POST or None, left=left, to=to, known=known),
            move,
            title=_("From “%(from)s” to “%(to)s”: %(through)s")
            % {"from": left.label, "to": to.label, "through": way.label if way else "—"},
            intro=row.statement,
            submit=_("Move it"),
            said=_("The insight moved."),
            back=reverse("admin:merchants_merchant_insight", args=[row.merchant_id]),
        )

    def tell_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The merchant is told what the bank sees."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            TellForm(request.POST or None),
            lambda given: insights.share(pk, by=viewer(request), at=self.now(), **given),
            title=_("Tell the merchant"),
            intro=_("%(statement)s – %(source)s, %(peers)s peer merchants (at least %(least)s)")
            % {
                "statement": row.statement,
                "source": row.data_source or "—",
                "peers": row.peers or 0,
                "least": PEERS_AT_LEAST,
            },
            submit=_("The merchant was told"),
            said=_("The insight is open now."),
            back=reverse("admin:merchants_merchant_insight", args=[row.merchant_id]),
        )
