"""A colleague agrees that a coarse position is kept with their check-ins, and takes that back."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.ids import uuid7
from crm.models import User
from leads.models import PositionConsent, Visit

TEXT_VERSION = "2026-11"
TEXT = _(
    "When you check in at a merchant, the phone may send where you are. We keep it rounded to "
    "about 100 metres and for 90 days, to show that the visit took place at the outlet. The "
    "distance to the outlet is kept with the visit. Nobody follows where you are between "
    "visits. You can take this back at any time; what is stored is erased then, and you can go "
    "on checking in without a position."
)
"""What one agrees to. A changed text gets a new version, and is agreed to anew."""


def standing(user: User) -> PositionConsent | None:
    """What the colleague agreed to and did not take back, if it is the text of today."""
    mine = PositionConsent.objects.standing().filter(user=user, text_version=TEXT_VERSION)
    return mine.first()


@command
def give(*, by: User, at: datetime) -> PositionConsent:
    """Agree for oneself. Whoever agreed already has agreed."""
    _alone(by)
    consent = PositionConsent.objects.standing().filter(user=by).first()
    if consent and consent.text_version == TEXT_VERSION:
        return consent
    if consent:
        consent.change(at=at, withdrawn_at=max(at, consent.given_at))
    return PositionConsent.objects.create(
        pk=uuid7(),
        user=by,
        text_version=TEXT_VERSION,
        given_at=at,
        created_at=at,
        updated_at=at,
    )


@command
def withdraw(*, by: User, at: datetime) -> None:
    """Take it back: what is stored of where one was is erased with it. Twice is once."""
    from leads.domain.visit_upkeep import erase_positions

    _alone(by)
    for consent in PositionConsent.objects.standing().filter(user=by):
        consent.change(at=at, withdrawn_at=max(at, consent.given_at))
    erase_positions(Visit.objects.filter(owner=by, latitude__isnull=False), at=at)


def _alone(user: User) -> None:
    """One decision of a person at a time, and no check-in in between."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
