"""Through which channels a person hears of what.

One's own choice counts first; else what one's roles say, and who holds several gets what one of
them wants; else what the kind itself says. The inbox is told in any case, and a chat only where the
person has set one up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.actors import Actor
from crm.command import command
from crm.domain.notification_kinds import KINDS, OTHER_GROUP, Kind
from crm.errors import InvalidInput
from crm.locking import take
from crm.models import (
    CHATS,
    PUSHED,
    Channel,
    ChatAddress,
    Membership,
    PersonalChannel,
    Role,
    RoleChannel,
    RowQuerySet,
    User,
)
from crm.policies import require

MOST_CHOICES = 500
"""How many choices one may make at once: more than there are boxes to tick."""

type Said = Literal["personal", "role", "kind"]
"""Who decided: the person, one of the person's roles, or the kind itself."""


@dataclass(frozen=True)
class Choice:
    """Whether a kind is wanted through a channel; `wanted` is none for "as my role has it"."""

    kind: str
    channel: str
    wanted: bool | None


@dataclass(frozen=True)
class Cell:
    """One kind and one channel, as they are for somebody."""

    kind: Kind
    channel: Channel
    wanted: bool
    said_by: Said

    @property
    def is_fixed(self) -> bool:
        """The inbox keeps everything: nothing may be lost."""
        return self.channel == Channel.INBOX


class _Wishes:
    """What some people want of some kinds, read in four statements whatever their number."""

    def __init__(self, kinds: Collection[str], people: Collection[UUID]) -> None:
        self.personal: dict[tuple[UUID, str, str], bool] = {
            (user, kind, channel): wanted
            for user, kind, channel, wanted in PersonalChannel.objects.filter(
                user__in=people, kind__in=kinds
            ).values_list("user_id", "kind", "channel", "is_wanted")
        }
        self.by_role = role_defaults(kinds)
        self.roles: dict[UUID, set[str]] = defaultdict(set)
        for user, role in Membership.objects.filter(user__in=people).values_list("user_id", "role"):
            self.roles[user].add(role)
        self.chats = set(
            ChatAddress.objects.active().filter(user__in=people).values_list("user_id", "channel")
        )

    def cell(self, kind: Kind, user_id: UUID, channel: Channel) -> Cell:
        """What holds for one person, one kind and one channel."""
        own = self.personal.get((user_id, kind.name, channel))
        if channel == Channel.INBOX:
            return Cell(kind, channel, True, "kind")
        if own is not None:
            return Cell(kind, channel, own, "personal")
        return _by_roles(kind, channel, self.roles.get(user_id, ()), self.by_role)

    def reaches(self, user_id: UUID, channel: Channel) -> bool:
        """Whether the channel leads to this person at all."""
        return channel not in CHATS or (user_id, channel.value) in self.chats

    def channels(self, kind: Kind, user_id: UUID) -> tuple[Channel, ...]:
        return tuple(
            channel
            for channel in kind.offered
            if self.reaches(user_id, channel) and self.cell(kind, user_id, channel).wanted
        )


def role_defaults(kinds: Collection[str]) -> dict[tuple[str, str, str], bool]:
    """(role, kind, channel) → whether it is wanted, where it differs from the kind's default."""
    rows = RoleChannel.objects.filter(kind__in=kinds)
    return {
        (role, kind, channel): wanted
        for role, kind, channel, wanted in rows.values_list("role", "kind", "channel", "is_wanted")
    }


def _by_roles(
    kind: Kind,
    channel: Channel,
    roles: Iterable[str],
    defaults: Mapping[tuple[str, str, str], bool],
) -> Cell:
    """What the roles make of it together: wanted if one of them wants it."""
    usual = channel in kind.channels
    said = [defaults.get((role, kind.name, channel), usual) for role in roles]
    wanted = any(said) if said else usual
    return Cell(kind, channel, wanted, "kind" if wanted == usual else "role")


def channels_for(kind: Kind, people: Collection[User]) -> dict[UUID, tuple[Channel, ...]]:
    """Through which channels each of these people hears of a kind, the inbox first.

    Four statements, however many people.
    """
    wishes = _Wishes([kind.name], {person.pk for person in people})
    return {person.pk: wishes.channels(kind, person.pk) for person in people}


def channels_for_many(
    pairs: Collection[tuple[Kind, User]],
) -> dict[tuple[str, UUID], tuple[Channel, ...]]:
    """The same for a batch of mixed kinds: (name of the kind, id of the person) → channels.

    Four statements, however many pairs.
    """
    wishes = _Wishes({kind.name for kind, _user in pairs}, {user.pk for _kind, user in pairs})
    return {(kind.name, user.pk): wishes.channels(kind, user.pk) for kind, user in pairs}


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
    wishes = _Wishes(list(KINDS), [user.pk])
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
            _by_roles(kind, channel, [role], defaults) if channel in kind.offered else None
            for channel in _CHOOSABLE
        )
        for kind in KINDS.values()
    }
    return Matrix(_CHOOSABLE, _grouped(rows))


_CHOOSABLE = (Channel.INBOX, *PUSHED)


def _grouped(
    rows: Mapping[Kind, tuple[Cell | None, ...]],
) -> tuple[tuple[str, tuple[tuple[Kind, tuple[Cell | None, ...]], ...]], ...]:
    """By heading, in the order in which the rooms declared them, what has no room last."""
    groups: dict[str, list[tuple[Kind, tuple[Cell | None, ...]]]] = defaultdict(list)
    for kind, cells in rows.items():
        groups[str(kind.group)].append((kind, cells))
    in_order = sorted(groups, key=lambda heading: heading == str(OTHER_GROUP))
    return tuple((heading, tuple(groups[heading])) for heading in in_order)


