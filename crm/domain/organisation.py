"""The organisation: units are placed in the tree, people hold roles at them."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.actors import Actor
from crm.command import command
from crm.domain import open_work, suppression
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken
from crm.locking import take
from crm.models import Language, Membership, OrgUnit, Role, UnitKind, User
from crm.policies import require

_NOT_YOURS = _("You do not administer this part of the organisation.")


@command
def open_unit(
    name: str,
    kind: UnitKind,
    *,
    parent: OrgUnit | None,
    by: Actor,
    at: datetime,
    time_zone: str = "Asia/Shanghai",
) -> OrgUnit:
    """Add a unit below another; only the head office has none above it, and the system opens it.

    Raises NotAllowed, InvalidInput for a time zone that does not exist, RuleBroken if the name is
    taken at this place.
    """
    require(policies.may_administer(by, parent.pk if parent else None), _NOT_YOURS)
    unit = OrgUnit(
        name=name.strip(),
        kind=kind,
        parent=parent,
        time_zone=_sound_zone(time_zone),
        created_at=at,
        updated_at=at,
    )
    unit.ancestors = [*(parent.ancestors if parent else []), unit.pk]
    unit.save(force_insert=True)
    return unit


@command
def correct_unit(
    unit_id: UUID, changes: dict[str, Any], *, by: Actor, at: datetime, version: int | None = None
) -> OrgUnit:
    """Change the name, the kind or the time zone of a unit."""
    unit = take(OrgUnit.objects.all(), unit_id, version=version)
    require(policies.may_administer(by, unit.pk), _NOT_YOURS)
    if "time_zone" in changes:
        _sound_zone(changes["time_zone"])
    return unit.change(at=at, **changes)


def _sound_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            _("There is no time zone of this name; write it like Asia/Shanghai."),
            code="time_zone_unknown",
            attr="time_zone",
        ) from None
    return name


@command
def move_unit(unit: OrgUnit, *, parent: OrgUnit, by: Actor, at: datetime) -> OrgUnit:
    """Hang a unit, with everything below it, under another one.

    Raises NotAllowed, InvalidInput if the new parent lies below the unit itself.
    """
    require(
        policies.may_administer(by, unit.pk) and policies.may_administer(by, parent.pk), _NOT_YOURS
    )
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
def appoint(user: User, role: Role, *, unit: OrgUnit, by: Actor, at: datetime) -> Membership:
    """Give a colleague a role at a unit. Raises NotAllowed, RuleBroken if it is held already."""
    require(policies.may_administer(by, unit.pk), _NOT_YOURS)
    return Membership.objects.create(user=user, role=role, unit=unit, created_at=at, updated_at=at)


@command
def relieve(membership_id: UUID, *, by: Actor, at: datetime) -> None:
    """End a role that a colleague holds. What the colleague owns stays theirs until handed over.

    Raises NotFound, NotAllowed, RuleBroken for one's own role as administrator.
    """
    membership = take(Membership.objects.all(), membership_id)
    require(policies.may_administer(by, membership.unit_id), _NOT_YOURS)
    if membership.role == Role.ADMINISTRATOR and membership.user_id == by.pk:
        raise RuleBroken(
            _("Somebody else has to end your own role as administrator."), code="own_role"
        )
    membership.delete()


@command
def hire(
    user_id: UUID,
    *,
    email: str,
    full_name: str,
    password: str,
    by: Actor,
    at: datetime,
    employee_number: str = "",
    language: str = Language.CHINESE,
    time_zone: str = "Asia/Shanghai",
    is_staff: bool = True,
) -> User:
    """Add a colleague, who can sign in at once and holds no role yet.

    Raises NotAllowed, InvalidInput for a weak password or an unknown time zone, RuleBroken if the
    e-mail address or the employee number is taken.
    """
    require(policies.may_administer_people(by))
    user = User(
        pk=user_id,
        email=email.strip().lower(),
        full_name=full_name.strip(),
        employee_number=employee_number.strip().upper() or None,
        language=language,
        time_zone=_sound_zone(time_zone),
        is_staff=is_staff,
        created_at=at,
        updated_at=at,
    )
    user.set_password(_sound_password(password, user))
    user.save(force_insert=True)
    return user


@command
def correct_colleague(
    user_id: UUID, changes: dict[str, Any], *, by: Actor, at: datetime, version: int | None = None
) -> User:
    """Change a colleague's name, addresses, language or way in."""
    user = _taken(user_id, by, version)
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
        if changes["email"] != user.email.lower():
            suppression.start_fresh(changes["email"], by=by, at=at)
    if "employee_number" in changes:
        changes["employee_number"] = (changes["employee_number"] or "").strip().upper() or None
    if "time_zone" in changes:
        _sound_zone(changes["time_zone"])
    return user.change(at=at, **changes)


@command
def set_password(user_id: UUID, password: str, *, by: Actor, at: datetime) -> User:
    """Give a colleague a new password; every device and browser has to sign in again."""
    user = _taken(user_id, by)
    user.set_password(_sound_password(password, user))
    return user.change(at=at, password=user.password)


@command
def deactivate(user_id: UUID, *, by: Actor, at: datetime) -> User:
    """A colleague has left and can no longer sign in. Raises RuleBroken for oneself, and with code
    `open_work_remains` while the colleague has leads or promises in hand."""
    user = _taken(user_id, by)
    if user.pk == by.pk:
        raise RuleBroken(_("You cannot shut yourself out."), code="own_account")
    open_work.refuse_any(user.pk)
    return user.change(at=at, is_active=False)


@command
def reactivate(user_id: UUID, *, by: Actor, at: datetime) -> User:
    """A colleague is back."""
    user = _taken(user_id, by)
    return user.change(at=at, is_active=True)


def _taken(user_id: UUID, by: Actor, version: int | None = None) -> User:
    """Lock a colleague all of whose roles lie in the part that the actor administers."""
    require(policies.may_administer_people(by))
    user: User = take(User.objects.all(), user_id, version=version)
    for unit_id in Membership.objects.of(user).values_list("unit_id", flat=True):
        require(policies.may_administer(by, unit_id), _NOT_YOURS)
    if user.is_superuser and isinstance(by, User):
        require(by.is_superuser, _NOT_YOURS)
    return user


def _sound_password(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise InvalidInput(
            weak.messages[0],
            code="password_weak",
            problems=[Problem("password_weak", one, "password") for one in weak.messages],
        ) from None
    return password


def below(unit_id: UUID) -> models.QuerySet[OrgUnit, UUID]:
    """The ids of a unit and of everything below it, for a filter."""
    return OrgUnit.objects.under([unit_id]).values_list("pk", flat=True)


def home(user: User, *roles: Role) -> UUID:
    """The unit at which somebody works in one of these roles, the highest if there are several.

    Raises NotAllowed if there is none.
    """
    held = Membership.objects.of(user).filter(role__in=roles)
    unit_id = (
        held.order_by("unit__ancestors__len", "unit_id").values_list("unit_id", flat=True).first()
    )
    if unit_id is None:
        raise NotAllowed(_("You hold no sales role at any unit."), code="no_unit")
    return unit_id
