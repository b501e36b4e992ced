"""What the API answers about insights, rivals and SWOT."""

from django.conf import settings
from django.db.models import BooleanField, DateField, ExpressionWrapper, F, Func, OuterRef, Q
from rest_framework import serializers

from crm.api.shapes import Computed, Many, Nested, Shape
from merchants.models import (
    Insight,
    InsightMove,
    Rival,
    RivalOffer,
    SwotAnalysis,
    SwotFact,
    SwotFeature,
)


class _BankToday(Func):
    """Today, where the bank is."""

    template = f"(CURRENT_TIMESTAMP AT TIME ZONE '{settings.TIME_ZONE}')::date"
    output_field = DateField()


_RUNNING = Q(starts_on__lte=_BankToday()) & (Q(ends_on__isnull=True) | Q(ends_on__gte=_BankToday()))
_EXPIRED = Q(ends_on__isnull=False, ends_on__lt=_BankToday())

INSIGHT = Shape(
    "Insight",
    Insight,
    id="id",
    version="version",
    merchant="merchant_id",
    kind="kind",
    statement="statement",
    quadrant="quadrant",
    known_to_merchant="known_to_merchant",
    known_to_merchant_on="known_to_merchant_on",
    known_to_bank="known_to_bank",
    known_to_bank_on="known_to_bank_on",
    is_hypothesis="is_hypothesis",
    experiment="experiment",
    could_tell="could_tell",
    data_source="data_source",
    peers="peers",
    evidence="evidence",
    file="file_id",
    shared_at="shared_at",
    created_at="created_at",
    updated_at="updated_at",
)

MOVE = Shape(
    "InsightMove",
    InsightMove,
    id="id",
    at="at",
    from_quadrant="from_quadrant",
    to_quadrant="to_quadrant",
    through="through",
    because="because",
    actor=Computed(F("actor__full_name"), serializers.CharField(allow_null=True)),
)

RIVAL = Shape(
    "Rival",
    Rival,
    id="id",
    version="version",
    name="name",
    short_name="short_name",
    kind="kind",
    created_at="created_at",
    updated_at="updated_at",
)
_OF_RIVAL = Nested(
    "rival_id", {"id": "rival_id", "name": "rival__name", "short_name": "rival__short_name"}
)

RIVAL_OFFER = Shape(
    "RivalOffer",
    RivalOffer,
    id="id",
    version="version",
    merchant="merchant_id",
    rival=_OF_RIVAL,
    mechanic="mechanic",
    starts_on="starts_on",
    ends_on="ends_on",
    running=Computed(
        ExpressionWrapper(_RUNNING, output_field=BooleanField()), serializers.BooleanField()
    ),
    expired=Computed(
        ExpressionWrapper(_EXPIRED, output_field=BooleanField()), serializers.BooleanField()
    ),
    exclusive="exclusive",
    paid_by_rival_basis_points="paid_by_rival_basis_points",
    source="source",
    seen_on="seen_on",
    created_at="created_at",
    updated_at="updated_at",
)

ANALYSIS = Shape(
    "SwotAnalysis",
    SwotAnalysis,
    id="id",
    version="version",
    rival=_OF_RIVAL,
    category_group="category_group",
    merchant=Nested("merchant_id", {"id": "merchant_id", "name": "merchant__name"}),
    package="package",
    created_at="created_at",
    updated_at="updated_at",
)

FEATURE = Shape(
    "SwotFeature",
    SwotFeature,
    id="id",
    version="version",
    analysis="analysis_id",
    name="name",
    difference="difference",
    importance="importance",
    score=Computed(F("score"), serializers.IntegerField()),
    answers=Computed(F("answers"), serializers.ListField(child=serializers.CharField())),
    removed_at="removed_at",
)

FACT = Shape(
    "SwotFact",
    SwotFact,
    id="id",
    version="version",
    analysis="analysis_id",
    kind="kind",
    statement="statement",
    dated="dated",
    source="source",
    weight="weight",
    removed_at="removed_at",
)

ANALYSIS_WITH_PARTS = Shape(
    "SwotAnalysisWithParts",
    SwotAnalysis,
    **ANALYSIS.fields,
    features=Many(
        FEATURE,
        SwotFeature.objects.current().filter(analysis=OuterRef("pk")).order_by("-score", "name"),
    ),
    facts=Many(
        FACT,
        SwotFact.objects.current().filter(analysis=OuterRef("pk")).order_by("-dated", "statement"),
    ),
)
