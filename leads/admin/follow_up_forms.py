"""The forms of follow-ups: due in working-day terms, coming back, done with an outcome."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldBooleanSwitchWidget

from crm.admin.forms import (
    ChoiceField,
    DayField,
    LongTextField,
    MakingForm,
    MomentField,
    RowField,
    TextField,
    VerbForm,
)
from crm.domain import calendar
from crm.models import User
from leads.domain.due_dates import MORNING, InWorkingDays
from leads.domain.recurrence import Recurrence
from leads.models import FollowUpPriority, Repeats
from leads.models.follow_up_words import OUTCOMES_OF_CANCELLED, OUTCOMES_OF_DONE

_CLASSES = " ".join(INPUT_CLASSES)
QUICK_CHOICES = [
    ("", _("At the moment below")),
    ("1", _("On the next working day, at 10:00")),
    ("3", _("In three working days, at 10:00")),
    ("week", _("In a week, at 10:00")),
]


class WholeField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs={"class": _CLASSES}), **options)


def next_morning(now: datetime) -> datetime:
    """Ten in the morning of the next working day."""
    day = calendar.load().after(now.date(), 1)
    return datetime.combine(day, MORNING, now.tzinfo)


def _chosen_due(form: forms.Form, cleaned: dict[str, Any], name: str) -> None:
    """The quick choice in place of the moment, if one was made."""
    match quick := cleaned.pop("due_in", ""):
        case "week":
            day = timezone.localdate() + timedelta(days=7)
            zone = timezone.get_current_timezone()
            cleaned[name] = datetime.combine(day, MORNING, zone)
        case "1" | "3":
            cleaned[name] = InWorkingDays(int(quick))
    if cleaned.get(name) is None and name not in form.errors:
        form.add_error(name, str(_("Say when.")))


class PromiseForm(MakingForm):
    """A promise in three fields, as on a lead's page."""

    title = TextField(label=_("What is promised"), max_length=200)
    due_in = ChoiceField(label=_("When"), choices=QUICK_CHOICES, required=False)
    due_at = MomentField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].initial = next_morning(timezone.localtime())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        _chosen_due(self, cleaned, "due_at")
        return cleaned


class RepeatingPromiseForm(PromiseForm):
    """A promise with all that there is to say of it."""

    priority = ChoiceField(label=_("Priority"), choices=FollowUpPriority.choices, required=False)
    repeats = ChoiceField(
        label=_("Repeats"), choices=[("", _("Does not repeat")), *Repeats.choices], required=False
    )
    number = WholeField(
        label=_("Number"),
        required=False,
        min_value=1,
        max_value=250,
        help_text=_("Working days in between, the weekday (1 is Monday), or the day of the month."),
    )
    until = DayField(label=_("Last possible day"), required=False)
    times = WholeField(label=_("Or so many times"), required=False, min_value=2, max_value=250)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        repeats, number = cleaned.pop("repeats", ""), cleaned.pop("number", None)
        until, times = cleaned.pop("until", None), cleaned.pop("times", None)
        cleaned["priority"] = cleaned.get("priority") or FollowUpPriority.NORMAL
        if repeats and number is None and "number" not in self.errors:
            self.add_error("number", str(_("Say every how many working days, or on which day.")))
        elif repeats and number is not None:
            cleaned["repeating"] = Recurrence(Repeats(repeats), number, until, times)
        return cleaned


class PutOffForm(VerbForm):
    due_in = ChoiceField(label=_("When"), choices=QUICK_CHOICES, required=False)
    until = MomentField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        _chosen_due(self, cleaned, "until")
        return cleaned


class DoneForm(VerbForm):
    outcome_code = ChoiceField(
        label=_("What came of it"),
        choices=[("", "—"), *((one.value, one.label) for one in OUTCOMES_OF_DONE)],
        required=False,
    )
    outcome = LongTextField(label=_("Outcome"), required=False)


class DropForm(VerbForm):
    outcome_code = ChoiceField(
        label=_("What came of it"),
        choices=[("", "—"), *((one.value, one.label) for one in OUTCOMES_OF_CANCELLED)],
        required=False,
    )
    because = LongTextField(label=_("Because"), required=False)


class DropOfSeriesForm(DropForm):
    """Of one that comes back: this time only, or never again."""

    end_series = forms.BooleanField(
        label=_("End the whole series"), required=False, widget=UnfoldBooleanSwitchWidget
    )


class HandOverForm(VerbForm):
    owner = RowField(label=_("Colleague"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
