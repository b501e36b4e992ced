"""What the API takes about the steps of leads: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Words
from leads.domain.lead_file import Signature
from leads.models import LeadEvidenceKind, LeadStepReason, LostReason, Stage
from leads.models.stages import Guard
from merchants.api.partnership_inputs import Count
from merchants.models import SettlementBasis


class SignatureIn(Input):
    """The signed agreement that a lead is won with."""

    number = Line(max_length=60)
    starts_on = Day()
    ends_on = Day()
    bank_signatory = Line(max_length=100)
    merchant_signatory = Line(max_length=100)
    document = Id(
        required=False, allow_null=True, help_text="The signed paper, from `POST /files/`"
    )
    terms = Words(max_length=20_000, required=False, allow_blank=True)
    settlement_days = Count(min_value=0, max_value=60, required=False)
    settlement_basis = Choice(SettlementBasis.choices, required=False)
    notice_days = Count(min_value=0, max_value=365, required=False)
    data_clause = serializers.BooleanField(
        required=False, help_text="Whether it says how personal data are handled"
    )
    settlement_clause = serializers.BooleanField(
        required=False, help_text="Whether it says when and how is settled"
    )


class LeadWaiverWithStepIn(Input):
    guard = Choice(Guard.choices)
    because = Words(max_length=2000)


class AdvanceIn(Input):
    to = Choice(Stage.choices)
    because = Words(required=False, allow_blank=True, max_length=2000)
    reason = Choice(LeadStepReason.choices, required=False, allow_blank=True)
    revisit_on = Day(required=False, allow_null=True)
    lost_reason = Choice(LostReason.choices, required=False, allow_blank=True)
    lost_to_rival = Id(required=False, allow_null=True)
    waivers = LeadWaiverWithStepIn(many=True, required=False)
    agreement = SignatureIn(required=False, allow_null=True)


class LeadEvidenceIn(Input):
    id = ClientId()
    kind = Choice(LeadEvidenceKind.choices)
    said = Words(required=False, allow_blank=True)
    happened_on = Day(required=False, allow_null=True)
    numbers = serializers.DictField(
        required=False,
        help_text="Figures by name: whole numbers as numbers, others as text",
    )
    document = Id(required=False, allow_null=True, help_text="From `POST /files/`")


class LeadWaiverIn(Input):
    id = ClientId()
    to = Choice(Stage.choices)
    guard = Choice(Guard.choices)
    because = Words(max_length=2000)


def signature_of(values: Mapping[str, Any] | None) -> Signature | None:
    """The signed agreement as the verb takes it."""
    if values is None:
        return None
    names = {"document": "document_id"}
    return Signature(**{names.get(name, name): value for name, value in values.items()})
