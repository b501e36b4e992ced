"""Targets: set for a unit and a period, corrected, withdrawn."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.domain import targets
from campaigns.kpi_report import shown
from campaigns.models import Indicator, Target
from campaigns.models.target import PACED_CHOICES
from crm.admin.base import RoomAdmin
from crm.admin.filters import Among, UnitFilter, choices_of
from crm.admin.forms import DayField, RoomForm, TextField, VerbForm, YuanField
from crm.admin.site import viewer
from crm.models import OrgUnit, User

VALUE_HELP = _("Cards, leads or times as whole numbers; spend in yuan.")


def value_field() -> forms.DecimalField:
    """A count, or yuan for spend."""
    return forms.DecimalField(
        label=_("Target"),
        max_digits=16,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=YuanField().widget,
        help_text=VALUE_HELP,
    )


def counted(indicator: str, value: Decimal | None) -> int:
    """What was typed as the domain counts: fen for spend. Refuses a part of a card."""
    if value is None:
        return 0
    if indicator == Indicator.SPEND:
        return int(value * 100)
    if value != int(value):
        raise forms.ValidationError(_("Write a whole number."))
    return int(value)


def typed(target: Target) -> str:
    """The other way round: the target as people typed it."""
    if target.indicator == Indicator.SPEND:
        return f"{Decimal(target.value) / 100:.2f}"
    return str(target.value)


class TargetForm(RoomForm):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    value = value_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            reached = self.viewer.scope.under(frozenset(policies.TARGET_SETTERS))
            units = OrgUnit.objects.filter(pk__in=reached).order_by("ancestors__len", "name")
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def clean_value(self) -> int:
        return counted(self.cleaned_data.get("indicator", ""), self.cleaned_data["value"])


class CorrectForm(VerbForm):
    value = value_field()
    because = TextField(label=_("Because"), max_length=500)

    def __init__(self, *args: Any, indicator: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator

    def clean_value(self) -> int:
        return counted(self.indicator, self.cleaned_data["value"])


class WithdrawForm(VerbForm):
    because = TextField(label=_("Because"), max_length=500)


class StandingFilter(Among):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Standing")), ("no", _("Withdrawn"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(withdrawn_at__isnull=chosen == "yes")


class IndicatorWords:
    choices = PACED_CHOICES


@admin.register(Target)
class TargetAdmin(RoomAdmin):
    form = TargetForm
    list_display = ("indicator", "unit", "value_shown", "first_day", "last_day", "state_shown")
    list_filter = (
        StandingFilter,
        choices_of("indicator", _("indicator"), IndicatorWords),
        UnitFilter,
    )
    list_select_related = ("unit",)
    search_fields = ("unit__name",)
    ordering = ("-first_day", "-id")
    add_fields = ("unit", "indicator", "first_day", "last_day", "value", "by_calendar_days")
    shown_fields = (
        "unit",
        "indicator",
        "first_day",
        "last_day",
        "value_shown",
        "by_calendar_days",
        "because",
        "state_shown",
    )
    change_form_outer_before_template = "campaigns/target.html"
    list_before_template = "campaigns/targets_head.html"
    pages = {"correct": "correct_page", "withdraw": "withdraw_page"}

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*policies.TARGET_SETTERS)

    @admin.display(description=pgettext_lazy("figure", "target"), ordering="value")
    def value_shown(self, row: Target) -> str:
        return shown(row.indicator, row.value)

    @admin.display(description=_("state"))
    def state_shown(self, row: Target) -> str:
        tone, words = (
            ("calm", _("Withdrawn")) if row.withdrawn_at is not None else ("good", _("Standing"))
        )
        return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Target:
        given = form.cleaned_data
        return targets.set_target(
            row.pk,
            unit_id=given["unit"].pk,
            indicator=given["indicator"],
            first_day=given["first_day"],
            last_day=given["last_day"],
            value=given["value"],
            by_calendar_days=given["by_calendar_days"],
            by=viewer(request),
            at=self.now(),
        )

    def row_context(self, request: HttpRequest, row: Target) -> dict[str, Any]:
        may = row.withdrawn_at is None and policies.may_set_targets(viewer(request), row.unit_id)
        return {
            "target": row,
            "may_change": may,
            "urls": {name: self.url(name, row.pk) for name in self.pages},
        }

    def correct_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What is to be reached, corrected."""
        row = self.row_or_404(request, pk)
        form = CorrectForm(
            request.POST or None, indicator=row.indicator, initial={"value": typed(row)}
        )
        return self.verb_page(
            request,
            form,
            lambda given: targets.correct(pk, **given, by=viewer(request), at=self.now()),
            title=_("Correct the target"),
            intro=str(row),
            submit=_("Correct"),
            said=_("The target was corrected."),
            back=self.url("change", pk),
        )

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The target, taken back."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            WithdrawForm(request.POST or None),
            lambda given: targets.withdraw(pk, **given, by=viewer(request), at=self.now()),
            title=_("Withdraw the target"),
            intro=str(row),
            submit=_("Withdraw"),
            said=_("The target was withdrawn."),
            back=self.url("change", pk),
        )
