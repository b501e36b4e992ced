"""Insights are written down, corrected, moved and told; the Johari window is read off them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.models import StoredFile
from crm.policies import require
from merchants import policies
from merchants.domain import johari, timeline
from merchants.models import Insight, InsightMove, Merchant, MoveThrough, Quadrant
from merchants.models.insight import InsightQuerySet
from merchants.models.quadrants import PEERS_AT_LEAST

RECORDED = timeline.kind(
    "insight.recorded",
    _("Insight recorded"),
    _("Insight (%(quadrant)s): %(statement)s"),
    quadrant=Quadrant,
)
CHANGED = timeline.kind(
    "insight.changed", _("Insight corrected"), _("Insight corrected: %(statement)s")
)
MOVED = timeline.kind(
    "insight.moved",
    _("Insight moved"),
    _("Insight moved from “%(from)s” to “%(to)s” by %(through)s: %(statement)s"),
    through=MoveThrough,
    **{"from": Quadrant, "to": Quadrant},
)
SHARED = timeline.kind(
    "insight.shared", _("Insight told to the merchant"), _("The merchant was told: %(statement)s")
)

_CARD_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_TEXTS = ("statement", "experiment", "could_tell", "data_source", "evidence")
_QUOTED = 100
"""How much of a statement the timeline quotes."""


@command
def record(
    insight_id: UUID,
    merchant_id: UUID,
    *,
    by: Actor,
    at: datetime,
    **details: Any,
) -> Insight:
    """Write down what is known of a merchant, or not yet known.

    Raises NotFound, NotAllowed, InvalidInput for a day ahead or a card number, RuleBroken with
    what the quadrant asks for.
    """
    merchant = _merchant_to_edit(merchant_id, by)
    values = _checked(details, by=by, at=at)
    for side in ("merchant", "bank"):
        _date(values, side, was=False, at=at)
    insight = Insight.objects.create(
        pk=insight_id, merchant=merchant, created_at=at, updated_at=at, **values
    )
    _moved(insight, "", because="", by=by, at=at)
    _tell(RECORDED, insight, by=by, at=at, quadrant=insight.quadrant)
    return insight


@command
def change(
    insight_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    version: int | None = None,
) -> Insight:
    """Correct an insight, or move it by saying who knows of it now.

    The move's name follows from where it comes from and where it goes; one that only puts a mistake
    right says why. A blind insight becomes open only by being told (`share`).

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale.
    """
    insight = _insight_to_edit(insight_id, by, version)
    values = _checked(changes, by=by, at=at)
    left = Quadrant(insight.quadrant)
    for side in ("merchant", "bank"):
        _date(values, side, was=getattr(insight, f"known_to_{side}"), at=at)
    to = _quadrant_after(insight, values)
    if (left, to) == (Quadrant.BLIND, Quadrant.OPEN):
        raise RuleBroken(
            _("What the merchant does not know is told, with its evidence checked."),
            code="share_it",
            attr="known_to_merchant",
        )
    if not values:
        return insight
    if insight.is_hypothesis and to in (Quadrant.OPEN, Quadrant.BLIND):
        values.setdefault("is_hypothesis", False)
    insight.change(at=at, **values)
    if left == to:
        _tell(CHANGED, insight, by=by, at=at)
        return insight
    move = _moved(insight, left, because=because.strip(), by=by, at=at)
    _tell(MOVED, insight, by=by, at=at, **{"from": left, "to": to, "through": move.through})
    return insight


@command
def share(
    insight_id: UUID,
    *,
    names_no_other_merchant: bool,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Insight:
    """Tell the merchant what the bank sees and the merchant does not: it becomes open.

    Only what aggregates enough peers, and names neither another merchant nor a cardholder (PIPL
    Art. 23 and 25, bank secrecy).

    Raises NotFound, NotAllowed, RuleBroken (`not_blind`, `peers_too_few`, `names_not_checked`).
    """
    insight = _insight_to_edit(insight_id, by, version)
    if insight.quadrant != Quadrant.BLIND:
        raise RuleBroken(
            _("Only what the bank knows and the merchant does not can be told."), code="not_blind"
        )
    if (insight.peers or 0) < PEERS_AT_LEAST:
        raise RuleBroken(
            _("Only what aggregates at least 5 peer merchants may be told."),
            code="peers_too_few",
            attr="peers",
            peers=insight.peers,
            peers_at_least=PEERS_AT_LEAST,
        )
    if not names_no_other_merchant:
        raise RuleBroken(
            _("Confirm that it names no other merchant and tells of no single cardholder."),
            code="names_not_checked",
            attr="names_no_other_merchant",
        )
    values = {
        "known_to_merchant": True,
        "known_to_merchant_on": _day(at),
        "shared_at": at,
        "names_no_other_merchant": True,
    }
    insight.change(at=at, **values)
    _moved(insight, Quadrant.BLIND, because="", by=by, at=at)
    _tell(SHARED, insight, by=by, at=at)
    return insight


def window(insights: InsightQuerySet, *, start: datetime, end: datetime) -> johari.Window:
    """The Johari window of these insights, and how it opened from start to end (exclusive).

    Moved to Open is what was not open when the period began and is open when it ends: opening and
    taking it back is no opening. Two statements, however many insights there are.
    """
    rows = insights.order_by()
    counts = dict(rows.values_list("quadrant").annotate(Count("pk")))
    closed = Q(quadrant_before__isnull=False) & ~Q(quadrant_before=Quadrant.OPEN)
    period = rows.with_quadrants_at(start, end).aggregate(
        closed=Count("pk", filter=closed),
        opened=Count("pk", filter=closed & Q(quadrant_after=Quadrant.OPEN)),
    )
    return johari.Window(
        {one: counts.get(one.value, 0) for one in Quadrant}, period["closed"], period["opened"]
    )


def _merchant_to_edit(merchant_id: UUID, by: Actor) -> Merchant:
    merchant = take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_edit(by, merchant), _("You do not work with this merchant."))
    return merchant


def _insight_to_edit(insight_id: UUID, by: Actor, version: int | None) -> Insight:
    """Lock an insight and its merchant, the merchant first: the order everybody keeps."""
    rows = Insight.objects.seen_by(by)
    merchant_id = rows.filter(pk=insight_id).values_list("merchant_id", flat=True).first()
    merchant = take(Merchant.objects.seen_by(by), merchant_id or insight_id)
    insight = take(rows, insight_id, version=version)
    require(policies.may_edit(by, merchant), _("You do not work with this merchant."))
    return insight


def _checked(given: Mapping[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    values = dict(given)
    for name in _TEXTS:
        if name in values:
            values[name] = values[name].strip()
            if _CARD_NUMBER.search(values[name]):
                raise InvalidInput(
                    _("This looks like a card or account number; insights hold none."),
                    code="card_number",
                    attr=name,
                )
    for name in ("known_to_merchant_on", "known_to_bank_on"):
        if values.get(name) and values[name] > _day(at):
            raise InvalidInput(
                _("Nobody knows yet what will be known: choose a day up to today."),
                code="day_in_the_future",
                attr=name,
            )
    if values.get("file_id") is not None:
        known(StoredFile.objects.seen_by(by), values["file_id"], attr="file")
    return values


def _date(values: dict[str, Any], side: str, *, was: bool, at: datetime) -> None:
    """A side that knows now, knows since a day; one that does not, has none."""
    now = values.get(f"known_to_{side}", was)
    if now and not was and not values.get(f"known_to_{side}_on"):
        values[f"known_to_{side}_on"] = _day(at)
    if not now and was:
        values[f"known_to_{side}_on"] = None


def _quadrant_after(insight: Insight, values: Mapping[str, Any]) -> Quadrant:
    return johari.quadrant(
        known_to_merchant=values.get("known_to_merchant", insight.known_to_merchant),
        known_to_bank=values.get("known_to_bank", insight.known_to_bank),
    )


def _moved(
    insight: Insight, left: Quadrant | str, *, because: str, by: Actor, at: datetime
) -> InsightMove:
    insight.refresh_from_db(fields=["quadrant"])  # The database computed it anew.
    to = Quadrant(insight.quadrant)
    return InsightMove.objects.create(
        insight=insight,
        from_quadrant=left,
        to_quadrant=to,
        through=(johari.through(Quadrant(left), to) or "") if left else "",
        because=because,
        at=at,
        actor_id=user_id(by),
    )


def _tell(kind: timeline.Kind, insight: Insight, *, by: Actor, at: datetime, **facts: str) -> None:
    timeline.record(
        kind,
        merchant_id=insight.merchant_id,
        subject_id=insight.pk,
        by=by,
        at=at,
        statement=insight.statement[:_QUOTED],
        **facts,
    )


def local(at: datetime) -> datetime:
    """A moment on the clock of the bank."""
    return timezone.localtime(at, timezone.get_default_timezone())


def _day(at: datetime) -> date:
    return local(at).date()
