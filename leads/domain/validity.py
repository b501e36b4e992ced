"""When a lead is valid: worth counting, because what public sources say of the merchant is on file.

A valid lead's merchant has a credit code that passes the check, a licence that is in force, no twin
in the register, a category, and a source with the day on which it was read. That a phone carries a
lawful basis needs no look: the register takes none without.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from leads.models import Lead
from leads.models.validity import ValidityPart, twins_of
from merchants.models import LicenceStatus

MISSING: Mapping[ValidityPart, Sentence] = MappingProxyType(
    {
        ValidityPart.CREDIT_CODE: _("The merchant has no credit code that passes the check."),
        ValidityPart.LICENCE_OPEN: _("Nobody has checked that the licence is in force."),
        ValidityPart.NO_DUPLICATE: _("Another merchant has the same name in the same district."),
        ValidityPart.CATEGORY: _("The merchant has no category."),
        ValidityPart.SOURCE: _("It is not on file when the source was read."),
    }
)


def missing(lead: Lead) -> tuple[ValidityPart, ...]:
    """The parts that a lead lacks; none if it is valid. One statement."""
    merchant = lead.merchant
    there = {
        ValidityPart.CREDIT_CODE: bool(merchant.credit_code) and not merchant.credit_code_override,
        ValidityPart.LICENCE_OPEN: merchant.licence_status == LicenceStatus.OPEN,
        ValidityPart.NO_DUPLICATE: not twins_of(merchant).exists(),
        ValidityPart.CATEGORY: merchant.category_id is not None,
        ValidityPart.SOURCE: bool(merchant.source) and merchant.accessed_on is not None,
    }
    return tuple(part for part in ValidityPart if not there[part])
