"""Who gets the weekly report, and about what: managers about their subtree, reps about their book.

Who manages anything gets the report on what they manage; who only sells, the one on their own book.
Two managers of the same units get the same report, and it is reckoned once for both.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from crm.models import Membership, OrgUnit, Role, User
from crm.sections import Audience

MANAGERS = frozenset({Role.TEAM_LEAD, Role.BRANCH_MANAGER})
RECIPIENT_ROLES = MANAGERS | {Role.REP}


@dataclass(frozen=True)
class Place:
    """What somebody's report is about."""

    unit: OrgUnit
    """The highest unit that they manage, or where they sell; its clock counts."""
    name: str
    scope: str
    """Under which name the figures are kept."""
    is_book: bool
    """Whether it is about one rep's own book."""
    rights: str = ""
    """What else somebody may see beside what they manage: a report is shared among equals only."""


def places(user_ids: Collection[UUID] | None = None) -> dict[User, Place]:
    """Everybody who is active and gets a report, with what theirs is about, by name."""
    rows = Membership.objects.filter(user__is_active=True)
    if user_ids is not None:
        rows = rows.filter(user__in=user_ids)
    held: dict[User, list[Membership]] = defaultdict(list)
    order = ("user__full_name", "user_id", "unit__ancestors__len", "unit_id")
    for membership in rows.select_related("user", "unit").order_by(*order):
        held[membership.user].append(membership)
    found = {user: _place(user, memberships) for user, memberships in held.items()}
    return {user: place for user, place in found.items() if place is not None}


def place_of(user: User) -> Place | None:
    """What somebody's report is about; none for those who neither manage nor sell."""
    held = Membership.objects.of(user).select_related("unit")
    return _place(user, list(held.order_by("unit__ancestors__len", "unit_id")))


def _place(user: User, held: list[Membership]) -> Place | None:
    managed = [one.unit for one in held if one.role in MANAGERS]
    if managed:
        rights = _beside(user, held)
        return Place(managed[0], managed[0].name, scope_of(managed), is_book=False, rights=rights)
    sold = [one.unit for one in held if one.role == Role.REP]
    if sold:
        return Place(sold[0], user.full_name, f"person:{user.pk}", is_book=True)
    return None


def _beside(user: User, held: Iterable[Membership]) -> str:
    """What somebody holds beside their units; none sorts first, so that the figures which are kept
    are those that everybody with these units sees."""
    others = sorted(f"{one.role}:{one.unit_id}" for one in held if one.role not in MANAGERS)
    return " ".join([*(["superuser"] if user.is_superuser else []), *others])


def scope_of(units: Iterable[OrgUnit]) -> str:
    """The name of these units and all below them, however they are listed."""
    by_id = {unit.pk: unit for unit in units}
    highest = sorted(
        str(unit.pk)
        for unit in by_id.values()
        if not any(above in by_id for above in unit.ancestors if above != unit.pk)
    )
    if len(highest) == 1:
        return f"unit:{highest[0]}"
    # As many units as somebody manages do not fit into a name.
    return f"units:{hashlib.sha256(' '.join(highest).encode()).hexdigest()}"


def audience(viewer: User, unit: OrgUnit | None, place: Place | None) -> Audience:
    """Whose numbers the viewer's report shows.

    A manager's: what is below the units they manage, not the pool of the branch that they may look
    into beside it. A rep's: their own book. Everybody else's: whatever they may see. A unit narrows
    each of them.
    """
    below = (
        frozenset(OrgUnit.objects.under([unit.pk]).values_list("pk", flat=True)) if unit else None
    )
    if place is not None and place.is_book:
        chosen = unit.pk if unit else None
        return Audience(viewer, below, viewer.pk, place.scope if below is None else "", chosen)
    managed = viewer.scope.under(MANAGERS) or None
    if unit is None or below is None:
        return Audience(viewer, managed, scope=place.scope if place else "")
    mine = below if managed is None else below & managed
    # Only who sees all of a unit may compare it with what the unit as a whole once was.
    whole = mine == below and below <= viewer.scope.overseen
    return Audience(viewer, mine, scope=scope_of([unit]) if whole else "", unit_id=unit.pk)
