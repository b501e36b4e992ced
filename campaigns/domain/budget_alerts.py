"""Who is told how much of a budget is used: at 70, 90 and 100 per cent, each once.

Of a campaign the planner is told, of a fund the finance people of its unit; the pot of the party
that runs out first counts.
"""

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Budget
from campaigns.models.campaign_stages import AGREED
from campaigns.models.fund_parameters import FIRST_ALERT, LAST_ALERT, SECOND_ALERT
from crm.domain import reminders
from crm.models import Membership, OrgUnit, Role, User
from crm.presentation import yuan

log = structlog.get_logger()

MOST_AT_ONCE = 100
"""Pots that one tick tells of; the next goes on."""

USED = reminders.kind(
    "budget_used",
    group=_("Campaign money"),
    label=_("Budget used"),
    subject=_("%(name)s: %(percent)s %% of the budget is used"),
    text=_("Of the budget of %(name)s, %(percent)s %% is used; %(left)s is left."),
)
FROZEN = reminders.kind(
    "budget_frozen",
    group=_("Campaign money"),
    label=_("Budget frozen"),
    subject=_("%(name)s: the budget is frozen"),
    text=_(
        "The counters of the budget of %(name)s do not agree with the ledger. Nothing moves in it "
        "until somebody has looked and restored it."
    ),
)


def tell(*, at: datetime) -> int:
    """Plan the alerts of pots that passed a mark; returns how many did. Run twice, it finds
    nothing the second time; a pot that cannot be told of holds up no other."""
    told = 0
    for pot in _past_a_mark():
        try:
            with transaction.atomic():
                told += _tell_of(pot, at=at)
        except Exception:
            log.exception("budget_alert_failed", budget=str(pot.pk))
    return told


def marks() -> list[int]:
    """The marks in per cent, the lowest first."""
    return sorted({FIRST_ALERT.value, SECOND_ALERT.value, LAST_ALERT.value})


def tell_of_freezing(pot: Budget, *, at: datetime) -> None:
    """Tell the finance people that a pot is frozen."""
    for person in keepers_of(_unit_of(pot)):
        reminders.plan(
            f"budget:{pot.pk}:frozen:{at.isoformat()}:{person.pk}",
            recipient=person,
            kind=FROZEN,
            facts={"name": str(pot)},
            link=f"/admin/campaigns/budget/{pot.pk}/change/",
            due_at=at,
            at=at,
        )


def keepers_of(unit: OrgUnit) -> list[User]:
    """The finance people of a unit and of those above it; where there are none, its managers and
    administrators: an alert that nobody gets is none."""
    for roles in ((Role.FINANCE,), (Role.BRANCH_MANAGER, Role.ADMINISTRATOR)):
        held = Membership.objects.filter(role__in=roles, unit__in=unit.ancestors)
        if found := list(User.objects.active().filter(pk__in=held.values("user")).order_by("pk")):
            return found
    return []


def _past_a_mark() -> Iterable[Budget]:
    used = F("reserved_fen") + F("committed_fen") + F("consumed_fen")
    passed = Q()
    for mark in marks():
        passed |= Q(used__gte=F("allocated_fen") * mark, warned_percent__lt=mark)
    return (
        Budget.objects.annotate(used=used * 100)
        .filter(passed, allocated_fen__gt=0)
        # Of a campaign that has gone home, all that is left is what was spent.
        .filter(Q(campaign=None) | Q(campaign__stage__in=AGREED))
        .select_related("fund__unit", "campaign__unit", "campaign__planner")
        .order_by("pk")[:MOST_AT_ONCE]
    )


def _tell_of(pot: Budget, *, at: datetime) -> int:
    percent = pot.used_fen * 100 // pot.allocated_fen
    mark = max(mark for mark in marks() if percent >= mark)
    # By a condition, so that of two ticks one tells.
    first = Budget.objects.filter(pk=pot.pk, warned_percent__lt=mark).update(warned_percent=mark)
    if not first:
        return 0
    for person in _told(pot):
        # Parties burn together: of a campaign each mark is told once, whichever pot came first.
        subject = f"campaign:{pot.campaign_id}" if pot.campaign_id else f"budget:{pot.pk}"
        key = f"{subject}:used:{mark}:{person.pk}"
        reminders.plan(
            key,
            recipient=person,
            kind=USED,
            facts={
                "name": str(pot.campaign or pot.fund),
                "percent": str(percent),
                "left": yuan(pot.available_fen),
            },
            link=_link(pot),
            due_at=at,
            at=at,
        )
    return 1


def _told(pot: Budget) -> list[User]:
    planner = pot.campaign.planner if pot.campaign else None
    if planner is not None and planner.is_active:
        return [planner]
    return keepers_of(_unit_of(pot))


def _link(pot: Budget) -> str:
    if pot.campaign_id:
        return f"/admin/campaigns/campaign/{pot.campaign_id}/change/"
    return f"/admin/campaigns/fund/{pot.fund_id}/change/"


def _unit_of(pot: Budget) -> OrgUnit:
    owner = pot.fund or pot.campaign
    assert owner is not None
    return owner.unit
