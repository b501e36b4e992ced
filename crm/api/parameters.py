"""The numbers of the method: read by everybody, changed by administrators."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import ClientId, Input, Words
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, once
from crm.domain import parameters
from crm.models import ParameterChange
from crm.parameters import PARAMETERS

CHANGE = Shape(
    "ParameterChange",
    ParameterChange,
    id="id",
    version="number",
    name="name",
    value="value",
    because="because",
    changed_by=Nested("changed_by_id", {"id": "changed_by_id", "name": "changed_by__full_name"}),
    at="at",
)
CHANGES = Listing(
    CHANGE,
    orderings=("at",),
    filters={"name": Filter(lambda rows, value, user: rows.filter(name=value))},
)


class ParameterOut(serializers.Serializer[Any]):
    """One number: its name, what it is called here, and between which bounds it lies."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.CharField()
    value = serializers.CharField()
    default = serializers.CharField()
    least = serializers.CharField()
    most = serializers.CharField()
    places = serializers.IntegerField()


class ParametersOut(serializers.Serializer[Any]):
    parameters = ParameterOut(many=True)


class ParameterChangeIn(Input):
    id = ClientId()
    name = Words(max_length=100)
    value = serializers.DecimalField(max_digits=20, decimal_places=4)
    because = Words(max_length=2000)
    seen = serializers.IntegerField(
        required=False, min_value=0, help_text="Number of the last change that you know of"
    )


class ParameterList(Door):
    @schema.reads(
        "parameters_list", "The numbers that the rules work with", ParametersOut, tag="parameters"
    )
    def get(self, request: Request) -> HttpResponse:
        return answer(
            {
                "parameters": [
                    {
                        "name": one.name,
                        "label": str(one.label),
                        "group": str(one.group),
                        "value": f"{one.value:f}",
                        "default": f"{one.default:f}",
                        "least": f"{one.least:f}",
                        "most": f"{one.most:f}",
                        "places": one.places,
                    }
                    for one in sorted(PARAMETERS.values(), key=lambda one: one.name)
                ]
            }
        )


class ParameterChangeList(Door):
    shape = CHANGE
    takes_parameters = True

    @schema.lists("parameter_changes_list", "What was changed, and why", CHANGES, tag="parameters")
    def get(self, request: Request) -> HttpResponse:
        return CHANGES.answer(request, ParameterChange.objects.visible_to(self.user), self.user)

    @schema.writes(
        "parameter_changes_create",
        "Let a number be another one",
        CHANGE,
        tag="parameters",
        body=ParameterChangeIn,
        status=201,
        example={
            "name": "leads.pool.claims_a_day",
            "value": "12",
            "because": "试点一季度",
            "seen": 0,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(ParameterChangeIn)
        change = parameters.change(
            self.new_id(values), values.pop("name"), by=self.user, at=self.now(), **values
        )
        return self.show(ParameterChange.objects.all(), change.pk, status=201)
