"""Fields and forms in the admin's dress; what they say no to, the verbs decide."""

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import User

_CLASSES = " ".join(INPUT_CLASSES)


class TextField(forms.CharField):
    widget = UnfoldAdminTextInputWidget


class LongTextField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 2000)
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), **options)


class PasswordField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        super().__init__(widget=widget, strip=False, max_length=128, **options)


class ChoiceField(forms.ChoiceField):
    widget = UnfoldAdminSelectWidget


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    widget = UnfoldAdminSelectWidget


class DayField(forms.DateField):
    """A day, chosen with the browser's own calendar: it works on phones and without scripts."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": _CLASSES})
        super().__init__(widget=widget, **options)


class MomentField(forms.DateTimeField):
    """A moment in the person's own time zone, to the minute."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": _CLASSES}
        )
        super().__init__(widget=widget, **options)


class YuanField(forms.DecimalField):
    """An amount typed in yuan; the domain counts in fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_digits=18,
            decimal_places=2,
            widget=forms.NumberInput(attrs={"class": _CLASSES, "step": "0.01", "min": "0"}),
            **options,
        )

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class VerbForm(forms.Form):
    """What a verb needs to be told. A form that makes a row carries the row's id, so that sending
    it twice makes one row."""

    required_css_class = "required"


class MakingForm(VerbForm):
    row_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


class RoomForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of a row. It remembers which version of the row the person read, and it checks
    shapes only: the rules are the verb's, whose refusal comes back into the form."""

    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    refusal: DomainError | None = None
    fields_of: Mapping[str, str] = {}
    viewer: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["read_version"].initial = getattr(self.instance, "version", None)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            show(self, self.refusal, self.fields_of)
        return cleaned

    def _post_clean(self) -> None:
        """The row is left alone: nothing but a verb changes it."""


def show(
    form: forms.BaseForm, refusal: DomainError, fields_of: Mapping[str, str] | None = None
) -> None:
    """Put a refusal's sentences beside the fields that they are about."""
    for problem in refusal.problems:
        name = (fields_of or {}).get(problem.attr or "", problem.attr)
        form.add_error(name if name in form.fields else None, str(problem.detail))
