"""The pools: opened, changed, closed; their rules; and which pool a lead belongs into."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.actors import SYSTEM, Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.ids import uuid7
from crm.locking import known, take
from crm.models import OrgUnit
from crm.policies import require
from leads import policies
from leads.domain.pool_parameters import CLAIMS_A_DAY, COOLDOWN_DAYS, HOLDING_CAP, START_RULES
from leads.models import Lead, Pool, PoolRule
from leads.models.lead import LONG_AGO
from merchants.models import CategoryGroup, Merchant, MerchantTier

_NOT_YOURS = gettext_lazy("Leaders of a unit keep its pools.")
BRANCH_DEPTH = 2
"""A branch stands on the second level of the tree."""


@dataclass(frozen=True)
class Pools:
    """Active pools with their rules, read once and asked for many leads."""

    particular_first: Sequence[Pool] = ()
    rules: Mapping[tuple[UUID, str], PoolRule] = field(default_factory=dict)

    def for_lead(
        self, line: Collection[UUID], *, category_group: str, division: str | None
    ) -> Pool | None:
        """The most particular pool that takes a merchant at the end of a line of units."""
        for pool in self.particular_first:
            if pool.unit_id in line and pool.takes(
                category_group=category_group, division=division
            ):
                return pool
        return None

    def rule(self, pool: Pool | None, tier: str) -> PoolRule | None:
        """By which rule leads of a tier go back to a pool; none where no pool takes them."""
        return self.rules.get((pool.pk, tier)) if pool else None


def read(units: Collection[UUID] | None = None) -> Pools:
    """The active pools, or those of these units. The most particular is the one of the lowest
    unit, then one that names districts, then one that names category groups."""
    pools = Pool.objects.active().select_related("unit")
    if units is not None:
        pools = pools.filter(unit__any_of=list(units))
    found = sorted(
        pools,
        key=lambda one: (
            -len(one.unit.ancestors),
            not one.divisions,
            not one.category_groups,
            one.pk,
        ),
    )
    rules = PoolRule.objects.filter(pool__any_of=[one.pk for one in found])
    return Pools(found, {(one.pool_id, one.tier): one for one in rules})


def of(unit_id: UUID, merchant: Merchant) -> Pool | None:
    """The pool that a lead with a merchant at a unit belongs into; none if its unit has none."""
    line = OrgUnit.objects.values_list("ancestors", flat=True).get(pk=unit_id)
    return read(line).for_lead(
        line, category_group=merchant.category_group, division=merchant.division_id
    )


def without_a_pool() -> Pool:
    """The limits that hold where a unit has no pool of its own."""
    return Pool(
        name=_("Lead pool"),
        claims_a_day=CLAIMS_A_DAY.value,
        holding_cap=HOLDING_CAP.value,
        cooldown_days=COOLDOWN_DAYS.value,
    )


# --- verbs ---------------------------------------------------------------------------------------


@command
def open_pool(
    pool_id: UUID, unit_id: UUID, values: Mapping[str, Any], *, by: Actor, at: datetime
) -> Pool:
    """Open a pool at a unit, with a rule for every tier; the leads that belong into it move there.

    Raises NotFound, NotAllowed, InvalidInput for codes that nobody knows, RuleBroken if the name is
    taken or a limit makes no sense.
    """
    unit = known(OrgUnit.objects.seen_by(by), unit_id, attr="unit")
    require(policies.may_keep_pool(by, unit.pk), _NOT_YOURS)
    pool = without_a_pool()
    pool.pk, pool.unit, pool.created_at, pool.updated_at = pool_id, unit, at, at
    for name, value in _sound(values).items():
        setattr(pool, name, value)
    pool.save(force_insert=True)
    PoolRule.objects.bulk_create(
        PoolRule(pool=pool, tier=tier, created_at=at, updated_at=at, **asdict(limits))
        for tier, limits in START_RULES.items()
    )
    _sort_anew(unit.pk)
    return pool


@command
def change_pool(
    pool_id: UUID,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Pool:
    """Change a pool's name, limits, or which merchants it takes; or close it, or open it again.

    Raises NotFound, NotAllowed, Stale, InvalidInput, RuleBroken.
    """
    pool = take(Pool.objects.seen_by(by), pool_id, version=version)
    require(policies.may_keep_pool(by, pool.unit_id), _NOT_YOURS)
    sound = _sound(values)
    if not sound:
        return pool
    pool.change(at=at, **sound)
    if sound.keys() & {"category_groups", "divisions", "is_active"}:
        _sort_anew(pool.unit_id)
    return pool


@command
def set_rule(
    pool_id: UUID,
    tier: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> PoolRule:
    """Say when leads of a tier go back to a pool. Every lead below is looked at anew.

    Raises NotFound, NotAllowed, Stale, InvalidInput for a tier that there is not, RuleBroken.
    """
    pool = take(Pool.objects.seen_by(by), pool_id)
    require(policies.may_keep_pool(by, pool.unit_id), _NOT_YOURS)
    if tier and tier not in MerchantTier.values:
        raise InvalidInput(_("There is no such tier."), code="tier_unknown", attr="tier")
    rule = PoolRule.objects.filter(pool=pool, tier=tier).for_change().first()
    if rule is None:
        rule = PoolRule(pool=pool, tier=tier, created_at=at, updated_at=at, **dict(values))
        rule.save(force_insert=True)
    else:
        if version is not None:
            take(PoolRule.objects.all(), rule.pk, version=version)
        rule.change(at=at, **values)
    below = OrgUnit.objects.under([pool.unit_id]).values_list("pk", flat=True)
    Lead.objects.open().filter(unit__in=below, owner__isnull=False).update(
        recycle_check_on=LONG_AGO
    )
    return rule


@command
def open_missing(*, at: datetime) -> int:
    """Give every branch without any pool its first one, so that leads can be claimed and go back
    there. Returns how many were opened."""
    branches = OrgUnit.objects.filter(ancestors__len=BRANCH_DEPTH).exclude(
        pk__in=Pool.objects.values("unit")
    )
    missing = list(branches.values_list("pk", flat=True))
    for unit_id in missing:
        open_pool(uuid7(), unit_id, {"name": _("Lead pool")}, by=SYSTEM, at=at)
    return len(missing)


def _sound(values: Mapping[str, Any]) -> dict[str, Any]:
    sound = dict(values)
    if "name" in sound:
        sound["name"] = sound["name"].strip()
    groups = sound.get("category_groups", [])
    if unknown := [one for one in groups if one not in CategoryGroup.values]:
        raise InvalidInput(
            _("There is no category group “%(code)s”.") % {"code": unknown[0][:40]},
            code="category_group_unknown",
            attr="category_groups",
        )
    for code in sound.get("divisions", []):
        if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 6):
            raise InvalidInput(
                _("A district is named by its code of two to six digits, not “%(code)s”.")
                % {"code": code[:40]},
                code="division_unknown",
                attr="divisions",
            )
    for name in ("category_groups", "divisions"):
        if name in sound:
            sound[name] = sorted(set(sound[name]))
    return sound


def _sort_anew(unit_id: UUID) -> None:
    """Let the leads that lie in a pool at a unit or below it lie where they belong now."""
    pools = read()
    pooled = Lead.objects.filter(owner=None, pooled_at__isnull=False)
    pooled = pooled.filter(unit__in=OrgUnit.objects.under([unit_id]).values("pk"))
    alike = pooled.order_by().values_list(
        "unit", "unit__ancestors", "merchant__category_group", "merchant__division", "pool"
    )
    for unit, line, group, division, lies_in in alike.distinct():
        pool = pools.for_lead(line, category_group=group, division=division)
        if (pool.pk if pool else None) == lies_in:
            continue
        merchants = Merchant.objects.filter(category_group=group, division=division)
        pooled.filter(
            unit=unit, pool=lies_in, merchant__in=merchants.order_by().values("pk")
        ).update(pool=pool)
