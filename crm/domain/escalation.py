"""What stays undone is told to whoever leads the colleague: the team lead first, then the branch
manager, some working days after the colleague was reminded."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.utils.translation import gettext_lazy as _

from crm.domain import notification_parameters as numbers
from crm.domain.notification_kinds import KINDS, kind
from crm.domain.wall_clock import instant, minute_of_day, zone_of
from crm.domain.working_days import WorkingDays
from crm.ids import uuid7
from crm.models import Membership, Reminder, Role, User

log = structlog.get_logger()

ESCALATED = kind(
    "overdue_escalated",
    label=_("Overdue with a colleague"),
    subject=_("Overdue with %(colleague)s since %(since_at)s: %(subject)s"),
    text=_(
        "%(colleague)s was reminded at %(since_at)s and it is still open: %(subject)s. Ask what "
        "is in the way, or let somebody else take it on."
    ),
    group=_("My team"),
)

DAYS = {
    Role.TEAM_LEAD: numbers.TEAM_LEAD_DAYS,
    Role.BRANCH_MANAGER: numbers.BRANCH_MANAGER_DAYS,
}
"""Who is told, after how many working days."""

LONGEST_KEY = 140
"""Longer keys leave no room for what an escalation and its deliveries add to them: the role, the
reader's id, the channel."""


def key_of(key: str, role: str) -> str:
    """The key of the escalation of a reminder to a role."""
    return f"{key}:escalated:{role}"


def keys_of(key: str) -> list[str]:
    """The keys of all escalations of a reminder."""
    return [key_of(key, role) for role in DAYS]


def planned(
    released: Collection[Reminder], *, at: datetime, late: Collection[UUID], calendar: WorkingDays
) -> list[dict[str, Any]]:
    """The escalations that released reminders bring with them, as rows that are not yet written.

    They count from the moment at which the colleague should have been reminded; for one that was
    reminded late, from now.
    """
    rows = []
    for reminder in released:
        known = KINDS.get(reminder.kind)
        if known is None or not known.escalates or reminder.escalates_to:
            continue
        if len(reminder.key) > LONGEST_KEY:
            log.error("reminder_key_too_long_to_escalate", key=reminder.key)
            continue
        since = at if reminder.pk in late else max(reminder.due_at, reminder.updated_at)
        zone = zone_of(reminder.recipient.time_zone)
        local = since.astimezone(zone)
        for role, days in DAYS.items():
            day = calendar.after(local.date(), days.value)
            rows.append(
                {
                    "id": uuid7(),
                    "key": key_of(reminder.key, role),
                    "recipient_id": reminder.recipient_id,
                    "facts": {
                        "kind": reminder.kind,
                        "facts": reminder.facts,
                        "since_at": since.isoformat(),
                    },
                    "link": reminder.link,
                    "due_at": instant(day, minute_of_day(local), zone),
                    "escalates_to": role,
                }
            )
    return rows


def leaders(escalations: Collection[Reminder]) -> Mapping[UUID, list[User]]:
    """Escalation → whom it is told: who holds its role nearest at or above the colleague.

    Several holders at that unit are all told; the colleague never is. Two statements, however
    many escalations.
    """
    if not escalations:
        return {}
    lines: dict[UUID, list[list[UUID]]] = defaultdict(list)
    for user_id, ancestors in Membership.objects.filter(
        user__in={one.recipient_id for one in escalations}
    ).values_list("user_id", "unit__ancestors"):
        lines[user_id].append(ancestors)
    holders: dict[tuple[UUID, str], list[User]] = defaultdict(list)
    for held in (
        Membership.objects.filter(
            role__in={one.escalates_to for one in escalations},
            unit__in={unit for own in lines.values() for line in own for unit in line},
            user__is_active=True,
        )
        .select_related("user")
        .order_by("user")
    ):
        holders[held.unit_id, held.role].append(held.user)
    found = {}
    for one in escalations:
        told = {
            leader.pk: leader
            for line in lines.get(one.recipient_id, [])
            for leader in _nearest(line, one, holders)
        }
        if not told:
            log.info("escalation_reaches_nobody", key=one.key, role=one.escalates_to)
        found[one.pk] = list(told.values())
    return found


def _nearest(
    line: list[UUID], escalation: Reminder, holders: Mapping[tuple[UUID, str], list[User]]
) -> list[User]:
    for unit in reversed(line):
        others = [
            leader
            for leader in holders.get((unit, escalation.escalates_to), [])
            if leader.pk != escalation.recipient_id
        ]
        if others:
            return others
    return []
