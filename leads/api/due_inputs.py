"""How the API takes due times and recurrences of follow-ups."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Moment, Words
from leads.domain.due_dates import Due, InWorkingDays
from leads.domain.recurrence import Recurrence
from leads.models import FollowUpOutcome, FollowUpPriority, Repeats
from merchants.api.inputs import TimeOfDay
from merchants.api.partnership_inputs import Count


def _one_due(moment: Any, count: int | None, hour: Any, *, attr: str) -> Due:
    """A moment, or a count of working days with an hour: one of the two. Raises a 400."""
    if (moment is None) == (count is None) or (moment is not None and hour is not None):
        raise serializers.ValidationError(
            {
                attr: serializers.ErrorDetail(
                    str(_("Say the moment, or in how many working days: one of the two.")),
                    "one_due_time",
                )
            }
        )
    return InWorkingDays(count, hour) if count is not None else moment


class RecurrenceIn(Input):
    """How a promise comes back once it is done."""

    repeats = Choice(Repeats.choices)
    number = Count(
        min_value=1,
        max_value=250,
        help_text="Working days in between, weekday (1 is Monday), or day of the month",
    )
    until = Day(required=False, allow_null=True, help_text="The last possible day")
    times = Count(
        min_value=2, max_value=250, required=False, allow_null=True, help_text="With the first"
    )

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        return Recurrence(**{**values, "repeats": Repeats(values["repeats"])})


class FollowUpIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    title = Line()
    due_at = Moment(required=False, help_text="Or `due_in_working_days`")
    due_in_working_days = Count(min_value=1, max_value=250, required=False)
    due_time = TimeOfDay(required=False, help_text="With `due_in_working_days`; 10:00 if absent")
    priority = Choice(FollowUpPriority.choices, required=False)
    recurrence = RecurrenceIn(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["due_at"] = _one_due(
            attrs.pop("due_at", None),
            attrs.pop("due_in_working_days", None),
            attrs.pop("due_time", None),
            attr="due_at",
        )
        if "recurrence" in attrs:
            attrs["repeating"] = attrs.pop("recurrence")
        return attrs


class DoneIn(Input):
    outcome = Words(required=False, allow_blank=True, max_length=2000)
    outcome_code = Choice(FollowUpOutcome.choices, required=False, allow_blank=True)


class CancelIn(Input):
    because = Words(required=False, allow_blank=True, max_length=2000)
    outcome_code = Choice(FollowUpOutcome.choices, required=False, allow_blank=True)
    end_series = Flag(required=False, help_text="Of one that repeats: the next does not come")


class SnoozeIn(Input):
    until = Moment(required=False, help_text="Or `in_working_days`")
    in_working_days = Count(min_value=1, max_value=250, required=False)
    time = TimeOfDay(required=False, help_text="With `in_working_days`; 10:00 if absent")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {
            "until": _one_due(
                attrs.get("until"), attrs.get("in_working_days"), attrs.get("time"), attr="until"
            )
        }


class HandOverIn(Input):
    owner = Id()
