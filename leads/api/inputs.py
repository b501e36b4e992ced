"""What the API takes about leads: shapes only; the verbs decide."""

from rest_framework import serializers

from crm.api.inputs import ClientId, Input, Line, Words, YuanField
from leads.models import ActivityKind, LeadSource, LostReason, Stage


class LeadIn(Input):
    id = ClientId()
    merchant = serializers.UUIDField()
    source = serializers.ChoiceField(LeadSource.choices, required=False)
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")


class LeadPatch(Input):
    source = serializers.ChoiceField(LeadSource.choices, required=False)
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")


class AdvanceIn(Input):
    to = serializers.ChoiceField(Stage.choices)
    because = Words(required=False, allow_blank=True, max_length=2000)
    revisit_on = serializers.DateField(required=False, allow_null=True)
    lost_reason = serializers.ChoiceField(LostReason.choices, required=False, allow_blank=True)


class AssignIn(Input):
    owner = serializers.UUIDField()


class ActivityIn(Input):
    id = ClientId()
    merchant = serializers.UUIDField()
    lead = serializers.UUIDField(required=False, allow_null=True)
    kind = serializers.ChoiceField(ActivityKind.choices)
    summary = Words()
    occurred_at = serializers.DateTimeField()


class FollowUpIn(Input):
    id = ClientId()
    merchant = serializers.UUIDField()
    lead = serializers.UUIDField(required=False, allow_null=True)
    title = Line()
    due_at = serializers.DateTimeField()


class DoneIn(Input):
    outcome = Words(required=False, allow_blank=True, max_length=2000)


class CancelIn(Input):
    because = Words(required=False, allow_blank=True, max_length=2000)


class SnoozeIn(Input):
    until = serializers.DateTimeField()
