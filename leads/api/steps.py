"""Endpoints about the steps of leads: where one can go, on which evidence, past which waivers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api import schema
from crm.api.pages import Filter, Listing
from crm.api.rendering import Json, answer
from crm.api.views import Door, OneDoor, once
from crm.errors import InvalidInput, NotFound
from leads.api import step_inputs as inputs
from leads.api.shapes import LEAD
from leads.api.step_shapes import LEAD_EVIDENCE, LEAD_STEP, LEAD_WAIVER, WaysOut, way
from leads.domain import lead_evidence, pipeline
from leads.models import Lead, LeadEvidence, LeadEvidenceKind, LeadWaiver, Stage, StageChange

STEPS = Listing(LEAD_STEP, orderings=("at",), filters={})
WAIVERS = Listing(LEAD_WAIVER, orderings=("at",), filters={})
EVIDENCES = Listing(
    LEAD_EVIDENCE,
    orderings=("at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.of_kind(*values),
            parse=LeadEvidenceKind,
            repeated=True,
        )
    },
)


class LeadAdvance(OneDoor):
    shape = LEAD
    model = Lead

    @schema.writes(
        "leads_advance",
        "Move a lead along a road",
        LEAD,
        tag="leads",
        body=inputs.AdvanceIn,
        if_match="optional",
        example={
            "to": "parked",
            "because": "过完年再说",
            "reason": "deferred",
            "revisit_on": "2027-02-22",
            "waivers": [{"guard": "objection_open", "because": "店主当面说的,电话里补录"}],
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.AdvanceIn)
        lead = pipeline.advance(
            pk,
            to=Stage(values.pop("to")),
            lost_to_rival_id=values.pop("lost_to_rival", None),
            waivers=_waivers(values.pop("waivers", [])),
            agreement=inputs.signature_of(values.pop("agreement", None)),
            by=self.user,
            at=self.now(),
            version=self.expected_version(required=False),
            **values,
        )
        return self.show(Lead.objects.all(), pk, row=lead)


def _waivers(given: list[dict[str, Any]]) -> dict[str, str]:
    waivers: dict[str, str] = {}
    for one in given:
        if one["guard"] in waivers:
            raise InvalidInput(_("A guard is waived once."), code="guard_repeated", attr="waivers")
        waivers[one["guard"]] = one["because"]
    return waivers


class LeadWays(Door):
    @schema.reads(
        "leads_ways",
        "Where a lead can go from here, and on what",
        WaysOut,
        tag="leads",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = known_lead(self, pk)
        ways = pipeline.ways(lead, by=self.user, at=self.now())
        return answer({"ways": [way(one) for one in ways]})


class LeadSteps(Door):
    takes_parameters = True

    @schema.lists("leads_steps", "The steps of a lead", STEPS, tag="leads", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = known_lead(self, pk)
        return STEPS.answer(request, StageChange.objects.filter(lead=lead), self.user)


class LeadEvidenceList(Door):
    takes_parameters = True

    @schema.lists(
        "leads_evidence", "Evidence on file for a lead", EVIDENCES, tag="leads", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = known_lead(self, pk)
        return EVIDENCES.answer(request, LeadEvidence.objects.filter(lead=lead), self.user)

    @schema.writes(
        "lead_evidence_create",
        "Put evidence about a lead on file",
        LEAD_EVIDENCE.serializer,
        tag="leads",
        body=inputs.LeadEvidenceIn,
        status=201,
        example={
            "kind": "premises_check",
            "said": "徐汇区天钥桥路 123 号,门头与执照一致",
            "happened_on": "2026-11-17",
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.LeadEvidenceIn)
        filed = lead_evidence.file_evidence(
            self.new_id(values),
            pk,
            document_id=values.pop("document", None),
            by=self.user,
            at=self.now(),
            **values,
        )
        return Json(LEAD_EVIDENCE.fact(filed).encode(), status=201)


class LeadWaiverList(Door):
    takes_parameters = True

    @schema.lists("leads_waivers", "What was waived for a lead", WAIVERS, tag="leads", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = known_lead(self, pk)
        return WAIVERS.answer(request, LeadWaiver.objects.filter(lead=lead), self.user)

    @schema.writes(
        "lead_waivers_create",
        "Waive what a step of a lead asks for, with the reason in writing",
        LEAD_WAIVER.serializer,
        tag="leads",
        body=inputs.LeadWaiverIn,
        status=201,
        example={"to": "proposal", "guard": "entry_point", "because": "老板本人就在场,口头确认"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.LeadWaiverIn)
        given = lead_evidence.waive(
            self.new_id(values),
            pk,
            to=Stage(values.pop("to")),
            by=self.user,
            at=self.now(),
            **values,
        )
        return Json(LEAD_WAIVER.fact(given).encode(), status=201)


def known_lead(view: Door, pk: UUID) -> Lead:
    """The lead in the address, or the same 404 as for one that does not exist."""
    rows = (
        Lead.objects.visible_to(view.user)
        .select_related("merchant__category", "owner", "entry_pain")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found
