"""Endpoints of targets and of KPI schemes."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.domain import kpi_schemes, targets
from campaigns.models import Indicator, IndicatorGroup, KpiScheme, Target
from campaigns.models.target import PACED_CHOICES
from crm.api import schema
from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.shapes import Shape
from crm.api.views import Door, OneDoor, once
from crm.domain import organisation
from merchants.api.shapes import UNIT

TARGET = Shape(
    "Target",
    Target,
    id="id",
    version="version",
    unit=UNIT,
    indicator="indicator",
    first_day="first_day",
    last_day="last_day",
    value="value",
    by_calendar_days="by_calendar_days",
    because="because",
    withdrawn_at="withdrawn_at",
    created_at="created_at",
    updated_at="updated_at",
)
SCHEME = Shape(
    "KpiScheme",
    KpiScheme,
    id="id",
    version="version",
    unit=UNIT,
    name="name",
    first_day="first_day",
    last_day="last_day",
    items="items",
    volume_weight="volume_weight",
    largest_other_weight="largest_other_weight",
    created_at="created_at",
    updated_at="updated_at",
)
_BELOW = Filter(
    lambda rows, value, user: rows.filter(unit__in=organisation.below(value)),
    parse=id_of,
    description="Of this unit and of those below it",
)
_RUNNING = Filter(
    lambda rows, value, user: rows.running(value),
    parse=date.fromisoformat,
    description="In whose period this day lies",
)
TARGETS = Listing(
    TARGET,
    orderings=("first_day",),
    filters={
        "unit": _BELOW,
        "running": _RUNNING,
        "indicator": Filter(
            lambda rows, values, user: rows.filter(indicator__in=values),
            parse=Indicator,
            repeated=True,
        ),
        "withdrawn": Filter(
            lambda rows, value, user: rows.filter(withdrawn_at__isnull=not value), parse=flag_of
        ),
    },
)
SCHEMES = Listing(SCHEME, orderings=("first_day",), filters={"unit": _BELOW, "running": _RUNNING})


class TargetIn(Input):
    id = ClientId()
    unit = Id()
    indicator = Choice(PACED_CHOICES)
    first_day = Day()
    last_day = Day()
    value = serializers.IntegerField(
        min_value=1, max_value=10**15, help_text="Cards, leads or times; spend in fen"
    )
    by_calendar_days = Flag(required=False)
    because = Line(max_length=500, required=False, allow_blank=True)


class TargetPatch(Input):
    value = serializers.IntegerField(min_value=1, max_value=10**15)
    because = Line(max_length=500)


class TargetWithdrawIn(Input):
    because = Line(max_length=500)


class SchemeItemIn(Input):
    indicator = Choice(Indicator.choices)
    label = Line(  # type: ignore[assignment]
        max_length=100, required=False, allow_blank=True, help_text="The name of another indicator"
    )
    group = Choice(
        IndicatorGroup.choices, required=False, help_text="The group of another indicator"
    )
    counts_volume = Flag(required=False, help_text="It measures volume by another name")
    weight = serializers.IntegerField(
        min_value=1, max_value=10_000, help_text="In basis points; all make 10,000"
    )


class SchemeCheckIn(Input):
    items = serializers.ListField(
        child=SchemeItemIn(), min_length=1, max_length=kpi_schemes.MOST_ITEMS
    )


class SchemeIn(SchemeCheckIn):
    id = ClientId()
    unit = Id()
    name = Line(max_length=100)
    first_day = Day()
    last_day = Day()


class SchemeProblemOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class SchemeCheckOut(serializers.Serializer[Any]):
    stands = serializers.BooleanField()
    problems = SchemeProblemOut(many=True)


class TargetList(Door):
    shape = TARGET
    takes_parameters = True

    @schema.lists("targets_list", "Targets that you may know of", TARGETS, tag="kpis")
    def get(self, request: Request) -> HttpResponse:
        return TARGETS.answer(request, Target.objects.visible_to(self.user), self.user)

    @schema.writes(
        "targets_create",
        "Say what a unit is to reach in a period",
        TARGET,
        tag="kpis",
        body=TargetIn,
        status=201,
        example={
            "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "indicator": "cards_issued",
            "first_day": "2026-01-01",
            "last_day": "2026-03-31",
            "value": 1180,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(TargetIn)
        made = targets.set_target(
            self.new_id(values),
            unit_id=values.pop("unit"),
            **values,
            by=self.user,
            at=self.now(),
        )
        return self.show(Target.objects.all(), made.pk, status=201, row=made)


class TargetOne(OneDoor):
    shape = TARGET
    model = Target

    @schema.reads("targets_read", "One target", TARGET, tag="kpis")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "targets_correct",
        "Change what is to be reached",
        TARGET,
        tag="kpis",
        body=TargetPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(TargetPatch)
        changed = targets.correct(pk, **values, by=self.user, at=self.now(), version=version)
        return self.show(Target.objects.all(), pk, row=changed)


class TargetWithdraw(OneDoor):
    shape = TARGET
    model = Target

    @schema.writes(
        "targets_withdraw",
        "Take a target back",
        TARGET,
        tag="kpis",
        body=TargetWithdrawIn,
        example={"because": "机构调整"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(TargetWithdrawIn)
        changed = targets.withdraw(pk, **values, by=self.user, at=self.now())
        return self.show(Target.objects.all(), pk, row=changed)


_ITEMS = [
    {"indicator": "cards_issued", "weight": 3000},
    {"indicator": "active_card_rate", "weight": 4000},
    {"indicator": "spend", "weight": 3000},
]


class SchemeList(Door):
    shape = SCHEME
    takes_parameters = True

    @schema.lists("kpi_schemes_list", "KPI schemes that you may know of", SCHEMES, tag="kpis")
    def get(self, request: Request) -> HttpResponse:
        return SCHEMES.answer(request, KpiScheme.objects.visible_to(self.user), self.user)

    @schema.writes(
        "kpi_schemes_create",
        "Set a KPI scheme up",
        SCHEME,
        tag="kpis",
        body=SchemeIn,
        status=201,
        example={
            "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "name": "2026 团队考核",
            "first_day": "2026-01-01",
            "last_day": "2026-12-31",
            "items": _ITEMS,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Refused with everything that is wrong if volume is its sole or main indicator."""
        values = self.taken(SchemeIn)
        made = kpi_schemes.set_up(
            self.new_id(values),
            unit_id=values.pop("unit"),
            **values,
            by=self.user,
            at=self.now(),
        )
        return self.show(KpiScheme.objects.all(), made.pk, status=201, row=made)


class SchemeOne(OneDoor):
    shape = SCHEME
    model = KpiScheme

    @schema.reads("kpi_schemes_read", "One KPI scheme", SCHEME, tag="kpis")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "kpi_schemes_change",
        "Weigh a KPI scheme anew",
        SCHEME,
        tag="kpis",
        body=SchemeCheckIn,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(SchemeCheckIn)
        changed = kpi_schemes.change(pk, **values, by=self.user, at=self.now(), version=version)
        return self.show(KpiScheme.objects.all(), pk, row=changed)


class SchemeCheck(Door):
    @schema.writes(
        "kpi_schemes_check",
        "Say what is wrong with a KPI scheme, and write nothing",
        SchemeCheckOut,
        tag="kpis",
        body=SchemeCheckIn,
        example={"items": _ITEMS},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        found = kpi_schemes.problems(self.taken(SchemeCheckIn)["items"])
        return answer(
            {
                "stands": not found,
                "problems": [{"code": one.code, "detail": str(one.detail)} for one in found],
            }
        )
