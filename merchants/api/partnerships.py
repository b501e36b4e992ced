"""Endpoints about partnerships: their life, the evidence for it, the waivers in it."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import Json, answer
from crm.api.views import Door, OneDoor, once
from crm.errors import InvalidInput, NotFound
from crm.ids import accepted
from merchants.api import partnership_inputs as inputs
from merchants.api.partnership_shapes import EVIDENCE, PARTNERSHIP, STEP, WAIVER
from merchants.api.views import OWNER, SEARCH, UNIT
from merchants.domain import evidence, partnership_facts, partnerships
from merchants.domain.checklists import Check
from merchants.models import (
    Evidence,
    EvidenceKind,
    Partnership,
    PartnershipStage,
    PartnershipStep,
    Waiver,
)
from merchants.models.partnership_roads import Guard

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def day_of(text: str) -> date:
    """A day like 2026-11-18. Raises ValueError for anything else."""
    if not re.fullmatch(DAY, text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)


def _owned_by(rows: Any, value: UUID | str, user: Any) -> Any:
    if value == "none":
        return rows.filter(merchant__owner=None)
    return rows.filter(merchant__owner=user if value == "me" else value)


PARTNERSHIPS = Listing(
    PARTNERSHIP,
    orderings=("created_at", "stage_entered_at", "updated_at"),
    filters={
        "stage": Filter(
            lambda rows, values, user: rows.in_stage(*values),
            parse=PartnershipStage,
            repeated=True,
            description="Repeat it for OR",
        ),
        "owner": Filter(
            _owned_by, parse=OWNER.parse, pattern=OWNER.pattern, description=OWNER.description
        ),
        "unit": UNIT,
        "q": SEARCH,
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "expires_before": Filter(
            lambda rows, value, user: rows.expiring_before(value),
            parse=day_of,
            pattern=DAY,
            description="A day; the agreement runs out before it",
        ),
    },
)
STEPS = Listing(STEP, orderings=("at",), filters={})
WAIVERS = Listing(WAIVER, orderings=("at",), filters={})
EVIDENCES = Listing(
    EVIDENCE,
    orderings=("at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.of_kind(*values), parse=EvidenceKind, repeated=True
        )
    },
)


class PartnershipList(Door):
    shape = PARTNERSHIP
    takes_parameters = True

    @schema.lists(
        "partnerships_list", "Partnerships that you may know of", PARTNERSHIPS, tag="partnerships"
    )
    def get(self, request: Request) -> HttpResponse:
        return PARTNERSHIPS.answer(request, Partnership.objects.visible_to(self.user), self.user)

    @schema.writes(
        "partnerships_create",
        "Register a partnership that exists, with its signed agreement",
        PARTNERSHIP,
        tag="partnerships",
        body=inputs.PartnershipIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "stage": "active",
            "agreement": {
                "number": "SH-2026-0117",
                "starts_on": "2026-03-01",
                "ends_on": "2027-02-28",
                "bank_signatory": "周伯言",
                "merchant_signatory": "张三",
                "settlement_days": 30,
                "document": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8",
            },
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.PartnershipIn)
        signed = values["agreement"]
        agreement_id = accepted(signed.pop("id", None), at=self.now())
        made = partnerships.register_existing(
            self.new_id(values),
            values["merchant"],
            stage=PartnershipStage(values["stage"]),
            agreement_id=agreement_id,
            number=signed.pop("number"),
            terms=inputs.terms_of(signed),
            by=self.user,
            at=self.now(),
        )
        return self.show(Partnership.objects.all(), made.pk, status=201, row=made)


class PartnershipOne(OneDoor):
    shape = PARTNERSHIP
    model = Partnership

    @schema.reads("partnerships_read", "One partnership", PARTNERSHIP, tag="partnerships")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)


class PartnershipAdvance(OneDoor):
    shape = PARTNERSHIP
    model = Partnership

    @schema.writes(
        "partnerships_advance",
        "Move a partnership along a road",
        PARTNERSHIP,
        tag="partnerships",
        body=inputs.PartnershipAdvanceIn,
        if_match="optional",
        example={
            "to": "pilot",
            "comment": "培训完成,物料已到位",
            "waivers": [{"guard": "materials_photo", "because": "店面装修,下周补照片"}],
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.PartnershipAdvanceIn)
        waivers: dict[str, str] = {}
        for one in values.pop("waivers", []):
            if one["guard"] in waivers:
                raise InvalidInput(
                    _("A guard is waived once."), code="guard_repeated", attr="waivers"
                )
            waivers[one["guard"]] = one["because"]
        moved = partnerships.advance(
            pk,
            to=PartnershipStage(values.pop("to")),
            waivers=waivers,
            by=self.user,
            at=self.now(),
            version=version,
            **values,
        )
        return self.show(Partnership.objects.all(), pk, row=moved)


class _ByIdOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()


class GuardEvidenceOut(_ByIdOut):
    """Evidence that serves a guard."""

    kind = serializers.ChoiceField(EvidenceKind.choices)
    happened_on = serializers.DateField()


class GuardWaiverOut(_ByIdOut):
    """The waiver that lets a guard pass."""

    because = serializers.CharField()
    given_by = serializers.CharField()


class GuardOut(serializers.Serializer[Any]):
    """One thing that a step asks for, and how it stands."""

    guard = serializers.ChoiceField(Guard.choices)
    sentence = serializers.CharField(help_text="In the language of Accept-Language")
    met = serializers.BooleanField()
    waivable = serializers.BooleanField(help_text="Whether a branch manager may let it pass")
    evidence_kinds = serializers.ListField(child=serializers.ChoiceField(EvidenceKind.choices))
    evidence = GuardEvidenceOut(many=True)
    waiver = GuardWaiverOut(allow_null=True)


class PartnershipWayOut(serializers.Serializer[Any]):
    """One possible next stage: whether you may, what is there, and what is missing."""

    to = serializers.ChoiceField(PartnershipStage.choices)
    transition = serializers.CharField(help_text="Its number in the lifecycle table, like T12")
    who = serializers.CharField(help_text="In the language of Accept-Language")
    allowed = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    guards = GuardOut(many=True)


class PartnershipWaysOut(serializers.Serializer[Any]):
    ways = PartnershipWayOut(many=True)
    may_win_back = serializers.BooleanField(
        help_text="Whether a new lead may try to win the merchant back"
    )


class PartnershipWays(Door):
    @schema.reads(
        "partnerships_ways",
        "Where a partnership can go from here, and on which evidence",
        PartnershipWaysOut,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found, now = known_partnership(self, pk), self.now()
        return answer(
            {
                "ways": [
                    {
                        "to": way.to,
                        "transition": way.road.transition,
                        "who": str(way.road.who.value),
                        "allowed": way.allowed,
                        "missing": [str(one.guard) for one in way.missing],
                        "guards": [_guard(one) for one in way.checks],
                    }
                    for way in partnerships.ways(found, by=self.user, at=now)
                ],
                "may_win_back": partnership_facts.may_win_back(found, now),
            }
        )


def _guard(check: Check) -> dict[str, Any]:
    return {
        "guard": str(check.guard),
        "sentence": str(check.guard.label),
        "met": check.met,
        "waivable": check.demand.waivable,
        "evidence_kinds": [str(kind) for kind in check.demand.kinds],
        "evidence": [
            {"id": one.pk, "kind": one.kind, "happened_on": one.happened_on, "at": one.at}
            for one in check.evidence
        ],
        "waiver": check.waiver
        and {
            "id": check.waiver.pk,
            "because": check.waiver.because,
            "given_by": check.waiver.given_by.full_name,
            "at": check.waiver.at,
        },
    }


class PartnershipSteps(Door):
    takes_parameters = True

    @schema.lists(
        "partnerships_steps", "The steps of a partnership", STEPS, tag="partnerships", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = known_partnership(self, pk)
        return STEPS.answer(request, PartnershipStep.objects.filter(partnership=found), self.user)


class EvidenceList(Door):
    takes_parameters = True

    @schema.lists(
        "partnerships_evidence",
        "Evidence on file for a partnership",
        EVIDENCES,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = known_partnership(self, pk)
        return EVIDENCES.answer(request, Evidence.objects.filter(partnership=found), self.user)

    @schema.writes(
        "evidence_create",
        "Put evidence on file",
        EVIDENCE.serializer,
        tag="partnerships",
        body=inputs.EvidenceIn,
        status=201,
        example={
            "kind": "pilot_redemptions",
            "happened_on": "2026-11-17",
            "numbers": {"redemptions": 34},
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.EvidenceIn)
        filed = evidence.file_evidence(
            self.new_id(values),
            pk,
            document_id=values.pop("document", None),
            by=self.user,
            at=self.now(),
            **values,
        )
        return Json(EVIDENCE.fact(filed).encode(), status=201)


class WaiverList(Door):
    takes_parameters = True

    @schema.lists(
        "partnerships_waivers",
        "What was waived for a partnership",
        WAIVERS,
        tag="partnerships",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = known_partnership(self, pk)
        return WAIVERS.answer(request, Waiver.objects.filter(partnership=found), self.user)

    @schema.writes(
        "waivers_create",
        "Waive what a step asks for, with the reason in writing",
        WAIVER.serializer,
        tag="partnerships",
        body=inputs.WaiverIn,
        status=201,
        example={"to": "pilot", "guard": "materials_photo", "because": "店面装修,下周补照片"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.WaiverIn)
        given = evidence.waive(
            self.new_id(values),
            pk,
            to=PartnershipStage(values.pop("to")),
            by=self.user,
            at=self.now(),
            **values,
        )
        return Json(WAIVER.fact(given).encode(), status=201)


def known_partnership(view: Door, pk: UUID) -> Partnership:
    """The partnership in the address, or the same 404 as for one that does not exist."""
    rows = (
        Partnership.objects.visible_to(view.user)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found
