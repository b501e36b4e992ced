"""Filters beside the lists. A value that is not among the choices narrows nothing."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from crm import report_lists
from crm.admin.site import viewer
from crm.domain import weekly_report
from crm.models import OrgUnit, User

LONGEST = 300
"""More colleagues or units than this do not make a menu."""


class Among(DropdownFilter):  # type: ignore[misc]
    """One of a few choices."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        known = {str(value) for value, _label in self.lookup_choices}
        if chosen is None or chosen not in known:
            return queryset
        return self.narrowed(request, queryset, chosen)

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: chosen})


class OwnerFilter(Among):
    """Mine, nobody's, or a colleague's."""

    title = _("owner")
    parameter_name = "owner"
    with_nobody = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        me = viewer(request)
        people = User.objects.visible_to(me).active().exclude(pk=me.pk).order_by("full_name", "pk")
        nobody = [("none", _("Nobody"))] if self.with_nobody else []
        return [
            ("me", _("Me")),
            *nobody,
            *((str(pk), name) for pk, name in people.values_list("pk", "full_name")[:LONGEST]),
        ]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        if chosen == "none":
            return queryset.filter(owner=None)
        return queryset.filter(owner_id=viewer(request).pk if chosen == "me" else chosen)


class UnitFilter(Among):
    """A unit with everything below it."""

    title = _("unit")
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        units = OrgUnit.objects.visible_to(viewer(request)).order_by("ancestors")
        return [
            (str(pk), "　" * (len(ancestors) - 1) + name)
            for pk, name, ancestors in units.values_list("pk", "name", "ancestors")[:LONGEST]
        ]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        below = OrgUnit.objects.under([chosen]).values("pk")  # type: ignore[list-item]
        return queryset.filter(unit__in=below)


class CountedFilter(admin.SimpleListFilter):
    """What a number of the report counts, for the link under it; it has no menu. What is no such
    number finds nothing, rather than everything."""

    title = _("counted in the report")
    parameter_name = report_lists.PARAMETER
    template = "crm/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(report_lists.PARAMETER, self.title)]

    def choices(self, changelist: Any) -> Any:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        asked = report_lists.parse(self.value() or "")
        rows = None
        if asked is not None:
            rows = weekly_report.rows_counted(
                viewer(request), asked, queryset.model, at=timezone.now()
            )
        if rows is None:
            return queryset.none()
        return queryset.filter(pk__in=rows.order_by().values("pk"))


def choices_of(field: str, label: Any, choices: Any) -> type[Among]:
    """A filter on a column of coded words."""

    class OfColumn(Among):
        title = label
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
            return choices.choices

    return OfColumn
