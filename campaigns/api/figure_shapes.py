"""What the API answers about card figures, and what it takes."""

from typing import Any

from rest_framework import serializers

from campaigns.models import CardCohort, CardFigure, CardSnapshot, FigureKind
from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, YuanField
from crm.api.job_shapes import JOB_FIELDS
from crm.api.shapes import Nested, Shape, Yuan
from crm.models import Job
from merchants.api.shapes import UNIT
from merchants.models import RowOutcome

_PARTS: dict[str, Any] = {
    "merchant": Nested("merchant_id", {"id": "merchant_id", "name": "merchant__name"}),
    "campaign": Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
}
_FILED: dict[str, Any] = {"id": "id", "source": "source", "unit": UNIT}


def _own(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name.removesuffix("_fen"): Yuan(name) if name.endswith("_fen") else name for name in names
    }


CARD_FIGURE = Shape(
    "CardFigure",
    CardFigure,
    **_FILED,
    **_PARTS,
    day="day",
    **_own(CardFigure.COUNTS),
    updated_at="updated_at",
)
CARD_COHORT = Shape(
    "CardCohort",
    CardCohort,
    **_FILED,
    **_PARTS,
    approved_on="approved_on",
    **_own(CardCohort.COUNTS),
    updated_at="updated_at",
)
CARD_SNAPSHOT = Shape(
    "CardSnapshot",
    CardSnapshot,
    **_FILED,
    day="day",
    **_own(CardSnapshot.COUNTS),
    updated_at="updated_at",
)
INTAKE = Shape(
    "CardFigureIntake",
    Job,
    **JOB_FIELDS,
    file=Nested("source_id", {"id": "source_id", "name": "source__name"}),
    unit=Nested("unit_id", {"id": "unit_id", "name": "unit__name"}),
)

MOST_ROWS = 500


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=0, max_value=10**15)


class _LineIn(Input):
    unit = Id()


class _PartIn(_LineIn):
    merchant = Id(required=False, allow_null=True)
    campaign = Id(required=False, allow_null=True)


class CardFigureRowIn(_PartIn):
    day = Day()
    cards_issued = _count()
    cards_attributed = _count()
    cards_activated = _count()
    transactions = _count()
    spend = YuanField(required=False)
    reversed = YuanField(required=False)
    offers_issued = _count()
    offers_claimed = _count()
    offers_redeemed = _count()
    offers_reversed = _count()


class CardCohortRowIn(_PartIn):
    approved_on = Day()
    as_of = Day()
    cards = _count()
    activated = _count()
    swiped_30 = _count()
    swiped_60 = _count()
    swiped_90 = _count()


class CardSnapshotRowIn(_LineIn):
    day = Day()
    cards_issued = _count()
    policy_cards = _count()
    cards_in_force = _count()
    active_1 = _count()
    active_3 = _count()
    active_6 = _count()
    active_12 = _count()
    accounts_in_force = _count()
    active_accounts = _count()
    sleeping_cards = _count()


class _FilingIn(Input):
    source = Line(  # type: ignore[assignment]
        max_length=40, help_text="Which system says so; each counts for itself"
    )


class CardFiguresIn(_FilingIn):
    rows = serializers.ListField(child=CardFigureRowIn(), min_length=1, max_length=MOST_ROWS)


class CardCohortsIn(_FilingIn):
    rows = serializers.ListField(child=CardCohortRowIn(), min_length=1, max_length=MOST_ROWS)


class CardSnapshotsIn(_FilingIn):
    rows = serializers.ListField(child=CardSnapshotRowIn(), min_length=1, max_length=MOST_ROWS)


class FiledLineOut(serializers.Serializer[Any]):
    """What became of one line, in the order in which they were sent."""

    number = serializers.IntegerField(help_text="Its place in what was sent, from 1")
    outcome = serializers.ChoiceField(
        [
            (str(one), one.label)
            for one in (
                RowOutcome.ADDED,
                RowOutcome.CHANGED,
                RowOutcome.UNCHANGED,
                RowOutcome.REFUSED,
            )
        ]
    )
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    attr = serializers.CharField(allow_null=True)


class FiledLinesOut(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = FiledLineOut(many=True)


class FigureIntakeIn(Input):
    id = ClientId()
    file = Id(help_text="As `POST /files/` gave it")
    kind = Choice(FigureKind.choices)
    source = Line(max_length=40)  # type: ignore[assignment]
    unit = Id(required=False, help_text="One's own unit if absent")
