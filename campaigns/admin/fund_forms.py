"""What people type about funds: sums in yuan, a tolerance in per cent."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from crm.admin.forms import DayField, LongTextField, MakingForm, RoomForm, VerbForm, YuanField
from crm.models import OrgUnit


class FundForm(RoomForm):
    fields_of = {"cap_fen": "cap"}
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"))
    cap = YuanField(label=_("Cap"), help_text=_("In yuan: the most that is ever allocated."))
    tolerance = forms.DecimalField(
        label=_("Tolerance (%)"),
        required=False,
        min_value=0,
        max_value=20,
        decimal_places=2,
        widget=YuanField().widget,
        help_text=_("How much more than the cap may be allocated."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["cap"].initial = f"{self.instance.cap_fen / 100:.2f}"
            points = Decimal(self.instance.tolerance_basis_points) / 100
            self.fields["tolerance"].initial = f"{points:.2f}"
        if "unit" in self.fields:
            units = OrgUnit.objects.visible_to(self.viewer).order_by("ancestors__len", "name")
            kept = [one.pk for one in units if policies.may_keep_funds(self.viewer, one.pk)]
            self.fields["unit"].queryset = units.filter(pk__in=kept)  # type: ignore[attr-defined]


class AllocateForm(MakingForm):
    amount = YuanField(label=_("Amount"))
    because = LongTextField(label=_("Because"))


class ChangeAllocationForm(VerbForm):
    """What the fund holds as the person read it goes along."""

    expected = forms.IntegerField(widget=forms.HiddenInput)
    to = YuanField(label=_("Allocated in all"), help_text=_("In yuan."))
    because = LongTextField(label=_("Because"))


class FundBecauseForm(VerbForm):
    because = LongTextField(label=_("Because"))
