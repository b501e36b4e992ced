"""What a colleague has in hand: leads, merchants, follow-ups, visits that somebody must see to."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.domain import open_work
from crm.models import User
from leads.models import FollowUp, Lead, Visit
from merchants.models import Merchant


@dataclass(frozen=True)
class Work:
    """How much somebody has in hand."""

    leads: int
    merchants: int
    follow_ups: int
    visits: int

    @property
    def total(self) -> int:
        return sum(getattr(self, one.name) for one in fields(self))


@open_work.source("leads", _("Leads"))
def open_leads(user_id: UUID) -> int:
    return Lead.objects.open().filter(owner=user_id).count()


@open_work.source("follow_ups", _("Follow-ups"))
def open_follow_ups(user_id: UUID) -> int:
    return FollowUp.objects.open().filter(owner=user_id).count()


@open_work.source("visits", _("Visits"))
def open_visits(user_id: UUID) -> int:
    return Visit.objects.open().filter(owner=user_id).count()


@open_work.source("merchants", _("Merchants"))
def owned_merchants(user_id: UUID) -> int:
    return Merchant.objects.filter(owner=user_id).count()


def of(user_id: UUID) -> Work:
    """What a colleague has in hand."""
    return Work(
        leads=open_leads(user_id),
        merchants=owned_merchants(user_id),
        follow_ups=open_follow_ups(user_id),
        visits=open_visits(user_id),
    )


def of_many(people: Sequence[User]) -> list[tuple[User, Work]]:
    """What each of these colleagues has in hand, in four statements."""
    ids = [one.pk for one in people]

    def counted(rows: Any) -> dict[UUID, int]:
        mine = rows.filter(owner__any_of=ids).order_by().values_list("owner")
        return dict(mine.annotate(count=Count("pk")))

    leads, merchants = counted(Lead.objects.open()), counted(Merchant.objects.all())
    follow_ups, visits = counted(FollowUp.objects.open()), counted(Visit.objects.open())
    return [
        (
            one,
            Work(
                leads=leads.get(one.pk, 0),
                merchants=merchants.get(one.pk, 0),
                follow_ups=follow_ups.get(one.pk, 0),
                visits=visits.get(one.pk, 0),
            ),
        )
        for one in people
    ]
