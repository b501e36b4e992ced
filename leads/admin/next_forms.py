"""Forms of decisions on suggestions, and of what is looked up for a score."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import DayField, LongTextField, MakingForm, MomentField, TextField, VerbForm
from leads.admin.follow_up_forms import next_morning
from leads.models import SuggestionRule

LARGEST = 2_147_483_647


class ShownForm(MakingForm):
    """Which suggestion was shown, and when."""

    rule = forms.ChoiceField(choices=SuggestionRule.choices, widget=forms.HiddenInput)
    about = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    shown_at = forms.DateTimeField(
        widget=forms.HiddenInput,
        input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"],
    )


class AcceptForm(ShownForm):
    title = TextField(label=_("What is promised"), max_length=200, required=False)
    due_at = MomentField(label=_("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].initial = next_morning(timezone.localtime())


class DismissForm(ShownForm):
    because = LongTextField(label=_("Because"), required=False)


class ScoreInputForm(VerbForm):
    founded_on = DayField(label=_("In business since"), required=False)
    penalties = forms.IntegerField(
        label=_("Administrative penalties"), required=False, min_value=0, max_value=LARGEST
    )
    cardholders_nearby = forms.IntegerField(
        label=_("Cardholders nearby"),
        required=False,
        min_value=0,
        max_value=LARGEST,
        help_text=_("An aggregate of the bank; nobody by name."),
    )
    branch_metres = forms.IntegerField(
        label=_("Metres to our branch"), required=False, min_value=0, max_value=LARGEST
    )
    source = TextField(label=_("Source"), max_length=200)
    read_on = DayField(label=_("Read on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read_on"].initial = timezone.localdate()
        for name in ("penalties", "cardholders_nearby", "branch_metres"):
            self.fields[name].widget.attrs["class"] = self.fields["source"].widget.attrs["class"]
