"""Fields and small forms of merchants' pages. What they say no to, the verbs decide."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    MomentField,
    TextField,
    VerbForm,
)
from crm.errors import InvalidInput
from crm.models import UnmaskReason
from merchants.domain import opening_hours
from merchants.models import (
    ConsentChannel,
    ConsentPurpose,
    ContactRole,
    DecisionPower,
    Division,
    LawfulBasis,
    Outlet,
    RestrictionReason,
)


class TimeOfDayField(forms.TimeField):
    """A time of day, with the browser's own clock."""

    def __init__(self, **options: Any) -> None:
        widget = DayField().widget.attrs["class"]
        super().__init__(
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": widget}),
            **options,
        )


class HoursField(LongTextField):
    """Opening hours as people type them, a line for some days."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("label", _("Opening hours"))
        options.setdefault(
            "help_text",
            _("A line for some days: 1-5 10:00-14:00 17:00-22:00 (1 is Monday)."),
        )
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return opening_hours.as_typed(value) if isinstance(value, dict) else value

    def clean(self, value: Any) -> Any:
        try:
            return opening_hours.typed(super().clean(value))
        except InvalidInput as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class DegreesField(forms.DecimalField):
    """An angle of WGS-84."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            max_digits=9,
            decimal_places=6,
            widget=forms.NumberInput(
                attrs={"class": DayField().widget.attrs["class"], "step": "0.000001"}
            ),
            **options,
        )


def division_field(**options: Any) -> Any:
    """A district, found while typing."""
    return forms.ModelChoiceField(
        queryset=Division.objects.all(),
        required=False,
        label=_("District"),
        widget=AutocompleteSelect(Outlet._meta.get_field("division"), admin.site),
        **options,
    )


class NewOutletForm(MakingForm):
    name = TextField(label=_("Name"), max_length=200)
    division = division_field(help_text=_("Empty: the merchant's own."))
    address = TextField(label=_("Address"), max_length=300, required=False)
    latitude = DegreesField(label=_("Latitude"), help_text=_("WGS-84 degrees."))
    longitude = DegreesField(label=_("Longitude"))
    opening_hours = HoursField()


class NewContactForm(MakingForm):
    full_name = TextField(label=_("Full name"), max_length=100)
    role = ChoiceField(
        label=_("Role"), choices=ContactRole.choices, initial=ContactRole.OTHER, required=False
    )
    position = TextField(label=_("Position"), max_length=100, required=False)
    phone = TextField(label=_("Phone"), max_length=40, required=False)
    email = TextField(label=pgettext_lazy("contact", "E-mail"), max_length=254, required=False)
    decision_power = ChoiceField(
        label=_("Decision power"),
        choices=DecisionPower.choices,
        initial=DecisionPower.UNKNOWN,
        required=False,
    )
    best_from = TimeOfDayField(label=_("Best reached from"), required=False)
    best_until = TimeOfDayField(label=_("Best reached until"), required=False)
    lawful_basis = ChoiceField(
        label=_("Lawful basis"),
        choices=LawfulBasis.choices,
        help_text=_("Why we may hold this person's data."),
    )
    text_version = TextField(
        label=_("Agreed to the text"),
        max_length=50,
        required=False,
        help_text=_("For consent: the version of the text that the person agreed to."),
    )
    channel = ChoiceField(
        label=_("Agreed by"),
        choices=ConsentChannel.choices,
        initial=ConsentChannel.NOT_STATED,
        required=False,
    )
    notice_version = TextField(
        label=_("Notice given"),
        max_length=50,
        required=False,
        help_text=_("The version of the notice that tells how we handle personal data."),
    )
    notice_given_at = MomentField(label=_("Notice given at"), required=False)


class UnmaskForm(VerbForm):
    reason = ChoiceField(label=_("Reason"), choices=UnmaskReason.choices)
    words = TextField(label=_("In words"), max_length=180, required=False)


class ConsentForm(MakingForm):
    purpose = ChoiceField(label=_("Purpose"), choices=ConsentPurpose.choices)
    text_version = TextField(label=_("Version of the text"), max_length=50)
    channel = ChoiceField(label=_("Channel"), choices=ConsentChannel.choices)
    words = TextField(label=_("In their words"), max_length=300, required=False)
    given_at = MomentField(label=_("Given at"), required=False)


class NoticeForm(VerbForm):
    version = TextField(label=_("Version of the notice"), max_length=50)
    given_at = MomentField(label=_("Given at"), required=False)


class RestrictForm(VerbForm):
    because = ChoiceField(label=_("Because"), choices=RestrictionReason.choices)


class SureForm(VerbForm):
    """Nothing to fill in, but something to be sure of."""


class NumberForm(MakingForm):
    acquirer = TextField(label=_("Acquirer or network"), max_length=50)
    mid = TextField(
        label=_("Merchant number"), max_length=50, help_text=_("15 digits or capital letters.")
    )
    terminal = TextField(label=_("Terminal"), max_length=50, required=False)
    valid_from = DayField(label=_("Valid from"))
    valid_to = DayField(label=_("Valid to"), required=False)


class AcceptCodeForm(VerbForm):
    credit_code = TextField(label=_("Unified social credit code"), max_length=32)
    credit_code_override = TextField(label=_("Why this code is accepted"), max_length=300)
