"""Endpoints about the week on the road, and the consent to position."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.locking import known
from crm.models import User
from crm.weeks import Week
from leads.api import visit_inputs as inputs
from leads.api.visit_shapes import PositionConsentOut, WeekPlanOut
from leads.domain import position_consents, visit_arranging, visit_plans
from leads.domain.visit_arranging import Wanted
from leads.domain.visit_plans import PlannedStop, WeekPlan

_MERCHANT = "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"


class VisitPlan(Door):
    takes_parameters = True

    @schema.reads(
        "visits_plan",
        "A week on the road",
        WeekPlanOut,
        tag="visits",
        parameters=[
            OpenApiParameter("week", str, description="Like 2026-W47; this week if absent"),
            OpenApiParameter("owner", OpenApiTypes.UUID, description="Oneself if absent"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Stops per day in order, with the distances and the quiet hours of each shop, and who
        else might be seen this week."""
        for name in request.query_params:
            if name not in ("week", "owner"):
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
        asked, at = request.query_params.get("week"), self.now()
        week = Week.of(timezone.localdate(at)) if asked is None else Week.parse(asked)
        owner = self._owner(request.query_params.get("owner"))
        return answer(_shown(visit_plans.of(owner, week, by=self.user, at=at)))

    def _owner(self, text: str | None) -> User:
        if text is None:
            return self.user
        try:
            pk = id_of(text)
        except ValueError:
            raise bad_parameter("owner", "parameter_invalid", _("This is not an id.")) from None
        colleague: User = known(User.objects.visible_to(self.user), pk, attr="owner")
        return colleague

    @schema.writes(
        "visits_arrange",
        "Set the stops of one's week in one go",
        WeekPlanOut,
        tag="visits",
        body=inputs.PlanIn,
        example={
            "week": "2026-W47",
            "stops": [{"day": "2026-11-20", "time": "14:30", "merchant": _MERCHANT}],
            "nearest_first": True,
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Visits are moved, new ones planned, and each day's stops stand in the order in which
        they are named, or with `nearest_first` by distance. All of it or nothing."""
        values = self.taken(inputs.PlanIn)
        week = Week.parse(values["week"])
        visit_arranging.arrange(
            self.user,
            week,
            [self._wanted(one) for one in values["stops"]],
            nearest_first=values.get("nearest_first", False),
            by=self.user,
            at=self.now(),
        )
        return answer(_shown(visit_plans.of(self.user, week, by=self.user, at=self.now())))

    def _wanted(self, stop: dict[str, Any]) -> Wanted:
        return Wanted(
            visit_id=stop.get("visit") or self.new_id(stop),
            day=stop["day"],
            at_time=stop.get("time"),
            merchant_id=stop.get("merchant"),
            lead_id=stop.get("lead"),
            outlet_id=stop.get("outlet"),
            purpose=stop.get("purpose", ""),
        )


class PositionConsentOne(Door):
    @schema.reads(
        "position_consent_read",
        "Whether one has agreed that a position is kept",
        PositionConsentOut,
        tag="visits",
    )
    def get(self, request: Request) -> HttpResponse:
        return answer(_consent(self.user))

    @schema.writes(
        "position_consent_set",
        "Agree that a position is kept, or take that back",
        PositionConsentOut,
        tag="visits",
        body=inputs.PositionConsentIn,
        example={"given": True},
    )
    def put(self, request: Request) -> HttpResponse:
        """For oneself only. Taking it back erases what is stored."""
        given = self.taken(inputs.PositionConsentIn)["given"]
        verb = position_consents.give if given else position_consents.withdraw
        verb(by=self.user, at=self.now())
        return answer(_consent(self.user))


def _consent(user: User) -> dict[str, Any]:
    standing = position_consents.standing(user)
    return {
        "given": standing is not None,
        "given_at": standing.given_at if standing else None,
        "text_version": position_consents.TEXT_VERSION,
        "text": str(position_consents.TEXT),
    }


def _shown(plan: WeekPlan) -> dict[str, Any]:
    return {
        "week": str(plan.week),
        "owner": {"id": plan.owner.pk, "full_name": plan.owner.full_name},
        "days": [
            {
                "day": one.day,
                "is_working": one.is_working,
                "metres": one.metres,
                "stops": [_stop(stop) for stop in one.stops],
            }
            for one in plan.days
        ],
        "suggestions": [
            {
                "merchant": {"id": one.lead.merchant_id, "name": one.lead.merchant.name},
                "lead": one.lead.pk,
                "because": one.because,
                "metres": one.metres,
            }
            for one in plan.suggestions
        ],
    }


def _stop(stop: PlannedStop) -> dict[str, Any]:
    visit, window = stop.visit, stop.window
    return {
        "visit": visit.pk,
        "version": visit.version,
        "merchant": {"id": visit.merchant_id, "name": visit.merchant.name},
        "lead": visit.lead_id,
        "outlet": {"id": visit.outlet_id, "name": visit.outlet.name} if visit.outlet else None,
        "state": visit.state,
        "purpose": visit.purpose,
        "planned_time": visit.planned_time,
        "stop": visit.stop,
        "metres": stop.metres,
        "window": {"opens": window.opens, "closes": window.closes} if window else None,
    }
