"""One batch of reported events, judged row by row: what becomes of each, before anything is
written.

Everything that is asked was read for the whole batch beforehand; here nothing is looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from campaigns.domain import eligibility
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.domain.eligibility import Purchase
from campaigns.domain.intake_campaigns import Candidate, Candidates
from campaigns.domain.intake_places import Place, Places
from campaigns.domain.redemption_rows import IN_FUTURE, EventRow, Fault
from campaigns.domain.refunds import RefundAboveOriginal, refund_parts
from campaigns.domain.usage import Usage
from campaigns.models import DiscrepancyCode, RedemptionEventKind, RedemptionState
from crm.errors import Sentence
from crm.ids import uuid7

_KIND = RedemptionEventKind
_STATE = RedemptionState
_IN_ORDER = {kind: place for place, kind in enumerate(RedemptionEventKind)}


class Result(StrEnum):
    """What became of a row."""

    LANDED = "landed"
    REPEATED = "repeated"
    QUEUED = "queued"


class Movement(StrEnum):
    """What an event asks of the campaign's money."""

    HOLD = "hold"
    UNHOLD = "unhold"
    CONSUME = "consume"
    CONSUME_HELD = "consume_held"
    GIVE_BACK = "give_back"


@dataclass(slots=True)
class Known:
    """A redemption, as it stands while the batch is judged."""

    pk: UUID
    reference: str
    campaign_id: UUID
    version_number: int
    merchant_id: UUID
    outlet_id: UUID
    occurred_at: datetime
    day: date
    amount_fen: int
    given: Mapping[str, int]
    returned: dict[str, int]
    refunded_fen: int
    state: str
    cleared_at: datetime | None
    row: EventRow | None = None
    """The row it was made of, if it is new."""
    changed: bool = False

    @property
    def discount_fen(self) -> int:
        return sum(self.given.values())


@dataclass(slots=True)
class Outcome:
    """What became of one row, and why."""

    row: EventRow | Fault
    result: Result
    code: DiscrepancyCode | None = None
    detail: Sentence = ""
    campaign_id: UUID | None = None
    merchant_id: UUID | None = None
    bank_fen: int | None = None
    merchant_fen: int | None = None
    known: Known | None = None
    amount_fen: int = 0
    """Signed, as the event keeps them."""
    parts: Mapping[str, int] = field(default_factory=dict)
    movement: Movement | None = None
    moved: Mapping[str, int] = field(default_factory=dict)
    began: bool = False
    """Whether the use of the offer began with it."""
    ended: bool = False
    """Whether the use was undone by it (a reservation let go)."""

    @property
    def is_return(self) -> bool:
        """Whether parts of a discount came back with it."""
        return self.movement == Movement.GIVE_BACK


class _Queue(Exception):
    """This row goes to the discrepancies."""

    def __init__(self, code: DiscrepancyCode, **facts: Any) -> None:
        self.code = code
        self.facts = facts


