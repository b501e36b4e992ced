"""KPI schemes: checked, set up, weighed anew."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import kpi_schemes
from campaigns.models import Indicator, IndicatorGroup, KpiScheme
from crm.admin.base import RoomAdmin
from crm.admin.filters import UnitFilter
from crm.admin.forms import ChoiceField, DayField, MakingForm, RowField, TextField, show
from crm.admin.site import page, viewer
from crm.errors import DomainError
from crm.models import OrgUnit, Role, User

LINES = 8
"""Rows of the form; a scheme with more indicators comes through the API."""
KEEPERS = (Role.BRANCH_MANAGER, Role.ADMINISTRATOR)


class WeighForm(MakingForm):
    """A row of fields for each indicator: which, its name and group if it is none of ours, its
    weight."""

    def __init__(self, *args: Any, items: list[dict[str, Any]] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        given = items or []
        self.lines = max(LINES, len(given) + 1)
        for place in range(self.lines):
            item = given[place] if place < len(given) else {}
            self._line(place, item)

    def _line(self, place: int, item: Mapping[str, Any]) -> None:
        self.fields[f"indicator_{place}"] = ChoiceField(
            label=_("Indicator"),
            required=False,
            choices=[("", "—"), *Indicator.choices],
            initial=item.get("indicator", ""),
        )
        self.fields[f"label_{place}"] = TextField(
            label=_("Name"), required=False, max_length=100, initial=item.get("label", "")
        )
        self.fields[f"group_{place}"] = ChoiceField(
            label=_("Group"),
            required=False,
            choices=[("", "—"), *IndicatorGroup.choices],
            initial=item.get("group", "") if item.get("indicator") == Indicator.OTHER else "",
        )
        self.fields[f"volume_{place}"] = forms.BooleanField(
            label=_("Counts volume"), required=False, initial=item.get("counts_volume", False)
        )
        weight = forms.DecimalField(
            label=_("Weight in per cent"),
            required=False,
            min_value=Decimal("0.01"),
            max_value=100,
            max_digits=5,
            decimal_places=2,
            initial=f"{item['weight'] / 100:g}" if item else None,
        )
        weight.widget.attrs["class"] = TextField().widget.attrs["class"]
        self.fields[f"weight_{place}"] = weight

    def rows(self) -> Iterator[list[Any]]:
        """The fields of each line."""
        for place in range(self.lines):
            yield [
                self[f"{name}_{place}"]
                for name in ("indicator", "label", "group", "volume", "weight")
            ]

    def heads(self) -> list[Any]:
        """The other fields."""
        return [
            self[name]
            for name, field in self.fields.items()
            if not name.rpartition("_")[2].isdigit() and name != "row_id"
        ]

    def items(self) -> list[dict[str, Any]]:
        """The lines that say anything."""
        given = self.cleaned_data
        return [
            {
                "indicator": given[f"indicator_{place}"],
                "label": given[f"label_{place}"],
                "group": given[f"group_{place}"],
                "counts_volume": given[f"volume_{place}"],
                "weight": int((given[f"weight_{place}"] or 0) * 100),
            }
            for place in range(self.lines)
            if given[f"indicator_{place}"]
        ]


class SchemeForm(WeighForm):
    unit = RowField(label=_("Unit"), queryset=None, empty_label=None)
    name = TextField(label=_("Name"), max_length=100)
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = OrgUnit.objects.filter(pk__in=user.scope.under(frozenset(KEEPERS)))
        self.fields["unit"].queryset = units.order_by(  # type: ignore[attr-defined]
            "ancestors__len", "name"
        )


@admin.register(KpiScheme)
class KpiSchemeAdmin(RoomAdmin):
    list_display = ("name", "unit", "first_day", "last_day", "volume_shown")
    list_filter = (UnitFilter,)
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")
    ordering = ("-first_day", "-id")
    shown_fields = ("name", "unit", "first_day", "last_day", "volume_shown")
    change_form_outer_before_template = "campaigns/kpi_scheme.html"
    pages = {"weigh": "weigh_page"}

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*KEEPERS)

    @admin.display(description=_("weight of volume"), ordering="volume_weight")
    def volume_shown(self, row: KpiScheme) -> str:
        return f"{row.volume_weight / 100:g} %"

    def row_context(self, request: HttpRequest, row: KpiScheme) -> dict[str, Any]:
        return {
            "scheme": row,
            "parts": [
                {
                    "label": item["label"] or Indicator(item["indicator"]).label,
                    "group": IndicatorGroup(item["group"]).label,
                    "counts_volume": item["counts_volume"],
                    "weight": f"{item['weight'] / 100:g} %",
                }
                for item in row.items
            ],
            "may_weigh": policies.may_keep_schemes(viewer(request), row.unit_id),
            "weigh_url": self.url("weigh", row.pk),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            return super().add_view(request)  # type: ignore[no-any-return]
        me = viewer(request)
        form = SchemeForm(request.POST or None, user=me)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                made = kpi_schemes.set_up(
                    given["row_id"],
                    unit_id=given["unit"].pk,
                    name=given["name"],
                    first_day=given["first_day"],
                    last_day=given["last_day"],
                    items=form.items(),
                    by=me,
                    at=self.now(),
                )
            except DomainError as refusal:
                show(form, refusal)
            else:
                messages.success(request, str(_("The scheme stands.")))
                return redirect(self.url("change", made.pk))
        return self._page(request, form, _("Set up a KPI scheme"), self.url("changelist"))

    def weigh_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The weights of a scheme, anew."""
        row = self.row_or_404(request, pk)
        form = WeighForm(request.POST or None, items=row.items)
        if request.method == "POST" and form.is_valid():
            try:
                kpi_schemes.change(pk, items=form.items(), by=viewer(request), at=self.now())
            except DomainError as refusal:
                show(form, refusal)
            else:
                messages.success(request, str(_("The scheme stands.")))
                return redirect(self.url("change", pk))
        return self._page(request, form, _("Weigh the scheme anew"), self.url("change", pk))

    @staticmethod
    def _page(request: HttpRequest, form: WeighForm, title: Any, back: str) -> HttpResponse:
        return page(
            request,
            "campaigns/kpi_scheme_form.html",
            title=title,
            form=form,
            back=back,
            ceiling=kpi_schemes.ceiling(),
        )
