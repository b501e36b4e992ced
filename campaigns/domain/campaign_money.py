"""A campaign's money on its way: reserved when it is submitted, committed when it is approved,
consumed by redemptions, given back by refunds, and what is left goes home at the end.

Two kinds of pots move together. The fund's pot knows the bank's part of all its campaigns; the
campaign's own pots know what each party gives to this one. For every campaign that is committed,
what the fund holds for it is what the bank's own pot still has, to the fen.

Plain functions within the transaction of a verb that holds the campaign's lock; amounts in fen,
parties as in `Party`. Every movement has a key: the same cause moves money once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.domain import ledger
from campaigns.domain import shares as share_rules
from campaigns.domain.ledger import (
    AVAILABLE,
    COMMITTED,
    CONSUMED,
    RESERVED,
    BudgetExceeded,
    Movement,
)
from campaigns.models import (
    Account,
    Budget,
    Campaign,
    CampaignStage,
    EntryKind,
    Fund,
    LedgerEntry,
    Party,
)
from crm.actors import Actor
from crm.errors import RuleBroken

_PLACE = {str(party): place for place, party in enumerate(Party)}


@dataclass(frozen=True)
class PartyMoney:
    """What one party gives, or all together: fen."""

    allocated: int = 0
    reserved: int = 0
    """Held for purchases that were authorised and not cleared."""
    consumed: int = 0

    @property
    def available(self) -> int:
        return self.allocated - self.reserved - self.consumed

    def __add__(self, other: "PartyMoney") -> "PartyMoney":
        return PartyMoney(
            self.allocated + other.allocated,
            self.reserved + other.reserved,
            self.consumed + other.consumed,
        )


@dataclass(frozen=True)
class CampaignMoney:
    """Where a campaign stands, per party in the listed order and in total."""

    parties: dict[str, PartyMoney] = field(default_factory=dict)

    @property
    def total(self) -> PartyMoney:
        return sum(self.parties.values(), PartyMoney())


def parts_of(campaign: Campaign) -> dict[str, int]:
    """What each party gives to a campaign (fen): its part of the whole budget, at most its ceiling;
    what is above that, whoever is named gives instead. Together never more than the budget."""
    listed = sorted(campaign.shares.all(), key=lambda share: _PLACE[share.party])
    return share_rules.split_within(
        campaign.budget_fen,
        {share.party: share.basis_points for share in listed},
        left={share.party: share.ceiling_fen for share in listed if share.ceiling_fen is not None},
        fallback={share.party: share.fallback for share in listed if share.fallback},
    ).parts


def reserve(
    campaign: Campaign,
    *,
    key: str,
    by: Actor,
    at: datetime,
    parts: Mapping[str, int] | None = None,
) -> None:
    """Submitted: the bank's part is promised in the campaign's fund, until it is approved.

    With `parts`, those of a version that is not in force yet: only what it asks for beyond what is
    committed already is reserved. Raises BudgetExceeded with what the fund has left, RuleBroken
    with code `campaign_without_fund`, `fund_closed`, `fund_elsewhere` or `fund_period`.
    """
    wanted = (parts_of(campaign) if parts is None else parts).get(Party.BANK, 0)
    if wanted:
        require_fund(campaign)
    bank = _pots(campaign.pk).get(Party.BANK)
    more = wanted - (bank.allocated_fen if bank else 0) - reserved_for(campaign)
    if more > 0:
        _post_in_fund(campaign, [(EntryKind.RESERVE, None, None, more)], key=key, by=by, at=at)


def commit(
    campaign: Campaign,
    *,
    key: str,
    by: Actor,
    at: datetime,
    parts: Mapping[str, int] | None = None,
) -> None:
    """Finally approved: the bank's part is committed in the fund, what was reserved beyond it goes
    back, and every party's pot holds its part.

    Also for a version that takes effect on a running campaign: pots grow or shrink to what it says
    (`parts`, or the campaign's own). Raises BudgetExceeded where a pot would fall below what is
    held and spent, or the fund has not that much.
    """
    wanted = dict(parts_of(campaign) if parts is None else parts)
    pots = _opened(campaign, wanted, at=at)
    movements: list[Movement] = []
    if wanted.get(Party.BANK) or campaign.fund_id:
        movements += _committing(campaign, wanted, pots, key=key)
    for party, pot in pots.items():
        movements += _fitting(campaign, party, pot, wanted.get(party, 0), key=key)
    ledger.post_all(movements, by=by, at=at)


def change_budget(
    campaign: Campaign,
    parts: Mapping[str, int],
    *,
    expected_fen: int,
    key: str,
    by: Actor,
    at: datetime,
) -> None:
    """New terms take effect: the pots become what they say, if they still hold what whoever wrote
    the terms had read (`expected_fen`, all parties together).

    Raises RuleBroken with code `stale_budget` and the current value, BudgetExceeded as `commit`.
    """
    current = standing(campaign).total.allocated
    if current != expected_fen:
        raise ledger.StaleBudget(current)
    commit(campaign, key=key, by=by, at=at, parts=parts)


def unreserve(campaign: Campaign, *, key: str, because: str, by: Actor, at: datetime) -> None:
    """What was reserved for a version that was returned or withdrawn goes back; what is committed
    to the campaign stays."""
    reserved = reserved_for(campaign)
    if reserved:
        move = (EntryKind.RELEASE, RESERVED, None, reserved)
        _post_in_fund(campaign, [move], key=key, because=because, by=by, at=at)


def release(campaign: Campaign, *, key: str, because: str, by: Actor, at: datetime) -> None:
    """Returned before it was approved, or cancelled: all that is reserved or unspent goes back."""
    _go_home(campaign, EntryKind.RELEASE, key=key, because=because, by=by, at=at)


def close(campaign: Campaign, *, key: str, by: Actor, at: datetime) -> None:
    """The campaign is over and no claim may come any more: what is left goes back, exactly once."""
    _go_home(campaign, EntryKind.EXPIRE, key=key, because="", by=by, at=at)


def consume(
    campaign: Campaign, parts: Mapping[str, int], *, key: str, by: Actor, at: datetime
) -> None:
    """Redemptions were cleared: each party's part is spent, in its pot and for the bank in the
    fund as well. Raises BudgetExceeded with what the pot has left."""
    moves = _of_parts(campaign, parts, EntryKind.CONSUME, source=AVAILABLE, key=key)
    moves += _of_bank(campaign, parts, EntryKind.CONSUME, source=COMMITTED, key=key)
    ledger.post_all(moves, by=by, at=at)


def hold(
    campaign: Campaign, parts: Mapping[str, int], *, key: str, by: Actor, at: datetime
) -> None:
    """Purchases were authorised: each party's part is held until they are cleared."""
    moves = _of_parts(campaign, parts, EntryKind.RESERVE, source=AVAILABLE, key=key)
    ledger.post_all(moves, by=by, at=at)


def unhold(
    campaign: Campaign, parts: Mapping[str, int], *, key: str, by: Actor, at: datetime
) -> None:
    """Authorised purchases were given up: what was held for them is free again. If the campaign's
    money went home meanwhile, what was held went with it."""
    if has_gone_home(campaign):
        return
    moves = _of_parts(campaign, parts, EntryKind.RELEASE, source=RESERVED, key=key)
    ledger.post_all(moves, by=by, at=at)


def consume_held(
    campaign: Campaign, parts: Mapping[str, int], *, key: str, by: Actor, at: datetime
) -> None:
    """Authorised purchases were cleared: what was held for them is spent."""
    moves = _of_parts(campaign, parts, EntryKind.CONSUME, source=RESERVED, key=key)
    moves += _of_bank(campaign, parts, EntryKind.CONSUME, source=COMMITTED, key=key)
    ledger.post_all(moves, by=by, at=at)


def give_back(
    campaign: Campaign, parts: Mapping[str, int], *, key: str, by: Actor, at: datetime
) -> None:
    """Purchases were refunded: each party has its part again, and may spend it again. Of a campaign
    whose money went home it follows at once."""
    moves = _of_parts(campaign, parts, EntryKind.REVERSE, target=AVAILABLE, key=key)
    moves += _of_bank(campaign, parts, EntryKind.REVERSE, target=COMMITTED, key=key)
    ledger.post_all(moves, by=by, at=at)
    if has_gone_home(campaign):
        close(campaign, key=f"{key}:home", by=by, at=at)


OVER = frozenset({CampaignStage.CLOSED, CampaignStage.CANCELLED})
"""Stages that no campaign reaches with its money."""


def has_gone_home(campaign: Campaign) -> bool:
    """Whether what was left went back, and money that comes now cannot be spent by the campaign any
    more: once its claims are over, which is often long before it is closed."""
    return campaign.money_returned_at is not None or campaign.stage in OVER


def standing(campaign: Campaign) -> CampaignMoney:
    """Where the campaign's money stands, per party and in total."""
    return CampaignMoney(
        {
            party: PartyMoney(pot.allocated_fen, pot.reserved_fen, pot.consumed_fen)
            for party, pot in _pots(campaign.pk).items()
        }
    )


def left(campaign_id: UUID) -> dict[str, int]:
    """What each party can still give (fen); zero for those who give nothing."""
    pots = _pots(campaign_id)
    return {str(party): pots[party].available_fen if party in pots else 0 for party in Party}


def take_pots(campaigns: Iterable[Campaign]) -> None:
    """Lock the pots of several campaigns and of their funds, in the order of their ids: for a verb
    that moves the money of all of them."""
    listed = list(campaigns)
    pots = Budget.objects.filter(
        Q(campaign__in=[campaign.pk for campaign in listed])
        | Q(fund__in={campaign.fund_id for campaign in listed if campaign.fund_id})
    )
    ledger.take(pots.order_by().values_list("pk", flat=True))


def reserved_for(campaign: Campaign) -> int:
    """What the campaign's fund holds reserved for it (fen)."""
    if not campaign.fund_id:
        return 0
    entries = LedgerEntry.objects.filter(campaign=campaign.pk, budget__fund=campaign.fund_id)
    sums = entries.order_by().aggregate(
        came=Sum("amount_fen", filter=Q(debit_account=RESERVED)),
        went=Sum("amount_fen", filter=Q(credit_account=RESERVED)),
    )
    return (sums["came"] or 0) - (sums["went"] or 0)


def drift(campaign: Campaign) -> dict[Account, int]:
    """By how much the fund holds more for a campaign (fen) than the bank's own pot has left, or has
    written down more as spent, by their entries; nothing where the two agree. The caller holds the
    locks of both pots."""
    entries = LedgerEntry.objects.filter(campaign=campaign.pk, budget__fund__isnull=False)
    sums = dict.fromkeys((COMMITTED, CONSUMED), 0)
    moved = (
        entries.order_by()
        .values_list("debit_account", "credit_account")
        .annotate(fen=Sum("amount_fen"))
    )
    for debit, credit, fen in moved:
        for account, signed in ((debit, fen), (credit, -fen)):
            if account in sums:
                sums[Account(account)] += signed
    pot = Budget.objects.filter(campaign=campaign.pk, party=Party.BANK).first()
    there = ledger.in_ledger(pot.pk) if pot else {}
    consumed = there.get(CONSUMED, 0)
    differs = {
        COMMITTED: sums[COMMITTED] - (sum(there.values()) - consumed),
        CONSUMED: sums[CONSUMED] - consumed,
    }
    return {account: fen for account, fen in differs.items() if fen}


def require_fund(campaign: Campaign) -> Budget:
    """The pot of the fund that pays the bank's part, if it may pay for this campaign."""
    fund = campaign.fund
    if fund is None:
        raise RuleBroken(
            _("Choose the fund that pays the bank's part."),
            code="campaign_without_fund",
            attr="fund",
        )
    if fund.closed_at:
        raise RuleBroken(_("This fund is closed."), code="fund_closed", attr="fund")
    if fund.unit_id not in campaign.unit.ancestors:
        raise RuleBroken(
            _("This fund is not for campaigns of this unit."), code="fund_elsewhere", attr="fund"
        )
    if not fund.starts_on <= campaign.starts_on <= fund.ends_on:
        raise RuleBroken(
            _("The campaign does not begin within the period of its fund."),
            code="fund_period",
            attr="fund",
        )
    return fund.budget


type _Move = tuple[EntryKind, Account | None, Account | None, int]


def _post_in_fund(
    campaign: Campaign,
    moves: Iterable[_Move],
    *,
    key: str,
    because: str = "",
    by: Actor,
    at: datetime,
) -> None:
    movements = _in_fund(campaign, moves, key=key, because=because)
    ledger.post_all(movements, by=by, at=at)


def _in_fund(
    campaign: Campaign, moves: Iterable[_Move], *, key: str, because: str = ""
) -> list[Movement]:
    budget_id = Budget.objects.values_list("pk", flat=True).get(fund=campaign.fund_id)
    return [
        Movement(
            kind=kind,
            budget_id=budget_id,
            amount_fen=fen,
            key=f"{key}:fund:{kind}:{source or ''}",
            source=source,
            target=target,
            campaign_id=campaign.pk,
            reason=because,
        )
        for kind, source, target, fen in moves
        if fen > 0
    ]


def _pots(campaign_id: UUID) -> dict[str, Budget]:
    pots = Budget.objects.filter(campaign=campaign_id).order_by()
    return {pot.party: pot for pot in sorted(pots, key=lambda pot: _PLACE[pot.party])}


def _opened(campaign: Campaign, wanted: Mapping[str, int], *, at: datetime) -> dict[str, Budget]:
    pots = _pots(campaign.pk)
    new = [
        Budget(campaign=campaign, party=party, created_at=at, updated_at=at)
        for party in wanted
        if party not in pots
    ]
    Budget.objects.bulk_create(new)
    return pots | {pot.party: pot for pot in new}


def _committing(
    campaign: Campaign, wanted: Mapping[str, int], pots: Mapping[str, Budget], *, key: str
) -> list[Movement]:
    """In the fund: what the bank's part grows by is committed, out of what is reserved as far as
    that goes; what it shrinks by, and what was reserved beyond, is released."""
    if wanted.get(Party.BANK):
        require_fund(campaign)
    bank = pots.get(Party.BANK)
    more = wanted.get(Party.BANK, 0) - (bank.allocated_fen if bank else 0)
    reserved = reserved_for(campaign)
    out_of_reserved = max(0, min(more, reserved))
    return _in_fund(
        campaign,
        [
            (EntryKind.COMMIT, RESERVED, None, out_of_reserved),
            (EntryKind.COMMIT, AVAILABLE, None, more - out_of_reserved),
            (EntryKind.RELEASE, COMMITTED, None, -more),
            (EntryKind.RELEASE, RESERVED, None, reserved - out_of_reserved),
        ],
        key=key,
    )


def _fitting(
    campaign: Campaign, party: str, pot: Budget, wanted_fen: int, *, key: str
) -> list[Movement]:
    more = wanted_fen - pot.allocated_fen
    if not more:
        return []
    grown = EntryKind.ADJUST if pot.allocated_fen else EntryKind.ALLOCATE
    return [
        Movement(
            kind=grown if more > 0 else EntryKind.ADJUST,
            budget_id=pot.pk,
            amount_fen=abs(more),
            key=f"{key}:{party}",
            source=None if more > 0 else AVAILABLE,
            campaign_id=campaign.pk,
        )
    ]


def _go_home(
    campaign: Campaign, kind: EntryKind, *, key: str, because: str, by: Actor, at: datetime
) -> None:
    """All that is held or unspent leaves the pots, and the fund has the bank's part again."""
    pots = _pots(campaign.pk)
    movements = []
    for party, pot in pots.items():
        unspent = pot.allocated_fen - pot.consumed_fen
        for source, fen in ((RESERVED, pot.reserved_fen), (AVAILABLE, unspent)):
            if fen:
                movements.append(
                    Movement(
                        kind=kind,
                        budget_id=pot.pk,
                        amount_fen=fen,
                        key=f"{key}:{party}:{source}",
                        source=source,
                        campaign_id=campaign.pk,
                        reason=because,
                    )
                )
    if campaign.fund_id:
        bank = pots.get(Party.BANK)
        committed = bank.allocated_fen - bank.consumed_fen if bank else 0
        moves: list[_Move] = [
            (kind, COMMITTED, None, committed),
            (EntryKind.RELEASE, RESERVED, None, reserved_for(campaign)),
        ]
        if Fund.objects.filter(pk=campaign.fund_id, closed_at__isnull=False).exists():
            # Nobody could spend it there.
            moves.append((EntryKind.RELEASE, AVAILABLE, None, committed))
        movements += _in_fund(campaign, moves, key=key, because=because)
    ledger.post_all(movements, by=by, at=at)


def _of_parts(
    campaign: Campaign,
    parts: Mapping[str, int],
    kind: EntryKind,
    *,
    source: Account | None = None,
    target: Account | None = None,
    key: str,
) -> list[Movement]:
    pots = _pots(campaign.pk)
    movements = []
    for party, fen in parts.items():
        if not fen:
            continue
        if party not in pots:
            raise BudgetExceeded(None, 0, fen)
        movements.append(
            Movement(
                kind=kind,
                budget_id=pots[party].pk,
                amount_fen=fen,
                key=f"{key}:{party}",
                source=source,
                target=target,
                campaign_id=campaign.pk,
            )
        )
    return movements


def _of_bank(
    campaign: Campaign,
    parts: Mapping[str, int],
    kind: EntryKind,
    *,
    source: Account | None = None,
    target: Account | None = None,
    key: str,
) -> list[Movement]:
    """The same movement of the bank's part in the fund."""
    fen = parts.get(Party.BANK, 0)
    return _in_fund(campaign, [(kind, source, target, fen)], key=key) if fen else []
