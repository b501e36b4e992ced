"""What the API takes about leads: shapes only; the verbs decide."""

from typing import Any

from rest_framework import serializers

from crm.api.inputs import (
    Choice,
    ClientId,
    Day,
    Flag,
    Id,
    Input,
    Moment,
    Words,
    YuanField,
)
from leads.models import ActivityKind, ActivityOutcome, LeadSource


class Whole(serializers.IntegerField):
    """A whole number, written as a number; it may be below zero."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class LeadIn(Input):
    id = ClientId()
    merchant = Id()
    source = Choice(LeadSource.choices, required=False)  # type: ignore[assignment]
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")
    expected_signing_on = Day(required=False, allow_null=True)


class LeadPatch(Input):
    source = Choice(LeadSource.choices, required=False)  # type: ignore[assignment]
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")
    expected_signing_on = Day(required=False, allow_null=True)


class AssignIn(Input):
    owner = Id()


class ActivityIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    kind = Choice(ActivityKind.choices)
    summary = Words()
    occurred_at = Moment()
    outcome_code = Choice(ActivityOutcome.choices, required=False, allow_blank=True)
    mood = Whole(min_value=-2, max_value=2, required=False, allow_null=True)
    two_way = Flag(
        required=False,
        allow_null=True,
        help_text="If absent: calls, visits and meetings that reached somebody",
    )


class ActivityPatch(Input):
    summary = Words(required=False)
    outcome_code = Choice(ActivityOutcome.choices, required=False, allow_blank=True)
    mood = Whole(min_value=-2, max_value=2, required=False, allow_null=True)
    two_way = Flag(required=False, allow_null=True)