@dataclass
class Judge:
    """Judges the rows of one batch in the order in which they happened."""

    places: Places
    candidates: Candidates
    usage: Usage
    known: dict[str, Known]
    """By reference."""
    events: dict[tuple[str, str], str]
    """(reference, key) → digest of what was reported."""
    at: datetime
    today: date

    def judge(self, rows: Sequence[EventRow | Fault]) -> list[Outcome]:
        """What becomes of each row; in the order of the rows."""
        found: dict[int, Outcome] = {}
        readable: list[tuple[datetime, int, int, EventRow]] = []
        for place, row in enumerate(rows):
            if isinstance(row, Fault):
                found[place] = Outcome(row, Result.QUEUED, row.code, row.detail)
            else:
                readable.append((row.occurred_at, _IN_ORDER[row.kind], place, row))
        readable.sort(key=lambda one: one[:3])
        for _moment, _order, place, row in readable:
            try:
                found[place] = self._one(row)
            except _Queue as queue:
                found[place] = Outcome(row, Result.QUEUED, queue.code, **queue.facts)
        return [found[place] for place in range(len(rows))]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """What came back with these rows can be given to the rows that are judged next."""
        for one in outcomes:
            if one.known is None or not (one.is_return or one.ended):
                continue
            usage = self.usage.campaigns[one.known.campaign_id]
            usage.take_back(one.known.outlet_id, one.known.day, one.moved, whole=one.ended)

    def _one(self, row: EventRow) -> Outcome:
        known = self.known.get(row.reference)
        if known is not None and known.campaign_id not in self.candidates.by_id:
            # Another unit's purchase: who brings this may not know of it.
            raise _Queue(DiscrepancyCode.CAMPAIGN_UNKNOWN, merchant_fen=row.amount_fen)
        earlier = self.events.get((row.reference, row.key))
        if earlier is not None:
            about: dict[str, Any] = _about(known) if known else {}
            if earlier == row.digest:
                return Outcome(row, Result.REPEATED, known=known, **about)
            raise _Queue(
                DiscrepancyCode.DUPLICATE,
                bank_fen=known.amount_fen if known else None,
                merchant_fen=row.amount_fen,
                **about,
            )
        if row.occurred_at > self.at + IN_FUTURE:
            raise _Queue(DiscrepancyCode.IN_FUTURE)
        if row.kind == _KIND.REFUNDED:
            outcome = self._refunded(row, self._original(row))
        elif row.kind == _KIND.REVERSED:
            outcome = self._reversed(row, self._original(row))
        elif known is None:
            outcome = self._bought(row)
        elif row.kind == _KIND.CLEARED:
            outcome = self._cleared(row, known)
        else:
            # The authorisation came after what it led to.
            outcome = self._landed(row, known)
        self.events[row.reference, row.key] = row.digest
        return outcome

    # --- a purchase ------------------------------------------------------------------------

    def _bought(self, row: EventRow) -> Outcome:
        place = self.places.at(row.mid, row.terminal, row.day)
        if place is None:
            raise _Queue(DiscrepancyCode.MID_UNKNOWN, merchant_fen=row.amount_fen)
        purchase = _purchase(row, place)
        candidate = self.candidates.of(row.campaign, purchase)
        if isinstance(candidate, DiscrepancyCode):
            raise _Queue(candidate, merchant_id=place.merchant_id, merchant_fen=row.amount_fen)
        about: dict[str, Any] = {
            "campaign_id": candidate.campaign.pk,
            "merchant_id": place.merchant_id,
        }
        number, terms = candidate.terms_at(row.occurred_at)
        rules = candidate.rules(number, terms)
        if rules is None:
            raise _Queue(DiscrepancyCode.CAMPAIGN_NOT_LIVE, merchant_fen=row.amount_fen, **about)
        usage = self.usage.campaigns[candidate.campaign.pk]
        customer = self.usage.customers.join(row.identities)
        used = usage.before(customer, place.outlet_id, row.day)
        decision = eligibility.decide(rules, purchase, used)
        refusal = decision.refusal
        if refusal is not None:
            raise _Queue(DiscrepancyCode(refusal.value), merchant_fen=row.discount_fen, **about)
        self._timely(row, candidate, terms, about)
        if row.discount_fen is not None and row.discount_fen != decision.discount_fen:
            raise _Queue(
                DiscrepancyCode.DISCOUNT_DIFFERS,
                bank_fen=decision.discount_fen,
                merchant_fen=row.discount_fen,
                **about,
            )
        usage.add(customer, place.outlet_id, row.day, decision.parts)
        cleared = row.kind == _KIND.CLEARED
        known = Known(
            pk=uuid7(),
            reference=row.reference,
            campaign_id=candidate.campaign.pk,
            version_number=number,
            merchant_id=place.merchant_id,
            outlet_id=place.outlet_id,
            occurred_at=row.occurred_at,
            day=row.day,
            amount_fen=row.amount_fen,
            given=decision.parts,
            returned={},
            refunded_fen=0,
            state=_STATE.REDEEMED if cleared else _STATE.RESERVED,
            cleared_at=row.occurred_at if cleared else None,
            row=row,
        )
        self.known[row.reference] = known
        return self._landed(
            row,
            known,
            amount_fen=row.amount_fen if cleared else 0,
            parts=decision.parts if cleared else {},
            movement=Movement.CONSUME if cleared else Movement.HOLD,
            moved=decision.parts,
            began=True,
        )

    def _timely(
        self, row: EventRow, candidate: Candidate, terms: CampaignTerms, about: Mapping[str, Any]
    ) -> None:
        if not candidate.was_active(row.occurred_at):
            raise _Queue(DiscrepancyCode.CAMPAIGN_NOT_LIVE, merchant_fen=row.discount_fen, **about)
        if candidate.is_late(terms, self.today):
            raise _Queue(DiscrepancyCode.LATE, merchant_fen=row.discount_fen, **about)

    def _cleared(self, row: EventRow, known: Known) -> Outcome:
        about = _about(known)
        if known.state != _STATE.RESERVED:
            raise _Queue(DiscrepancyCode.RESERVATION_GONE, **about)
        if row.amount_fen != known.amount_fen:
            raise _Queue(
                DiscrepancyCode.AMOUNT_DIFFERS,
                bank_fen=known.amount_fen,
                merchant_fen=row.amount_fen,
                **about,
            )
        if row.discount_fen is not None and row.discount_fen != known.discount_fen:
            raise _Queue(
                DiscrepancyCode.DISCOUNT_DIFFERS,
                bank_fen=known.discount_fen,
                merchant_fen=row.discount_fen,
                **about,
            )
        self._still_open(known, about)
        known.state, known.cleared_at, known.changed = _STATE.REDEEMED, row.occurred_at, True
        return self._landed(
            row,
            known,
            amount_fen=known.amount_fen,
            parts=known.given,
            movement=Movement.CONSUME_HELD,
            moved=known.given,
        )

    def _still_open(self, known: Known, about: Mapping[str, Any]) -> None:
        candidate = self.candidates.by_id[known.campaign_id]
        if candidate.is_late(candidate.terms_at(known.occurred_at)[1], self.today):
            raise _Queue(DiscrepancyCode.LATE, bank_fen=known.discount_fen, **about)

    # --- what comes back -------------------------------------------------------------------

    def _original(self, row: EventRow) -> Known:
        known = self.known.get(row.reference)
        if known is None:
            raise _Queue(DiscrepancyCode.ORIGINAL_MISSING, merchant_fen=row.amount_fen)
        if known.state == _STATE.REVERSED:
            raise _Queue(
                DiscrepancyCode.ALREADY_REVERSED,
                bank_fen=0,
                merchant_fen=row.amount_fen,
                **_about(known),
            )
        if known.state in (_STATE.RELEASED, _STATE.EXPIRED):
            raise _Queue(DiscrepancyCode.RESERVATION_GONE, **_about(known))
        return known

    def _refunded(self, row: EventRow, known: Known) -> Outcome:
        if known.state == _STATE.RESERVED:
            raise _Queue(DiscrepancyCode.NOT_CLEARED, merchant_fen=row.amount_fen, **_about(known))
        return self._back(row, known, row.amount_fen)

    def _reversed(self, row: EventRow, known: Known) -> Outcome:
        if known.state == _STATE.RESERVED:
            known.state, known.changed = _STATE.RELEASED, True
            return self._landed(row, known, movement=Movement.UNHOLD, moved=known.given, ended=True)
        return self._back(row, known, known.amount_fen - known.refunded_fen)

    def _back(self, row: EventRow, known: Known, fen: int) -> Outcome:
        _number, terms = self.candidates.by_id[known.campaign_id].terms_at(known.occurred_at)
        try:
            parts = refund_parts(
                known.given,
                known.returned,
                fen,
                amount_fen=known.amount_fen,
                refunded_before_fen=known.refunded_fen,
                to_funder_first=terms.refund_to_funder_first,
            )
        except RefundAboveOriginal:
            raise _Queue(
                DiscrepancyCode.REFUND_ABOVE_ORIGINAL,
                bank_fen=known.amount_fen - known.refunded_fen,
                merchant_fen=fen,
                **_about(known),
            ) from None
        known.refunded_fen += fen
        for party, part in parts.items():
            known.returned[party] = known.returned.get(party, 0) + part
        whole = known.refunded_fen == known.amount_fen
        known.state = _STATE.REVERSED if whole else _STATE.PARTIALLY_REVERSED
        known.changed = True
        back = {party: part for party, part in parts.items() if part}
        return self._landed(
            row,
            known,
            amount_fen=-fen,
            parts={party: -part for party, part in back.items()},
            movement=Movement.GIVE_BACK if back else None,
            moved=back,
        )

    def _landed(self, row: EventRow, known: Known, **facts: Any) -> Outcome:
        return Outcome(row, Result.LANDED, known=known, **_about(known), **facts)


def _about(known: Known) -> dict[str, Any]:
    return {"campaign_id": known.campaign_id, "merchant_id": known.merchant_id}


def _purchase(row: EventRow, place: Place) -> Purchase:
    return Purchase(
        amount_fen=row.amount_fen,
        occurred_at=row.occurred_at,
        merchant_id=place.merchant_id,
        outlet_id=place.outlet_id,
        category=place.category,
        card_prefix=row.card_prefix,
        card_product=row.card_product,
        cardholder_is_new=row.cardholder_is_new,
        prize_fen=row.prize_fen,
    )