@command
def choose(
    user_id: UUID, kind: str, channel: str, *, wanted: bool, by: Actor, at: datetime
) -> PersonalChannel:
    """Want a kind through a channel, or not, whatever one's role has.

    Raises NotFound for another person, InvalidInput as `choose_many` does.
    """
    _chosen(user_id, [Choice(kind, channel, wanted)], by=by, at=at)
    return PersonalChannel.objects.get(user=user_id, kind=kind, channel=channel)


@command
def choose_many(user_id: UUID, choices: Collection[Choice], *, by: Actor, at: datetime) -> int:
    """Several choices at once, all or none; returns how many changed something.

    Raises NotFound for another person, InvalidInput with code `unknown_kind`,
    `channel_not_offered`, `inbox_stays`, `chosen_twice` or `too_many_choices`.
    """
    return _chosen(user_id, choices, by=by, at=at)


@command
def forget(user_id: UUID, *, by: Actor, at: datetime) -> int:
    """Take all of one's choices back: the role's defaults hold again. Returns how many there were.

    Raises NotFound for another person.
    """
    take(_oneself(by), user_id)
    return PersonalChannel.objects.filter(user=user_id).delete()[0]


@command
def set_role_default(
    role: Role, kind: str, channel: str, *, wanted: bool, by: Actor, at: datetime
) -> None:
    """Let people of a role hear of a kind through a channel, or not, unless they chose themselves.

    Raises NotAllowed for anybody but administrators, InvalidInput as `choose_many` does.
    """
    _role_defaults_set(role, [Choice(kind, channel, wanted)], by=by, at=at)


@command
def set_role_defaults(role: Role, choices: Collection[Choice], *, by: Actor, at: datetime) -> int:
    """Several defaults of a role at once, all or none; returns how many changed something."""
    return _role_defaults_set(role, choices, by=by, at=at)


def _chosen(user_id: UUID, choices: Collection[Choice], *, by: Actor, at: datetime) -> int:
    sound = _sound(choices)
    # The person's row stands for all choices of the person: two pages sent at once take turns.
    take(_oneself(by), user_id)
    known = {(row.kind, row.channel): row for row in PersonalChannel.objects.filter(user=user_id)}
    new, changed, gone = [], [], []
    for one in sound:
        row = known.get((one.kind, one.channel))
        if one.wanted is None:
            gone += [row.pk] if row else []
        elif row is None:
            new.append(
                PersonalChannel(
                    user_id=user_id,
                    kind=one.kind,
                    channel=one.channel,
                    is_wanted=one.wanted,
                    created_at=at,
                    updated_at=at,
                )
            )
        elif row.is_wanted != one.wanted:
            row.is_wanted, row.updated_at, row.version = one.wanted, at, row.version + 1
            changed.append(row)
    PersonalChannel.objects.bulk_create(new)
    if changed:
        PersonalChannel.objects.bulk_update(changed, ["is_wanted", "updated_at", "version"])
    if gone:
        PersonalChannel.objects.filter(pk__in=gone).delete()
    return len(new) + len(changed) + len(gone)


def _role_defaults_set(role: Role, choices: Collection[Choice], *, by: Actor, at: datetime) -> int:
    require(policies.may_set_notification_defaults(by), _ONLY_ADMINISTRATORS)
    sound = _sound(choices)
    known = {
        (row.kind, row.channel): row for row in RoleChannel.objects.for_change().filter(role=role)
    }
    done = 0
    for one in sound:
        row = known.get((one.kind, one.channel))
        usual = one.channel in KINDS[one.kind].channels
        if one.wanted is None or one.wanted == usual:
            # What is as the kind has it needs no row.
            done += RoleChannel.objects.filter(pk=row.pk).delete()[0] if row else 0
        elif row is None:
            RoleChannel.objects.update_or_create(
                role=role,
                kind=one.kind,
                channel=one.channel,
                defaults={"is_wanted": one.wanted, "updated_at": at},
                create_defaults={"is_wanted": one.wanted, "created_at": at, "updated_at": at},
            )
            done += 1
        elif row.is_wanted != one.wanted:
            row.change(at=at, is_wanted=one.wanted)
            done += 1
    return done


_ONLY_ADMINISTRATORS = _("Administrators say what a role gets.")


def _oneself(by: Actor) -> RowQuerySet[User]:
    """Whom one may choose for: oneself; the system for everybody."""
    people: RowQuerySet[User] = User.objects.all()
    return people if by.pk is None else people.filter(pk=by.pk)


def _sound(choices: Collection[Choice]) -> list[Choice]:
    if len(choices) > MOST_CHOICES:
        raise InvalidInput(
            _("These are too many choices at once."), code="too_many_choices", attr="choices"
        )
    seen: set[tuple[str, str]] = set()
    for one in choices:
        _require_offered(one)
        if (one.kind, one.channel) in seen:
            raise InvalidInput(
                _("The same kind and channel are chosen twice."),
                code="chosen_twice",
                attr="choices",
            )
        seen.add((one.kind, one.channel))
    return list(choices)


def _require_offered(one: Choice) -> None:
    kind = KINDS.get(one.kind)
    if kind is None:
        raise InvalidInput(_("There is no such kind of message."), code="unknown_kind", attr="kind")
    if one.channel == Channel.INBOX:
        raise InvalidInput(
            _("The inbox gets every message; only the other channels can be chosen."),
            code="inbox_stays",
            attr="channel",
        )
    if one.channel not in kind.offered:
        raise InvalidInput(
            _("This kind of message is not sent through this channel."),
            code="channel_not_offered",
            attr="channel",
        )
