"""What the API answers about objections and plays."""

from django.db.models import F, OuterRef
from rest_framework import serializers

from crm.api.shapes import Computed, Many, Nested, Shape
from leads.api.shapes import MERCHANT
from leads.domain.plays import TEXTS
from leads.models import Objection, ObjectionChange, Play, PlayAttempt, PlayVersion


def _person(column: str) -> Nested:
    return Nested(f"{column}_id", {"id": f"{column}_id", "full_name": f"{column}__full_name"})


PLAY = Shape(
    "Play",
    Play,
    id="id",
    version="version",
    code="code",
    reason="reason",
    sub_reason="sub_reason",
    category_groups=Computed(
        F("category_groups"), serializers.ListField(child=serializers.CharField())
    ),
    current=Nested(
        "current_id",
        {
            "id": "current_id",
            "number": "current__number",
            **{name: f"current__{name}" for name in TEXTS},
        },
    ),
    retired_at="retired_at",
    created_at="created_at",
    updated_at="updated_at",
)

PLAY_VERSION = Shape(
    "PlayVersion",
    PlayVersion,
    id="id",
    number="number",
    **{name: name for name in TEXTS},
    written_by=_person("written_by"),
    at="at",
)

PLAY_WITH_VERSIONS = Shape(
    "PlayWithVersions",
    Play,
    **PLAY.fields,
    versions=Many(
        PLAY_VERSION,
        PlayVersion.objects.filter(play=OuterRef("pk")).order_by("-number")[:50],
    ),
)

ATTEMPT = Shape(
    "PlayAttempt",
    PlayAttempt,
    id="id",
    version="version",
    objection="objection_id",
    play=Nested(
        "play_version_id",
        {
            "id": "play_version__play_id",
            "code": "play_version__play__code",
            "version_id": "play_version_id",
            "number": "play_version__number",
            "title_en": "play_version__title_en",
            "title_zh": "play_version__title_zh",
        },
    ),
    activity="activity_id",
    actor=_person("actor"),
    at="at",
    outcome="outcome",
    outcome_at="outcome_at",
    notes="notes",
)

CHANGE = Shape(
    "ObjectionChange",
    ObjectionChange,
    id="id",
    from_state="from_state",
    to_state="to_state",
    at="at",
    actor=_person("actor"),
    because="because",
    declared_reason="declared_reason",
    sub_reason="sub_reason",
    deferred_until="deferred_until",
    resolved_cell="resolved_cell_id",
    resolved_follow_up="resolved_follow_up_id",
    commitment="commitment",
    commitment_on="commitment_on",
)

OBJECTION = Shape(
    "Objection",
    Objection,
    id="id",
    version="version",
    merchant=MERCHANT,
    lead="lead_id",
    activity="activity_id",
    pain="pain_id",
    raised_by=_person("raised_by"),
    raised_at="raised_at",
    merchant_words="merchant_words",
    declared_reason="declared_reason",
    sub_reason="sub_reason",
    names_other_problem="names_other_problem",
    suggested_reason="suggested_reason",
    suggested_because="suggested_because",
    mismatch="mismatch",
    state="state",
    state_since="state_since",
    deferred_until="deferred_until",
    resolved_cell="resolved_cell_id",
    resolved_follow_up="resolved_follow_up_id",
    commitment="commitment",
    commitment_on="commitment_on",
    resolved_at="resolved_at",
    reopened_at="reopened_at",
    created_at="created_at",
    updated_at="updated_at",
)

OBJECTION_IN_FULL = Shape(
    "ObjectionInFull",
    Objection,
    **OBJECTION.fields,
    attempts=Many(
        ATTEMPT,
        PlayAttempt.objects.filter(objection=OuterRef("pk")).order_by("-at", "-id")[:50],
    ),
    changes=Many(
        CHANGE,
        ObjectionChange.objects.filter(objection=OuterRef("pk")).order_by("-at", "-id")[:50],
    ),
)
