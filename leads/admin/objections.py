"""Objections: the list, the page of one with the plays against it, the card on a lead's page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.site import viewer
from crm.models import User
from leads import policies
from leads.admin import objection_shown as shown
from leads.admin.filters import OfMerchant
from leads.admin.objection_figures import figures_page
from leads.admin.objection_forms import (
    AttemptForm,
    DeferForm,
    DiagnoseForm,
    HandleForm,
    RaiseForm,
    ResolveForm,
    WhyForm,
)
from leads.admin.panels import Panel, panel
from leads.domain import objection_settling, objections, play_ranking
from leads.domain.objection_rules import reachable
from leads.domain.objection_suggestions import suggestion_for
from leads.domain.play_words import place_in_words
from leads.models import (
    Lead,
    Objection,
    ObjectionReason,
    ObjectionState,
    Play,
    PlayAttempt,
    SubReason,
)
from merchants.models import Merchant

MOST_PLAYS = 20

_STEPS = {
    ObjectionState.DIAGNOSED: ("diagnose", _("Diagnose…")),
    ObjectionState.RESOLVED: ("resolve", _("Resolve…")),
    ObjectionState.DEFERRED: ("defer", _("Defer…")),
    ObjectionState.UNRESOLVED: ("leave", _("Leave unresolved…")),
    ObjectionState.REOPENED: ("reopen", _("Reopen…")),
}
"""The page of each step; handling begins at the play that is tried."""


@admin.register(Objection)
class ObjectionAdmin(RoomAdmin):
    list_display = ("words", "merchant", "declared_reason", "state_shown", "raised", "raised_by")
    list_display_links = ("words",)
    list_filter = (
        choices_of("state", _("state"), ObjectionState),
        choices_of("declared_reason", _("declared reason"), ObjectionReason),
        choices_of("sub_reason", _("sub-reason"), SubReason),
        OfMerchant,
    )
    list_select_related = ("merchant", "raised_by")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-raised_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Raised"), "state=raised"),
        (_("Handled"), "state=handled"),
        (_("Deferred"), "state=deferred"),
        (_("Unresolved"), "state=unresolved"),
    )
    list_before_template = "leads/objection_list_head.html"
    shown_fields = ("names_other_problem", "resolved_at", "reopened_at", "state_since")
    change_form_outer_before_template = "leads/objection.html"
    change_form_outer_after_template = "leads/objection_history.html"
    pages = {
        "diagnose": "diagnose_page",
        "handle": "handle_page",
        "resolve": "resolve_page",
        "defer": "defer_page",
        "leave": "leave_page",
        "reopen": "reopen_page",
        "outcome": "outcome_page",
    }

    @admin.display(description=_("in the merchant's words"))
    def words(self, row: Objection) -> str:
        return f"“{row.merchant_words[:60]}”"

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Objection) -> str:
        return shown.state_badge(row)

    @admin.display(description=_("raised at"), ordering="raised_at")
    def raised(self, row: Objection) -> str:
        return when(row.raised_at)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("merchant", "lead", "pain", "activity", "raised_by")
        return super().get_queryset(request).select_related(*related)

    def get_urls(self) -> list[URLPattern]:
        own = (
            ("metrics/", figures_page, "metrics"),
            ("raise/<uuid:lead>/", self.raise_page, "raise"),
        )
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=self.url_name(name))
                for address, view, name in own
            ),
            *super().get_urls(),
        ]

    def row_context(self, request: HttpRequest, row: Objection) -> dict[str, Any]:
        may = policies.may_follow_up(viewer(request), row.merchant, row.lead)
        roads = reachable(row.state) if may else ()
        attempts = row.attempts.select_related("play_version__play", "actor")[:50]
        changes = row.changes.select_related("actor", "resolved_cell__pain", "resolved_follow_up")[
            :50
        ]
        return {
            "objection": row,
            "badge": shown.state_badge(row),
            "steps": [
                {"address": f"admin:leads_objection_{address}", "words": words}
                for state, (address, words) in _STEPS.items()
                if state in roads
            ],
            "plays": plays_against(row, timezone.now()) if ObjectionState.HANDLED in roads else [],
            "attempts": [
                (one, shown.outcome_badge(one), may and not one.outcome) for one in attempts
            ],
            "changes": changes,
        }

    # --- the steps -------------------------------------------------------------------------

    def raise_page(self, request: HttpRequest, lead: UUID) -> HttpResponse:
        """Write down an objection in a conversation that is logged with it."""
        me = viewer(request)
        row = Lead.objects.visible_to(me).select_related("merchant").filter(pk=lead).first()
        if row is None:
            raise Http404

        def write(given: dict[str, Any]) -> Objection:
            return objections.raise_objection(
                given.pop("row_id"),
                row.merchant_id,
                lead_id=row.pk,
                by=me,
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            RaiseForm(request.POST or None),
            write,
            title=_("Raise an objection"),
            intro=str(row.merchant),
            submit=_("Raise"),
            said=_("The objection was written down."),
            back=reverse("admin:leads_lead_change", args=[row.pk]),
        )

    def diagnose_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = DiagnoseForm(request.POST or None, initial={"sub_reason": row.sub_reason})
        said = _("The objection was diagnosed.")
        return self._step(request, row, form, objections.diagnose, _("Diagnose"), said)

    def handle_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Try the play that the address names."""
        row = self.row_or_404(request, pk)
        try:
            known = Play.objects.active().select_related("current")
            play = known.get(pk=UUID(request.GET.get("play", "")))
        except (ValueError, Play.DoesNotExist):
            raise Http404 from None

        def handle(pk: UUID, **given: Any) -> Objection:
            attempt_id = given.pop("row_id")
            return objections.handle(pk, attempt_id=attempt_id, play_id=play.pk, **given)

        form = HandleForm(request.POST or None, objection=row)
        said = _("The try is on record; say later what came of it.")
        title = _("Try the play %(play)s") % {"play": f"{play.code} · {play.current}"}
        return self._step(request, row, form, handle, title, said)

    def resolve_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = ResolveForm(request.POST or None, objection=row)
        said = _("The objection is resolved.")
        return self._step(request, row, form, objection_settling.resolve, _("Resolve"), said)

    def defer_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        said = _("The objection was deferred; you will be reminded.")
        form = DeferForm(request.POST or None)
        return self._step(request, row, form, objection_settling.defer, _("Defer"), said)

    def leave_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        said = _("The objection was left unresolved.")
        verb = objection_settling.leave_unresolved
        return self._step(
            request, row, WhyForm(request.POST or None), verb, _("Leave unresolved"), said
        )

    def reopen_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        said = _("The objection was reopened.")
        verb = objection_settling.reopen
        return self._step(request, row, WhyForm(request.POST or None), verb, _("Reopen"), said)

    def outcome_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Say what a try achieved."""
        row = self.row_or_404(request, pk)
        try:
            attempt = row.attempts.get(pk=UUID(request.GET.get("attempt", "")))
        except (ValueError, PlayAttempt.DoesNotExist):
            raise Http404 from None

        def record(_pk: UUID, **given: Any) -> PlayAttempt:
            return objections.record_outcome(attempt.pk, **given)

        form = AttemptForm(request.POST or None)
        said = _("The outcome is on record.")
        return self._step(request, row, form, record, _("Outcome of a play"), said)

    def _step(
        self,
        request: HttpRequest,
        row: Objection,
        form: Any,
        verb: Callable[..., Any],
        title: Any,
        said: Any,
    ) -> HttpResponse:
        me = viewer(request)
        return self.verb_page(
            request,
            form,
            lambda given: verb(row.pk, by=me, at=self.now(), **given),
            title=title,
            intro=f"“{row.merchant_words}” · {row.merchant}",
            submit=title if len(str(title)) < 20 else _("Save"),
            said=said,
            back=self.url("change", row.pk),
        )


def plays_against(objection: Objection, at: datetime) -> list[dict[str, Any]]:
    """The plays for an objection's reason and the merchant's kind of shop, the best-tried first,
    those for its sub-reason before the others, each with why it stands where it stands."""
    found = play_ranking.ranked_plays(
        objection.declared_reason, objection.merchant.category_group, at
    )
    plays = [
        {
            "play": one.play,
            "fits": bool(objection.sub_reason) and one.play.sub_reason == objection.sub_reason,
            "why": place_in_words(one),
        }
        for one in found
    ]
    return sorted(plays, key=lambda one: not one["fits"])[:MOST_PLAYS]


@panel(order=40)
def objections_of(lead: Lead, user: User, at: datetime) -> Panel | None:
    """The lead's objections that are not settled, and a form to raise one in two clicks."""
    may = policies.may_follow_up(user, lead.merchant, lead)
    rows = list(Objection.objects.not_settled().filter(lead=lead)[:10])
    if not rows and not may:
        return None
    _pain, suggestion = suggestion_for(lead.merchant, lead)
    return Panel(
        _("Objections"),
        "leads/objections_of_lead.html",
        {
            "lead": lead,
            "rows": [(one, shown.state_badge(one)) for one in rows],
            "form": RaiseForm(auto_id="objection_%s") if may else None,
            "reasons": [
                {"value": one.value, "label": one.label, "suggested": one == suggestion.reason}
                for one in ObjectionReason
            ],
            "suggestion": suggestion,
        },
        anchor="objections",
    )
