"""Merchant identifiers: under which numbers acquirers know the tills of an outlet."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, Problem
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import texts, timeline
from merchants.models import Merchant, MerchantIdentifier, Outlet

ADDED = timeline.kind(
    "identifier.added",
    _("Merchant number added"),
    _("The number %(mid)s of %(acquirer)s was added."),
)
CHANGED = timeline.kind(
    "identifier.changed",
    _("Merchant number changed"),
    _("The number %(mid)s of %(acquirer)s was changed."),
)

_MID = re.compile(r"[0-9A-Z]{15}")
_TERMINAL = re.compile(r"[0-9A-Z]{8}")
_MCC = slice(7, 11)
"""Where a number of 15 digits says its category (3 institution, 4 area, 4 MCC, 4 sequence)."""


@command
def register_identifier(
    identifier_id: UUID,
    outlet_id: UUID,
    *,
    acquirer: str,
    mid: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    terminal: str = "",
    valid_to: date | None = None,
) -> MerchantIdentifier:
    """Write down a number of an outlet. A category in it that is not the merchant's gives a notice.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `identifier_overlaps` if the
    number is in use on one of these days.
    """
    outlets = Outlet.objects.seen_by(by)
    merchant_id = outlets.filter(pk=outlet_id).values_list("merchant_id", flat=True).first()
    merchant = take(Merchant.objects.all(), merchant_id or outlet_id)
    require(policies.may_edit(by, merchant))
    identifier = MerchantIdentifier.objects.create(
        pk=identifier_id,
        outlet_id=outlet_id,
        valid_from=valid_from,
        valid_to=valid_to,
        created_at=at,
        updated_at=at,
        **_checked({"acquirer": acquirer, "mid": mid, "terminal": terminal}),
    )
    return _told(ADDED, identifier, merchant, by=by, at=at)


@command
def change_identifier(
    identifier_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> MerchantIdentifier:
    """Correct a number, or say until when it was valid. Raises as registering one does."""
    seen = MerchantIdentifier.objects.seen_by(by)
    merchant_id = (
        seen.filter(pk=identifier_id).values_list("outlet__merchant_id", flat=True).first()
    )
    merchant = take(Merchant.objects.all(), merchant_id or identifier_id)
    identifier = take(seen, identifier_id, version=version)
    require(policies.may_edit(by, merchant))
    if not changes:
        return identifier
    identifier.change(at=at, **_checked(changes))
    return _told(CHANGED, identifier, merchant, by=by, at=at)


def _told(
    kind: timeline.Kind,
    identifier: MerchantIdentifier,
    merchant: Merchant,
    *,
    by: Actor,
    at: datetime,
) -> MerchantIdentifier:
    timeline.record(
        kind,
        merchant_id=merchant.pk,
        subject_id=identifier.pk,
        by=by,
        at=at,
        mid=identifier.mid,
        acquirer=identifier.acquirer,
    )
    said = identifier.mid[_MCC]
    if identifier.mid.isdigit() and merchant.category_id and said != merchant.category_id:
        identifier.notices = (
            Problem(
                "mcc_differs",
                _("This number says category %(said)s; the merchant's is %(known)s.")
                % {"said": said, "known": merchant.category_id},
                "mid",
            ),
        )
    return identifier


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    columns = dict(values)
    if "acquirer" in values:
        columns["acquirer"] = texts.line(values["acquirer"], attr="acquirer", longest=50)
        if not columns["acquirer"]:
            raise InvalidInput(_("Name the acquirer."), code="acquirer_required", attr="acquirer")
    if "mid" in values:
        columns["mid"] = texts.line(values["mid"], attr="mid", longest=50).upper()
        if not _MID.fullmatch(columns["mid"]):
            raise InvalidInput(
                _("A merchant number has 15 digits or capital letters."),
                code="mid_invalid",
                attr="mid",
            )
    if "terminal" in values:
        columns["terminal"] = texts.line(values["terminal"], attr="terminal", longest=50).upper()
        if columns["terminal"] and not _TERMINAL.fullmatch(columns["terminal"]):
            raise InvalidInput(
                _("A terminal number has 8 digits or capital letters."),
                code="terminal_invalid",
                attr="terminal",
            )
    return columns
