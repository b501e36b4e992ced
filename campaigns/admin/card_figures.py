"""Card figures as they were filed, and the files that they came with."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from campaigns import policies
from campaigns.domain import card_filing, figure_files, figure_intake
from campaigns.models import CardCohort, CardFigure, CardSnapshot, FigureIntake, FigureKind
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import UnitFilter
from crm.admin.forms import ChoiceField, RowField, TextField, VerbForm
from crm.admin.jobs import JobAdmin, state_badge
from crm.admin.site import page, viewer
from crm.admin.uploads import bring_list
from crm.domain import files as stored_files
from crm.domain.sheets import FileFormat
from crm.ids import uuid7
from crm.models import JobPhase, JobState, OrgUnit, StoredFile, User
from crm.presentation import money


class FiledAdmin(RoomAdmin):
    """Lines that the card system filed: read only, for they are filed by batch and by file."""

    list_filter = (UnitFilter,)
    list_before_template = "campaigns/card_figures_head.html"
    list_display_links = None


@admin.register(CardFigure)
class CardFigureAdmin(FiledAdmin):
    list_display = (
        "day",
        "unit",
        "merchant",
        "campaign",
        "cards_issued",
        "cards_attributed",
        "cards_activated",
        "transactions",
        "spend",
        "source",
    )
    list_select_related = ("unit", "merchant", "campaign")
    ordering = ("-day", "-id")
    search_fields = ("merchant__name", "campaign__name", "source")

    @admin.display(description=_("spend"), ordering="spend_fen")
    def spend(self, row: CardFigure) -> str:
        return money(row.spend_fen - row.reversed_fen)


@admin.register(CardCohort)
class CardCohortAdmin(FiledAdmin):
    list_display = (
        "approved_on",
        "unit",
        "merchant",
        "campaign",
        "cards",
        "activated",
        "swiped_30",
        "swiped_60",
        "swiped_90",
        "as_of",
        "source",
    )
    list_select_related = ("unit", "merchant", "campaign")
    ordering = ("-approved_on", "-id")
    search_fields = ("merchant__name", "campaign__name", "source")


@admin.register(CardSnapshot)
class CardSnapshotAdmin(FiledAdmin):
    list_display = (
        "day",
        "unit",
        "cards_issued",
        "policy_cards",
        "cards_in_force",
        "active_1",
        "active_6",
        "sleeping_cards",
        "source",
    )
    list_select_related = ("unit",)
    ordering = ("-day", "-id")
    search_fields = ("source",)


class IntakeForm(VerbForm):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV (UTF-8 or GB18030) or .xlsx, 20 MB and 20,000 rows at the most."),
    )
    kind = ChoiceField(label=_("What it holds"), choices=FigureKind.choices)
    source = TextField(
        label=_("Source"),
        max_length=card_filing.LONGEST_SOURCE,
        help_text=_("The system that the figures come from; each counts for itself."),
    )
    unit = RowField(label=_("Unit"), queryset=None, empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = _units_of(user)  # type: ignore[attr-defined]


def _units_of(user: User) -> Any:
    """The units that somebody may file figures for, the highest first."""
    reached = user.scope.under(frozenset(policies.FILERS))
    return OrgUnit.objects.filter(pk__in=reached).order_by("ancestors__len", "name")


@admin.register(FigureIntake)
class FigureIntakeAdmin(JobAdmin):
    list_display = (
        "file_shown",
        "kind_shown",
        "unit",
        "owner",
        "state_shown",
        "added",
        "changed",
        "refused",
        "brought",
    )
    list_select_related = ("source", "unit", "owner")
    pages = {
        "check": "check_page",
        "run": "run_page",
        "pause": "pause_page",
        "resume": "resume_page",
        "cancel": "cancel_page",
        "file": "file_page",
    }

    def visible(self, user: User) -> Any:
        return super().visible(user).defer("source__content", "result__content")

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*policies.FILERS)

    @admin.display(description=_("file"))
    def file_shown(self, row: FigureIntake) -> str:
        return str(row)

    @admin.display(description=_("what it holds"))
    def kind_shown(self, row: FigureIntake) -> str:
        return str(FigureKind(row.parameters["kind"]).label)

    @admin.display(description=_("state"))
    def state_shown(self, row: FigureIntake) -> str:
        return state_badge(row)

    @admin.display(description=_("brought"), ordering="created_at")
    def brought(self, row: FigureIntake) -> str:
        return when(row.created_at)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<str:kind>.<str:ending>",
            self.admin_site.admin_view(self.blank_page),
            name=self.url_name("blank"),
        )
        return [own, *super().get_urls()]

    def blank_page(self, request: HttpRequest, kind: str, ending: str) -> HttpResponse:
        """An empty file with the columns of a kind."""
        if kind not in FigureKind.values or ending not in FileFormat.values:
            raise Http404
        file_format = FileFormat(ending)
        mime = stored_files.XLSX if file_format == FileFormat.XLSX else stored_files.CSV
        return HttpResponse(
            figure_files.template(kind, file_format),
            content_type=mime,
            headers={"Content-Disposition": f'attachment; filename="{kind}.{ending}"'},
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            return super().add_view(request)  # type: ignore[no-any-return]
        me = viewer(request)
        form = IntakeForm(request.POST or None, request.FILES or None, user=me)

        def bring(kept: StoredFile, given: dict[str, Any]) -> str:
            job = figure_intake.open_intake(
                uuid7(),
                kept.pk,
                kind=given["kind"],
                source=given["source"],
                unit_id=given["unit"].pk,
                by=me,
                at=self.now(),
            )
            figure_intake.try_out(job.pk, by=me, at=self.now())
            return self.url("change", job.pk)

        brought = bring_list(request, form, bring, by=me, at=self.now())
        if brought is not None:
            return brought
        return page(
            request,
            "campaigns/figure_upload.html",
            title=_("File card figures"),
            form=form,
            back=self.url("changelist"),
            blanks=[
                (label, self.url("blank", kind, FileFormat.XLSX))
                for kind, label in FigureKind.choices
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
        return page(
            request,
            "campaigns/figure_intake.html",
            title=str(row),
            job=row,
            badge=state_badge(row),
            phase=JobPhase(row.phase).label if row.phase else "",
            kind=FigureKind(row.parameters["kind"]).label,
            source=row.parameters["source"],
            may=self.buttons(request, row),
            urls={name: self.url(name, row.pk) for name in self.pages},
            rows=[
                {"number": number, "column": column, "sentence": sentence}
                for number, column, _code, sentence in row.parameters["faults"][:100]
            ],
            tried=row.phase == JobPhase.CHECK,
            settled=row.state in (JobState.CHECKED, JobState.DONE),
        )

    def check_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, figure_intake.try_out, _("The file is tried out."))

    def run_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.verb_button(request, pk, figure_intake.run, _("The file is taken in."))
