"""What the API answers about the needs interview."""

from django.db.models import BooleanField, F, Func, OuterRef, TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from crm.api.shapes import Computed, Many, Nested, Shape, Yuan
from leads.api.shapes import MERCHANT
from leads.models import (
    CapabilityTemplate,
    CellNumber,
    CellStatus,
    GridCell,
    GridQuestion,
    NamedCapability,
    Pain,
)
from leads.models.grid_words import GATED, GridColumn


class _IsPremature(Func):
    """Whether a cell was filled before its time: a capability, while the pain is still stuck in
    reasons or impact. Takes the cell, the mode, the stuck column and the status."""

    template = "((%(expressions)s) IN ({}))".format(
        ", ".join(
            f"('{cell}', '{mode}', '{stuck}', '{status}')"
            for mode, cells in GATED.items()
            for cell in cells
            for stuck in (GridColumn.REASONS, GridColumn.IMPACT)
            for status in (CellStatus.PARTIAL, CellStatus.COMPLETE)
        )
    )
    output_field = BooleanField()


def _decimal(column: str, *, digits: int, places: int, nullable: bool = False) -> Computed:
    """A number with a fraction, answered as text: it is never a float."""
    described = serializers.DecimalField(digits, places, allow_null=nullable)
    return Computed(Cast(F(column), TextField()), described)


def _impact(column: str) -> Computed:
    return _decimal(column, digits=16, places=2, nullable=True)


PAIN = Shape(
    "Pain",
    Pain,
    id="id",
    version="version",
    merchant=MERCHANT,
    lead="lead_id",
    title="title",
    mode="mode",
    trigger="trigger",
    trigger_on="trigger_on",
    status="status",
    raw_completeness=_decimal("raw_completeness", digits=5, places=4),
    gated_completeness=_decimal("gated_completeness", digits=5, places=4),
    stuck_column="stuck_column",
    next_cell="next_cell",
    monthly_impact=Yuan("monthly_impact_fen"),
    monthly_impact_hours=_impact("monthly_impact_hours"),
    monthly_impact_guests=_impact("monthly_impact_guests"),
    critical_at="critical_at",
    opened_by=Nested("opened_by_id", {"id": "opened_by_id", "full_name": "opened_by__full_name"}),
    closed_at="closed_at",
    closed_as="closed_as",
    closed_because="closed_because",
    created_at="created_at",
    updated_at="updated_at",
)

NUMBER = Shape(
    "CellNumber",
    CellNumber,
    label="label",
    unit="unit",
    period="period",
    amount=Yuan("amount_fen"),
    value=_decimal("value", digits=16, places=2, nullable=True),
)

_LINKS = GridCell.documents.through
DOCUMENT = Shape(
    "CellDocument",
    _LINKS,
    id="storedfile_id",
    name="storedfile__name",
)

CELL = Shape(
    "GridCell",
    GridCell,
    id="id",
    cell="cell",
    status="status",
    premature=Computed(
        _IsPremature("cell", "pain__mode", "pain__stuck_column", "status"),
        serializers.BooleanField(
            help_text="A capability written down before reasons and impact were agreed"
        ),
    ),
    merchant_words="merchant_words",
    numbers=Many(
        NUMBER,
        CellNumber.objects.filter(cell=OuterRef("pk")).order_by("position"),
    ),
    documents=Many(
        DOCUMENT,
        _LINKS._default_manager.filter(gridcell=OuterRef("pk")).order_by("pk"),
    ),
    agreed_by=Nested("agreed_by_id", {"id": "agreed_by_id", "name": "agreed_by__masked_name"}),
    agreed_at="agreed_at",
    agreed_via="agreed_via",
    insight="insight_id",
    filled_by=Computed(F("filled_by__full_name"), serializers.CharField(allow_null=True)),
    filled_at="filled_at",
)

CAPABILITY = Shape("NamedCapability", NamedCapability, name="name", covered="covered")

PAIN_WITH_CELLS = Shape(
    "PainWithCells",
    Pain,
    **PAIN.fields,
    capabilities=Many(
        CAPABILITY,
        NamedCapability.objects.filter(pain=OuterRef("pk")).order_by("position"),
    ),
    cells=Many(CELL, GridCell.objects.filter(pain=OuterRef("pk")).order_by("cell")),
)

QUESTION = Shape(
    "GridQuestion",
    GridQuestion,
    id="id",
    version="version",
    question_set="question_set",
    cell="cell",
    position="position",
    text_en="text_en",
    text_zh="text_zh",
    active="active",
    created_at="created_at",
    updated_at="updated_at",
)

USUAL_CAPABILITY = Shape(
    "UsualCapability",
    CapabilityTemplate,
    id="id",
    version="version",
    question_set="question_set",
    position="position",
    text_en="text_en",
    text_zh="text_zh",
    covered="covered",
    active="active",
    created_at="created_at",
    updated_at="updated_at",
)
