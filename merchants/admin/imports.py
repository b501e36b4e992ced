"""Imports: a list is brought, its columns are named, it is tried out, run, maybe taken back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from crm.admin.base import when
from crm.admin.forms import ChoiceField, RowField, VerbForm, show
from crm.admin.jobs import JobAdmin, state_badge
from crm.admin.site import page, viewer
from crm.admin.uploads import bring_list
from crm.domain import files as stored_files
from crm.domain.sheets import FileFormat
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import JobPhase, JobState, StoredFile, User
from merchants.admin.merchants import units_of
from merchants.domain import (
    files,
    import_columns,
    import_error_files,
    import_jobs,
    sample_lists,
)
from merchants.models import Import, ImportMode, ImportRow

SHOWN = 100
"""Refused rows on one page; the file has them all."""


class UploadForm(VerbForm):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV (UTF-8 or GB18030) or .xlsx, 20 MB and 20,000 rows at the most."),
    )
    unit = RowField(label=_("Unit"), queryset=None, empty_label=None)
    mode = ChoiceField(label=_("What to do"), choices=ImportMode.choices, initial=ImportMode.CREATE)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_of(user)  # type: ignore[attr-defined]


class ColumnsForm(VerbForm):
    """One menu for each header of the file."""

    def __init__(self, *args: Any, headers: list[str], said: list[str | None], **kwargs: Any):
        super().__init__(*args, **kwargs)
        words = [
            ("?", _("— please choose —")),
            ("-", _("Leave out")),
            *((name, import_columns.label_of(name)) for name in import_columns.COLUMNS),
        ]
        for place, (header, name) in enumerate(zip(headers, said, strict=True)):
            self.fields[f"column_{place}"] = ChoiceField(
                label=header.strip() or "–",
                choices=words,
                initial="?" if name is None else name or "-",
            )

    def columns(self) -> list[str | None]:
        """What was chosen, in the order of the file."""
        chosen = {"?": None, "-": import_columns.IGNORED}
        values = [self.cleaned_data[name] for name in self.fields]
        return [chosen.get(value, value) for value in values]


@admin.register(Import)
class ImportAdmin(JobAdmin):
    list_display = (
        "file_shown", "unit", "owner", "state_shown", "added", "changed", "refused", "brought",
    )  # fmt: skip
    list_select_related = ("source", "unit", "owner")
    pages = {
        "columns": "columns_page",
        "check": "check_page",
        "run": "run_page",
        "revert": "revert_page",
        "pause": "pause_page",
        "resume": "resume_page",
        "cancel": "cancel_page",
        "file": "file_page",
    }

    def visible(self, user: User) -> Any:
        return super().visible(user).defer("source__content", "result__content")

    def may_add(self, user: User) -> bool:
        return units_of(user).exists()

    @admin.display(description=_("file"))
    def file_shown(self, row: Import) -> str:
        return str(row)

    @admin.display(description=_("state"))
    def state_shown(self, row: Import) -> str:
        return state_badge(row)

    @admin.display(description=_("brought"), ordering="created_at")
    def brought(self, row: Import) -> str:
        return when(row.created_at)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<str:what>.<str:ending>",
            self.admin_site.admin_view(self.blank_page),
            name=self.url_name("blank"),
        )
        return [own, *super().get_urls()]

    def blank_page(self, request: HttpRequest, what: str, ending: str) -> HttpResponse:
        """An empty template, or an invented list with typical mistakes."""
        made = {"template": import_error_files.template, "sample": sample_lists.written}
        if what not in made or ending not in FileFormat.values:
            raise Http404
        kind = FileFormat(ending)
        content = made[what](kind)  # type: ignore[operator]
        mime = stored_files.XLSX if kind == FileFormat.XLSX else stored_files.CSV
        return HttpResponse(
            content,
            content_type=mime,
            headers={"Content-Disposition": f'attachment; filename="{what}.{ending}"'},
        )

    # --- bringing a list -------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            return super().add_view(request)  # type: ignore[no-any-return]
        me = viewer(request)
        form = UploadForm(request.POST or None, request.FILES or None, user=me)

        def bring(kept: StoredFile, given: dict[str, Any]) -> str:
            job = import_jobs.open_import(
                uuid7(),
                kept.pk,
                unit_id=given["unit"].pk,
                mode=given["mode"],
                by=me,
                at=self.now(),
            )
            return self.url("columns", job.pk)

        brought = bring_list(request, form, bring, by=me, at=self.now())
        if brought is not None:
            return brought
        return page(
            request,
            "merchants/import_upload.html",
            title=_("Import merchants"),
            form=form,
            back=self.url("changelist"),
            blanks=[
                (_("Empty template (Excel)"), self.url("blank", "template", "xlsx")),
                (_("Empty template (CSV)"), self.url("blank", "template", "csv")),
                (_("Sample with typical mistakes"), self.url("blank", "sample", "xlsx")),
            ],
        )

    def columns_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What each header means; what is said here is remembered."""
        row = self.row_or_404(request, pk)
        headers = row.parameters["headers"]
        form = ColumnsForm(request.POST or None, headers=headers, said=row.parameters["columns"])
        if request.method == "POST" and form.is_valid():
            me = viewer(request)
            try:
                import_jobs.map_columns(pk, form.columns(), by=me, at=self.now())
                import_jobs.try_out(pk, by=me, at=self.now())
            except DomainError as refusal:
                show(form, refusal)
            else:
                return redirect(self.url("change", pk))
        fields = [form[name] for name in form.fields]
        return page(
            request,
            "merchants/import_columns.html",
            title=_("What do the columns mean?"),
            form=form,
            job=row,
            lines=list(zip(fields, *self._samples(row), strict=True)),
            back=self.url("change", pk),
            steps=_steps(row),
        )

    @staticmethod
    def _samples(row: Import) -> tuple[list[str], ...]:
        """The first cells below each header."""
        assert row.source_id is not None
        file = StoredFile.objects.get(pk=row.source_id)
        samples = files.beginning(file.name, bytes(file.content)).samples
        return ([" · ".join(cells[:3]) for cells in zip(*samples, strict=True)],)

    # --- a job's page ----------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            response: HttpResponse = super().change_view(request, object_id)
            return response
        row = self.row_or_404(request, UUID(str(found.pk)))
        after = request.GET.get("after", "0")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        reverted = row.state == JobState.REVERTED
        every = ImportRow.objects.filter(job=row)
        rows = every.kept() if reverted else every.to_look_at()
        shown = list(rows.filter(number__gt=start).order_by("number")[: SHOWN + 1])
        return page(
            request,
            "merchants/import.html",
            title=str(row),
            job=row,
            badge=state_badge(row),
            phase=JobPhase(row.phase).label if row.phase else "",
            steps=_steps(row),
            may=self.buttons(request, row),
            urls={name: self.url(name, row.pk) for name in self.pages},
            mode=ImportMode(row.parameters["mode"]).label,
            rows=[(one, import_error_files.header_of(row, one.column)) for one in shown[:SHOWN]],
            further=shown[SHOWN - 1].number if len(shown) > SHOWN else None,
            tried=row.phase == JobPhase.CHECK,
            taken_back=every.reverted().count() if reverted else None,
            stay=every.kept().count() if reverted else None,
            settled=row.state in (JobState.CHECKED, JobState.DONE, JobState.REVERTED),
        )

    def check_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, import_jobs.try_out, _("The list is tried out."))

    def run_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, import_jobs.run, _("The list is taken in."))

    def revert_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, import_jobs.revert, _("The list is taken back."))


def _steps(job: Import) -> list[dict[str, Any]]:
    """The way of a list, and where this one stands."""
    labels = [_("File"), _("Columns"), _("Dry run"), _("Import"), _("Done")]
    match (job.state, job.phase):
        case (JobState.DRAFT, _other):
            here = 1
        case (JobState.CHECKED, _other) | (_other, JobPhase.CHECK):
            here = 2
        case (JobState.DONE | JobState.REVERTED, _other):
            here = 4
        case _:
            here = 3
    return [
        {"label": label, "css": "crm-past" if place < here else "crm-here" if place == here else ""}
        for place, label in enumerate(labels)
    ]
