"""Suggestions: on a lead's page what to do next and how it is scored; a list of the decisions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, OwnerFilter, choices_of
from crm.admin.site import page, tell, viewer, way_back
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import User
from leads import policies
from leads.admin.next_forms import AcceptForm, DismissForm, ScoreInputForm, ShownForm
from leads.admin.panels import Panel, panel
from leads.domain import next_actions, score_standing, scores, suggestion_metrics
from leads.domain.suggestion_sentences import sentence
from leads.models import (
    Decision,
    Lead,
    ScoreInput,
    Suggestion,
    SuggestionKind,
    SuggestionOutcome,
    SuggestionRule,
)

TONES = {
    SuggestionKind.STEP: "go",
    SuggestionKind.OBJECTION: "warn",
    SuggestionKind.INTERVIEW: "go",
    SuggestionKind.CONTACT: "calm",
    SuggestionKind.PROMISE: "warn",
    SuggestionKind.TIMING: "calm",
}
OUTCOME_TONES = {
    SuggestionOutcome.ACTED_ON: "good",
    SuggestionOutcome.NOT_ACTED_ON: "bad",
    SuggestionOutcome.PENDING: "calm",
}


@panel(order=10)
def what_next(lead: Lead, user: User, at: datetime) -> Panel | None:
    """Up to three suggestions with their reasons, and the score with its parts folded."""
    if not lead.is_open:
        return None
    standing = score_standing.of(lead, at)
    return Panel(
        _("What to do next"),
        "leads/what_next.html",
        {
            "suggestions": [
                {
                    "one": one,
                    "kind": one.suggested.kind.label,
                    "tone": TONES[one.suggested.kind],
                    "shown": urlencode(_shown(one, at)),
                    "row_id": uuid7(),
                }
                for one in next_actions.of(lead, at)
            ],
            "lead": lead,
            "shown_at": at.isoformat(),
            "may": policies.may_work(user, lead),
            "standing": standing,
            "parts": [(part, int((part.share or 0) * 100)) for part in standing.parts],
        },
        anchor="next",
        first=True,
    )


def _shown(one: next_actions.Offered, at: datetime) -> dict[str, str]:
    return {
        "rule": one.suggested.rule,
        "about": one.suggested.about,
        "shown_at": at.isoformat(),
    }


class DeciderFilter(OwnerFilter):
    """Decided by me or by a colleague."""

    title = _("decided by")
    with_nobody = False

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        return queryset.filter(decided_by=viewer(request).pk if chosen == "me" else chosen)


class OfLead(Among):
    """One lead's decisions, for links from its page; it has no menu."""

    title = _("lead")
    parameter_name = "lead"
    template = "crm/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("lead", _("lead"))]

    def choices(self, changelist: Any) -> Any:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            return queryset.filter(lead_id=UUID(self.value() or ""))
        except ValueError:
            return queryset


