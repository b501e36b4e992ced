"""What campaigns do by themselves when their time has come: start, end, pause, give money back.

Each campaign has a transaction of its own; one that is refused or fails is written into the log
and holds up no other.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import CharField, DateField, Exists, ExpressionWrapper, F, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.domain import go_live, lifecycle, pausing, running
from campaigns.models import Campaign, CampaignStage, Claim, GoLiveItem
from campaigns.models.campaign import CampaignQuerySet
from crm.actors import SYSTEM
from crm.command import command
from crm.domain import reminders
from crm.errors import DomainError
from crm.models import Reminder

log = structlog.get_logger()

BATCH = 200
"""Campaigns that one tick moves at the most for one cause; the next tick takes the rest."""
NOT_READY = reminders.kind(
    "campaign_not_ready",
    group=_("Campaigns"),
    label=_("Campaign not ready"),
    subject=_("“%(campaign)s” should start, but is not ready"),
    text=_("The campaign “%(campaign)s” should have started. Still missing: %(missing)s"),
)


def start_due(*, at: datetime, batch: int = BATCH) -> int:
    """Start what is scheduled, ready, and whose first day has come; returns how many started.

    Of the others the planner is told once what is missing.
    """
    today = timezone.localdate(at)
    due = Campaign.objects.in_stage(CampaignStage.SCHEDULED).filter(
        starts_on__lte=today, ends_on__gte=today
    )
    told = Reminder.objects.filter(
        key=Concat(Value("campaign:"), Cast(OuterRef("pk"), CharField()), Value(":not-ready"))
    )
    open_items = GoLiveItem.objects.open().filter(campaign=OuterRef("pk"))
    ready = due.filter(~Exists(open_items))
    unready = due.filter(Exists(open_items) & ~Exists(told))
    started = _each(_first(ready, batch), _start, at)
    return started + _each(_first(unready, batch), _start, at)


def _start(campaign_id: UUID, at: datetime) -> bool:
    try:
        running.activate(campaign_id, by=SYSTEM, at=at)
    except DomainError as refusal:
        log.info("campaign_not_started", campaign=str(campaign_id), code=refusal.code)
        _say_missing(campaign_id, at=at)
        return False
    return True


@command
def _say_missing(campaign_id: UUID, *, at: datetime) -> None:
    campaign = Campaign.objects.for_change().get(pk=campaign_id)
    problems = lifecycle.missing(campaign, CampaignStage.ACTIVE, at)
    if campaign.stage == CampaignStage.SCHEDULED and problems:
        go_live.prepare(campaign, at=at)
        missing = "; ".join(str(problem.detail) for problem in problems)
        pausing.tell(campaign, NOT_READY, "not-ready", missing=missing, at=at)


def end_due(*, at: datetime, batch: int = BATCH) -> int:
    """End what runs or is paused and whose last day is over; returns how many ended."""
    over = Campaign.objects.live().filter(ends_on__lt=timezone.localdate(at))
    return _each(_first(over, batch), _end, at)


def _end(campaign_id: UUID, at: datetime) -> bool:
    running.end(campaign_id, by=SYSTEM, at=at)
    return True


def pause_spent(*, at: datetime, batch: int = BATCH) -> int:
    """Pause what cannot pay for another purchase; returns how many were paused."""
    return _each(pausing.running_low(batch), _pause, at)


def _pause(campaign_id: UUID, at: datetime) -> bool:
    return pausing.pause_if_spent(campaign_id, at=at)


def return_due_money(*, at: datetime, batch: int = BATCH) -> int:
    """Give back what is left once no claim may come any more and none waits to be decided; returns
    for how many campaigns."""
    waiting = Claim.objects.keeping_money(at).order_by().filter(campaign=OuterRef("pk"))
    last_day = ExpressionWrapper(F("ended_on") + F("claim_days"), output_field=DateField())
    due = (
        Campaign.objects.over()
        .filter(money_returned_at=None)
        .alias(last_claim_day=last_day)
        .filter(~Exists(waiting), last_claim_day__lt=timezone.localdate(at))
    )
    return _each(_first(due, batch), _return, at)


@command
def _return(campaign_id: UUID, at: datetime) -> bool:
    campaign = Campaign.objects.for_change().get(pk=campaign_id)
    running.return_money(campaign, by=SYSTEM, at=at)
    return campaign.money_returned_at is not None


def _first(rows: CampaignQuerySet, batch: int) -> list[UUID]:
    listed = rows.order_by("stage_entered_at", "pk")
    return list(listed.values_list("pk", flat=True)[:batch])


def _each(
    campaign_ids: Iterable[UUID], step: Callable[[UUID, datetime], bool], at: datetime
) -> int:
    done = 0
    for campaign_id in campaign_ids:
        try:
            done += step(campaign_id, at)
        except DomainError as refusal:
            # Somebody else moved it meanwhile.
            log.info("campaign_step_refused", campaign=str(campaign_id), code=refusal.code)
        except Exception:
            log.exception("campaign_step_failed", campaign=str(campaign_id), step=step.__name__)
    return done
