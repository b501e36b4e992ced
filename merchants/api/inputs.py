"""What the API takes about merchants: shapes only; the verbs decide."""

from crm.api.inputs import Choice, ClientId, Flag, Id, Input, Line
from merchants.models import LawfulBasis, MerchantSource


class _MerchantDetails(Input):
    legal_name = Line(required=False, allow_blank=True)
    credit_code = Line(max_length=32, required=False, allow_blank=True)
    mcc = Line(max_length=4, required=False, allow_blank=True)
    division = Line(max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code")
    source = Choice(MerchantSource.choices, required=False)  # type: ignore[assignment]


class MerchantIn(_MerchantDetails):
    id = ClientId()
    name = Line()
    unit = Id(required=False, help_text="One's own unit if absent")


class MerchantPatch(_MerchantDetails):
    name = Line(required=False)


class OutletIn(Input):
    id = ClientId()
    name = Line()
    division = Line(max_length=6, required=False, allow_blank=True)
    address = Line(max_length=300, required=False, allow_blank=True)


class OutletPatch(Input):
    name = Line(required=False)
    division = Line(max_length=6, required=False, allow_blank=True)
    address = Line(max_length=300, required=False, allow_blank=True)


class ContactIn(Input):
    id = ClientId()
    full_name = Line(max_length=100)
    position = Line(max_length=100, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    lawful_basis = Choice(LawfulBasis.choices)


class ContactPatch(Input):
    full_name = Line(max_length=100, required=False)
    position = Line(max_length=100, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    lawful_basis = Choice(LawfulBasis.choices, required=False)
    do_not_contact = Flag(required=False)
