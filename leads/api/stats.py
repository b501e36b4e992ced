"""Endpoints that count leads: by stage, and by the month in which they are expected to sign."""

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.rendering import answer
from crm.api.views import Door
from crm.presentation import yuan
from leads.domain import lead_forecasts
from leads.models import Lead, Stage
from leads.models.pipeline_parameters import probabilities
from leads.models.stages import FUNNEL


class StageCount(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(Stage.choices)
    leads = serializers.IntegerField()
    expected_value = serializers.DecimalField(max_digits=18, decimal_places=2)
    probability_percent = serializers.IntegerField(
        allow_null=True, help_text="The share of the stage that counts; null where it has ended"
    )
    weighted_value = serializers.DecimalField(max_digits=18, decimal_places=2)


class LeadStatsOut(serializers.Serializer[Any]):
    stages = StageCount(many=True)


class LeadStats(Door):
    @schema.reads("leads_stats", "How many leads stand in which stage", LeadStatsOut, tag="leads")
    def get(self, request: Request) -> HttpResponse:
        counted = {
            stage: (leads, value)
            for stage, leads, value in Lead.objects.visible_to(self.user)
            .order_by()
            .values_list("stage")
            .annotate(leads=Count("pk"), value=Sum("expected_value_fen", default=0))
        }
        shares = probabilities()
        order = [*FUNNEL, *(stage for stage in Stage if stage not in FUNNEL)]
        rows = []
        for stage in order:
            leads, value = counted.get(stage, (0, 0))
            share = shares.get(stage)
            rows.append(
                {
                    "stage": stage,
                    "leads": leads,
                    "expected_value": yuan(value),
                    "probability_percent": share,
                    "weighted_value": yuan(lead_forecasts.weighted(value, share or 0)),
                }
            )
        return answer({"stages": rows})


class MonthForecast(serializers.Serializer[Any]):
    month = serializers.DateField(
        allow_null=True, help_text="Its first day; null for leads without an expected day"
    )
    leads = serializers.IntegerField()
    expected_value = serializers.DecimalField(max_digits=18, decimal_places=2)
    weighted_value = serializers.DecimalField(max_digits=18, decimal_places=2)


class LeadForecastOut(serializers.Serializer[Any]):
    months = MonthForecast(many=True)
    total = MonthForecast()


class LeadForecast(Door):
    @schema.reads(
        "leads_forecast",
        "What the open leads are expected to bring, by month of signature",
        LeadForecastOut,
        tag="leads",
    )
    def get(self, request: Request) -> HttpResponse:
        months = lead_forecasts.by_month(Lead.objects.visible_to(self.user), probabilities())
        total = lead_forecasts.together([one for _month, one in months])
        return answer(
            {
                "months": [_month_of(month, one) for month, one in months],
                "total": _month_of(None, total),
            }
        )


def _month_of(month: Any, one: lead_forecasts.Expected) -> dict[str, Any]:
    return {
        "month": month,
        "leads": one.leads,
        "expected_value": yuan(one.value_fen),
        "weighted_value": yuan(one.weighted_fen),
    }
