"""Endpoints about visits: planned, begun, ended, called off; their photos."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from orjson import Fragment
from rest_framework.request import Request

from crm.api import schema
from crm.api.files import RawParser
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import InvalidInput, NotFound
from crm.policies import require
from leads import policies
from leads.api import visit_inputs as inputs
from leads.api.visit_shapes import (
    VISIT,
    VISIT_PHOTO,
    PositionOut,
)
from leads.domain import (
    visit_photos,
    visit_presence,
    visits,
)
from leads.models import Visit, VisitState
from merchants.api.views import OWNER

VISITS = Listing(
    VISIT,
    orderings=("planned_for",),
    filters={
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "lead": Filter(lambda rows, value, user: rows.filter(lead=value), parse=id_of),
        "owner": OWNER,
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=VisitState,
            repeated=True,
        ),
        "from": Filter(
            lambda rows, value, user: rows.filter(planned_for__gte=value),
            parse=date.fromisoformat,
            description="Planned for this day or later",
        ),
        "until": Filter(
            lambda rows, value, user: rows.filter(planned_for__lte=value),
            parse=date.fromisoformat,
            description="Planned for this day or earlier",
        ),
    },
)
_PLACE = {
    "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
    "lead": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8",
}
_HERE = {
    "arrived_at": "2026-11-18T14:05:00+08:00",
    "position": {"latitude": "31.195312", "longitude": "121.436874", "accuracy_m": 20},
}


class VisitList(Door):
    shape = VISIT
    takes_parameters = True

    @schema.lists("visits_list", "Visits, planned and made", VISITS, tag="visits")
    def get(self, request: Request) -> HttpResponse:
        return VISITS.answer(request, Visit.objects.visible_to(self.user), self.user)

    @schema.writes(
        "visits_create",
        "Plan a visit",
        VISIT,
        tag="visits",
        body=inputs.VisitIn,
        status=201,
        example={**_PLACE, "planned_for": "2026-11-20", "planned_time": "14:30"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.VisitIn)
        visit = visits.plan(
            self.new_id(values), values.pop("merchant"), by=self.user, at=self.now(), **values
        )
        return self.show(Visit.objects.all(), visit.pk, status=201, row=visit)


class VisitOne(OneDoor):
    shape = VISIT
    model = Visit

    @schema.reads("visits_read", "One visit", VISIT, tag="visits")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "visits_change",
        "Another day, time, outlet or purpose",
        VISIT,
        tag="visits",
        body=inputs.VisitPatch,
        if_match="required",
        example={"planned_for": "2026-11-23"},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.VisitPatch, partial=True)
        changed = visits.change(pk, values, by=self.user, at=self.now(), version=version)
        return self.show(Visit.objects.all(), pk, row=changed)


class VisitCheckIn(OneDoor):
    shape = VISIT
    model = Visit

    @schema.writes(
        "visits_check_in",
        "Check in",
        VISIT,
        tag="visits",
        body=inputs.CheckInIn,
        if_match="optional",
        example=_HERE,
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Sent again it changes nothing: the answer is the visit, with a notice.

        The position is stored only if you have agreed to it, rounded to about 100 metres, and
        for 90 days.
        """
        version = self.expected_version(required=False)
        values = self.taken(inputs.CheckInIn)
        begun = visit_presence.check_in(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Visit.objects.all(), pk, row=begun)


class VisitUnplanned(Door):
    shape = VISIT

    @schema.writes(
        "visits_check_in_unplanned",
        "Check in where no visit was planned",
        VISIT,
        tag="visits",
        body=inputs.UnplannedIn,
        status=201,
        example={**_PLACE, **_HERE},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """With an `id` of the phone's it can be sent again: that makes one visit."""
        values = self.taken(inputs.UnplannedIn)
        begun = visit_presence.check_in_unplanned(
            self.new_id(values), values.pop("merchant"), by=self.user, at=self.now(), **values
        )
        return self.show(Visit.objects.all(), begun.pk, status=201, row=begun)


class VisitCheckOut(OneDoor):
    shape = VISIT
    model = Visit

    @schema.writes(
        "visits_check_out",
        "Check out, and say what came of it",
        VISIT,
        tag="visits",
        body=inputs.CheckOutIn,
        if_match="optional",
        example={
            "left_at": "2026-11-18T14:40:00+08:00",
            "summary": "见到店长,工作日晚市空台多。",
            "outcome_code": "decision_maker_met",
            "mood": 1,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.CheckOutIn)
        ended = visit_presence.check_out(
            pk,
            activity_id=self.new_id(values),
            by=self.user,
            at=self.now(),
            version=version,
            **values,
        )
        return self.show(Visit.objects.all(), pk, row=ended)


class VisitCancel(OneDoor):
    shape = VISIT
    model = Visit

    @schema.writes(
        "visits_cancel",
        "Call a visit off",
        VISIT,
        tag="visits",
        body=inputs.VisitCancelIn,
        if_match="optional",
        example={"because": "店长临时外出"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.VisitCancelIn)
        off = visits.cancel(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Visit.objects.all(), pk, row=off)


class VisitPosition(OneDoor):
    shape = VISIT
    model = Visit

    @schema.reads(
        "visits_position", "Where somebody checked in", PositionOut, tag="visits", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """For who made the visit and those who lead the merchant's unit."""
        visit = self.rows().select_related("merchant").filter(pk=pk).first()
        if visit is None:
            raise NotFound(_("There is no such row."))
        require(policies.may_see_position(self.user, visit))
        return answer(
            {
                "latitude": _text(visit.latitude),
                "longitude": _text(visit.longitude),
                "accuracy_m": visit.accuracy_m,
                "distance_m": visit.distance_m,
            }
        )


class VisitPhotoList(Door):
    shape = VISIT_PHOTO
    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="visits_add_photo",
        summary="Send a photo of a visit",
        tags=["visits"],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter(
                "Content-Disposition",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`attachment; filename*=UTF-8''…`: what the photo is called",
            ),
            schema.RETRY_AFTER,
        ],
        responses={
            **schema.refusals(400, 401, 403, 404, 409, 413, 429, 503),
            201: VISIT_PHOTO.serializer,
        },
    )
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """The body is the picture itself, JPEG or PNG; six for a visit at the most.

        What the camera wrote into it is left out. The same picture sent again is one photo.
        """
        _word, given = parse_header_parameters(request.headers.get("Content-Disposition", ""))
        name = str(given.get("filename", ""))
        if not name:
            raise InvalidInput(
                _("Say what the file is called: Content-Disposition: attachment; filename=…"),
                code="file_name_required",
                attr="file",
            )
        content = request.data
        photo = visit_photos.add(
            pk,
            name=name,
            content=content if isinstance(content, bytes) else b"",
            by=self.user,
            at=self.now(),
        )
        return answer(Fragment(VISIT_PHOTO.fact(photo)), status=201)


class VisitPhotoOne(Door):
    shape = VISIT

    @schema.writes("visits_remove_photo", "Take a photo away", VISIT, tag="visits")
    def delete(self, request: Request, pk: UUID) -> HttpResponse:
        """The answer is the visit that it belonged to."""
        visit = visit_photos.remove(pk, by=self.user, at=self.now())
        return self.show(Visit.objects.all(), visit.pk, row=visit)


def _text(degrees: Any) -> str | None:
    return None if degrees is None else str(degrees)
