"""Pains: the page of one is its nine-grid, on which the interview is led."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.forms import VerbForm
from crm.admin.site import viewer, way_back
from crm.errors import DomainError
from crm.models import User
from leads import policies
from leads.admin import grid_board
from leads.admin.filters import OfMerchant
from leads.admin.grid_forms import (
    CapabilitiesForm,
    ClosePainForm,
    ConfirmForm,
    FillForm,
    PainForm,
    TakeBackForm,
)
from leads.domain import cells, entry_points, interviews, questions
from leads.models import Cell, CellStatus, GridCell, GridColumn, Lead, Pain, PainStatus
from leads.models.grid_words import CONFIRM_CELLS
from merchants.admin.partnership_forms import kept
from merchants.models import Merchant
from merchants.policies import WORKERS


class OnTheTable(Among):
    """Pains that are on the table, or off it."""

    title = _("on the table")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("On the table")), ("no", _("Off the table"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(closed_at__isnull=chosen == "yes")
        return found


class OfOwner(Among):
    """Pains of one's own leads."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("me", _("Me"))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        return queryset.filter(lead__owner=viewer(request))


@admin.register(Pain)
class PainAdmin(RoomAdmin):
    form = PainForm
    list_display = (
        "title",
        "merchant",
        "rung",
        "completeness",
        "stuck",
        "next_shown",
        "monthly",
        "changed",
    )
    list_filter = (
        OnTheTable,
        choices_of("status", _("status"), PainStatus),
        choices_of("stuck_column", _("stuck in"), GridColumn),
        OfOwner,
        OfMerchant,
    )
    list_select_related = ("merchant",)
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-created_at", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Mine"), "owner=me&open=yes"),
        (_("Stuck in reasons"), "stuck_column=R&open=yes"),
        (_("Stuck in impact"), "stuck_column=I&open=yes"),
        (_("Critical"), "status=critical&open=yes"),
    )
    add_fields = ("merchant", "lead", "title", "mode", "trigger", "trigger_on")
    change_fields = ("title", "mode", "trigger", "trigger_on")
    autocomplete_fields = ("merchant", "lead")
    change_form_outer_before_template = "leads/grid.html"
    pages = {
        "fill": "fill_page",
        "confirm": "confirm_page",
        "take-back": "take_back_page",
        "capabilities": "capabilities_page",
        "close": "close_page",
        "reopen": "reopen_page",
        "enter": "enter_page",
    }

    class Media:
        css = {"all": ["leads/grid.css"]}
        js = ("leads/grid.js",)

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=_("status"), ordering="status")
    def rung(self, row: Pain) -> str:
        return grid_board.rung_badge(row)

    @admin.display(description=_("completeness"))
    def completeness(self, row: Pain) -> str:
        return grid_board.percent(row.raw_completeness)

    @admin.display(description=_("stuck in"))
    def stuck(self, row: Pain) -> str:
        return row.get_stuck_column_display() or "—"

    @admin.display(description=_("next cell"))
    def next_shown(self, row: Pain) -> str:
        return f"{row.next_cell} {row.get_next_cell_display()}" if row.next_cell else "—"

    @admin.display(description=_("monthly impact"))
    def monthly(self, row: Pain) -> str:
        return grid_board.impact(row)

    @admin.display(description=_("changed"), ordering="-updated_at")
    def changed(self, row: Pain) -> str:
        return when(row.updated_at)[:10]

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    # --- the form --------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("merchant", "lead")

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*WORKERS)

    def may_change(self, user: User, row: Pain) -> bool:
        return row.is_open and policies.may_interview(user, row)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Pain:
        given, me = dict(form.cleaned_data), viewer(request)
        version = given.pop("read_version", None)
        if change:
            changes = {name: given[name] for name in form.changed_data if name in given}
            return interviews.correct(row.pk, changes, by=me, at=self.now(), version=version)
        merchant, lead = given.pop("merchant"), given.pop("lead")
        return interviews.open_pain(
            row.pk,
            merchant.pk,
            lead_id=lead.pk if lead else None,
            by=me,
            at=self.now(),
            **given,
        )

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Straight into the interview."""
        messages.success(request, _("The pain is on the table. The interview can begin."))
        return redirect(self.url("change", obj.pk))

    def row_context(self, request: HttpRequest, row: Pain) -> dict[str, Any]:
        me, now = viewer(request), self.now()
        may = policies.may_interview(me, row)
        asked = request.GET.get("cell", row.next_cell)
        opened = Cell(asked) if asked in Cell.values else Cell.R1
        rows = self._cells(row)
        chosen = next(one for one in rows if one.cell == opened)
        (point,) = entry_points.of_pains([row], row.merchant, at=now)
        question_set = questions.set_for(row.merchant)
        confirmed = chosen.cell in CONFIRM_CELLS and chosen.status == CellStatus.COMPLETE
        works = may and row.is_open
        return {
            "pain": row,
            "badge": grid_board.rung_badge(row),
            "ladder": grid_board.ladder(row),
            "board": grid_board.board(row, rows, opened),
            "raw": grid_board.percent(row.raw_completeness),
            "gated": grid_board.percent(row.gated_completeness),
            "impact": grid_board.impact(row),
            "next_name": self.next_shown(row),
            "opened": opened,
            "chosen": chosen,
            "chosen_figures": [grid_board.figure(one) for one in chosen.numbers.all()],
            "agreement": grid_board.agreement(chosen),
            "questions": questions.by_cell(question_set)[opened],
            "question_set": question_set.label,
            "fill_form": self._fill_form(row, chosen) if works and not confirmed else None,
            "confirm_form": self._confirm_form(row, chosen)
            if works and not confirmed and chosen.cell in CONFIRM_CELLS
            else None,
            "may_take_back": works and confirmed,
            "may": may,
            "works": works,
            "capabilities": row.capabilities.all(),
            "score": grid_board.score(point),
            "is_entry": row.lead is not None and row.lead.entry_pain_id == row.pk,
            "may_enter": works
            and row.lead is not None
            and row.lead.is_open
            and point.score.eligible,
        }

    def _cells(self, row: Pain) -> list[GridCell]:
        """The nine, with what hangs on them, read once for the whole page."""
        found = list(
            row.cells.select_related("agreed_by", "filled_by", "insight")
            .prefetch_related("numbers", "documents")
            .order_by("cell")
        )
        row._prefetched_objects_cache = {"cells": found}  # type: ignore[attr-defined]
        return found

    # --- what is done on a pain's page -----------------------------------------------------

    def _cell(self, request: HttpRequest, row: Pain) -> GridCell:
        found = row.cells.filter(cell=request.GET.get("cell", "")).first()
        if found is None:
            raise Http404
        return found

    def _fill_form(self, row: Pain, cell: GridCell, *data: Any) -> FillForm:
        return FillForm(*data, row=cell, version=row.version, auto_id="fill_%s")

    def _confirm_form(self, row: Pain, cell: GridCell, *data: Any) -> ConfirmForm:
        return ConfirmForm(*data, row=cell, version=row.version, pain=row, auto_id="confirm_%s")

    def fill_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What was said in a cell."""
        row = self.row_or_404(request, pk)
        cell, me = self._cell(request, row), viewer(request)
        form = self._fill_form(row, cell, *_sent(request))

        def fill(given: dict[str, Any]) -> Pain:
            at = self.now()
            with transaction.atomic():
                return cells.fill(
                    pk,
                    cell.cell,
                    status=given["status"],
                    words=given["words"],
                    numbers=form.numbers(),
                    document_ids=_documents(cell, kept(given["document"], by=me, at=at)),
                    by=me,
                    at=at,
                    version=given["read_version"],
                )

        return self._cell_verb(
            request, row, cell, form, fill, submit=_("Write it down"), said=_("It is written down.")
        )

    def confirm_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Who agreed to a confirm cell, when and how."""
        row = self.row_or_404(request, pk)
        cell, me = self._cell(request, row), viewer(request)
        form = self._confirm_form(row, cell, *_sent(request))

        def confirm(given: dict[str, Any]) -> Pain:
            at, insight = self.now(), given["insight"]
            with transaction.atomic():
                return cells.confirm(
                    pk,
                    cell.cell,
                    agreed_by_id=given["agreed_by"].pk,
                    agreed_at=given["agreed_at"],
                    agreed_via=given["agreed_via"],
                    words=given["words"],
                    numbers=form.numbers(),
                    insight_id=insight.pk if insight else None,
                    document_ids=_documents(cell, kept(given["document"], by=me, at=at)),
                    by=me,
                    at=at,
                    version=given["read_version"],
                )

        return self._cell_verb(
            request,
            row,
            cell,
            form,
            confirm,
            submit=_("The merchant agreed"),
            said=_("The agreement is on record."),
        )

    def take_back_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """An agreement does not stand any more."""
        row = self.row_or_404(request, pk)
        cell = self._cell(request, row)
        return self._cell_verb(
            request,
            row,
            cell,
            TakeBackForm(request.POST or None),
            lambda given: cells.take_back(
                pk, cell.cell, by=viewer(request), at=self.now(), **given
            ),
            submit=_("Take the agreement back"),
            said=_("The agreement was taken back."),
        )

    def _cell_verb(
        self,
        request: HttpRequest,
        row: Pain,
        cell: GridCell,
        form: VerbForm,
        verb: Any,
        **words: Any,
    ) -> HttpResponse:
        return self.verb_page(
            request,
            form,
            verb,
            title=f"{cell.cell} · {cell.get_cell_display()}",
            intro=f"{row.title} · {row.merchant}",
            back=f"{self.url('change', row.pk)}#grid",
            **words,
        )

    def capabilities_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the merchant needs to be able to do."""
        row = self.row_or_404(request, pk)
        form = CapabilitiesForm(request.POST or None, pain=row)
        return self.verb_page(
            request,
            form,
            lambda given: interviews.name_capabilities(
                pk, form.wanted(), by=viewer(request), at=self.now()
            ),
            title=_("What the merchant needs to be able to do"),
            intro=_("In the merchant's words, without the names of products."),
            submit=_("Write it down"),
            said=_("It is written down."),
            back=self.url("change", pk),
        )

    def close_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            ClosePainForm(request.POST or None),
            lambda given: interviews.close(pk, by=viewer(request), at=self.now(), **given),
            title=_("Take the pain off the table"),
            intro=f"{row.title} · {row.merchant}",
            submit=_("Take it off the table"),
            said=_("The pain is off the table."),
            back=self.url("change", pk),
        )

    def reopen_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST if request.method == "POST" else None),
            lambda given: interviews.reopen(pk, by=viewer(request), at=self.now()),
            title=_("Put the pain on the table again"),
            intro=f"{row.title} · {row.merchant}",
            submit=_("Put it on the table again"),
            said=_("The pain is on the table again."),
            back=self.url("change", pk),
        )

    def enter_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make this pain the entry point of its lead: one tap."""
        row = self.row_or_404(request, pk)
        if request.method == "POST" and isinstance(row.lead, Lead):
            try:
                entry_points.choose(row.lead_id, pk, by=viewer(request), at=self.now())
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("The entry point was chosen."))
        return redirect(way_back(request, self.url("change", pk)))


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _documents(cell: GridCell, new: UUID | None) -> list[UUID] | None:
    """The documents of a cell with the new one; none where none was brought."""
    return None if new is None else [*(one.pk for one in cell.documents.all()), new]
