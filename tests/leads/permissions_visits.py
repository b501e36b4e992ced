"""Who may do what with visits and activities through the API."""

from datetime import timedelta

from django.utils import timezone

from crm.ids import uuid7
from crm.weeks import Week
from leads.domain import activities, visit_photos
from leads.models import VisitState
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast
from tests.leads.pictures import PNG
from tests.permissions import (
    ALL,
    NAMED_LEAD,
    READING,
    SEEN_MERCHANT,
    STRANGERS,
    WORKED_FOLLOW_UP,
    Row,
)

BY_ANN = {200: "ann", 403: f"max mei {READING}", 404: STRANGERS}
BY_ANN_AND_LEADERS = {200: "ann max mei", 403: READING, 404: STRANGERS}
HERE = {
    "arrived_at": "{now}",
    "position": {"latitude": "31.195300", "longitude": "121.436900", "accuracy_m": 15},
}

TABLE = [
    # What Ann wrote down a moment ago, she alone corrects.
    Row("PATCH", "activities/{anns_call}/", BY_ANN, {"outcome_code": "asked_to_wait"}, '"1"'),
    Row("GET", "visits/", {200: ALL}),
    Row(
        "POST",
        "visits/",
        NAMED_LEAD,
        {"merchant": "{merchant}", "lead": "{lead}", "planned_for": "{tomorrow}"},
    ),
    Row("GET", "visits/{visit}/", SEEN_MERCHANT),
    Row("PATCH", "visits/{visit}/", BY_ANN_AND_LEADERS, {"purpose": "送样品"}, '"1"'),
    Row("POST", "visits/{visit}/check-in/", BY_ANN, HERE),
    Row(
        "POST",
        "visits/check-in/",
        NAMED_LEAD,
        {"merchant": "{merchant}", "lead": "{lead}", **HERE},
    ),
    Row(
        "POST",
        "visits/{begun_visit}/check-out/",
        BY_ANN,
        {"left_at": "{now}", "summary": "见到店长", "outcome_code": "interested", "mood": 1},
    ),
    Row("POST", "visits/{visit}/cancel/", WORKED_FOLLOW_UP, {"because": "店长外出"}),
    Row("GET", "visits/{begun_visit}/position/", BY_ANN_AND_LEADERS),
    # What is sent is no picture, which only Ann is told; test_visit_photos.py sends some.
    Row(
        "POST",
        "visits/{begun_visit}/photos/",
        {400: ALL},
        {},
    ),
    Row("DELETE", "visit-photos/{photo}/", BY_ANN),
    Row("GET", "visits/plan/", {200: ALL}),
    Row(
        "POST",
        "visits/plan/",
        # A leader moves Ann's visits one by one; a plan is one's own.
        {200: "ann", 403: READING, 400: f"max mei {STRANGERS}"},
        {"week": "{week}", "stops": [{"visit": "{visit}", "day": "{tomorrow}"}]},
    ),
    Row("GET", "position-consent/", {200: ALL}),
    Row("PUT", "position-consent/", {200: ALL}, {"given": True}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A planned visit of Ann's, one that she has begun, with a photo, and a call of hers."""
    now = timezone.now()
    merchant = Merchant.objects.get(pk=names["merchant"])
    call = activities.log(
        uuid7(),
        merchant.pk,
        kind="call",
        summary="约好周五见面",
        occurred_at=now,
        by=cast.ann,
        at=now,
    )
    planned = factories.VisitFactory(
        merchant=merchant, owner=cast.ann, planned_for=timezone.localdate(now)
    )
    begun = factories.VisitFactory(
        merchant=merchant,
        owner=cast.ann,
        planned_for=timezone.localdate(now),
        state=VisitState.CHECKED_IN,
        arrived_at=now - timedelta(minutes=30),
        checked_in_at=now - timedelta(minutes=30),
    )
    photo = visit_photos.add(begun.pk, name="门头.png", content=PNG, by=cast.ann, at=now)
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    return {
        "anns_call": str(call.pk),
        "visit": str(planned.pk),
        "begun_visit": str(begun.pk),
        "photo": str(photo.pk),
        "tomorrow": tomorrow.isoformat(),
        "week": str(Week.of(tomorrow)),
    }
