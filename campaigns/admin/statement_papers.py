"""The pages of a statement's papers: the merchant's list, files, lines, differences."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from campaigns.admin import settlement_forms as forms
from campaigns.admin import statement_shown as shown
from campaigns.domain import statement_files
from campaigns.models import StatementFileKind
from crm.admin.base import RoomAdmin
from crm.admin.site import page, viewer
from crm.api.files import download
from crm.domain import files
from crm.errors import DomainError
from crm.ids import uuid7

LINES_SHOWN = 100


class StatementPaperPages(RoomAdmin):
    """Mixed into the statement's pages."""

    def list_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Bring the merchant's own list."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = forms.MerchantListForm(request.POST or None, request.FILES or None)

        def run(given: dict[str, Any]) -> Any:
            brought = given["file"]
            kept = files.keep(brought.name, brought.read(), kinds=files.LISTS, by=me, at=self.now())
            return statement_files.bring(uuid7(), pk, kept.pk, by=me, at=self.now())

        return self.verb_page(
            request,
            form,
            run,
            title=_("Compare with the merchant's list"),
            intro=shown.intro(row),
            submit=_("Compare"),
            said=_("The list is being compared; reload the page in a moment."),
            back=self.url("change", pk),
        )

    def write_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask for the statement as a file."""
        row = self.row_or_404(request, pk)
        kind = request.POST.get("kind", "")
        if request.method != "POST" or kind not in (StatementFileKind.PDF, StatementFileKind.XLSX):
            raise Http404
        try:
            statement_files.write(
                uuid7(),
                row.pk,
                kind=StatementFileKind(kind),
                by=viewer(request),
                at=self.now(),
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(_("The file is being written; reload in a moment.")))
        return redirect(f"{self.url('change', row.pk)}#files")

    def file_page(self, request: HttpRequest, job_pk: UUID) -> HttpResponse:
        """A file of a statement, as a download."""
        file = shown.file_of(viewer(request), job_pk)
        if file is None or not self.has_view_permission(request):
            raise Http404
        try:
            return download(files.fetch(file, by=viewer(request), at=self.now()))
        except DomainError as refusal:
            raise Http404 from refusal

    def lines_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Every line, a hundred to a page."""
        row = self.row_or_404(request, pk)
        after = _number(request.GET.get("after", ""))
        rows = row.lines.filter(number__gt=after).select_related("outlet", "campaign")
        found = list(rows.order_by("number")[: LINES_SHOWN + 1])
        return page(
            request,
            "campaigns/statement_lines.html",
            title=_("Lines of the statement"),
            intro=shown.intro(row),
            lines=[shown.line(one) for one in found[:LINES_SHOWN]],
            further=found[LINES_SHOWN - 1].number if len(found) > LINES_SHOWN else None,
            first=not after,
            back=self.url("change", pk),
        )

    def differences_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the two lists see differently, the bank's side and the merchant's."""
        row = self.row_or_404(request, pk)
        after = _number(request.GET.get("after", ""))
        kind = request.GET.get("class", "") or shown.first_difference(row)
        found = shown.differences(row, kind, after, LINES_SHOWN + 1)
        return page(
            request,
            "campaigns/statement_differences.html",
            title=_("Differences"),
            intro=shown.intro(row),
            classes=shown.classes(row, kind),
            rows=found[:LINES_SHOWN],
            kind=kind,
            further=found[LINES_SHOWN - 1]["number"] if len(found) > LINES_SHOWN else None,
            back=self.url("change", pk),
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
