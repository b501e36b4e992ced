"""What is done with one cell of a grid: filled, agreed with the merchant, taken back."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin
from crm.admin.forms import VerbForm
from crm.admin.site import viewer
from leads.admin.grid_forms import ConfirmForm, FillForm, TakeBackForm
from leads.domain import cells
from leads.models import GridCell, Pain
from merchants.admin.partnership_forms import kept


def fill_form(row: Pain, cell: GridCell, *data: Any) -> FillForm:
    """What was said in a cell."""
    return FillForm(*data, row=cell, version=row.version, auto_id="fill_%s")


def confirm_form(row: Pain, cell: GridCell, *data: Any) -> ConfirmForm:
    """Who agreed to it."""
    return ConfirmForm(*data, row=cell, version=row.version, pain=row, auto_id="confirm_%s")


class CellPages(RoomAdmin):
    """Pages below a pain that are about one of its cells (`?cell=R1`)."""

    cell_pages = {
        "fill": "fill_page",
        "confirm": "confirm_page",
        "take-back": "take_back_page",
    }

    def _cell(self, request: HttpRequest, row: Pain) -> GridCell:
        found = row.cells.filter(cell=request.GET.get("cell", "")).first()
        if found is None:
            raise Http404
        return found

    def fill_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What was said in a cell."""
        row = self.row_or_404(request, pk)
        cell, me = self._cell(request, row), viewer(request)
        form = fill_form(row, cell, *_sent(request))

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
        form = confirm_form(row, cell, *_sent(request))

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


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _documents(cell: GridCell, new: UUID | None) -> list[UUID] | None:
    """The documents of a cell with the new one; none where none was brought."""
    return None if new is None else [*(one.pk for one in cell.documents.all()), new]
