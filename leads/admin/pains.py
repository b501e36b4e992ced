"""Pains: the page of one is its nine-grid, on which the interview is led."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import when
from crm.admin.filters import Among, choices_of
from crm.admin.forms import VerbForm
from crm.admin.site import viewer, way_back
from crm.errors import DomainError
from crm.models import User
from leads import policies
from leads.admin import grid_board
from leads.admin.cell_pages import CellPages, confirm_form, fill_form
from leads.admin.filters import OfMerchant
from leads.admin.grid_forms import CapabilitiesForm, ClosePainForm, PainForm
from leads.domain import entry_points, interviews, questions
from leads.models import Cell, CellStatus, GridCell, GridColumn, Pain, PainStatus
from leads.models.grid_words import CONFIRM_CELLS
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
class PainAdmin(CellPages):
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
        choices_of("status", pgettext_lazy("nine-grid", "status"), PainStatus),
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
        **CellPages.cell_pages,
        "capabilities": "capabilities_page",
        "close": "close_page",
        "reopen": "reopen_page",
        "enter": "enter_page",
    }

    class Media:
        css = {"all": ["leads/grid.css"]}
        js = ("leads/grid.js",)

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=pgettext_lazy("nine-grid", "status"), ordering="status")
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
            "fill_form": fill_form(row, chosen) if works and not confirmed else None,
            "confirm_form": confirm_form(row, chosen)
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
        read = (
            GridCell.objects.select_related("agreed_by", "filled_by", "insight")
            .prefetch_related("numbers", "documents")
            .order_by("cell")
        )
        prefetch_related_objects([row], Prefetch("cells", read))
        return list(row.cells.all())

    # --- what is done on a pain's page -----------------------------------------------------

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
        lead_id = _lead_of(request, row)
        if request.method == "POST" and lead_id is not None:
            try:
                entry_points.choose(lead_id, pk, by=viewer(request), at=self.now())
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("The entry point was chosen."))
        return redirect(way_back(request, self.url("change", pk)))


def _lead_of(request: HttpRequest, row: Pain) -> UUID | None:
    """The lead that is entered: the one whose page was looked at, or the pain's own."""
    try:
        return UUID(request.POST.get("lead", ""))
    except ValueError:
        return row.lead_id
