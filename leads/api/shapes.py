"""What the API answers about leads."""

from django.db.models import OuterRef, TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from crm.api.shapes import Computed, Constant, Many, Nested, Shape, Yuan
from leads.models import Activity, FollowUp, Lead
from merchants.api.shapes import OWNER, UNIT
from merchants.api.timeline import ENTRY, newest_of

MERCHANT = Nested(
    "merchant_id",
    {
        "id": "merchant_id",
        "name": "merchant__name",
        "category_group": "merchant__category_group",
    },
)

SCORE = Computed(
    Cast("score", TextField()),
    serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        allow_null=True,
        help_text="Null: too little is known. Lists are ordered by `score_order`",
    ),
)

LEAD = Shape(
    "Lead",
    Lead,
    id="id",
    version="version",
    merchant=MERCHANT,
    owner=OWNER,
    unit=UNIT,
    stage="stage",
    stage_entered_at="stage_entered_at",
    source="source",
    expected_value=Yuan("expected_value_fen"),
    currency=Constant("CNY"),
    expected_signing_on="expected_signing_on",
    revisit_on="revisit_on",
    lost_reason="lost_reason",
    lost_to_rival=Nested(
        "lost_to_rival_id", {"id": "lost_to_rival_id", "name": "lost_to_rival__name"}
    ),
    last_activity_at="last_activity_at",
    next_follow_up_at="next_follow_up_at",
    score=SCORE,
    score_at="score_at",
    created_at="created_at",
    updated_at="updated_at",
)

ACTIVITY = Shape(
    "Activity",
    Activity,
    id="id",
    version="version",
    merchant=MERCHANT,
    lead="lead_id",
    actor=Nested("actor_id", {"id": "actor_id", "full_name": "actor__full_name"}),
    kind="kind",
    summary="summary",
    outcome_code="outcome_code",
    mood="mood",
    two_way="two_way",
    occurred_at="occurred_at",
    created_at="created_at",
    updated_at="updated_at",
)

FOLLOW_UP = Shape(
    "FollowUp",
    FollowUp,
    id="id",
    version="version",
    merchant=MERCHANT,
    lead="lead_id",
    owner=OWNER,
    title="title",
    due_at="due_at",
    state="state",
    snoozes="snoozes",
    outcome="outcome",
    outcome_code="outcome_code",
    closed_at="closed_at",
    priority="priority",
    repeats="repeats",
    repeat_number="repeat_number",
    repeat_until="repeat_until",
    repeats_left="repeats_left",
    previous="previous_id",
    created_at="created_at",
    updated_at="updated_at",
)

LEAD_WITH_TIMELINE = Shape(
    "LeadWithTimeline",
    Lead,
    **LEAD.fields,
    timeline=Many(ENTRY, newest_of(OuterRef("merchant"))),
)
