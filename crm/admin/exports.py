"""Exports: asked for with a button above a list, written by a worker, downloaded here."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm import exports
from crm.admin.base import when
from crm.admin.jobs import JobAdmin, state_badge
from crm.admin.site import page
from crm.models import Export


@admin.register(Export)
class ExportAdmin(JobAdmin):
    list_display = ("list_shown", "state_shown", "rows_done", "asked", "finished")
    pages = {
        "pause": "pause_page",
        "resume": "resume_page",
        "cancel": "cancel_page",
        "file": "file_page",
    }

    @admin.display(description=_("list"))
    def list_shown(self, row: Export) -> str:
        one = exports.named(row.parameters["list"])
        return str(one.label) if one else str(row)

    @admin.display(description=_("state"))
    def state_shown(self, row: Export) -> str:
        return state_badge(row)

    @admin.display(description=_("asked for at"))
    def asked(self, row: Export) -> str:
        return when(row.created_at)

    @admin.display(description=_("finished at"))
    def finished(self, row: Export) -> str:
        return when(row.finished_at)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            response: HttpResponse = super().change_view(request, object_id)
            return response
        shown = self.row_or_404(request, UUID(str(row.pk)))
        return page(
            request,
            "crm/export.html",
            title=self.list_shown(shown),
            job=shown,
            badge=state_badge(shown),
            may=self.buttons(request, shown),
            opts=self.opts,
            urls={name: self.url(name, shown.pk) for name in self.pages},
        )
