"""What a person may see: the nodes they work at, and the subtrees they oversee.

The rule stands once, here; every noun's `visible_to(user)` is written with it, and lists, single
rows, ids in bodies, exports and reports all go through `visible_to`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self
from uuid import UUID

from crm.models.people import Membership, Role
from crm.models.units import OrgUnit

if TYPE_CHECKING:
    from crm.models.people import User

OVERSEERS = frozenset({Role.TEAM_LEAD, Role.BRANCH_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that see every lead of their subtree."""

READERS = OVERSEERS | {Role.PLANNER, Role.FINANCE, Role.COMPLIANCE}
"""Roles that see the merchants and campaigns of their subtree."""


@dataclass(frozen=True)
class Scope:
    """One person's place in the organisation, read from the database once.

    A Django superuser, who is made on the command line before there is any unit, is an
    administrator of the whole bank.
    """

    user_id: UUID
    below: dict[Role, frozenset[UUID]] = field(default_factory=dict)
    """For each role held: the nodes it is held at, with everything below them."""
    everywhere: frozenset[Role] = frozenset()
    """Roles held at the head office itself: no need to list every unit of the bank."""
    branches: frozenset[UUID] = frozenset()
    """The units of one's own branch, whose pool a rep may look into."""

    @classmethod
    def of(cls, user: "User") -> Self:
        below: dict[Role, set[UUID]] = defaultdict(set)
        homes: set[UUID] = set()
        held = list(Membership.objects.of(user).values_list("role", "unit_id", "unit__ancestors"))
        if user.is_superuser:
            below[Role.ADMINISTRATOR] = set(OrgUnit.objects.values_list("pk", flat=True))
        # A branch is the second level of the tree: its ancestors are the head office and itself.
        roots = {ancestors[:2][-1] for _role, _unit, ancestors in held}
        nodes = {unit for _role, unit, _ancestors in held} | roots
        reached = OrgUnit.objects.under(nodes) if held else OrgUnit.objects.none()
        for unit, ancestors in reached.values_list("pk", "ancestors"):
            line = set(ancestors)
            for role, node, _ancestors in held:
                if node in line:
                    below[Role(role)].add(unit)
            if line & roots:
                homes.add(unit)
        return cls(
            user.pk,
            {role: frozenset(units) for role, units in below.items()},
            frozenset(Role(role) for role, _unit, ancestors in held if len(ancestors) == 1)
            | ({Role.ADMINISTRATOR} if user.is_superuser else set()),
            frozenset(homes),
        )

    def holds(self, *roles: Role) -> bool:
        """Whether one of the roles is held anywhere."""
        return any(role in self.below for role in roles)

    def at(self, unit_id: UUID | None, *roles: Role) -> bool:
        """Whether one of the roles reaches this unit."""
        return any(unit_id in self.below.get(role, frozenset()) for role in roles)

    def under(self, roles: frozenset[Role]) -> frozenset[UUID]:
        """Every unit that one of the roles reaches."""
        return frozenset().union(*(self.below.get(role, frozenset()) for role in roles))

    @property
    def oversees_everything(self) -> bool:
        return bool(self.everywhere & OVERSEERS)

    @property
    def sees_everything(self) -> bool:
        return bool(self.everywhere & READERS)

    @cached_property
    def overseen(self) -> frozenset[UUID]:
        """Units all of whose leads one sees."""
        return self.under(OVERSEERS)

    @cached_property
    def seen(self) -> frozenset[UUID]:
        """Units all of whose merchants and campaigns one sees."""
        return self.under(READERS)

    @cached_property
    def pool(self) -> frozenset[UUID]:
        """Units whose unowned merchants and leads one may look into."""
        return self.branches if self.holds(Role.REP) else frozenset()

    @cached_property
    def known(self) -> frozenset[UUID]:
        """Every unit one has to do with."""
        return self.branches | self.under(frozenset(Role))
