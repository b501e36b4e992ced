"""What the API takes about the needs interview: shapes only; the verbs decide."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Moment, Words, YuanField
from leads.domain.cell_figures import MOST_FIGURES, Given
from leads.domain.cells import MOST_DOCUMENTS
from leads.domain.interviews import MOST_CAPABILITIES, Wanted
from leads.models import (
    AgreedVia,
    Cell,
    CellStatus,
    GridMode,
    NumberPeriod,
    NumberUnit,
    PainEnd,
    QuestionSet,
)
from merchants.api.insight_inputs import Count

PLAIN = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"


@extend_schema_field({"type": "string", "pattern": PLAIN, "example": "15"})
class PlainNumber(serializers.Field[Decimal, str, str, Any]):
    """A number as decimal text, zero or above."""

    default_error_messages = {"number": _("Write a number as text, like “15” or “12.5”.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(PLAIN, data, re.ASCII):
            self.fail("number")
        return Decimal(data)


class PainIn(Input):
    id = ClientId()
    merchant = Id()
    lead = Id(required=False, allow_null=True)
    title = Line()
    mode = Choice(GridMode.choices, required=False)
    trigger = Line(required=False, allow_blank=True)
    trigger_on = Day(required=False, allow_null=True)


class PainPatch(Input):
    lead = Id(required=False, allow_null=True, source="lead_id")
    title = Line(required=False)
    mode = Choice(GridMode.choices, required=False)
    trigger = Line(required=False, allow_blank=True)
    trigger_on = Day(required=False, allow_null=True)


class NumberIn(Input):
    """A figure that was named: money has an `amount` in yuan, everything else a `value`."""

    label = Line(max_length=100)  # type: ignore[assignment]
    unit = Choice(NumberUnit.choices)
    period = Choice(NumberPeriod.choices, required=False)
    amount = YuanField(required=False, allow_null=True, source="amount_fen")
    value = PlainNumber(required=False, allow_null=True)


class _Said(Input):
    words = Words(required=False, allow_blank=True)
    numbers = serializers.ListField(child=NumberIn(), required=False, max_length=MOST_FIGURES)
    documents = serializers.ListField(
        child=Id(), required=False, max_length=MOST_DOCUMENTS, help_text="From `POST /files/`"
    )


class FillIn(_Said):
    status = Choice(CellStatus.choices, required=False)


class ConfirmIn(_Said):
    agreed_by = Id(source="agreed_by_id", help_text="A contact of the merchant")
    agreed_at = Moment()
    agreed_via = Choice(AgreedVia.choices)
    insight = Id(required=False, allow_null=True, source="insight_id")


class TakeBackIn(Input):
    because = Line(max_length=500)


class CapabilityIn(Input):
    name = Line()
    covered = Flag(required=False)


class CapabilitiesIn(Input):
    capabilities = serializers.ListField(child=CapabilityIn(), max_length=MOST_CAPABILITIES)


class ClosePainIn(Input):
    closed_as = Choice(PainEnd.choices)
    because = Line(max_length=500, required=False, allow_blank=True)


class EntryPointIn(Input):
    pain = Id()
    cell = Choice(Cell.choices, required=False)


class QuestionIn(Input):
    id = ClientId()
    question_set = Choice(QuestionSet.choices)
    cell = Choice(Cell.choices)
    position = Count(min_value=1, max_value=99, required=False)
    text_en = Line(max_length=500)
    text_zh = Line(max_length=500)


class QuestionPatch(Input):
    text_en = Line(max_length=500, required=False)
    text_zh = Line(max_length=500, required=False)
    active = Flag(required=False)


class UsualCapabilityPatch(QuestionPatch):
    covered = Flag(required=False)


def said(values: dict[str, Any]) -> dict[str, Any]:
    """What was said in a cell, as the verbs take it."""
    if "numbers" in values:
        values["numbers"] = [Given(**one) for one in values["numbers"]]
    if "documents" in values:
        values["document_ids"] = values.pop("documents")
    return values


def wanted(values: dict[str, Any]) -> list[Wanted]:
    """Capabilities as the verb takes them."""
    return [Wanted(**one) for one in values["capabilities"]]
