"""The same for many leads: each is tried by itself, each refusal is shown beside its row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin
from crm.admin.each import apply_to_each
from crm.admin.forms import VerbForm
from crm.admin.site import page, viewer
from leads.admin.forms import AssignForm, MoveForm
from leads.domain import pipeline
from leads.models import Lead, Stage

MOST = 100


@dataclass(frozen=True)
class Chosen:
    """A row that was ticked, with what the viewer may read of it."""

    pk: UUID
    words: Any

    def __str__(self) -> str:
        return str(self.words)


class BulkPages(RoomAdmin):
    """Assigning and moving many leads."""

    actions = ("assign_selected", "move_selected")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("assign/", self.admin_site.admin_view(self.assign_many), name="leads_assign"),
            path("move/", self.admin_site.admin_view(self.move_many), name="leads_move"),
        ]
        return own + super().get_urls()

    @admin.action(description=_("Assign to a colleague…"))
    def assign_selected(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        form = AssignForm(user=viewer(request))
        return self._ask(request, [row.pk for row in queryset], form, "leads_assign")

    @admin.action(description=_("Move to a stage…"))
    def move_selected(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return self._ask(request, [row.pk for row in queryset], MoveForm(), "leads_move")

    def assign_many(self, request: HttpRequest) -> HttpResponse:
        """The chosen leads go to a colleague."""
        me, at = viewer(request), self.now()

        def verb(row: Chosen, given: dict[str, Any]) -> Lead:
            return pipeline.assign(row.pk, to=given["owner"], by=me, at=at)

        return self._do(request, AssignForm(request.POST, user=me), verb, "leads_assign")

    def move_many(self, request: HttpRequest) -> HttpResponse:
        """The chosen leads go to a stage."""
        me, at = viewer(request), self.now()

        def verb(row: Chosen, given: dict[str, Any]) -> Lead:
            step = {**given, "to": Stage(given["to"])}
            return pipeline.advance(row.pk, by=me, at=at, **step)

        return self._do(request, MoveForm(request.POST), verb, "leads_move")

    def _do(
        self,
        request: HttpRequest,
        form: VerbForm,
        verb: Callable[[Chosen, dict[str, Any]], Lead],
        name: str,
    ) -> HttpResponse:
        if request.method != "POST" or not self.has_view_permission(request):
            raise Http404
        ids = _ids(request)
        if not form.is_valid():
            return self._ask(request, ids, form, name)
        rows = self._chosen(request, ids)
        outcomes = apply_to_each(rows, lambda row: verb(row, form.cleaned_data))
        return page(
            request,
            "crm/outcomes.html",
            title=_("Result"),
            noun=self.opts.verbose_name,
            done=[one for one in outcomes if one.refusal is None],
            refused=[one for one in outcomes if one.refusal is not None],
            back=self.url("changelist"),
        )

    def _ask(
        self, request: HttpRequest, ids: list[UUID], form: VerbForm, name: str
    ) -> HttpResponse:
        assigning = name == "leads_assign"
        return page(
            request,
            "crm/bulk.html",
            title=_("Assign to a colleague") if assigning else _("Move to a stage"),
            ids=ids,
            rows=self._chosen(request, ids),
            form=form,
            media=form.media,
            action=reverse(f"admin:{name}"),
            submit=_("Assign") if assigning else _("Move"),
            back=self.url("changelist"),
        )

    def _chosen(self, request: HttpRequest, ids: list[UUID]) -> list[Chosen]:
        """The rows as the viewer may see them; of any other, nothing but that it was sent."""
        seen = self.get_queryset(request).filter(pk__in=ids).in_bulk()
        return [Chosen(pk, seen.get(pk, _("Unknown row"))) for pk in ids]


def _ids(request: HttpRequest) -> list[UUID]:
    ids: dict[UUID, None] = {}
    for raw in request.POST.getlist("row")[:MOST]:
        try:
            ids[UUID(raw)] = None
        except ValueError:
            continue
    return list(ids)
