"""The small forms on a lead's page and in bulk."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.admin.forms import (
    ChoiceField,
    LongTextField,
    MakingForm,
    MomentField,
    RowField,
    VerbForm,
)
from crm.models import User
from leads.admin.step_forms import StepForm
from leads.admin.visit_forms import MoodField, outcome_field
from leads.models import ActivityKind, Stage
from merchants.policies import WORKERS


class MoveForm(StepForm):
    """Many leads to one stage."""

    field_order = ("to", "because", "revisit_on", "lost_reason")
    to = ChoiceField(label=_("To the stage"), choices=Stage.choices)


def colleagues(user: User) -> Any:
    """People whom somebody may give leads to."""
    people = User.objects.visible_to(user).active()
    return people.filter(memberships__role__in=WORKERS).distinct().order_by("full_name", "pk")


class AssignForm(VerbForm):
    """Leads go to a colleague."""

    owner = RowField(label=_("Colleague"), queryset=User.objects.none())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues(user)  # type: ignore[attr-defined]


class ActivityForm(MakingForm):
    kind = ChoiceField(label=_("Kind"), choices=ActivityKind.choices)
    summary = LongTextField(label=_("What happened"))
    outcome_code = outcome_field()
    mood = MoodField()
    occurred_at = MomentField(label=_("When"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_at"].initial = timezone.localtime()
