"""The numbers of the method: what they are and were, and how an administrator changes one."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.admin.base import RoomAdmin
from crm.admin.forms import RoomForm
from crm.admin.site import has_a_role, page, viewer
from crm.domain import parameters
from crm.models import ParameterChange, User
from crm.parameters import PARAMETERS, Parameter


def show(request: HttpRequest) -> HttpResponse:
    """Every number by its group, with its start value."""
    me = viewer(request)
    if not has_a_role(me):
        raise PermissionDenied
    listed = sorted(PARAMETERS.values(), key=lambda one: (str(one.group), one.name))
    return page(
        request,
        "crm/parameters.html",
        title=_("Parameters"),
        groups=[(group, list(rows)) for group, rows in groupby(listed, lambda one: str(one.group))],
        may_change=policies.may_set_parameters(me),
    )


class ParameterForm(RoomForm):
    name = forms.ChoiceField(label=_("Parameter"))
    value = forms.DecimalField(label=_("Value"), max_digits=20, decimal_places=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            named = sorted(PARAMETERS.values(), key=lambda one: (str(one.group), one.name))
            choices = [(one.name, f"{one.group} · {one.label}") for one in named]
            self.fields["name"].choices = choices  # type: ignore[attr-defined]


@admin.register(ParameterChange)
class ParameterChangeAdmin(RoomAdmin):
    form = ParameterForm
    list_display = ("parameter", "value_shown", "changed_by", "at", "because")
    list_select_related = ("changed_by",)
    ordering = ("-at", "-id")
    search_fields = ("name",)
    add_fields = ("name", "value", "because")
    shown_fields = ("parameter", "value_shown", "because", "changed_by", "at")

    @admin.display(description=_("parameter"))
    def parameter(self, row: ParameterChange) -> str:
        known = PARAMETERS.get(row.name)
        return str(known.label) if known else row.name

    @admin.display(description=_("value"))
    def value_shown(self, row: ParameterChange) -> str:
        return f"{row.value.normalize():f}"

    def may_add(self, user: User) -> bool:
        return policies.may_set_parameters(user)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        chosen: Parameter | None = PARAMETERS.get(request.GET.get("name", ""))
        return {"name": chosen.name, "value": f"{chosen.value:f}"} if chosen else {}

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> ParameterChange:
        given = form.cleaned_data
        return parameters.change(
            row.pk,
            given["name"],
            value=given["value"],
            because=given["because"],
            by=viewer(request),
            at=self.now(),
        )
