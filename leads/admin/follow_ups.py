"""Follow-ups: what was promised, done and put off with one tap."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin import badges
from crm.admin.base import RoomAdmin
from crm.admin.each import apply_to_each
from crm.admin.filters import OwnerFilter, choices_of
from crm.admin.site import page, tell, viewer, way_back
from crm.errors import DomainError
from leads.admin import shown
from leads.admin.filters import FollowUpStateFilter, OfMerchant
from leads.admin.follow_up_forms import (
    DoneForm,
    DropForm,
    DropOfSeriesForm,
    HandOverForm,
    PutOffForm,
)
from leads.domain import follow_ups
from leads.models import FollowUp, FollowUpOutcome, FollowUpPriority
from merchants.models import Merchant


class OfOwner(OwnerFilter):
    """Follow-ups always have an owner."""

    with_nobody = False


def overdue(request: HttpRequest) -> str:
    """The sidebar's count of one's own overdue follow-ups."""
    user = viewer(request)
    late = FollowUp.objects.due(timezone.now()).owned_by(user)
    return badges.remembered("overdue", user, lambda: late[: badges.MOST + 1].count())


@admin.register(FollowUp)
class FollowUpAdmin(RoomAdmin):
    list_display = ("title", "merchant", "owner", "due", "state_shown", "snoozes")
    list_filter = (
        FollowUpStateFilter,
        OfOwner,
        choices_of("priority", _("priority"), FollowUpPriority),
        choices_of("outcome_code", _("what came of it"), FollowUpOutcome),
        OfMerchant,
    )
    list_select_related = ("merchant", "owner")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("due_at", "id")
    actions = ("finish_selected", "put_off_selected")
    quick_filters = (
        (_("All open"), ""),
        (_("Mine"), "owner=me"),
        (_("My overdue"), "owner=me&state=overdue"),
        (_("High priority"), "owner=me&priority=high"),
        (_("Done"), "state=done"),
    )
    shown_fields = (
        "title",
        "merchant",
        "owner",
        "due_shown",
        "priority",
        "repeats_shown",
        "outcome_code",
        "outcome",
        "snoozes",
        "closed_at",
    )
    change_form_outer_before_template = "leads/follow_up.html"
    pages = {
        "done": "done_page",
        "put-off": "put_off_page",
        "drop": "drop_page",
        "hand-over": "hand_over_page",
    }

    @admin.display(description=_("due at"), ordering="due_at")
    def due(self, row: FollowUp) -> str:
        return shown.due(row.due_at, now=timezone.now(), is_open=row.closed_at is None)

    @admin.display(description=_("due at"))
    def due_shown(self, row: FollowUp) -> str:
        return self.due(row)

    @admin.display(description=_("state"))
    def state_shown(self, row: FollowUp) -> str:
        return shown.state_badge(row)

    @admin.display(description=_("repeats"))
    def repeats_shown(self, row: FollowUp) -> str:
        return shown.recurrence(row) or "—"

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    # --- one tap ---------------------------------------------------------------------------

    def done_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A page that asks for the outcome; with `at_once` it does not ask."""
        row = self.row_or_404(request, pk)

        def finish(given: dict[str, Any]) -> FollowUp:
            return follow_ups.finish(pk, by=viewer(request), at=self.now(), **given)

        return self._page(request, row, DoneForm, finish, _("Done"), _("The follow-up is done."))

    def put_off_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To another moment; with `at_once` to the next working day."""
        row = self.row_or_404(request, pk)
        later = follow_ups.next_occasion(row, at=self.now())

        def put_off(given: dict[str, Any]) -> FollowUp:
            return follow_ups.snooze(
                pk, until=given.get("until"), by=viewer(request), at=self.now()
            )

        return self._page(
            request,
            row,
            PutOffForm,
            put_off,
            _("Put off"),
            _("The follow-up was put off."),
            initial={"until": later},
        )

    def drop_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def drop(given: dict[str, Any]) -> FollowUp:
            return follow_ups.drop(pk, by=viewer(request), at=self.now(), **given)

        form = DropOfSeriesForm if row.repeats else DropForm
        return self._page(request, row, form, drop, _("Drop"), _("The follow-up was dropped."))

    def hand_over_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To a colleague who sells at the merchant's unit; they are told."""
        row = self.row_or_404(request, pk)

        def hand_over(given: dict[str, Any]) -> FollowUp:
            return follow_ups.hand_over(pk, to=given["owner"], by=viewer(request), at=self.now())

        return self._page(
            request,
            row,
            HandOverForm,
            hand_over,
            _("Hand over"),
            _("The follow-up was handed over."),
            people=follow_ups.takers(row.merchant),
        )

    def _page(
        self,
        request: HttpRequest,
        row: FollowUp,
        form: Callable[..., Any],
        verb: Callable[[dict[str, Any]], FollowUp],
        words: Any,
        said: Any,
        **options: Any,
    ) -> HttpResponse:
        badges.forget(viewer(request))
        back = self.url("change", row.pk)
        if request.method == "POST" and "at_once" in request.POST:
            try:
                done = verb({})
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, str(said))
                tell(request, done.notices)
            return redirect(way_back(request, back))
        return self.verb_page(
            request,
            form(request.POST or None, **options),
            verb,
            title=words,
            intro=f"{row.title} · {row.merchant}",
            submit=words,
            said=said,
            back=back,
        )

    # --- many ------------------------------------------------------------------------------

    @admin.action(description=_("Done"))
    def finish_selected(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> HttpResponse:
        by, at = viewer(request), self.now()
        return self._each(request, queryset, lambda row: follow_ups.finish(row.pk, by=by, at=at))

    @admin.action(description=_("Put off to the next working day"))
    def put_off_selected(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> HttpResponse:
        by, at = viewer(request), self.now()
        return self._each(request, queryset, lambda row: follow_ups.snooze(row.pk, by=by, at=at))

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[FollowUp],
        verb: Callable[[FollowUp], FollowUp],
    ) -> HttpResponse:
        rows = list(queryset.select_related("merchant"))
        badges.forget(viewer(request))
        outcomes = apply_to_each(rows, verb)
        return page(
            request,
            "crm/outcomes.html",
            title=_("Result"),
            noun=self.opts.verbose_name,
            done=[one for one in outcomes if one.refusal is None],
            refused=[one for one in outcomes if one.refusal is not None],
            back=self.url("changelist"),
        )