@admin.register(Suggestion)
class SuggestionAdmin(RoomAdmin):
    list_display = (
        "said",
        "lead_shown",
        "decision_shown",
        "outcome_shown",
        "decided",
        "decided_by",
    )
    list_display_links = ("said",)
    list_filter = (
        choices_of("rule", _("rule"), SuggestionRule),
        choices_of("decision", _("decision"), Decision),
        choices_of("outcome", _("outcome"), SuggestionOutcome),
        DeciderFilter,
        OfLead,
    )
    list_select_related = ("lead__merchant", "decided_by")
    ordering = ("-decided_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Mine"), "owner=me"),
        (_("Accepted"), "decision=accepted"),
        (_("Dismissed"), "decision=dismissed"),
        (_("Not acted on"), "outcome=not_acted_on"),
    )
    shown_fields = (
        "said",
        "lead",
        "rule",
        "decision",
        "because",
        "shown_at",
        "decided_at",
        "decided_by",
        "follow_up",
        "act_by",
        "outcome",
        "outcome_at",
    )
    change_form_outer_before_template = "leads/suggestion.html"
    list_before_template = "leads/suggestion_list_head.html"

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=_("suggestion"))
    def said(self, row: Suggestion) -> str:
        return sentence(row.rule, row.facts)

    @admin.display(description=_("lead"))
    def lead_shown(self, row: Suggestion) -> str:
        url = reverse("admin:leads_lead_change", args=[row.lead_id])
        return format_html('<a href="{}">{}</a>', url, row.lead.merchant)

    @admin.display(description=_("decision"))
    def decision_shown(self, row: Suggestion) -> str:
        tone = "good" if row.decision == Decision.ACCEPTED else "calm"
        return format_html(
            '<span class="crm-badge crm-{}">{}</span>', tone, row.get_decision_display()
        )

    @admin.display(description=_("outcome"))
    def outcome_shown(self, row: Suggestion) -> str:
        if not row.outcome:
            return "—"
        tone = OUTCOME_TONES[SuggestionOutcome(row.outcome)]
        return format_html(
            '<span class="crm-badge crm-{}">{}</span>', tone, row.get_outcome_display()
        )

    @admin.display(description=_("decided at"), ordering="decided_at")
    def decided(self, row: Suggestion) -> str:
        return when(row.decided_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("lead__merchant", "decided_by")
        return rows.defer("lead__merchant__search_grams", "lead__merchant__search_text")

    # --- what is done on a lead's page -----------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"lead/<uuid:pk>/{address}/",
                self.admin_site.admin_view(view),
                name=self.url_name(address),
            )
            for address, view in (
                ("accept", self.accept_page),
                ("dismiss", self.dismiss_page),
                ("look-up", self.look_up_page),
            )
        ]
        metrics = path(
            "metrics/",
            self.admin_site.admin_view(self.metrics_page),
            name=self.url_name("metrics"),
        )
        return [*own, metrics, *super().get_urls()]

    def _lead(self, request: HttpRequest, pk: UUID) -> Lead:
        leads = Lead.objects.visible_to(viewer(request)).select_related("merchant", "owner")
        lead = leads.filter(pk=pk).first() if self.has_view_permission(request) else None
        if lead is None:
            raise Http404
        return lead

    def accept_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """At once, or with a follow-up that says until when."""
        return self._decide(
            request,
            self._lead(request, pk),
            AcceptForm,
            next_actions.accept,
            _("Accept with a follow-up"),
            _("The suggestion was accepted."),
        )

    def dismiss_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """With a reason, if there is one to give."""
        return self._decide(
            request,
            self._lead(request, pk),
            DismissForm,
            next_actions.dismiss,
            _("Dismiss the suggestion"),
            _("The suggestion was dismissed."),
        )

    def _decide(
        self,
        request: HttpRequest,
        lead: Lead,
        form_of: type[ShownForm],
        verb: Callable[..., Suggestion],
        words: Any,
        said: Any,
    ) -> HttpResponse:
        back = f"{reverse('admin:leads_lead_change', args=[lead.pk])}#next"

        def decide(given: dict[str, Any]) -> Suggestion:
            return verb(given.pop("row_id"), lead.pk, by=viewer(request), at=self.now(), **given)

        if request.method == "POST" and "at_once" in request.POST:
            form = ShownForm(request.POST)
            try:
                if not form.is_valid():
                    raise Http404
                row = decide(form.cleaned_data)
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(said))
                tell(request, row.notices)
            return redirect(way_back(request, back))
        shown = {name: request.GET.get(name, "") for name in ("rule", "about", "shown_at")}
        form = form_of(request.POST or None, initial=shown)
        return self.verb_page(
            request, form, decide, title=words, intro=str(lead), submit=words, said=said, back=back
        )

    def look_up_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the score asks for and nobody but a person can look up."""
        lead = self._lead(request, pk)
        known = ScoreInput.objects.filter(lead=lead).first()
        names = ("founded_on", "penalties", "cardholders_nearby", "branch_metres", "source")

        def look_up(given: dict[str, Any]) -> ScoreInput:
            return scores.look_up(pk, by=viewer(request), at=self.now(), **given)

        return self.verb_page(
            request,
            ScoreInputForm(
                request.POST or None, initial={name: getattr(known, name, None) for name in names}
            ),
            look_up,
            title=_("Look up for the score"),
            intro=str(lead),
            submit=_("Write it down"),
            said=_("It was written down; the score follows."),
            back=f"{reverse('admin:leads_lead_change', args=[pk])}#next",
        )

    # --- how suggestions are taken ---------------------------------------------------------

    def metrics_page(self, request: HttpRequest) -> HttpResponse:
        """Per rule how many were accepted, and what came of those."""
        if not self.has_view_permission(request):
            raise Http404
        taken = suggestion_metrics.of(Suggestion.objects.visible_to(viewer(request)))
        return page(
            request,
            "leads/suggestion_metrics.html",
            title=_("How suggestions are taken"),
            whole=taken[0],
            rules=taken[1:],
            back=self.url("changelist"),
        )
