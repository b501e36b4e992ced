"""The weekly pipeline report: planned once per week and manager, written once, mailed once.

It covers an ISO week and is computed as of the Monday 00:00 that ends it, so a late run gives the
same numbers. It leaves on the first working day from that Monday on, at 08:00 in the zone of the
manager's unit.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import structlog
from django.utils import timezone, translation

from crm import presentation, queue
from crm.command import command
from crm.domain import calendar
from crm.domain.reminders import DELIVER_DUE
from crm.domain.working_days import WorkingDays
from crm.models import (
    Channel,
    Delivery,
    Membership,
    OrgUnit,
    Role,
    User,
    WeeklyReport,
    WeeklyRun,
)
from crm.sections import Audience, Period
from crm.weeks import Week

log = structlog.get_logger()

RECIPIENT_ROLES = (Role.TEAM_LEAD, Role.BRANCH_MANAGER)
SEND_TIME = time(8)
CATCH_UP_WEEKS = 4
"""How many weeks of silence are made good after an outage."""
KIND = "weekly_report"


@dataclass(frozen=True)
class Content:
    """What one manager's report says."""

    week: Week
    unit: str
    subject: str
    blocks: list[dict[str, Any]]
    """Each section as `presentation.block` gives it: plain JSON values."""

    @property
    def fingerprint(self) -> str:
        """Equal for equal numbers, whenever they were computed."""
        return hashlib.sha256(
            orjson.dumps(
                [str(self.week), self.unit, self.blocks], option=orjson.OPT_SORT_KEYS
            )
        ).hexdigest()


def due_at(week: Week, zone: ZoneInfo, calendar: WorkingDays) -> datetime:
    """When the report on a week leaves: 08:00 on the first working day after the week."""
    day = calendar.on_or_after(week.next.monday)
    return datetime.combine(day, SEND_TIME, zone)


def recipients() -> dict[User, OrgUnit]:
    """The active managers, each with the highest unit that they oversee."""
    found: dict[User, OrgUnit] = {}
    held = (
        Membership.objects.filter(role__in=RECIPIENT_ROLES, user__is_active=True)
        .select_related("user", "unit")
        .order_by("user_id", "unit__ancestors__len", "unit_id")
    )
    for membership in held:
        found.setdefault(membership.user, membership.unit)
    return found


@command
def plan_week(week: Week, *, at: datetime) -> int:
    """Write down who gets the report on this week and when; returns how many rows are new."""
    working_days = calendar.load()
    WeeklyRun.objects.bulk_create(
        [WeeklyRun(week=str(week), created_at=at, updated_at=at)], ignore_conflicts=True
    )
    run = WeeklyRun.objects.get(week=str(week))
    before = run.reports.count()
    WeeklyReport.objects.bulk_create(
        [
            WeeklyReport(
                run=run,
                recipient=user,
                due_at=due_at(week, ZoneInfo(unit.time_zone), working_days),
                created_at=at,
                updated_at=at,
            )
            for user, unit in recipients().items()
        ],
        ignore_conflicts=True,
    )
    return run.reports.count() - before


def weeks_to_plan(at: datetime) -> list[Week]:
    """Finished weeks without a run whose report is due by now, oldest first.

    After an outage every missed week is made good, up to four; a new installation begins with the
    last finished week.
    """
    working_days = calendar.load()
    today = timezone.localtime(at).date()
    week = Week.of(today).previous
    planned = set(
        WeeklyRun.objects.order_by("-week").values_list("week", flat=True)[
            : CATCH_UP_WEEKS + 1
        ]
    )
    # Zones differ by less than a day: plan a day ahead, the rows themselves say when they are due.
    earliest = at + timedelta(days=1)
    zone = timezone.get_default_timezone()
    missing: list[Week] = []
    for _ in range(CATCH_UP_WEEKS):
        if str(week) in planned:
            break
        if due_at(week, ZoneInfo(str(zone)), working_days) <= earliest:
            missing.append(week)
        if not planned:
            break
        week = week.previous
    return missing[::-1]


def compose(recipient: User, week: Week, *, unit: OrgUnit | None = None) -> Content:
    """Build the report on a week for one person, in that person's language and zone.

    With a unit, only what lies below it; else everything that the person oversees.
    """
    home = unit or recipients().get(recipient)
    zone = ZoneInfo(home.time_zone if home else recipient.time_zone)
    period = Period(week, week.starts(zone), week.ends(zone))
    with (
        translation.override(recipient.language),
        timezone.override(recipient.time_zone),
    ):
        blocks = presentation.blocks(Audience(recipient, unit_ids(unit)), period)
        place = home.name if home else ""
        return Content(week, place, presentation.subject(week, place, blocks), blocks)


def unit_ids(unit: OrgUnit | None) -> frozenset[UUID] | None:
    """Everything below a unit; none narrows nothing."""
    if unit is None:
        return None
    return frozenset(OrgUnit.objects.under([unit.pk]).values_list("pk", flat=True))


@command
def prepare(report_id: UUID, *, at: datetime) -> WeeklyReport | None:
    """Write one report and put its mail into the outbox, in one transaction.

    None if another worker is at it or it is written already.
    """
    report = (
        WeeklyReport.objects.filter(pk=report_id, prepared_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("run", "recipient")
        .first()
    )
    if report is None:
        return None
    if not report.recipient.is_active:
        return report.change(at=at, prepared_at=at)
    content = compose(report.recipient, Week.parse(report.run.week))
    with translation.override(report.recipient.language):
        text, html = presentation.mail(content, report.recipient)
    delivery = Delivery.objects.create(
        key=f"weekly:{report.run.week}:{report.recipient_id}",
        channel=Channel.MAIL,
        recipient=report.recipient,
        kind=KIND,
        subject=content.subject,
        text=text,
        html=html,
        link=f"/admin/crm/weeklyreport/{report.pk}/change/",
        next_try_at=at,
        created_at=at,
        updated_at=at,
    )
    queue.after_commit(DELIVER_DUE)
    return report.change(
        at=at,
        prepared_at=at,
        content=content.blocks,
        content_hash=content.fingerprint,
        delivery=delivery,
    )


def prepare_due(*, at: datetime) -> int:
    """Write every report that is due, each in its own transaction; returns how many."""
    written = 0
    for report_id in (
        WeeklyReport.objects.unprepared(at).order_by("due_at").values_list("pk")
    ):
        try:
            written += prepare(report_id[0], at=at) is not None
        except Exception:
            # One manager's report must not hold up the others; the tick tries it again.
            log.exception("weekly_report_failed", report=str(report_id[0]))
    return written
