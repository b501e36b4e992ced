"""What the API answers about visits. Where somebody was is no part of it: that has an address of
its own, for those who may know."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from crm.api.shapes import Many, Nested, Shape
from leads.api.shapes import MERCHANT
from leads.domain.visit_plans import SuggestedBecause
from leads.models import Visit, VisitPhoto
from leads.models.visit import MOST_PHOTOS
from merchants.api.shapes import OWNER

VISIT_PHOTO = Shape(
    "VisitPhoto",
    VisitPhoto,
    id="id",
    place="place",
    file="file_id",
    name="file__name",
    content_type="file__content_type",
    size="file__size",
    sha256="sha256",
    added_at="added_at",
)

VISIT = Shape(
    "Visit",
    Visit,
    id="id",
    version="version",
    merchant=MERCHANT,
    lead="lead_id",
    outlet=Nested("outlet_id", {"id": "outlet_id", "name": "outlet__name"}),
    owner=OWNER,
    state="state",
    purpose="purpose",
    planned_for="planned_for",
    planned_time="planned_time",
    stop="stop",
    was_planned="was_planned",
    arrived_at="arrived_at",
    checked_in_at="checked_in_at",
    left_at="left_at",
    checked_out_at="checked_out_at",
    distance_m="distance_m",
    radius_m="radius_m",
    outside_reason="outside_reason",
    activity="activity_id",
    cancelled_because="cancelled_because",
    photos=Many(
        VISIT_PHOTO,
        VisitPhoto.objects.filter(visit=OuterRef("pk")).order_by("place", "id")[:MOST_PHOTOS],
    ),
    created_at="created_at",
    updated_at="updated_at",
)


class PositionOut(serializers.Serializer[Any]):
    """Coarse, and for 90 days; null when nothing is kept."""

    latitude = serializers.DecimalField(max_digits=5, decimal_places=3, allow_null=True)
    longitude = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    accuracy_m = serializers.IntegerField(allow_null=True)
    distance_m = serializers.IntegerField(allow_null=True)


class PositionConsentOut(serializers.Serializer[Any]):
    given = serializers.BooleanField()
    given_at = serializers.DateTimeField(allow_null=True)
    text_version = serializers.CharField()
    text = serializers.CharField()


class PersonNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    full_name = serializers.CharField()


class PlaceNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class WindowOut(serializers.Serializer[Any]):
    opens = serializers.TimeField()
    closes = serializers.TimeField()


class PlannedStopOut(serializers.Serializer[Any]):
    visit = serializers.UUIDField()
    version = serializers.IntegerField()
    merchant = PlaceNamed()
    lead = serializers.UUIDField(allow_null=True)
    outlet = PlaceNamed(allow_null=True)
    state = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    planned_time = serializers.TimeField(allow_null=True)
    stop = serializers.IntegerField()
    metres = serializers.IntegerField(allow_null=True)
    window = WindowOut(allow_null=True)


class PlannedDayOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    is_working = serializers.BooleanField()
    metres = serializers.IntegerField()
    stops = PlannedStopOut(many=True)


class VisitSuggestionOut(serializers.Serializer[Any]):
    merchant = PlaceNamed()
    lead = serializers.UUIDField()
    because = serializers.ChoiceField(choices=SuggestedBecause.choices)
    metres = serializers.IntegerField(allow_null=True)


class WeekPlanOut(serializers.Serializer[Any]):
    week = serializers.CharField()
    owner = PersonNamed()
    days = PlannedDayOut(many=True)
    suggestions = VisitSuggestionOut(many=True)
