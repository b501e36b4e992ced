"""One batch of reported events is taken in: campaigns locked, rows judged, money moved, everything
written with a fixed number of statements.

The campaigns of the batch are locked in the order of their ids before anything is read that a limit
depends on. Whatever a row is, it ends as a redemption, as one known already, or in the queue of
discrepancies.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import (
    campaign_money,
    intake_campaigns,
    intake_places,
    pausing,
    redemption_tables,
    usage,
)
from campaigns.domain.discrepancies import Finding
from campaigns.domain.intake_campaigns import Candidates
from campaigns.domain.intake_judging import Judge, Movement, Outcome, Result
from campaigns.domain.redemption_rows import EventRow, Fault
from campaigns.models import (
    Campaign,
    DiscrepancyCode,
    Redemption,
    RedemptionEvent,
    RedemptionIntake,
)
from crm.actors import Actor
from crm.errors import RuleBroken, TryAgain
from merchants.domain import timeline

TAKEN_IN = timeline.kind(
    "redemption.taken_in",
    _("Redemptions taken in"),
    _("%(count)s redemption events of campaign “%(name)s” were taken in."),
)

_MONEY: Mapping[Movement, Callable[..., None]] = {
    Movement.HOLD: campaign_money.hold,
    Movement.CONSUME: campaign_money.consume,
    Movement.CONSUME_HELD: campaign_money.consume_held,
    Movement.UNHOLD: campaign_money.unhold,
    Movement.GIVE_BACK: campaign_money.give_back,
}
"""In the order in which they are posted: what a batch gives comes before what it brings back."""


@dataclass(frozen=True)
class Batch:
    """What is taken in together. `key` is unique for ever: the money moves once for it."""

    key: str
    source: str
    unit_id: UUID
    rows: Sequence[EventRow | Fault]
    intake: RedemptionIntake | None = None
    owner_id: UUID | None = None
    """Who looks after what cannot be taken in."""


def judge(
    batch: Batch, *, at: datetime, lock: bool, size: int | None = None
) -> tuple[list[Outcome], Candidates]:
    """What becomes of every row. With `lock`, the campaigns are locked until the transaction ends;
    without, nothing may be written. With `size`, so many rows are judged together and then the next
    ones, as if they were taken in one batch after the other.

    Raises TryAgain if another intake wrote about the same purchases meanwhile.
    """
    rows = [row for row in batch.rows if isinstance(row, EventRow)]
    references = list({row.reference for row in rows})
    places = intake_places.load({row.mid for row in rows if row.mid})
    mine = Redemption.objects.filter(source=batch.source, reference__in=references).order_by()
    before = set(mine.values_list("campaign_id", flat=True))
    ids = intake_campaigns.ids_of(
        unit_id=batch.unit_id,
        merchant_ids=places.merchant_ids,
        names={row.campaign for row in rows if row.campaign},
        known_ids=before,
    )
    campaigns = Campaign.objects.filter(pk__in=ids)
    candidates = intake_campaigns.load(campaigns.for_change() if lock else campaigns.order_by("pk"))
    known = {one.reference: one for one in redemption_tables.known(mine)}
    if {one.campaign_id for one in known.values()} - before - set(ids):
        raise _met_another()
    told = RedemptionEvent.objects.filter(source=batch.source, reference__in=references).order_by()
    counters = usage.load(
        list(candidates.by_id),
        counting_customers=[pk for pk, one in candidates.by_id.items() if one.counts_customers],
        identities=[row.identities for row in rows if row.identities],
        left={pk: campaign_money.left(pk) for pk in candidates.by_id},
    )
    judging = Judge(
        places=places,
        candidates=candidates,
        usage=counters,
        known=known,
        events={
            (reference, key): digest
            for reference, key, digest in told.values_list("reference", "key", "digest")
        },
        at=at,
        today=timezone.localdate(at),
    )
    outcomes: list[Outcome] = []
    size = size or max(1, len(batch.rows))
    for start in range(0, len(batch.rows), size):
        judged = judging.judge(batch.rows[start : start + size])
        judging.settle(judged)
        outcomes += judged
    return outcomes, candidates


def take_in(batch: Batch, *, by: Actor, at: datetime) -> list[Outcome]:
    """Take a batch in, inside a verb's transaction: what became of every row, in their order.

    What cannot be taken in has to be put into the queue by the caller (`findings`).
    """
    outcomes, candidates = judge(batch, at=at, lock=True)
    outcomes = _paid(batch, outcomes, candidates, by=by, at=at)
    landed = [one for one in outcomes if one.result == Result.LANDED]
    redemptions = {one.known.pk: one.known for one in landed if one.known}.values()
    try:
        redemption_tables.insert(
            [one for one in redemptions if one.row is not None], source=batch.source, at=at
        )
        redemption_tables.insert_events(
            landed,
            source=batch.source,
            intake_id=batch.intake.pk if batch.intake else None,
            at=at,
        )
    except IntegrityError as broken:
        if "redemption_once_per_reference" in str(broken) or "redemption_event_once" in str(broken):
            # Another campaign's intake brought the same reference at the same moment.
            raise _met_another() from broken
        raise
    redemption_tables.change([one for one in redemptions if one.row is None and one.changed], at=at)
    redemption_tables.count(landed)
    _tell_merchants(landed, candidates, by=by, at=at)
    for campaign_id in sorted({one.known.campaign_id for one in landed if one.known}):
        pausing.pause_if_spent(campaign_id, at=at)
    return outcomes


def findings(batch: Batch, outcomes: Iterable[Outcome]) -> list[Finding]:
    """What has to go into the queue of discrepancies."""
    return [
        Finding(
            code=one.code,
            detail=one.detail,
            unit_id=batch.unit_id,
            campaign_id=one.campaign_id,
            merchant_id=one.merchant_id,
            intake_id=batch.intake.pk if batch.intake else None,
            source=batch.source,
            reference=one.row.reference,
            row_number=one.row.number,
            row=one.row.raw,
            row_digest=one.row.digest,
            bank_fen=one.bank_fen,
            merchant_fen=one.merchant_fen,
            owner_id=batch.owner_id,
        )
        for one in outcomes
        if one.result == Result.QUEUED and one.code is not None
    ]


def _met_another() -> TryAgain:
    return TryAgain(_("Somebody else is changing this right now. Please try again."))


def _paid(
    batch: Batch, outcomes: list[Outcome], candidates: Candidates, *, by: Actor, at: datetime
) -> list[Outcome]:
    """Move the money of every campaign of the batch, one posting each per kind of movement.

    Where the ledger refuses a campaign, because a pot is frozen, none of its rows is taken in: they
    go to the queue and can be tried again.
    """
    sums: dict[UUID, dict[Movement, dict[str, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for one in outcomes:
        if one.movement is not None and one.known is not None:
            line = sums[one.known.campaign_id][one.movement]
            for party, fen in one.moved.items():
                line[party] += fen
    campaigns = [candidates.by_id[pk].campaign for pk in sorted(sums)]
    campaign_money.take_pots(campaigns)
    refused: dict[UUID, RuleBroken] = {}
    for campaign in campaigns:
        try:
            with transaction.atomic():
                for movement, move in _MONEY.items():
                    if parts := sums[campaign.pk].get(movement):
                        key = f"intake:{batch.key}:{campaign.pk}:{movement}"
                        move(campaign, dict(parts), key=key, by=by, at=at)
        except RuleBroken as refusal:
            refused[campaign.pk] = refusal
    if not refused:
        return outcomes
    return [_held_up(one, refused) for one in outcomes]


def _held_up(one: Outcome, refused: Mapping[UUID, RuleBroken]) -> Outcome:
    refusal = refused.get(one.campaign_id) if one.campaign_id else None
    if one.result != Result.LANDED or refusal is None:
        return one
    frozen = refusal.code == DiscrepancyCode.BUDGET_FROZEN
    return Outcome(
        one.row,
        Result.QUEUED,
        DiscrepancyCode.BUDGET_FROZEN if frozen else DiscrepancyCode.PARTY_BUDGET,
        refusal.message,
        campaign_id=one.campaign_id,
        merchant_id=one.merchant_id,
        bank_fen=one.bank_fen,
        merchant_fen=one.merchant_fen,
    )


def _tell_merchants(
    landed: Iterable[Outcome], candidates: Candidates, *, by: Actor, at: datetime
) -> None:
    counts: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for one in landed:
        if one.campaign_id and one.merchant_id:
            counts[one.campaign_id, one.merchant_id] += 1
    with timeline.written_together():
        for (campaign_id, merchant_id), count in sorted(counts.items()):
            timeline.record(
                TAKEN_IN,
                merchant_id=merchant_id,
                subject_id=campaign_id,
                by=by,
                at=at,
                count=count,
                name=candidates.by_id[campaign_id].campaign.name,
            )
