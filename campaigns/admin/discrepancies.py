"""The queue: what waits, and what is done about it."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from campaigns import policies
from campaigns.domain import discrepancies, intake, redemption_rows
from campaigns.models import (
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    DiscrepancyState,
)
from crm.admin.base import RoomAdmin
from crm.admin.each import Outcome, apply_to_each
from crm.admin.filters import OwnerFilter, UnitFilter, choices_of
from crm.admin.forms import ChoiceField, LongTextField, RowField, VerbForm
from crm.admin.site import page, viewer
from crm.errors import DomainError, RuleBroken
from crm.models import Membership, User
from crm.presentation import yuan


class AssignForm(VerbForm):
    """Who looks after it."""

    owner = RowField(label=_("Owner"), queryset=None)

    def __init__(self, *args: Any, unit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = Membership.objects.filter(role__in=policies.TAKERS_IN, unit__in=unit.ancestors)
        people = User.objects.active().filter(pk__in=roles.values("user"))
        self.fields["owner"].queryset = people.order_by("full_name")  # type: ignore[attr-defined]


class ResolveForm(VerbForm):
    """How it was settled."""

    resolution = ChoiceField(
        label=_("Resolution"), choices=[("", "—"), *DiscrepancyResolution.choices]
    )
    note = LongTextField(label=_("Note"), required=False, max_length=500)


class DismissForm(VerbForm):
    """Why nothing is paid."""

    note = LongTextField(label=_("Why?"), max_length=500)


_STATEMENT_CELLS = {"day": _("Day"), "store": _("Outlet")}
"""What a discrepancy of a statement keeps of the merchant's row, and its names."""


def still_waits(row: Discrepancy) -> str:
    """That a row was tried again, and why it waits all the same."""
    return _("Still not taken in: %(reason)s") % {"reason": row.get_code_display()}


@admin.register(Discrepancy)
class DiscrepancyAdmin(RoomAdmin):
    list_display = (
        "code_shown",
        "reference",
        "campaign",
        "merchant",
        "owner",
        "due",
        "state_shown",
    )
    list_display_links = ("code_shown",)
    list_filter = (
        choices_of("state", _("state"), DiscrepancyState),
        choices_of("code", _("reason"), DiscrepancyCode),
        OwnerFilter,
        UnitFilter,
    )
    list_select_related = ("campaign", "merchant", "owner")
    search_fields = ("reference__exact",)
    search_help_text = _("Transaction reference, whole")
    ordering = ("due_on", "id")
    quick_filters = (
        (pgettext_lazy("discrepancy", "Open"), "state=open"),
        (_("Mine"), "owner=me&state=open"),
        (pgettext_lazy("discrepancy", "Resolved"), "state=resolved"),
        (_("All"), ""),
    )
    change_form_outer_before_template = "campaigns/discrepancy.html"
    actions = ("retry_selected",)
    pages = {
        "assign": "assign_page",
        "retry": "retry_page",
        "resolve": "resolve_page",
        "dismiss": "dismiss_page",
    }

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # The pages of campaigns and intakes link to what waits because of them.
        linked = ("campaign__id__exact", "intake__id__exact")
        return lookup in linked or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("campaign", "merchant", "owner", "intake", "unit", "closed_by")

    @admin.display(description=_("reason"), ordering="code")
    def code_shown(self, row: Discrepancy) -> str:
        return str(row.get_code_display())

    @admin.display(description=_("due on"), ordering="due_on")
    def due(self, row: Discrepancy) -> str:
        late = row.is_open and row.due_on < timezone.localdate()
        css = "crm-late" if late else ""
        return format_html('<span class="{}">{}</span>', css, row.due_on.isoformat())

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Discrepancy) -> str:
        return _badge(row)

    def row_context(self, request: HttpRequest, row: Discrepancy) -> dict[str, Any]:
        columns = redemption_rows.COLUMNS
        return {
            "discrepancy": row,
            "badge": _badge(row),
            "late": row.is_open and row.due_on < timezone.localdate(),
            "ours": None if row.bank_fen is None else yuan(row.bank_fen),
            "theirs": None if row.merchant_fen is None else yuan(row.merchant_fen),
            "cells": [
                (
                    columns[name].chinese if name in columns else _STATEMENT_CELLS.get(name, name),
                    text,
                )
                for name, text in row.row.items()
            ],
            "may": row.is_open and policies.may_work_discrepancy(viewer(request), row),
            # What a statement's comparison found is no row of a file of redemptions.
            "may_retry": bool(row.row)
            and row.statement_id is None
            and row.code != DiscrepancyCode.CARD_NUMBER,
        }

    # --- what is done ----------------------------------------------------------------------

    @admin.action(description=_("Try the rows again"))
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        me, at = viewer(request), self.now()
        rows = list(queryset)
        outcomes = apply_to_each(rows, lambda row: intake.retry(row.pk, by=me, at=at))
        return page(
            request,
            "crm/outcomes.html",
            title=_("Result"),
            noun=self.opts.verbose_name,
            done=[one for one in outcomes if one.result is not None and not one.result.is_open],
            refused=[
                Outcome(one.row, None, RuleBroken(still_waits(one.result), code="still_waits"))
                if one.result is not None
                else one
                for one in outcomes
                if one.result is None or one.result.is_open
            ],
            back=self.url("changelist"),
        )

    def retry_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take its row in once more."""
        self.row_or_404(request, pk)
        if request.method != "POST":
            raise Http404
        try:
            row = intake.retry(pk, by=viewer(request), at=self.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            if row.is_open:
                messages.warning(request, still_waits(row))
            else:
                messages.success(request, str(_("The row was taken in.")))
        return redirect(self.url("change", pk))

    def assign_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = AssignForm(request.POST or None, unit=row.unit)

        def write(given: dict[str, Any]) -> Discrepancy:
            return discrepancies.assign(
                pk, owner_id=given["owner"].pk, by=viewer(request), at=self.now()
            )

        return self._page(request, row, form, write, _("Give to a colleague"), _("It was given."))

    def resolve_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = ResolveForm(request.POST or None)

        def write(given: dict[str, Any]) -> Discrepancy:
            return discrepancies.resolve(pk, **given, by=viewer(request), at=self.now())

        return self._page(
            request, row, form, write, pgettext("discrepancy", "Resolve"), _("It was resolved.")
        )

    def dismiss_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        form = DismissForm(request.POST or None)

        def write(given: dict[str, Any]) -> Discrepancy:
            return discrepancies.dismiss(pk, **given, by=viewer(request), at=self.now())

        return self._page(request, row, form, write, _("Dismiss"), _("It was dismissed."))

    def _page(
        self, request: HttpRequest, row: Discrepancy, form: VerbForm, write: Any, title: Any,
        said: Any,
    ) -> HttpResponse:  # fmt: skip
        return self.verb_page(
            request,
            form,
            write,
            title=title,
            submit=title,
            said=said,
            intro=str(row),
            back=self.url("change", row.pk),
        )


def _badge(row: Discrepancy) -> str:
    colour = {"open": "warn", "resolved": "good"}.get(row.state, "calm")
    label = DiscrepancyState(row.state).label
    return format_html('<span class="crm-badge crm-{}">{}</span>', colour, label)
