"""The organisation: units are placed in the tree, people hold roles at them."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.errors import InvalidInput
from crm.models import Membership, OrgUnit, Role, UnitKind, User


@command
def open_unit(
    name: str,
    kind: UnitKind,
    *,
    parent: OrgUnit | None,
    at: datetime,
    time_zone: str = "Asia/Shanghai",
) -> OrgUnit:
    """Add a unit below another; only the head office has none above it."""
    unit = OrgUnit(
        name=name,
        kind=kind,
        parent=parent,
        time_zone=time_zone,
        created_at=at,
        updated_at=at,
    )
    unit.ancestors = [*(parent.ancestors if parent else []), unit.pk]
    unit.save(force_insert=True)
    return unit


@command
def move_unit(unit: OrgUnit, *, parent: OrgUnit, at: datetime) -> OrgUnit:
    """Hang a unit, with everything below it, under another one.

    Raises InvalidInput if the new parent lies below the unit itself.
    """
    if unit.pk in parent.ancestors:
        raise InvalidInput(
            _("A unit cannot be moved below itself."), code="unit_cycle", attr="parent"
        )
    old = len(unit.ancestors) - 1
    for one in OrgUnit.objects.under([unit.pk]).for_change():
        values = {"ancestors": [*parent.ancestors, *one.ancestors[old:]]}
        one.change(at=at, **values, **({"parent": parent} if one.pk == unit.pk else {}))
    unit.refresh_from_db()
    return unit


@command
def appoint(user: User, role: Role, *, unit: OrgUnit, at: datetime) -> Membership:
    """Give a colleague a role at a unit."""
    return Membership.objects.create(
        user=user, role=role, unit=unit, created_at=at, updated_at=at
    )
