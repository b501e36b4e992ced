"""The ledger is the truth: every counter is compared with the sum of its entries.

For every campaign, what its fund holds committed and has written down as spent is what the bank's
own pot still has and has spent.

A pot that differs is frozen, so that nothing moves on a wrong number, and the finance people are
told. Once they have looked, its counters are taken from the ledger again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import budget_alerts, campaign_money, ledger
from campaigns.domain.ledger import COMMITTED, CONSUMED, RESERVED
from campaigns.models import Account, Budget, Party
from campaigns.models.fund_parameters import RECONCILED_EVERY_HOURS
from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import take
from crm.policies import require

log = structlog.get_logger()

BATCH = 50
"""Pots that are compared at once."""


def reconcile_due(*, at: datetime) -> list[UUID]:
    """Compare a batch of the pots that were not compared for a day; returns those it froze."""
    long_ago = at - timedelta(hours=RECONCILED_EVERY_HOURS.value)
    due = Budget.objects.filter(Q(reconciled_at=None) | Q(reconciled_at__lte=long_ago))
    pks = due.order_by(F("reconciled_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    return _reconcile(list(pks[:BATCH]), at=at)


def reconcile_all(*, at: datetime) -> list[UUID]:
    """Compare every pot now; returns those it froze."""
    frozen: list[UUID] = []
    last: UUID | None = None
    while True:
        rows = Budget.objects.order_by("pk")
        pks = list(
            (rows.filter(pk__gt=last) if last else rows).values_list("pk", flat=True)[:BATCH]
        )
        if not pks:
            return frozen
        frozen += _reconcile(pks, at=at)
        last = pks[-1]


def _reconcile(pks: Collection[UUID], *, at: datetime) -> list[UUID]:
    frozen = []
    for pk in pks:
        try:
            if _compare(pk, at=at):
                frozen.append(pk)
        except Exception:
            log.exception("budget_not_reconciled", budget=str(pk))
    return frozen


@command
def _compare(budget_id: UUID, *, at: datetime) -> bool:
    """Whether the pot was found to differ, and is frozen now. Under its lock: whoever moves money
    meanwhile has written both the entry and the counter, or neither."""
    pots = {pot.pk: pot for pot in ledger.take([budget_id, *_fund_of(budget_id)])}
    pot = pots.get(budget_id)
    if pot is None:
        return False
    drift = _drift(pot)
    differs = differs_from_ledger(pot) or bool(drift)
    if not differs or pot.frozen_at:
        # Nobody reads when a pot was compared: no version is counted.
        Budget.objects.filter(pk=budget_id).update(reconciled_at=at)
        return False
    log.error(
        "budget_frozen",
        budget=str(budget_id),
        counters={str(account): fen for account, fen in ledger.in_counters(pot).items()},
        entries={str(account): fen for account, fen in ledger.in_ledger(budget_id).items()},
        drift={str(account): fen for account, fen in drift.items()},
    )
    pot.change(at=at, frozen_at=at, reconciled_at=at)
    budget_alerts.tell_of_freezing(pot, at=at)
    return True


def _fund_of(budget_id: UUID) -> list[UUID]:
    """The pot of the fund that pays what the bank gives out of this one."""
    of_bank = Budget.objects.filter(pk=budget_id, party=Party.BANK)
    pots = Budget.objects.filter(fund__in=of_bank.values("campaign__fund")).order_by()
    return list(pots.values_list("pk", flat=True))


def _drift(pot: Budget) -> dict[Account, int]:
    """By how much the fund holds another sum for a campaign than the bank's pot of it."""
    if pot.party != Party.BANK or pot.campaign is None or pot.campaign.fund_id is None:
        return {}
    return campaign_money.drift(pot.campaign)


def differs_from_ledger(pot: Budget) -> bool:
    """Whether a pot's counters are not what its entries sum to."""
    return ledger.in_counters(pot) != ledger.in_ledger(pot.pk)


@command
def restore(budget_id: UUID, *, because: str, by: Actor, at: datetime) -> Budget:
    """Take a frozen pot's counters from the ledger, and let money move again.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `budget_not_frozen`; with
    `budget_exceeded` if the ledger itself says that more was promised than there is.
    """
    pot = take(Budget.objects.seen_by(by), budget_id)
    owner = pot.fund or pot.campaign
    assert owner is not None
    require(policies.may_keep_funds(by, owner.unit_id), _("You do not keep funds of this unit."))
    if not because.strip():
        raise InvalidInput(_("Say what you found out."), code="reason_missing", attr="because")
    if pot.frozen_at is None:
        raise RuleBroken(_("This budget is not frozen."), code="budget_not_frozen")
    sums = ledger.in_ledger(budget_id)
    return pot.change(
        at=at,
        allocated_fen=sum(sums.values()),
        reserved_fen=sums[RESERVED],
        committed_fen=sums[COMMITTED],
        consumed_fen=sums[CONSUMED],
        frozen_at=None,
        restored_because=because,
        reconciled_at=at,
    )
