"""What the API takes about leads: shapes only; the verbs decide."""

from crm.api.inputs import Choice, ClientId, Day, Id, Input, Moment, Words, YuanField
from leads.models import ActivityKind, LeadSource, LostReason, Stage


class LeadIn(Input):
    id = ClientId()
    merchant = Id()
    source = Choice(LeadSource.choices, required=False)  # type: ignore[assignment]
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")


class LeadPatch(Input):
    source = Choice(LeadSource.choices, required=False)  # type: ignore[assignment]
    expected_value = YuanField(required=False, allow_null=True, source="expected_value_fen")


class AdvanceIn(Input):
    to = Choice(Stage.choices)
    because = Words(required=False, allow_blank=True, max_length=2000)
    revisit_on = Day(required=False, allow_null=True)
    lost_reason = Choice(LostReason.choices, required=False, allow_blank=True)


class AssignIn(Input):
    owner = Id()


class ActivityIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    kind = Choice(ActivityKind.choices)
    summary = Words()
    occurred_at = Moment()
