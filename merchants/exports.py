"""The lists of merchants that can be taken out, with the columns that the screen shows."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm import exports
from crm.exports import ListExport
from crm.models import User
from merchants.models import Contact, Merchant, Outlet


def _narrowed(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from merchants.api.views import MERCHANTS

    return MERCHANTS.narrowed(rows, filters, user)


exports.register(
    ListExport(
        "merchants",
        _("Merchants"),
        Merchant,
        (
            (_("name"), "name"),
            (_("legal name"), "legal_name"),
            (_("unified social credit code"), "credit_code"),
            (_("MCC"), "category_id"),
            (_("category group"), "get_category_group_display"),
            (_("district"), "division"),
            (_("source"), "get_source_display"),
            (_("unit"), "unit"),
            (_("owner"), "owner"),
            (_("added"), "created_at"),
        ),
        related=("division", "unit", "owner"),
        narrow=_narrowed,
    )
)
exports.register(
    ListExport(
        "contacts",
        _("Contacts"),
        Contact,
        (
            (_("full name"), str),
            (_("merchant"), "merchant"),
            (_("position"), "position"),
            (_("phone"), "masked_phone"),
            (_("lawful basis"), "get_lawful_basis_display"),
            (_("do not contact"), lambda row: _("yes") if row.do_not_contact else ""),
            (_("added"), "created_at"),
        ),
        related=("merchant",),
        owner="merchant__owner",
    )
)
exports.register(
    ListExport(
        "outlets",
        _("Outlets"),
        Outlet,
        (
            (_("name"), "name"),
            (_("merchant"), "merchant"),
            (_("district"), "division"),
            (_("address"), "address"),
            (_("added"), "created_at"),
        ),
        related=("merchant", "division"),
        owner="merchant__owner",
    )
)
