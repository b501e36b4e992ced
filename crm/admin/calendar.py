"""The working-day calendar: for administrators."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import VerbForm
from crm.admin.people import ForAdministrators
from crm.admin.site import viewer
from crm.domain import calendar
from crm.models import CalendarYear, SpecialDay


@admin.register(CalendarYear)
class CalendarYearAdmin(ForAdministrators):
    list_display = ("year", "announced", "source", "updated_at")
    add_fields = ("year", "announced", "source")
    change_fields = ("announced", "source")
    shown_fields = ("year",)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> CalendarYear:
        given, by = dict(form.cleaned_data), viewer(request)
        version = given.pop("read_version")
        if change:
            return calendar.announce(row.pk, by=by, at=self.now(), version=version, **given)
        return calendar.add_year(row.pk, by=by, at=self.now(), **given)


@admin.register(SpecialDay)
class SpecialDayAdmin(ForAdministrators):
    list_display = ("day", "name", "is_working_day")
    search_fields = ("name",)
    add_fields = ("day", "name", "is_working_day")
    change_fields = ("name", "is_working_day")
    shown_fields = ("day",)
    change_form_outer_before_template = "crm/special_day.html"
    pages = {"remove": "remove_page"}

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> SpecialDay:
        given, by = dict(form.cleaned_data), viewer(request)
        version = given.pop("read_version")
        if change:
            return calendar.correct_day(row.pk, by=by, at=self.now(), version=version, **given)
        return calendar.add_day(row.pk, by=by, at=self.now(), **given)

    def remove_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: calendar.remove_day(pk, by=viewer(request), at=self.now()),
            title=_("Remove this special day"),
            intro=str(row),
            submit=_("Remove"),
            said=_("The usual week holds on this day again."),
            back=self.url("changelist"),
        )
