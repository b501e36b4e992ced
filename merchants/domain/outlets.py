"""The shops of merchants: opened, corrected, with where they are and when they are open."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import opening_hours as hours
from merchants.domain import remembered, texts, timeline
from merchants.domain.registration import found_division
from merchants.models import Merchant, Outlet

OPENED = timeline.kind("outlet.added", _("Outlet added"), _("Outlet “%(name)s” was added."))
CHANGED = timeline.kind("outlet.changed", _("Outlet changed"), _("Outlet “%(name)s” was changed."))
_MICRODEGREE = Decimal("0.000001")
_FARTHEST = {"latitude": 90, "longitude": 180}


@command
def open_outlet(
    outlet_id: UUID,
    merchant_id: UUID,
    *,
    name: str,
    by: Actor,
    at: datetime,
    division: str = "",
    address: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    opening_hours: Any = None,
) -> Outlet:
    """Add a shop to a merchant. The point is in WGS-84 degrees, to six places.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `outlet_exists`.
    """
    merchant = remembered.in_hand(merchant_id) or take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_edit(by, merchant))
    outlet = Outlet.objects.create(
        pk=outlet_id,
        merchant=merchant,
        created_at=at,
        updated_at=at,
        **_checked(
            {
                "name": name,
                "division": division,
                "address": address,
                "latitude": latitude,
                "longitude": longitude,
                "opening_hours": opening_hours,
            }
        ),
    )
    _record(OPENED, outlet, by, at)
    return outlet


@command
def change_outlet(
    outlet_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Outlet:
    """Correct a shop's details; those that are not named stay. Raises like opening one."""
    seen = Outlet.objects.seen_by(by)
    merchant_id = seen.filter(pk=outlet_id).values_list("merchant_id", flat=True).first()
    merchant = take(Merchant.objects.all(), merchant_id or outlet_id)
    outlet = take(seen, outlet_id, version=version)
    require(policies.may_edit(by, merchant))
    if not changes:
        return outlet
    outlet.change(at=at, **_checked(changes))
    _record(CHANGED, outlet, by, at)
    return outlet


def _record(kind: timeline.Kind, outlet: Outlet, by: Actor, at: datetime) -> None:
    timeline.record(
        kind,
        merchant_id=outlet.merchant_id,
        subject_id=outlet.pk,
        by=by,
        at=at,
        name=outlet.name,
    )


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Outlet values as they are stored. Raises InvalidInput."""
    columns = dict(values)
    if "name" in values:
        columns["name"] = texts.line(values["name"], attr="name", longest=200)
        if not columns["name"]:
            raise InvalidInput(_("An outlet needs a name."), code="name_required", attr="name")
    if "address" in values:
        columns["address"] = texts.line(values["address"], attr="address", longest=300)
    if "division" in values:
        columns["division"] = found_division(values["division"])
    for name in _FARTHEST.keys() & values.keys():
        columns[name] = _degrees(values[name], name)
    if "opening_hours" in values:
        columns["opening_hours"] = hours.checked(values["opening_hours"])
    return columns


def _degrees(value: Decimal | None, name: str) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or abs(value) > _FARTHEST[name]:
        raise InvalidInput(
            _("Latitude is from −90 to 90 degrees, longitude from −180 to 180."),
            code="point_out_of_range",
            attr=name,
        )
    return value.quantize(_MICRODEGREE, ROUND_HALF_UP)
