"""Whoever claims hears of it before the deadline, while the claim is still to be submitted."""

from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.domain import settlement_parameters as numbers
from campaigns.models import Claim
from crm.domain import reminders
from crm.domain.wall_clock import zone_of
from crm.presentation import yuan

DUE = reminders.kind(
    "claim_due",
    group=_("Campaign money"),
    label=_("Claim deadline near"),
    subject=_("To be claimed by %(last_day)s: %(merchant)s"),
    text=_(
        "The claim of %(merchant)s (%(campaign)s, %(amount)s yuan) is not submitted yet. After "
        "%(last_day)s it is too late, unless finance extends it."
    ),
    escalates=True,
)
_MORNING = time(9)


def key(claim: Claim, last_day: date) -> str:
    return f"claim:{claim.pk}:due:{last_day.isoformat()}"


def follow(claim: Claim, *, last_day_before: date, at: datetime) -> None:
    """Let the reminder follow a step of the claim: planned while it can still be submitted, taken
    back once it was, moved with the deadline."""
    if not claim.is_writable or claim.last_day != last_day_before:
        reminders.cancel(key(claim, last_day_before), at=at)
    person = claim.claimant
    if not claim.is_writable or person is None:
        return
    zone = zone_of(person.time_zone)
    mornings = [
        datetime.combine(claim.last_day - timedelta(days=days), _MORNING, zone)
        for days in (numbers.CLAIM_REMINDED_DAYS_BEFORE.value, 0)
    ]
    due_at = next((morning for morning in mornings if morning > at), None)
    if due_at is None:
        return
    reminders.plan(
        key(claim, claim.last_day),
        recipient=person,
        kind=DUE,
        facts={
            "merchant": str(claim.merchant),
            "campaign": claim.campaign.name,
            "amount": yuan(claim.amount_claimed_fen),
            "last_day": claim.last_day.isoformat(),
        },
        link=reverse("admin:campaigns_claim_change", args=[claim.pk]),
        due_at=due_at,
        at=at,
    )
