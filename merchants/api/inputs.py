"""What the API takes about merchants: shapes only; the verbs decide."""

import re
from datetime import time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.inputs import (
    Choice,
    ClientId,
    Day,
    Flag,
    Id,
    Input,
    Line,
    Moment,
    YuanField,
)
from crm.models import UnmaskReason
from merchants.models import (
    ConsentChannel,
    ConsentPurpose,
    ContactRole,
    DecisionPower,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    MerchantSource,
    MerchantTier,
    RestrictionReason,
)

DEGREES = r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$"
_DEGREES = re.compile(DEGREES[1:-1])
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")


@extend_schema_field({"type": "string", "pattern": DEGREES, "example": "31.195300"})
class Degrees(serializers.Field[Decimal, str, str, Any]):
    """An angle of WGS-84 as decimal text: a float would move the point."""

    default_error_messages = {"degrees": _("Write degrees as text, like “31.195300”.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _DEGREES.fullmatch(data):
            self.fail("degrees")
        return Decimal(data)


class TimeOfDay(serializers.TimeField):
    """A time of day, like 14:30."""

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            self.fail("invalid", format="hh:mm")
        found: time = super().to_internal_value(value)
        return found


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"},
            },
        },
        "example": {"1": [["10:00", "14:00"], ["17:00", "22:00"]]},
    }
)
class OpeningHours(serializers.Field[Any, Any, Any, Any]):
    """Weekday 1 (Monday) to 7 → spans of time. The verb looks into it."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class _MerchantDetails(Input):
    brand = Line(max_length=100, required=False, allow_blank=True)
    legal_name = Line(required=False, allow_blank=True)
    legal_form = Choice(
        LegalForm.choices, required=False, help_text="Follows the credit code if there is one"
    )
    credit_code = Line(max_length=32, required=False, allow_blank=True)
    credit_code_override = Line(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Why a code that does not pass the check is accepted: branch manager, compliance",
    )
    licence_status = Choice(LicenceStatus.choices, required=False)
    licence_checked_on = Day(required=False, allow_null=True)
    licence_source = Line(max_length=100, required=False, allow_blank=True)
    mcc = Line(max_length=4, required=False, allow_blank=True)
    division = Line(max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code")
    source = Choice(MerchantSource.choices, required=False)  # type: ignore[assignment]
    accessed_on = Day(required=False, allow_null=True, help_text="When the public source was read")
    parent = Id(required=False, allow_null=True, help_text="The head of the chain")  # type: ignore[assignment]
    tier = Choice(MerchantTier.choices, required=False, allow_blank=True)
    monthly_turnover = YuanField(required=False, allow_null=True, source="monthly_turnover_fen")


class MerchantIn(_MerchantDetails):
    id = ClientId()
    name = Line()
    unit = Id(required=False, help_text="One's own unit if absent")


class MerchantPatch(_MerchantDetails):
    name = Line(required=False)


class _OutletDetails(Input):
    division = Line(max_length=6, required=False, allow_blank=True)
    address = Line(max_length=300, required=False, allow_blank=True)
    latitude = Degrees(required=False, allow_null=True)
    longitude = Degrees(required=False, allow_null=True)
    opening_hours = OpeningHours(required=False)


class OutletIn(_OutletDetails):
    id = ClientId()
    name = Line()


class OutletPatch(_OutletDetails):
    name = Line(required=False)


class IdentifierIn(Input):
    id = ClientId()
    acquirer = Line(max_length=50)
    mid = Line(max_length=50, help_text="15 digits or capital letters")
    terminal = Line(max_length=50, required=False, allow_blank=True)
    valid_from = Day()
    valid_to = Day(required=False, allow_null=True)


class IdentifierPatch(Input):
    acquirer = Line(max_length=50, required=False)
    mid = Line(max_length=50, required=False)
    terminal = Line(max_length=50, required=False, allow_blank=True)
    valid_from = Day(required=False)
    valid_to = Day(required=False, allow_null=True)


class ConsentIn(Input):
    id = ClientId()
    purpose = Choice(ConsentPurpose.choices)
    text_version = Line(max_length=50)
    channel = Choice(ConsentChannel.choices)
    words = Line(max_length=300, required=False, allow_blank=True)
    given_at = Moment(required=False)


class ConsentGiven(Input):
    """The consent that comes with a person whose data rest on it."""

    purpose = Choice(ConsentPurpose.choices, required=False)
    text_version = Line(max_length=50, required=False)
    channel = Choice(ConsentChannel.choices, required=False)
    words = Line(max_length=300, required=False, allow_blank=True)
    given_at = Moment(required=False)


class _ContactDetails(Input):
    role = Choice(ContactRole.choices, required=False)
    position = Line(max_length=100, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    email = Line(max_length=254, required=False, allow_blank=True)
    decision_power = Choice(DecisionPower.choices, required=False)
    best_from = TimeOfDay(required=False, allow_null=True)
    best_until = TimeOfDay(required=False, allow_null=True)
    do_not_contact = Flag(required=False)
    notice_version = Line(max_length=50, required=False, allow_blank=True)
    notice_given_at = Moment(required=False, allow_null=True)
    retain_until = Day(required=False)


class ContactIn(_ContactDetails):
    id = ClientId()
    full_name = Line(max_length=100)
    lawful_basis = Choice(LawfulBasis.choices)
    consent = ConsentGiven(required=False)


class ContactPatch(_ContactDetails):
    full_name = Line(max_length=100, required=False)
    lawful_basis = Choice(LawfulBasis.choices, required=False)


class RestrictIn(Input):
    because = Choice(RestrictionReason.choices)


class UnmaskIn(Input):
    reason = Choice(UnmaskReason.choices)
    words = Line(max_length=180, required=False, allow_blank=True)
