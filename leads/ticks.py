"""What the tick needs to know of leads."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from crm.domain import ticking
from leads.domain import pool, recycling, scores, suggestion_outcomes, visit_upkeep
from leads.models import Activity
from merchants.domain import retention


@retention.last_contact
def last_activity(merchant_id: UUID) -> date | None:
    """The day of the newest call, visit or note about a merchant."""
    latest = Activity.objects.filter(merchant_id=merchant_id).aggregate(at=Max("occurred_at"))
    return timezone.localdate(latest["at"]) if latest["at"] else None


@ticking.step
def every_branch_has_a_pool(at: datetime) -> None:
    """A new branch gets its first pool, with the rules that a pool starts with."""
    pool.open_missing(at=at)


@ticking.step
def leads_go_back_to_the_pool(at: datetime) -> None:
    """Warn of what is about to go back, and send back what nobody moved on."""
    recycling.sweep(at=at)


@ticking.step
def visits_not_made(at: datetime) -> None:
    """Planned visits of days that are over count as missed."""
    visit_upkeep.mark_missed(at=at)


@ticking.step
def positions_and_moods_kept_as_long_as_promised(at: datetime) -> None:
    """Where colleagues were, and how people took what they heard, is erased in time."""
    visit_upkeep.forget_positions(at=at)
    visit_upkeep.forget_moods(at=at)


@ticking.step
def scores_of_leads(at: datetime) -> None:
    """Scores that are missing, outdated or a day old are reckoned."""
    scores.reckon(at=at)


@ticking.step
def outcomes_of_suggestions(at: datetime) -> None:
    """Accepted suggestions are looked after until somebody acted on them, or their time is over."""
    suggestion_outcomes.settle(at=at)
