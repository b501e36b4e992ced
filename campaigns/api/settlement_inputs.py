"""Bodies of the endpoints about settlement."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.models import StatementFileKind
from crm.api.inputs import Choice, ClientId, Day, Id, Input, Line, Words, YuanField

_SIGNED = re.compile(r"-?[0-9]{1,11}(\.[0-9]{1,2})?")


@extend_schema_field(
    {"type": "string", "pattern": r"^-?[0-9]{1,11}(\.[0-9]{1,2})?$", "example": "-120.00"}
)
class SignedYuanField(serializers.Field[int, str, str, Any]):
    """A sum in yuan that may be below zero, as a decimal string; integer fen inside."""

    default_error_messages = {
        "money": _("Write a sum in yuan as text, like “-120.00” or “48000.00”.")
    }

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _SIGNED.fullmatch(data):
            self.fail("money")
        yuan, _point, fen = data.lstrip("-").partition(".")
        size = int(yuan) * 100 + int(fen.ljust(2, "0"))
        return -size if data.startswith("-") else size


class StatementIn(Input):
    id = ClientId()
    merchant = Id()
    first_day = Day()
    last_day = Day()


class StatementRedraftIn(Input):
    first_day = Day(required=False)
    last_day = Day(required=False)


class StatementBecauseIn(Input):
    because = Words(max_length=2000)


class StatementConfirmIn(Input):
    confirmed_on = Day()
    by_name = Line(max_length=100)


class AdjustmentIn(Input):
    id = ClientId()
    amount = SignedYuanField()
    reason = Words(max_length=2000)
    day = Day(required=False)


class MerchantListIn(Input):
    file = Id()


class StatementFileIn(Input):
    kind = Choice(choices=[StatementFileKind.PDF, StatementFileKind.XLSX])


class InvoiceIn(Input):
    id = ClientId()
    number = Line(max_length=40)
    issued_on = Day()
    received_on = Day()
    buyer_title = Line()
    buyer_credit_code = Line(max_length=30)
    gross = YuanField()
    rate_basis_points = serializers.IntegerField(min_value=0, max_value=9999)
    file = Id(required=False)


class PaymentIn(Input):
    id = ClientId()
    amount = YuanField()
    reference = Line(max_length=60)
    paid_on = Day()


class StatementGone(serializers.Serializer[Any]):
    """A draft that was given up."""

    discarded = serializers.UUIDField()
