"""What the API answers about the steps of leads, the evidence for them, and the waivers in them."""

from typing import Any

from django.db.models import OuterRef
from rest_framework import serializers

from crm.api.shapes import Many, Nested, Shape
from leads.domain.lead_checklists import CHECK_STATES, Check
from leads.domain.pipeline import Way
from leads.models import LeadEvidence, LeadEvidenceKind, LeadWaiver, Stage, StageChange
from leads.models.stages import Guard

MOST_BESIDE = 50
"""Pieces of evidence or waivers that are shown with a step."""


def _person(column: str) -> Nested:
    return Nested(f"{column}_id", {"id": f"{column}_id", "full_name": f"{column}__full_name"})


LEAD_EVIDENCE = Shape(
    "LeadEvidence",
    LeadEvidence,
    id="id",
    lead="lead_id",
    kind="kind",
    said="said",
    happened_on="happened_on",
    numbers="numbers",
    document=Nested(
        "document_id",
        {"id": "document_id", "name": "document__name", "sha256": "document__sha256"},
    ),
    filed_by=_person("filed_by"),
    at="at",
)

LEAD_WAIVER = Shape(
    "LeadWaiver",
    LeadWaiver,
    id="id",
    lead="lead_id",
    to="to_stage",
    guard="guard",
    because="because",
    given_by=_person("given_by"),
    at="at",
)

_EVIDENCE_OF_STEP = Shape(
    "LeadStepEvidence", LeadEvidence, id="id", kind="kind", happened_on="happened_on", at="at"
)
_WAIVER_OF_STEP = Shape("LeadStepWaiver", LeadWaiver, id="id", guard="guard", because="because")

LEAD_STEP = Shape(
    "LeadStep",
    StageChange,
    **{"from": "from_stage"},
    id="id",
    to="to_stage",
    at="at",
    actor=_person("actor"),
    because="because",
    reason="reason",
    lost_reason="lost_reason",
    working_days="working_days",
    evidence=Many(
        _EVIDENCE_OF_STEP,
        LeadEvidence.objects.filter(steps=OuterRef("pk")).order_by("-at", "-pk")[:MOST_BESIDE],
    ),
    waivers=Many(
        _WAIVER_OF_STEP,
        LeadWaiver.objects.filter(steps=OuterRef("pk")).order_by("-at", "-pk")[:MOST_BESIDE],
    ),
)


class LeadGuardEvidenceOut(serializers.Serializer[Any]):
    """Evidence that serves a guard."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(LeadEvidenceKind.choices)
    happened_on = serializers.DateField()
    at = serializers.DateTimeField()


class LeadGuardWaiverOut(serializers.Serializer[Any]):
    """The waiver that lets a guard pass."""

    id = serializers.UUIDField()
    because = serializers.CharField()
    given_by = serializers.CharField()
    at = serializers.DateTimeField()


class LeadGuardOut(serializers.Serializer[Any]):
    """One thing that a step asks for, and how it stands."""

    guard = serializers.ChoiceField(Guard.choices)
    sentence = serializers.CharField(help_text="In the language of Accept-Language")
    state = serializers.ChoiceField(
        CHECK_STATES, help_text="`asked`: the step itself must say it (see `attr`)"
    )
    by = serializers.CharField(help_text="By what it is met, or why it is waived; may be empty")
    remedy = serializers.CharField(help_text="What to do when it is missing")
    attr = serializers.CharField(
        allow_null=True, help_text="The field of `advance` that says it, if the step does"
    )
    waivable = serializers.BooleanField(help_text="Whether a leader of the unit may let it pass")
    evidence_kinds = serializers.ListField(child=serializers.ChoiceField(LeadEvidenceKind.choices))
    evidence = LeadGuardEvidenceOut(many=True)
    waiver = LeadGuardWaiverOut(allow_null=True)


class WayOut(serializers.Serializer[Any]):
    """One possible next stage: whether you may, what is there, and what it still asks for."""

    to = serializers.ChoiceField(Stage.choices)
    transition = serializers.CharField(help_text="Its number in the lifecycle table, like T5")
    who = serializers.CharField(help_text="In the language of Accept-Language")
    allowed = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    guards = LeadGuardOut(many=True)


class WaysOut(serializers.Serializer[Any]):
    ways = WayOut(many=True)


def way(one: Way) -> dict[str, Any]:
    """A way as plain values."""
    return {
        "to": one.to,
        "transition": one.road.transition,
        "who": str(one.road.who.value),
        "allowed": one.allowed,
        "missing": [str(guard) for guard in one.missing],
        "guards": [_guard(check) for check in one.checks],
    }


def _guard(check: Check) -> dict[str, Any]:
    demand, waiver = check.demand, check.waiver
    return {
        "guard": str(check.guard),
        "sentence": str(check.guard.label),
        "state": str(check.state),
        "by": str(check.said),
        "remedy": str(demand.remedy),
        "attr": demand.attr,
        "waivable": demand.waivable,
        "evidence_kinds": [str(kind) for kind in demand.kinds],
        "evidence": [
            {"id": one.pk, "kind": one.kind, "happened_on": one.happened_on, "at": one.at}
            for one in check.found.evidence
        ],
        "waiver": waiver
        and {
            "id": waiver.pk,
            "because": waiver.because,
            "given_by": waiver.given_by.full_name,
            "at": waiver.at,
        },
    }
