"""What the API takes about visits: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Moment, Words
from leads.api.inputs import Whole
from leads.domain.places import Point, Position
from leads.models import ActivityOutcome
from merchants.api.inputs import Degrees, TimeOfDay
from merchants.api.partnership_inputs import Count

_EITHER = _("Name a visit, or the merchant of a new one.")


class PositionIn(Input):
    """Where the phone is, in WGS-84 degrees. Without your consent it is not stored."""

    latitude = Degrees()
    longitude = Degrees()
    accuracy_m = Count(min_value=0, max_value=100_000, required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        given: Mapping[str, Any] = super().to_internal_value(data)
        return Position(Point(given["latitude"], given["longitude"]), given.get("accuracy_m"))


class VisitPatch(Input):
    planned_for = Day(required=False)
    planned_time = TimeOfDay(required=False, allow_null=True)
    outlet = Id(required=False, allow_null=True)
    purpose = Line(required=False, allow_blank=True)


class VisitIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True, source="lead_id")
    outlet = Id(required=False, allow_null=True, source="outlet_id")
    planned_for = Day()
    planned_time = TimeOfDay(required=False, allow_null=True)
    purpose = Line(required=False, allow_blank=True)


class CheckInIn(Input):
    arrived_at = Moment(help_text="By the phone's clock")
    position = PositionIn(required=False, allow_null=True)
    outside_reason = Line(max_length=500, required=False, allow_blank=True)


class UnplannedIn(CheckInIn):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True, source="lead_id")
    outlet = Id(required=False, allow_null=True, source="outlet_id")
    purpose = Line(required=False, allow_blank=True)


class CheckOutIn(Input):
    id = Id(required=False, help_text="Of the activity that it makes, a UUIDv7")
    left_at = Moment(help_text="By the phone's clock")
    summary = Words()
    outcome_code = Choice(ActivityOutcome.choices, required=False, allow_blank=True)
    mood = Whole(min_value=-2, max_value=2, required=False, allow_null=True)
    two_way = Flag(required=False, allow_null=True)


class VisitCancelIn(Input):
    because = Line(max_length=500)


class StopIn(Input):
    visit = Id(required=False, help_text="A visit that is planned already")
    id = ClientId()
    merchant = Id(required=False, help_text="Where a new visit goes to")
    lead = Id(required=False, allow_null=True)
    outlet = Id(required=False, allow_null=True)
    day = Day()
    time = TimeOfDay(required=False, allow_null=True)
    purpose = Line(required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> Any:
        if ("visit" in attrs) == ("merchant" in attrs):
            raise serializers.ValidationError(
                {"visit": serializers.ErrorDetail(str(_EITHER), "visit_or_merchant")}
            )
        return attrs


class PlanIn(Input):
    week = Line(max_length=8, help_text="Like 2026-W47")
    stops = StopIn(many=True)
    nearest_first = Flag(required=False, help_text="Put each day's stops in order by distance")


class PositionConsentIn(Input):
    given = Flag()
