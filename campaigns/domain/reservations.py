"""Purchases that were authorised and never cleared do not hold their discount for ever."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, Min, OuterRef, QuerySet

from campaigns.domain import campaign_money, redemption_tables
from campaigns.domain.redemption_parameters import RESERVATION_DAYS
from campaigns.models import Budget, Campaign, Redemption, RedemptionState
from crm.actors import SYSTEM
from crm.command import command

log = structlog.get_logger()

BATCH = 1_000
CAMPAIGNS_AT_A_TIME = 20


def campaigns_with_expired(at: datetime) -> list[UUID]:
    """Campaigns that hold money for purchases which were not cleared in time, the oldest first."""
    frozen = Budget.objects.frozen().filter(campaign=OuterRef("campaign"))
    found = (
        _expired(at)
        # They wait until somebody has looked, and keep no other waiting.
        .exclude(Exists(frozen))
        .values("campaign_id")
        .annotate(first=Min("created_at"))
        .order_by("first")
        .values_list("campaign_id", flat=True)
    )
    return list(found[:CAMPAIGNS_AT_A_TIME])


def _expired(at: datetime) -> "QuerySet[Redemption]":
    before = at - timedelta(days=RESERVATION_DAYS.value)
    return Redemption.objects.filter(
        state=RedemptionState.RESERVED, created_at__lt=before
    ).order_by()


@command
def expire(campaign_id: UUID, *, at: datetime) -> int:
    """Let go of what a campaign holds for purchases that were not cleared in time; how many."""
    campaign = Campaign.objects.for_change().get(pk=campaign_id)
    rows = redemption_tables.known(
        _expired(at).filter(campaign=campaign).order_by("created_at", "id")[:BATCH]
    )
    if not rows:
        return 0
    held: dict[str, int] = {}
    for one in rows:
        one.state, one.changed = RedemptionState.EXPIRED, True
        for party, fen in one.given.items():
            held[party] = held.get(party, 0) + fen
    key = f"reservations:{rows[0].pk}:{rows[-1].pk}:{len(rows)}"
    campaign_money.unhold(campaign, held, key=key, by=SYSTEM, at=at)
    redemption_tables.change(rows, at=at)
    redemption_tables.uncount(rows)
    return len(rows)


def sweep(*, at: datetime) -> None:
    """Let go of everything that was held for too long; one campaign's trouble stops no other."""
    for campaign_id in campaigns_with_expired(at):
        try:
            expire(campaign_id, at=at)
        except Exception:
            log.exception("reservations_not_let_go", campaign=str(campaign_id))
