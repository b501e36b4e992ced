"""Endpoints about the needs interview: pains, their nine cells, entry points."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from leads.api import grid_inputs as inputs
from leads.api.grid_shapes import PAIN, PAIN_WITH_CELLS
from leads.api.shapes import LEAD
from leads.domain import cells, entry_points, interviews
from leads.domain.entry_scores import EntryPoint
from leads.models import Cell, GridColumn, Lead, Pain, PainStatus
from leads.models.grid_words import NotEligible

PAINS = Listing(
    PAIN,
    orderings=("created_at", "updated_at"),
    filters={
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "lead": Filter(lambda rows, value, user: rows.filter(lead=value), parse=id_of),
        "status": Filter(
            lambda rows, values, user: rows.on_the_rung(*values), parse=PainStatus, repeated=True
        ),
        "stuck": Filter(
            lambda rows, values, user: rows.filter(stuck_column__in=values),
            parse=GridColumn,
            repeated=True,
            description="The column whose agreement is missing first",
        ),
        "open": Filter(
            lambda rows, value, user: rows.filter(closed_at__isnull=value),
            parse=flag_of,
            description="Whether the pain is still on the table",
        ),
    },
)


class PainList(Door):
    shape = PAIN_WITH_CELLS
    takes_parameters = True

    @schema.lists("pains_list", "Pains that you may know of", PAINS, tag="needs interview")
    def get(self, request: Request) -> HttpResponse:
        return PAINS.answer(request, Pain.objects.visible_to(self.user), self.user)

    @schema.writes(
        "pains_create",
        "Put a pain on the table, with nine empty cells",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.PainIn,
        status=201,
        example={
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "title": "工作日晚市空台多",
            "mode": "create",
            "trigger": "房租一月到期",
            "trigger_on": "2027-01-15",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.PainIn)
        pain = interviews.open_pain(
            self.new_id(values),
            values.pop("merchant"),
            lead_id=values.pop("lead", None),
            by=self.user,
            at=self.now(),
            **values,
        )
        return self.show(Pain.objects.all(), pain.pk, status=201, row=pain)


class _PainDoor(OneDoor):
    shape = PAIN_WITH_CELLS
    model = Pain

    def written(
        self, pk: UUID, verb: Callable[..., Pain], *told: Any, **values: Any
    ) -> HttpResponse:
        """What a verb made of a pain."""
        version = self.expected_version(required=False)
        pain = verb(pk, *told, by=self.user, at=self.now(), version=version, **values)
        return self.show(Pain.objects.all(), pk, row=pain)


class PainOne(_PainDoor):
    @schema.reads(
        "pains_read", "One pain with its nine cells", PAIN_WITH_CELLS, tag="needs interview"
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "pains_change",
        "Correct a pain",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.PainPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        self.expected_version(required=True)
        return self.written(pk, interviews.correct, self.taken(inputs.PainPatch))


class PainClose(_PainDoor):
    @schema.writes(
        "pains_close",
        "Take a pain off the table",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.ClosePainIn,
        if_match="optional",
        example={"closed_as": "abandoned", "because": "店主转让"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.written(pk, interviews.close, **self.taken(inputs.ClosePainIn))


class PainReopen(_PainDoor):
    @schema.writes(
        "pains_reopen",
        "Put a pain on the table again",
        PAIN_WITH_CELLS,
        tag="needs interview",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return self.written(pk, interviews.reopen)


class PainCapabilities(_PainDoor):
    @schema.writes(
        "pains_capabilities",
        "Say what the merchant needs to be able to do; replaces the list",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.CapabilitiesIn,
        if_match="optional",
        example={"capabilities": [{"name": "有限量的闲时客流", "covered": True}]},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        named = inputs.wanted(self.taken(inputs.CapabilitiesIn))
        return self.written(pk, interviews.name_capabilities, named)


class CellFill(_PainDoor):
    @schema.writes(
        "cells_fill",
        "Write down what was said in a cell; what is not sent stays",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.FillIn,
        if_match="optional",
        example={
            "status": "complete",
            "words": "每周四晚空十五台,每台两百",
            "numbers": [
                {
                    "label": "空台损失",
                    "unit": "yuan",
                    "period": "month",
                    "amount": "48000.00",
                }
            ],
        },
    )
    @once
    def post(self, request: Request, pk: UUID, cell: str) -> HttpResponse:
        return self.written(pk, cells.fill, cell, **inputs.said(self.taken(inputs.FillIn)))


class CellConfirm(_PainDoor):
    @schema.writes(
        "cells_confirm",
        "Record who agreed to a confirm cell, when and how",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.ConfirmIn,
        if_match="optional",
        example={
            "words": "每月约 4.8 万,主要压在我和厨师长身上",
            "agreed_by": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "agreed_at": "2026-11-18T15:30:00+08:00",
            "agreed_via": "visit",
        },
    )
    @once
    def post(self, request: Request, pk: UUID, cell: str) -> HttpResponse:
        return self.written(pk, cells.confirm, cell, **inputs.said(self.taken(inputs.ConfirmIn)))


class CellTakeBack(_PainDoor):
    @schema.writes(
        "cells_take_back",
        "The agreement to a confirm cell does not stand any more",
        PAIN_WITH_CELLS,
        tag="needs interview",
        body=inputs.TakeBackIn,
        if_match="optional",
        example={"because": "老板重新算了账"},
    )
    @once
    def post(self, request: Request, pk: UUID, cell: str) -> HttpResponse:
        return self.written(pk, cells.take_back, cell, **self.taken(inputs.TakeBackIn))


class EntryPainOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    status = serializers.ChoiceField(PainStatus.choices)


class EntryPointOut(serializers.Serializer[Any]):
    """A pain with its score; the four parts lie between 0 and 1."""

    pain = EntryPainOut()
    cell = serializers.ChoiceField(Cell.choices, allow_null=True)
    score = serializers.DecimalField(5, 2)
    impact = serializers.DecimalField(5, 4)
    fit = serializers.DecimalField(5, 4)
    urgency = serializers.DecimalField(5, 4)
    evidence = serializers.DecimalField(5, 4)
    unknown = serializers.ListField(
        child=serializers.CharField(),
        help_text="Parts that count nothing because nobody knows them yet",
    )
    eligible = serializers.BooleanField()
    because = serializers.ChoiceField(NotEligible.choices, allow_null=True)


class EntryPointsOut(serializers.Serializer[Any]):
    """The best one first; what is not eligible stands last."""

    pain = serializers.UUIDField(allow_null=True, help_text="What was chosen")
    cell = serializers.ChoiceField(Cell.choices, allow_null=True)
    points = EntryPointOut(many=True)


class EntryPoints(OneDoor):
    shape = LEAD
    model = Lead

    @schema.reads(
        "leads_entry_points",
        "With which pain to go on, with the four parts of each score",
        EntryPointsOut,
        tag="needs interview",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        lead = self.rows().select_related("merchant").filter(pk=pk).first()
        if lead is None:
            raise NotFound(_("There is no such row."))
        found = entry_points.best_entry_points(lead.merchant, at=self.now())
        return answer(
            {
                "pain": lead.entry_pain_id,
                "cell": lead.entry_cell or None,
                "points": [_point(one) for one in found],
            }
        )

    @schema.writes(
        "leads_choose_entry_point",
        "Choose the entry point of a lead",
        LEAD,
        tag="needs interview",
        body=inputs.EntryPointIn,
        if_match="optional",
        example={"pain": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.EntryPointIn)
        lead = entry_points.choose(
            pk, values.pop("pain"), by=self.user, at=self.now(), version=version, **values
        )
        return self.show(Lead.objects.all(), pk, row=lead)


def _point(one: EntryPoint[Pain]) -> dict[str, Any]:
    score = one.score
    return {
        "pain": {"id": one.pain.pk, "title": one.pain.title, "status": one.pain.status},
        "cell": one.cell,
        "score": str(score.total),
        "impact": str(score.impact),
        "fit": str(score.fit),
        "urgency": str(score.urgency),
        "evidence": str(score.evidence),
        "unknown": list(score.unknown),
        "eligible": score.eligible,
        "because": score.because,
    }
