"""The week on the road, and the consent to position: pages of one's own."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.admin.site import has_a_role, page, tell, viewer, way_back
from crm.errors import DomainError
from crm.models import User
from crm.weeks import Week
from leads.admin import visit_shown
from leads.domain import position_consents, visit_arranging, visit_plans
from leads.domain.visit_arranging import Wanted
from leads.domain.visit_plans import PlannedStop, WeekPlan
from leads.models import VisitState
from merchants.policies import LEADERS


def show(request: HttpRequest) -> HttpResponse:
    """A week's stops, day by day, with the way between them and the quiet hours of each shop."""
    me = _someone(request)
    week, owner = _week(request), _owner(request, me)
    plan = visit_plans.of(owner, week, by=me, at=timezone.now())
    return page(
        request,
        "leads/visit_plan.html",
        title=_("Visit plan"),
        plan=plan,
        mine=owner == me,
        owner=owner,
        colleagues=_colleagues(me),
        days=_days(plan),
        suggestions=[(one, visit_shown.far(one.metres)) for one in plan.suggestions],
        first_day=max(week.monday, timezone.localdate()) if plan.suggestions else week.monday,
        previous=_address(week.previous, owner),
        following=_address(week.next, owner),
        this_week=_address(Week.of(timezone.localdate()), owner),
        consents=position_consents.standing(me) is not None,
        may_order=owner == me and any(len(_movable(day.stops)) > 1 for day in plan.days),
    )


def order(request: HttpRequest) -> HttpResponse:
    """Put the planned stops of one's week in order by distance."""
    me, week = _someone(request), _week(request)
    back = _address(week, me)
    if request.method != "POST":
        return redirect(back)
    now = timezone.now()
    plan = visit_plans.of(me, week, by=me, at=now)
    stops = [
        Wanted(visit.pk, visit.planned_for, visit.planned_time)
        for day in plan.days
        for visit in _movable(day.stops)
        if visit.planned_for >= timezone.localdate(now)
    ]
    try:
        visit_arranging.arrange(me, week, stops, nearest_first=True, by=me, at=now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Each day's stops stand in order by distance."))
    return redirect(way_back(request, back))


def consent(request: HttpRequest) -> HttpResponse:
    """Agree that a coarse position is kept with one's check-ins, or take that back."""
    me = _someone(request)
    if request.method == "POST":
        try:
            if request.POST.get("given") == "yes":
                position_consents.give(by=me, at=timezone.now())
                messages.success(request, _("You have agreed that your position is kept."))
            else:
                position_consents.withdraw(by=me, at=timezone.now())
                messages.success(request, _("You have taken it back; positions were erased."))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect(reverse("admin:leads_visit_consent"))
    return page(
        request,
        "leads/position_consent.html",
        title=_("My position"),
        text=position_consents.TEXT,
        standing=position_consents.standing(me),
        back=reverse("visit-plan"),
    )


def _someone(request: HttpRequest) -> User:
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    return me


def _week(request: HttpRequest) -> Week:
    """The week that was asked for, or this one."""
    try:
        return Week.parse(request.GET.get("week") or request.POST.get("week") or "")
    except DomainError as refusal:
        if request.GET.get("week"):
            tell(request, refusal.problems)
        return Week.of(timezone.localdate())


def _owner(request: HttpRequest, me: User) -> User:
    """The colleague who was asked for, if one may know of them, or oneself."""
    wanted = request.GET.get("owner", "")
    people = {str(one.pk): one for one in _colleagues(me)}
    return people.get(wanted, me)


def _colleagues(me: User) -> list[User]:
    """Whose weeks a leader may look at."""
    from leads.admin.forms import colleagues

    return list(colleagues(me)[:200]) if me.scope.holds(*LEADERS) else []


def _address(week: Week, owner: User) -> str:
    return f"{reverse('visit-plan')}?week={week}&owner={owner.pk}"


def _days(plan: WeekPlan) -> list[dict[str, Any]]:
    return [
        {
            "day": one.day,
            "is_working": one.is_working,
            "is_today": one.day == timezone.localdate(),
            "way": visit_shown.far(one.metres) if one.metres else "",
            "stops": [
                {
                    "visit": stop.visit,
                    "badge": visit_shown.state_badge(stop.visit),
                    "leg": visit_shown.far(stop.metres),
                    "window": stop.window,
                }
                for stop in one.stops
            ],
        }
        for one in plan.days
    ]


def _movable(stops: list[PlannedStop]) -> list[Any]:
    return [stop.visit for stop in stops if stop.visit.state == VisitState.PLANNED]
