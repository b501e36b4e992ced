"""Which roles must agree to an amount: tiers are found, set, and never left without anybody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.models import ApprovalTier
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.models import Membership, OrgUnit, Role, User
from crm.policies import require

YUAN = 100


@dataclass(frozen=True)
class StartTier:
    """A tier that a bank starts with."""

    from_fen: int
    up_to_fen: int | None
    steps: tuple[Role, ...]


START_TIERS = (
    StartTier(0, 500_000 * YUAN, (Role.BRANCH_MANAGER,)),
    StartTier(500_000 * YUAN, 5_000_000 * YUAN, (Role.BRANCH_MANAGER, Role.FINANCE)),
    StartTier(5_000_000 * YUAN, None, (Role.BRANCH_MANAGER, Role.FINANCE, Role.COMPLIANCE)),
)
"""By the budget of all parties together. Start values, edited like any other tier."""

_NOT_YOURS = _("Only administrators set the tiers of approval.")


@command
def add(
    tier_id: UUID,
    unit_id: UUID,
    *,
    from_fen: int,
    up_to_fen: int | None,
    steps: Iterable[str],
    by: Actor,
    at: datetime,
) -> ApprovalTier:
    """Say who must agree to campaigns of an amount (fen; the upper end itself is not in it).

    Raises NotFound, NotAllowed, InvalidInput for a role that there is not, RuleBroken with codes
    `tier_empty` if nobody holds one of the roles, `tier_overlaps`, `tier_amounts`.
    """
    unit = known(_units(by), unit_id, attr="unit")
    require(policies.may_set_tiers(by, unit.pk), _NOT_YOURS)
    roles = _roles(steps)
    _somebody_approves(unit, roles)
    tier = ApprovalTier(
        pk=tier_id,
        unit=unit,
        from_fen=from_fen,
        up_to_fen=up_to_fen,
        steps=roles,
        created_at=at,
        updated_at=at,
    )
    tier.save(force_insert=True)
    return tier


@command
def change(
    tier_id: UUID,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ApprovalTier:
    """Change amounts or roles of a tier, or take it out of use. Requests that wait keep theirs.

    Raises NotFound, NotAllowed, Stale, InvalidInput, RuleBroken like `add`.
    """
    tier = take(ApprovalTier.objects.seen_by(by), tier_id, version=version)
    require(policies.may_set_tiers(by, tier.unit_id), _NOT_YOURS)
    sound = dict(values)
    if "steps" in sound:
        sound["steps"] = _roles(sound["steps"])
    if sound.get("is_active", tier.is_active):
        _somebody_approves(tier.unit, _roles(sound.get("steps", tier.steps)))
    return tier.change(at=at, **sound) if sound else tier


def _units(by: Actor) -> Any:
    return OrgUnit.objects.seen_by(by)


def _roles(steps: Iterable[str]) -> list[Role]:
    roles = list(steps)
    if unknown := [one for one in roles if one not in Role.values]:
        raise InvalidInput(
            _("There is no role “%(code)s”.") % {"code": str(unknown[0])[:40]},
            code="role_unknown",
            attr="steps",
        )
    return [Role(one) for one in roles]


def _somebody_approves(unit: OrgUnit, roles: list[Role]) -> None:
    if not roles:
        raise RuleBroken(
            _("A tier names one to five roles that approve."), code="tier_empty", attr="steps"
        )
    held = roles_held_around(unit)
    if empty := [role for role in roles if role not in held]:
        raise RuleBroken(
            _("Nobody holds the role “%(role)s” there: such a tier could never be passed.")
            % {"role": empty[0].label},
            code="tier_empty",
            attr="steps",
        )


def roles_held_around(unit: OrgUnit) -> set[Role]:
    """The roles that active people hold at a unit, above it or below it."""
    held = (
        Membership.objects.filter(user__is_active=True)
        .filter(Q(unit__ancestors__contains=[unit.pk]) | Q(unit__any_of=unit.ancestors))
        .values_list("role", flat=True)
        .order_by()
        .distinct()
    )
    return {Role(one) for one in held}


def for_amount(unit: OrgUnit, amount_fen: int) -> ApprovalTier:
    """The tier of the nearest unit, from the campaign's own upwards, that has one for the amount.

    Raises RuleBroken with code `tier_missing`.
    """
    tiers = list(
        ApprovalTier.objects.active()
        .filter(unit__any_of=unit.ancestors, from_fen__lte=amount_fen)
        .filter(Q(up_to_fen=None) | Q(up_to_fen__gt=amount_fen))
    )
    if not tiers:
        raise RuleBroken(
            _("No approval tier is set for this amount. Ask an administrator to set one."),
            code="tier_missing",
        )
    return max(tiers, key=lambda tier: unit.ancestors.index(tier.unit_id))


def approvers(unit: OrgUnit, role: str, *, but: Iterable[UUID] = ()) -> list[User]:
    """Active colleagues who hold a role at a unit or above it, without those named."""
    return list(
        User.objects.active()
        .filter(
            pk__in=Membership.objects.filter(role=role, unit__any_of=unit.ancestors).values("user")
        )
        .exclude(pk__in=list(but))
        .order_by("full_name", "pk")
    )


def passable(unit: OrgUnit, roles: Iterable[str], *, makers: Iterable[UUID]) -> str | None:
    """The first role of a tier at which nobody could agree, as every step needs a person of its
    own who did not make the campaign; none if it can be passed.

    A person who holds two of the roles counts for one: found by matching steps with people.
    """
    steps = list(roles)
    people = {role: [one.pk for one in approvers(unit, role, but=makers)] for role in set(steps)}
    taken: dict[UUID, int] = {}

    def seated(step: int, seen: set[UUID]) -> bool:
        for person in people[steps[step]]:
            if person in seen:
                continue
            seen.add(person)
            if person not in taken or seated(taken[person], seen):
                taken[person] = step
                return True
        return False

    for step, role in enumerate(steps):
        if not seated(step, set()):
            return role
    return None


def make_missing(*, at: datetime) -> int:
    """Give a bank without any tier those that it starts with. Returns how many were made.

    They are made whoever works there yet; submitting asks again whether somebody can approve.
    """
    if ApprovalTier.objects.exists():
        return 0
    root = OrgUnit.objects.filter(parent=None).order_by("created_at", "pk").first()
    if root is None:
        return 0
    with transaction.atomic():
        # Whoever comes second waits here, and then finds them.
        OrgUnit.objects.for_change().get(pk=root.pk)
        if ApprovalTier.objects.exists():
            return 0
        ApprovalTier.objects.bulk_create(
            [
                ApprovalTier(
                    unit=root,
                    from_fen=one.from_fen,
                    up_to_fen=one.up_to_fen,
                    steps=list(one.steps),
                    created_at=at,
                    updated_at=at,
                )
                for one in START_TIERS
            ]
        )
    return len(START_TIERS)


def empty_ones() -> list[ApprovalTier]:
    """Tiers in use with a role that nobody holds any more."""
    tiers = ApprovalTier.objects.active().select_related("unit")
    return [tier for tier in tiers if not roles_held_around(tier.unit).issuperset(tier.roles)]
