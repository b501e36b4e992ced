"""Filters of leads and follow-ups."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.filters import Among
from crm.errors import InvalidInput
from crm.weeks import Week
from leads.domain import staleness
from leads.models import FollowUpState, Stage, StageChange


class OpenFilter(Among):
    """Leads that are being pursued, or those that have ended."""

    title = _("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", pgettext_lazy("lead", "Open")), ("no", _("Ended"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        ended = queryset.exclude(pk__in=queryset.open().order_by().values("pk"))
        return queryset.open() if chosen == "yes" else ended


class QuietFilter(Among):
    """Open leads in which nothing has happened for a while."""

    title = _("quiet")
    parameter_name = "quiet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("7", _("7 days")), ("14", _("14 days")), ("30", _("30 days"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.quiet_since(timezone.now() - timedelta(days=int(chosen)))


class StaleFilter(Among):
    """No activity and too long in the stage, as the report counts it."""

    title = _("stale")
    parameter_name = "stale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Stale"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return staleness.stale_now(queryset, at=timezone.now())


class SigningFilter(Among):
    """Open leads by the day on which the signature is expected."""

    title = _("signature")
    parameter_name = "signing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("overdue", _("Overdue")), ("month", _("Within 30 days")), ("none", _("No day"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        today = timezone.localdate()
        if chosen == "overdue":
            return queryset.open().signing_before(today)
        if chosen == "none":
            return queryset.open().filter(expected_signing_on=None)
        ahead = today + timedelta(days=30)
        return queryset.open().filter(expected_signing_on__range=(today, ahead))


class SteppedFilter(admin.SimpleListFilter):
    """Leads that came to a stage in a week, for links from the report (`won.2026-W46`); it has no
    menu."""

    title = _("came to a stage")
    parameter_name = "stepped"
    template = "crm/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("stepped", _("came to a stage"))]

    def choices(self, changelist: Any) -> Any:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        stage, _dot, word = (self.value() or "").partition(".")
        if stage not in Stage.values:
            return queryset
        try:
            week = Week.parse(word)
        except InvalidInput:
            return queryset
        zone = ZoneInfo(timezone.get_current_timezone_name())
        steps = StageChange.objects.between(week.starts(zone), week.ends(zone))
        return queryset.filter(pk__in=steps.filter(to_stage=stage).order_by().values("lead"))


class OfMerchant(admin.SimpleListFilter):
    """One merchant's rows, for links from its page; it has no menu."""

    title = _("merchant")
    parameter_name = "merchant"
    template = "crm/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("merchant", _("merchant"))]

    def choices(self, changelist: Any) -> Any:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            return queryset.filter(merchant_id=UUID(self.value() or ""))
        except ValueError:
            return queryset


class FollowUpStateFilter(Among):
    """Open by default; what is late, what is closed, or everything on request."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("overdue", _("Overdue")), *FollowUpState.choices, ("all", _("All states"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            asked = any(name.startswith("state__") for name in request.GET)
            return queryset if asked else queryset.open()
        return super().queryset(request, queryset)

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        if chosen == "overdue":
            return queryset.due(timezone.now())
        return queryset if chosen == "all" else queryset.filter(state=chosen)
