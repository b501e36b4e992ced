"""The steps of a lead: taken along a road, with evidence filed and guards waived on its page."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import choices_of
from crm.admin.site import viewer
from leads.admin.step_forms import LeadEvidenceForm, LeadWaiverForm, step_form
from leads.domain import lead_evidence, pipeline
from leads.models import Lead, LeadEvidenceKind, LeadWaiver, Stage
from leads.models.lead_evidence_kinds import LEAD_PIECES
from leads.models.stages import Guard
from merchants.admin.partnership_forms import kept

STEP_PAGES = {"advance": "advance_page", "file": "file_page", "waive": "waive_page"}


class StepPages(RoomAdmin):
    """What is done about a lead's next step."""

    def advance_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One step along a road, with what the road asks for."""
        row, me = self.row_or_404(request, pk), viewer(request)
        wanted = request.POST.get("to") or request.GET.get("to") or ""
        to = Stage(wanted) if wanted in Stage.values else Stage(row.stage)
        form = step_form(to, *((request.POST, request.FILES) if request.method == "POST" else ()))

        def step(given: dict[str, Any]) -> Lead:
            at = self.now()
            with transaction.atomic():
                return pipeline.advance(pk, to=to, by=me, at=at, **form.step(by=me, at=at))

        return self.verb_page(
            request,
            form,
            step,
            title=_("To the stage “%(stage)s”") % {"stage": to.label},
            intro=str(row),
            submit=_("Move the lead"),
            said=_("The lead is now in the stage “%(stage)s”.") % {"stage": to.label},
            back=self.url("change", pk),
        )

    def file_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A piece of evidence, with its document."""
        row, me = self.row_or_404(request, pk), viewer(request)
        wanted = request.GET.get("kind", "")
        if wanted not in LeadEvidenceKind.values:
            raise Http404
        kind = LeadEvidenceKind(wanted)
        form = LeadEvidenceForm(request.POST or None, request.FILES or None, kind=kind)

        def file(given: dict[str, Any]) -> Any:
            at = self.now()
            with transaction.atomic():
                return lead_evidence.file_evidence(
                    given["row_id"],
                    pk,
                    kind=kind,
                    said=given["said"],
                    happened_on=given["happened_on"],
                    numbers=form.numbers(),
                    document_id=kept(given["document"], by=me, at=at),
                    by=me,
                    at=at,
                )

        return self.verb_page(
            request,
            form,
            file,
            title=_("File evidence: %(kind)s") % {"kind": kind.label},
            intro=_("%(lead)s. For %(who)s to file.")
            % {"lead": row, "who": LEAD_PIECES[kind].filer.value},
            submit=_("Put on file"),
            said=_("The evidence is on file."),
            back=self.url("change", pk),
        )

    def waive_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let one guard pass, with the reason in writing."""
        row, me = self.row_or_404(request, pk), viewer(request)
        to, guard = request.GET.get("to", ""), request.GET.get("guard", "")
        if to not in Stage.values or guard not in Guard.values:
            raise Http404

        def waive(given: dict[str, Any]) -> LeadWaiver:
            return lead_evidence.waive(
                given["row_id"],
                pk,
                to=Stage(to),
                guard=guard,
                because=given["because"],
                by=me,
                at=self.now(),
            )

        return self.verb_page(
            request,
            LeadWaiverForm(request.POST or None),
            waive,
            title=_("Waive: %(sentence)s") % {"sentence": Guard(guard).label},
            intro=f"{row} → {Stage(to).label}",
            submit=_("Waive it"),
            said=_("The waiver is on record."),
            back=self.url("change", pk),
        )


@admin.register(LeadWaiver)
class LeadWaiverAdmin(RoomAdmin):
    """What leaders let pass, for everybody who may know of it."""

    list_display = ("merchant", "to_shown", "guard_shown", "because", "given_by", "given")
    list_select_related = ("lead__merchant", "given_by")
    ordering = ("-at", "-id")
    list_filter = (choices_of("to_stage", _("for the step to"), Stage),)
    shown_fields = ("lead", "to_shown", "guard_shown", "because", "given_by", "given")

    @admin.display(description=_("merchant"))
    def merchant(self, row: LeadWaiver) -> str:
        return str(row.lead.merchant)

    @admin.display(description=_("for the step to"))
    def to_shown(self, row: LeadWaiver) -> str:
        return row.get_to_stage_display()

    @admin.display(description=_("waived"))
    def guard_shown(self, row: LeadWaiver) -> str:
        return str(Guard(row.guard).label)

    @admin.display(description=_("at"), ordering="-at")
    def given(self, row: LeadWaiver) -> str:
        return when(row.at)
