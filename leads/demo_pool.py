"""The pool of the demo: every branch has one, and a lead that changed hands through it."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.demo import FOUNDED, Demo
from leads.domain import claiming, pool
from leads.models import Lead, Pool, ReturnReason, Stage


@demo.step(38)
def open_pools(story: Demo) -> str:
    """Every branch has its pool from the beginning."""
    pool.open_missing(at=story.now - FOUNDED)
    return _("Lead pools: %(pools)s.") % {"pools": Pool.objects.count()}


@demo.step(45)
def change_hands(story: Demo) -> str:
    """A colleague gives up a lead, and another one picks it up out of the pool."""
    former, other = demo.person("rep.xuhui3"), demo.person("rep.xuhui2")
    lead = (
        Lead.objects.in_stage([Stage.QUALIFIED])
        .owned_by(former)
        .order_by("last_activity_at", "pk")
        .first()
    )
    if lead is None:
        return _("Nothing lies in the pool that would fit.")
    # By no throw of the dice, so that the rest of the story stays as it is.
    day = story.calendar.before(story.today, 1)
    at = timezone.make_aware(datetime.combine(day, time(16)))
    claiming.give_back(
        lead.pk, reason=ReturnReason.NO_CAPACITY, because="手上方案太多,跟不过来", by=former, at=at
    )
    claiming.claim(lead.pk, by=other, at=at + timedelta(hours=1))
    return _("One lead went through the pool to a colleague.")
