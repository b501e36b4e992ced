"""Everything that can be chosen, with what holds now: for one person, and for a role."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from crm.domain.notification_kinds import KINDS, OWN_GROUPS, Kind
from crm.domain.preferences import Cell, Wishes, by_roles, role_defaults
from crm.models import PUSHED, Channel, Role, User


@dataclass(frozen=True)
class Matrix:
    """What there is to choose: the kinds by their heading, and the channels that are offered."""

    channels: tuple[Channel, ...]
    groups: tuple[tuple[str, tuple[tuple[Kind, tuple[Cell | None, ...]], ...]], ...]
    """Heading → kinds, each with one cell per channel; none where it is never said there."""

    @property
    def cells(self) -> list[Cell]:
        return [
            cell
            for _heading, rows in self.groups
            for _kind, cells in rows
            for cell in cells
            if cell is not None
        ]


def of_person(user: User) -> Matrix:
    """What one person hears through which channel; chats only where one is set up."""
    wishes = Wishes(list(KINDS), [user.pk])
    channels = tuple(one for one in _CHOOSABLE if wishes.reaches(user.pk, one))
    rows = {
        kind: tuple(
            wishes.cell(kind, user.pk, channel) if channel in kind.offered else None
            for channel in channels
        )
        for kind in KINDS.values()
    }
    return Matrix(channels, _grouped(rows))


def of_role(role: Role) -> Matrix:
    """What people of a role get unless they choose otherwise."""
    defaults = role_defaults(list(KINDS))
    rows = {
        kind: tuple(
            by_roles(kind, channel, [role], defaults) if channel in kind.offered else None
            for channel in _CHOOSABLE
        )
        for kind in KINDS.values()
    }
    return Matrix(_CHOOSABLE, _grouped(rows))


_CHOOSABLE = (Channel.INBOX, *PUSHED)


def _grouped(
    rows: Mapping[Kind, tuple[Cell | None, ...]],
) -> tuple[tuple[str, tuple[tuple[Kind, tuple[Cell | None, ...]], ...]], ...]:
    """By heading: from the room that stands furthest to the left, whose kinds come every day, to
    the kernel's own."""
    groups: dict[str, list[tuple[Kind, tuple[Cell | None, ...]]]] = defaultdict(list)
    for kind, cells in rows.items():
        groups[str(kind.group)].append((kind, cells))
    last = [heading for heading in map(str, OWN_GROUPS) if heading in groups]
    first = [heading for heading in reversed(groups) if heading not in last]
    return tuple((heading, tuple(groups[heading])) for heading in (*first, *last))
