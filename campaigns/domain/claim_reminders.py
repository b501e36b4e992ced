"""Who drafts a claim hears of its deadline some working days before it is over."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.domain.outcome_parameters import CLAIM_REMINDED_DAYS
from campaigns.models import Claim
from crm.domain import calendar, reminders
from crm.presentation import yuan

DEADLINE = reminders.kind(
    "claim_deadline",
    group=_("Campaign money"),
    label=_("Claim to be submitted"),
    subject=_("To be claimed by %(last_day)s: %(merchant)s"),
    text=_(
        "The claim of %(merchant)s for “%(campaign)s”, %(amount)s yuan, is not submitted yet. Its "
        "deadline is %(last_day)s; after that only finance can extend it."
    ),
)
_MORNING = time(9)


def follow(claim: Claim, *, at: datetime) -> None:
    """Plan the reminder of a claim that is still to be submitted, and take back every other."""
    wanted = _key(claim) if claim.is_writable and claim.claimant is not None else ""
    reminders.cancel_all(f"claim:{claim.pk}:deadline:", but=wanted, at=at)
    if not wanted:
        return
    person = claim.claimant
    assert person is not None
    day = calendar.load().before(claim.last_day, CLAIM_REMINDED_DAYS.value)
    reminders.plan(
        wanted,
        recipient=person,
        kind=DEADLINE,
        facts={
            "merchant": claim.merchant.name,
            "campaign": claim.campaign.name,
            "amount": yuan(claim.amount_claimed_fen),
            "last_day": claim.last_day.isoformat(),
        },
        link=reverse("admin:campaigns_claim_change", args=[claim.pk]),
        due_at=max(datetime.combine(day, _MORNING, ZoneInfo(person.time_zone)), at),
        at=at,
    )


def _key(claim: Claim) -> str:
    """One for each deadline: an extended claim is reminded of again."""
    return f"claim:{claim.pk}:deadline:{claim.last_day.isoformat()}"
