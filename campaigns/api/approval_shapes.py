"""What the API answers about approvals, and what it takes."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from campaigns.models import ApprovalRequest, ApprovalStep, ApprovalTier, Delegation
from campaigns.models.approval_tier import MOST_STEPS
from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Words, YuanField
from crm.api.shapes import Many, Nested, Shape, Yuan
from crm.models import Role
from merchants.api.shapes import UNIT


def _person(column: str) -> Nested:
    return Nested(f"{column}_id", {"id": f"{column}_id", "full_name": f"{column}__full_name"})


TIER = Shape(
    "ApprovalTier",
    ApprovalTier,
    id="id",
    version="version",
    unit=UNIT,
    **{"from": Yuan("from_fen")},
    below=Yuan("up_to_fen"),
    steps="steps",
    is_active="is_active",
    created_at="created_at",
    updated_at="updated_at",
)

STEP = Shape(
    "ApprovalStep",
    ApprovalStep,
    order="order",
    role="role",
    decision="decision",
    comment="comment",
    decided_by=_person("decided_by"),
    on_behalf_of=_person("on_behalf_of"),
    decided_at="decided_at",
)

REQUEST = Shape(
    "ApprovalRequest",
    ApprovalRequest,
    id="id",
    version="version",
    campaign=Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
    unit=Nested("campaign__unit_id", {"id": "campaign__unit_id", "name": "campaign__unit__name"}),
    round="round",
    kind="kind",
    terms_version="version_number",
    amount=Yuan("amount_fen"),
    requested_by=_person("requested_by"),
    said="said",
    state="state",
    waits_for="waits_for",
    present_step="present_step",
    steps=Many(STEP, ApprovalStep.objects.filter(request=OuterRef("pk")).order_by("order", "pk")),
    requested_at="requested_at",
    step_since="step_since",
    settled_at="settled_at",
)

DELEGATION = Shape(
    "Delegation",
    Delegation,
    id="id",
    version="version",
    principal=_person("principal"),
    delegate=_person("delegate"),
    first_day="first_day",
    last_day="last_day",
    because="because",
    ended_at="ended_at",
    created_at="created_at",
)


def _steps(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=Choice(Role.choices), min_length=1, max_length=MOST_STEPS, **options
    )


class TierIn(Input):
    id = ClientId()
    unit = Id()
    below = YuanField(required=False, allow_null=True)
    steps = _steps()

    def get_fields(self) -> Any:
        """`from` is no name that Python lets us write."""
        return {**super().get_fields(), "from": YuanField()}


class TierPatch(Input):
    below = YuanField(required=False, allow_null=True)
    steps = _steps(required=False)
    is_active = Flag(required=False)

    def get_fields(self) -> Any:
        return {**super().get_fields(), "from": YuanField(required=False)}


class SubmitIn(Input):
    said = Words(required=False, allow_blank=True, max_length=2000)


class ApproveIn(Input):
    step = serializers.IntegerField(
        min_value=1, max_value=MOST_STEPS, help_text="The step that was read: `present_step`"
    )
    comment = Words(required=False, allow_blank=True, max_length=2000)


class ApprovalReturnIn(ApproveIn):
    comment = Words(max_length=2000)


class WithdrawIn(Input):
    because = Words(required=False, allow_blank=True, max_length=2000)


class DelegationIn(Input):
    id = ClientId()
    to = Id()
    first_day = Day()
    last_day = Day()
    because = Line(max_length=500, required=False, allow_blank=True)


class MissingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class SubmissionOut(serializers.Serializer[Any]):
    """Whether a campaign can be submitted, and who would have to agree."""

    ready = serializers.BooleanField()
    missing = MissingOut(many=True)
    steps = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))
