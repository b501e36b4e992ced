"""Endpoints about the whole: meta, the pipeline report."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from crm import meta
from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door
from crm.domain import weekly_report
from crm.locking import known
from crm.models import OrgUnit
from crm.weeks import Week


class MetaOut(serializers.Serializer[Any]):
    enums = serializers.DictField()
    stage_roads = serializers.DictField()
    open_stages = serializers.ListField(child=serializers.CharField())
    thresholds = serializers.DictField()
    timeline_kinds = serializers.ListField(child=serializers.DictField())
    contact_windows = serializers.DictField()
    insight_moves = serializers.DictField()
    partnership_stage_days = serializers.DictField()


class Meta(Door):
    @schema.reads("meta", "Enumerations in both languages, roads, thresholds", MetaOut, tag="meta")
    def get(self, request: Request) -> HttpResponse:
        return answer(meta.everything())


class SectionOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    link = serializers.CharField(allow_blank=True)
    left_out = serializers.IntegerField()
    figures = serializers.ListField(child=serializers.DictField())
    columns = serializers.ListField(child=serializers.DictField())
    rows = serializers.ListField(child=serializers.DictField())


class PipelineOut(serializers.Serializer[Any]):
    week = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    summary = serializers.CharField()
    sections = SectionOut(many=True)


class Pipeline(Door):
    takes_parameters = True

    @schema.reads(
        "reports_pipeline",
        "The pipeline report: the sections of the weekly mail and of the front page",
        PipelineOut,
        tag="reports",
        parameters=[
            OpenApiParameter("week", str, description="2026-W47; this week so far if absent"),
            OpenApiParameter("unit", UUID, description="Only what lies below this unit"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        for name in request.query_params:
            if name not in ("week", "unit"):
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
        asked = request.query_params.get("week")
        week = None if asked is None else Week.parse(asked)
        unit = self._unit(request.query_params.get("unit"))
        content = weekly_report.reckon(self.user, week, at=self.now(), unit=unit)
        return answer(
            {
                "week": str(content.week),
                "start": content.start,
                "end": content.cut_off,
                "is_final": content.is_final,
                "summary": content.summary,
                "sections": content.blocks,
            }
        )

    def _unit(self, text: str | None) -> OrgUnit | None:
        if text is None:
            return None
        try:
            unit_id = id_of(text)
        except ValueError:
            raise bad_parameter("unit", "parameter_invalid", _("This is not an id.")) from None
        return known(OrgUnit.objects.visible_to(self.user), unit_id, attr="unit")
