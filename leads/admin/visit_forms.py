"""The small forms of activities and visits."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
)

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
from leads.models import Activity, ActivityOutcome, Visit
from merchants.models import Outlet

MOODS = {
    2: _("Very pleased"),
    1: _("Pleased"),
    0: _("Neither"),
    -1: _("Displeased"),
    -2: _("Very displeased"),
}
"""How the other side took it; plain words, and no diagnosis."""


def mood_words(mood: int | None) -> str:
    """The mood as a word with its sign."""
    if mood is None:
        return "—"
    sign = "+" if mood > 0 else "−" if mood < 0 else ""
    return f"{MOODS[mood]} ({sign}{abs(mood)})"


class MoodField(forms.TypedChoiceField):
    """One of five steps, or nothing."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("How they took it"))
        options.setdefault("required", False)
        super().__init__(
            choices=[("", "—"), *((str(step), mood_words(step)) for step in MOODS)],
            coerce=int,
            empty_value=None,
            **options,
        )


def outcome_field() -> ChoiceField:
    """What came of it; may be left open."""
    return ChoiceField(
        label=pgettext_lazy("activity", "Outcome"),
        choices=[("", "—"), *ActivityOutcome.choices],
        required=False,
    )


class CorrectionForm(VerbForm):
    """What somebody wrote down themselves, put right."""

    summary = LongTextField(label=_("What happened"), max_length=5000)
    outcome_code = outcome_field()
    mood = MoodField()
    two_way = forms.BooleanField(label=_("They had a say in it"), required=False)

    @classmethod
    def of(cls, activity: Activity, data: Any) -> "CorrectionForm":
        names = ("summary", "outcome_code", "mood", "two_way")
        return cls(data, initial={name: getattr(activity, name) for name in names})


class TimeField(forms.TimeField):
    """A time of day, chosen with the browser's own clock."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(
            format="%H:%M", attrs={"type": "time", "class": " ".join(INPUT_CLASSES)}
        )
        super().__init__(widget=widget, **options)


class _Where(VerbForm):
    """Which of a merchant's outlets."""

    outlet = RowField(label=_("Outlet"), queryset=Outlet.objects.none(), required=False)

    def __init__(self, *args: Any, merchant_id: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outlets = Outlet.objects.filter(merchant=merchant_id).order_by("name", "pk")
        self.fields["outlet"].queryset = outlets  # type: ignore[attr-defined]


class PlanForm(_Where, MakingForm):
    """A visit to be planned."""

    field_order = ("planned_for", "planned_time", "outlet", "purpose")
    planned_for = DayField(label=_("Day"))
    planned_time = TimeField(label=_("Time"), required=False)
    purpose = TextField(label=pgettext_lazy("visit", "Purpose"), max_length=200, required=False)


class MoveForm(_Where):
    """A visit on another day."""

    field_order = ("planned_for", "planned_time", "outlet", "purpose")
    planned_for = DayField(label=_("Day"))
    planned_time = TimeField(label=_("Time"), required=False)
    purpose = TextField(label=pgettext_lazy("visit", "Purpose"), max_length=200, required=False)

    @classmethod
    def of(cls, visit: Visit, data: Any) -> "MoveForm":
        names = ("planned_for", "planned_time", "purpose", "outlet")
        initial = {name: getattr(visit, name) for name in names}
        return cls(data, initial=initial, merchant_id=visit.merchant_id)


class CheckOutForm(MakingForm):
    """What came of a visit."""

    summary = LongTextField(label=_("What happened"), max_length=5000)
    outcome_code = outcome_field()
    mood = MoodField()
    left_at = MomentField(label=_("Left at"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["left_at"].initial = timezone.localtime()


class CancelForm(VerbForm):
    because = TextField(label=_("Because"), max_length=500)


class PhotoForm(VerbForm):
    photo = forms.FileField(
        label=_("Photo"),
        max_length=200,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".jpg,.jpeg,.png"}),
        help_text=_("JPEG or PNG; place and time that the camera wrote into it are left out."),
    )
