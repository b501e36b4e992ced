"""What a lead's owner is reminded of by its stage: that it rests there for too long, and that the
day has come to which it was parked."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.domain import calendar as calendars
from crm.domain import reminders
from leads.models import Lead, Stage
from leads.models.pipeline_parameters import stage_limits

MORNING = time(9)

STAGE_LIMIT = reminders.kind(
    "lead_stage_limit",
    label=_("Lead too long in its stage"),
    subject=_("Too long in its stage: %(merchant)s"),
    text=_(
        "The lead with %(merchant)s has been in its stage since %(since_at)s, %(days)s working "
        "days and more: move it on, park it with a day to come back, or say why it is lost."
    ),
)
REVISIT = reminders.kind(
    "lead_revisit",
    label=_("Revisit of a parked lead"),
    subject=_("The day has come: %(merchant)s"),
    text=_("You parked the lead with %(merchant)s until %(day)s. Take it up again."),
    escalates=True,
)


def forget(lead: Lead, *, at: datetime) -> None:
    """Take back what is planned for the stage that the lead stands in, before it leaves it."""
    reminders.cancel(_of_stage(lead), at=at)
    if lead.revisit_on is not None:
        reminders.cancel(_of_revisit(lead), at=at)


def follow(lead: Lead, *, at: datetime) -> None:
    """Plan what the lead's owner is to be reminded of in the stage that it stands in now; where
    nobody owns it, nobody is."""
    if lead.owner is None:
        forget(lead, at=at)
        return
    if lead.stage == Stage.PARKED and lead.revisit_on is not None:
        _plan_revisit(lead, at=at)
    limit = stage_limits().get(Stage(lead.stage))
    if limit is not None:
        _plan_limit(lead, limit, at=at)


def _plan_limit(lead: Lead, limit: int, *, at: datetime) -> None:
    assert lead.owner is not None
    zone = ZoneInfo(lead.owner.time_zone)
    entered = lead.stage_entered_at.astimezone(zone).date()
    day = calendars.load().after(entered, limit + 1)
    due_at = datetime.combine(day, MORNING, zone)
    if due_at <= at:
        return  # An old lead changed hands: the lists say it, and nobody is told of the past.
    reminders.plan(
        _of_stage(lead),
        recipient=lead.owner,
        kind=STAGE_LIMIT,
        facts={
            "merchant": lead.merchant.name,
            "since_at": lead.stage_entered_at.isoformat(),
            "days": str(limit),
        },
        link=_link(lead),
        due_at=due_at,
        at=at,
    )


def _plan_revisit(lead: Lead, *, at: datetime) -> None:
    assert lead.owner is not None
    assert lead.revisit_on is not None
    reminders.plan(
        _of_revisit(lead),
        recipient=lead.owner,
        kind=REVISIT,
        facts={"merchant": lead.merchant.name, "day": lead.revisit_on.isoformat()},
        link=_link(lead),
        due_at=datetime.combine(lead.revisit_on, MORNING, ZoneInfo(lead.owner.time_zone)),
        at=at,
    )


def _link(lead: Lead) -> str:
    return reverse("admin:leads_lead_change", args=[lead.pk])


def _of_stage(lead: Lead) -> str:
    """One for each time that a lead enters a stage."""
    return f"lead:{lead.pk}:stage:{lead.stage_entered_at.isoformat()}"


def _of_revisit(lead: Lead) -> str:
    return f"lead:{lead.pk}:revisit:{lead.revisit_on}:{lead.stage_entered_at.isoformat()}"
