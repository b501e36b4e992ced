"""What the API takes about leads: shapes only; the verbs decide."""

from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Moment, Words, YuanField
from leads.models import ActivityKind, LeadSource


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


class FollowUpIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    title = Line()
    due_at = Moment()


class DoneIn(Input):
    outcome = Words(required=False, allow_blank=True, max_length=2000)


class CancelIn(Input):
    because = Words(required=False, allow_blank=True, max_length=2000)


class SnoozeIn(Input):
    until = Moment()
