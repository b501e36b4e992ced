"""What the API takes about partnerships and agreements: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Words
from merchants.domain.agreement_terms import Terms
from merchants.models import EvidenceKind, PartnershipStage, SettlementBasis, StepReason
from merchants.models.partnership_roads import Guard


class Count(serializers.IntegerField):
    """A whole number, written as a number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class _Terms(Input):
    terms = Words(max_length=20_000, required=False, allow_blank=True)
    starts_on = Day()
    ends_on = Day()
    bank_signatory = Line(max_length=100, required=False, allow_blank=True)
    merchant_signatory = Line(max_length=100, required=False, allow_blank=True)
    settlement_days = Count(min_value=0, max_value=60, required=False)
    settlement_basis = Choice(SettlementBasis.choices, required=False)
    notice_days = Count(min_value=0, max_value=365, required=False)
    document = Id(
        required=False, allow_null=True, help_text="The signed paper, from `POST /files/`"
    )


class AgreementIn(_Terms):
    id = ClientId()
    number = Line(max_length=60)


class AgreementPatch(_Terms):
    starts_on = Day(required=False)
    ends_on = Day(required=False)


class SignIn(Input):
    document = Id(
        required=False, allow_null=True, help_text="The signed paper, from `POST /files/`"
    )


class EndIn(Input):
    last_day = Day()
    because = Words(max_length=2000)


class PartnershipIn(Input):
    id = ClientId()
    merchant = Id()
    stage = Choice(PartnershipStage.choices)
    agreement = AgreementIn()


class WaiverWithStepIn(Input):
    guard = Choice(Guard.choices)
    because = Words(max_length=2000)


class PartnershipAdvanceIn(Input):
    to = Choice(PartnershipStage.choices)
    reason = Choice(StepReason.choices, required=False, allow_blank=True)
    comment = Words(max_length=2000, required=False, allow_blank=True)
    waivers = WaiverWithStepIn(many=True, required=False)


class WaiverIn(Input):
    id = ClientId()
    to = Choice(PartnershipStage.choices)
    guard = Choice(Guard.choices)
    because = Words(max_length=2000)


class EvidenceIn(Input):
    id = ClientId()
    kind = Choice(EvidenceKind.choices)
    said = Words(required=False, allow_blank=True)
    happened_on = Day(required=False, allow_null=True)
    numbers = serializers.DictField(
        required=False,
        help_text="Figures by name: whole numbers as numbers, others as text",
    )
    document = Id(required=False, allow_null=True, help_text="From `POST /files/`")


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as the verbs call them."""
    names = {"document": "document_id"}
    return {names.get(name, name): value for name, value in values.items()}


def terms_of(values: Mapping[str, Any]) -> Terms:
    """Whole terms."""
    return Terms(**changes_of(values))
