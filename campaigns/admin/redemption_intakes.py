"""Intakes of redemptions: a file is brought, tried out, taken in; calls of other systems beside."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from campaigns import policies
from campaigns.domain import intake_files, redemption_rows
from campaigns.models import DiscrepancyCode, IntakeKind, RedemptionIntake
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.forms import RowField, TextField, VerbForm
from crm.admin.jobs import state_badge
from crm.admin.site import page, viewer
from crm.admin.uploads import bring_list
from crm.domain import files, jobs, sheets
from crm.domain.sheets import FileFormat
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import JobState, OrgUnit, Role, StoredFile, User


def units_of(user: User) -> QuerySet[OrgUnit]:
    """The units for which somebody takes redemptions in, the highest first."""
    reached = user.scope.under(frozenset(policies.TAKERS_IN))
    found = OrgUnit.objects.filter(pk__in=reached)
    if Role.BRANCH_MANAGER in user.scope.everywhere:
        found = OrgUnit.objects.all()
    return found.order_by("ancestors__len", "name")


class UploadForm(VerbForm):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV (UTF-8 or GB18030) or .xlsx, 20 MB and 20,000 rows at the most."),
    )
    source = TextField(
        label=_("Source"),
        max_length=40,
        help_text=_("The system that the file comes from, always in the same word."),
    )
    unit = RowField(label=_("Unit"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_of(user)  # type: ignore[attr-defined]


@admin.register(RedemptionIntake)
class RedemptionIntakeAdmin(RoomAdmin):
    list_display = ("shown", "kind", "source", "unit", "landed", "repeated", "queued", "brought")
    list_filter = (choices_of("kind", _("kind"), IntakeKind),)
    list_select_related = ("unit",)
    ordering = ("-created_at", "-id")
    pages = {
        "check": "check_page",
        "run": "run_page",
        "pause": "pause_page",
        "resume": "resume_page",
        "cancel": "cancel_page",
    }

    def may_add(self, user: User) -> bool:
        return units_of(user).exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("unit", "brought_by", "job__owner", "job__unit")

    @admin.display(description=_("name"))
    def shown(self, row: RedemptionIntake) -> str:
        return str(row)

    @admin.display(description=_("brought"), ordering="created_at")
    def brought(self, row: RedemptionIntake) -> str:
        return when(row.created_at)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "template.<str:ending>",
            self.admin_site.admin_view(self.template_page),
            name=self.url_name("template"),
        )
        return [own, *super().get_urls()]

    def template_page(self, request: HttpRequest, ending: str) -> HttpResponse:
        """A file with our headers and one row to show what is meant."""
        if ending not in FileFormat.values:
            raise Http404
        kind = FileFormat(ending)
        columns = redemption_rows.COLUMNS.values()
        content = sheets.written(
            [one.chinese for one in columns], [[one.example for one in columns]], kind
        )
        return HttpResponse(
            content,
            content_type=files.XLSX if kind == FileFormat.XLSX else files.CSV,
            headers={"Content-Disposition": f'attachment; filename="redemptions.{ending}"'},
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            return super().add_view(request)  # type: ignore[no-any-return]
        me = viewer(request)
        form = UploadForm(request.POST or None, request.FILES or None, user=me)

        def bring(kept: StoredFile, given: dict[str, Any]) -> str:
            opened = intake_files.open_file(
                uuid7(),
                kept.pk,
                source=given["source"],
                unit_id=given["unit"].pk,
                by=me,
                at=self.now(),
            )
            intake_files.try_out(opened.pk, by=me, at=self.now())
            return self.url("change", opened.pk)

        brought = bring_list(request, form, bring, by=me, at=self.now())
        if brought is not None:
            return brought
        return page(
            request,
            "campaigns/redemption_upload.html",
            title=_("Take in redemptions"),
            form=form,
            back=self.url("changelist"),
            blanks=[
                (_("Empty template (Excel)"), self.url("template", "xlsx")),
                (_("Empty template (CSV)"), self.url("template", "csv")),
            ],
            columns=[
                (one.chinese, str(one.label), one.required, one.example)
                for one in redemption_rows.COLUMNS.values()
            ],
        )

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
        job = row.job
        may = {}
        if job is not None:
            steers = jobs.KINDS[job.kind].may_steer(viewer(request), job)
            may = {verb: steers and jobs.is_open_to(job, verb) for verb in jobs.OPEN_TO}
        parameters = job.parameters if job is not None else {}
        return page(
            request,
            "campaigns/redemption_intake.html",
            title=str(row),
            intake=row,
            job=job,
            badge=state_badge(job) if job is not None else "",
            may=may,
            urls={name: self.url(name, row.pk) for name in self.pages},
            tried=job is not None and job.state == JobState.CHECKED,
            reasons=[
                (DiscrepancyCode(code).label, count)
                for code, count in parameters.get("reasons", {}).items()
            ],
            faults=[
                (number, reference, DiscrepancyCode(code).label, detail)
                for number, reference, code, detail in parameters.get("faults", ())
            ],
            queue=f"{reverse('admin:campaigns_discrepancy_changelist')}?intake__id__exact={row.pk}",
            back=self.url("changelist"),
        )

    def _told(self, request: HttpRequest, pk: UUID, verb: Any, said: Any) -> HttpResponse:
        self.row_or_404(request, pk)
        if request.method != "POST":
            raise Http404
        try:
            verb(pk, by=viewer(request), at=self.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(said))
        return redirect(self.url("change", pk))

    def check_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._told(request, pk, intake_files.try_out, _("The list is tried out."))

    def run_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._told(request, pk, intake_files.run, _("The list is taken in."))

    def pause_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._told(request, pk, intake_files.pause, _("It pauses after the rows in hand."))

    def resume_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._told(request, pk, intake_files.resume, _("It goes on."))

    def cancel_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._told(request, pk, intake_files.cancel, _("It was cancelled."))
