"""The weekly pipeline report: planned once per week and manager, written once, mailed once.

It covers an ISO week and is computed as of the Monday 00:00 that ends it, so a late run gives the
same numbers. It leaves on the first working day from that Monday on, at 08:00 in the zone of the
manager's unit.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from crm import presentation, queue, report_mail
from crm.command import command
from crm.domain import calendar, report_letters
from crm.domain.reminders import DELIVER_DUE
from crm.domain.working_days import WorkingDays
from crm.errors import RuleBroken
from crm.models import (
    Delivery,
    Membership,
    OrgUnit,
    Role,
    User,
    WeeklyReport,
    WeeklyRun,
)
from crm.report_mail import Content
from crm.sections import Audience, Period
from crm.weeks import Week

log = structlog.get_logger()

RECIPIENT_ROLES = (Role.TEAM_LEAD, Role.BRANCH_MANAGER)
SEND_TIME = time(8)
CATCH_UP_WEEKS = 4
"""How many weeks of silence are made good after an outage."""
KIND = "weekly_report"
PREPARE_REPORTS = "crm.prepare_reports"


def due_at(week: Week, zone: ZoneInfo, calendar: WorkingDays) -> datetime:
    """When the report on a week leaves: 08:00 on the first working day after the week."""
    day = calendar.on_or_after(week.next.monday)
    return datetime.combine(day, SEND_TIME, zone)


def last_finished(at: datetime) -> Week:
    """The last week that is over by a moment."""
    return Week.of(timezone.localtime(at).date()).previous


def recipients(unit: OrgUnit | None = None) -> dict[User, OrgUnit]:
    """The active managers, each with the highest unit they manage; with a unit, those below it."""
    found: dict[User, OrgUnit] = {}
    held = (
        Membership.objects.filter(role__in=RECIPIENT_ROLES, user__is_active=True)
        .select_related("user", "unit")
        .order_by("user__full_name", "user_id", "unit__ancestors__len", "unit_id")
    )
    for membership in held:
        found.setdefault(membership.user, membership.unit)
    return {user: home for user, home in found.items() if unit is None or unit.pk in home.ancestors}


def home_of(user: User) -> OrgUnit | None:
    """The highest unit that a manager manages; none for everybody else."""
    held = (
        Membership.objects.of(user)
        .filter(role__in=RECIPIENT_ROLES)
        .select_related("unit")
        .order_by("unit__ancestors__len", "unit_id")
    )
    membership = held.first()
    return membership.unit if membership else None


def audience(viewer: User, unit: OrgUnit | None = None) -> Audience:
    """Whose numbers the viewer's report shows.

    A manager's: what is below the units they manage, not the pool of the branch that they may look
    into beside it. Everybody else's: whatever they may see. A unit narrows either.
    """
    managed = viewer.scope.under(frozenset(RECIPIENT_ROLES)) or None
    if unit is None:
        return Audience(viewer, managed)
    below = frozenset(OrgUnit.objects.under([unit.pk]).values_list("pk", flat=True))
    return Audience(viewer, below if managed is None else below & managed)


@command
def plan_week(week: Week, *, at: datetime) -> int:
    """Write down who gets the report on this week and when; returns how many rows are new."""
    working_days = calendar.load()
    WeeklyRun.objects.bulk_create(
        [WeeklyRun(week=str(week), created_at=at, updated_at=at)], ignore_conflicts=True
    )
    run = WeeklyRun.objects.for_change().get(week=str(week))
    known = set(run.reports.values_list("recipient_id", flat=True))
    new = [
        WeeklyReport(
            run=run,
            recipient=user,
            due_at=due_at(week, ZoneInfo(unit.time_zone), working_days),
            created_at=at,
            updated_at=at,
        )
        for user, unit in recipients().items()
        if user.pk not in known
    ]
    WeeklyReport.objects.bulk_create(new)
    return len(new)


def weeks_to_plan(at: datetime) -> list[Week]:
    """Finished weeks without a run whose report is due by now, oldest first.

    After an outage every missed week is made good, up to four; a new installation begins with the
    last finished week.
    """
    working_days = calendar.load()
    week = last_finished(at)
    newest = WeeklyRun.objects.order_by("-week").values_list("week", flat=True)
    planned = set(newest[: CATCH_UP_WEEKS + 1])
    # Zones differ by less than a day: plan a day ahead, the rows themselves say when they are due.
    earliest = at + timedelta(days=1)
    zone = timezone.get_default_timezone()
    missing: list[Week] = []
    for _number in range(CATCH_UP_WEEKS):
        if str(week) in planned:
            break
        if due_at(week, ZoneInfo(str(zone)), working_days) <= earliest:
            missing.append(week)
        if not planned:
            break
        week = week.previous
    return missing[::-1]


def compose(recipient: User, week: Week, *, at: datetime, unit: OrgUnit | None = None) -> Content:
    """Build the report on a week for one person, in that person's language and zone.

    With a unit, only what lies below it; else everything that the person manages. A week that is
    not over yet is counted up to `at`.
    """
    home = unit or home_of(recipient)
    zone = ZoneInfo(home.time_zone if home else recipient.time_zone)
    period = Period.of(week, zone, at=at)
    with translation.override(recipient.language), timezone.override(recipient.time_zone):
        blocks = presentation.blocks(audience(recipient, unit), period)
        place = home.name if home else recipient.full_name
        return Content(
            week,
            place,
            period.end,
            period.end == week.ends(zone),
            report_mail.subject(week, place, blocks),
            blocks,
        )


def written(content: Content, recipient: User) -> tuple[str, str]:
    """The mail of a report, as plain text and as HTML, in the recipient's language and zone."""
    with translation.override(recipient.language), timezone.override(recipient.time_zone):
        return report_mail.plain_text(content), report_mail.page(content)


@command
def prepare(report_id: UUID, *, at: datetime) -> WeeklyReport | None:
    """Write one report and put its mail into the outbox, in one transaction.

    None if another worker is at it, it is written already, or its week is not over where its
    recipient works. Who manages nothing any more gets no mail.
    """
    report = (
        WeeklyReport.objects.filter(pk=report_id, prepared_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("run", "recipient")
        .first()
    )
    if report is None:
        return None
    recipient, week = report.recipient, Week.parse(report.run.week)
    if not recipient.is_active or home_of(recipient) is None:
        return report.change(at=at, prepared_at=at)
    content = compose(recipient, week, at=at)
    if not content.is_final:
        return None
    delivery = _put_out(
        content,
        recipient,
        key=f"weekly:{week}:{recipient.pk}",
        link=f"/admin/crm/weeklyreport/{report.pk}/change/",
        at=at,
    )
    return report.change(
        at=at,
        prepared_at=at,
        content=content.kept(),
        content_hash=content.fingerprint,
        delivery=delivery,
    )


def is_due(*, at: datetime) -> bool:
    """Whether a report waits to be written."""
    return WeeklyReport.objects.unprepared(at).exists()


def prepare_due(*, at: datetime) -> int:
    """Write every report that is due, each in its own transaction; returns how many."""
    due = WeeklyReport.objects.unprepared(at).order_by("due_at", "id")
    return _prepare_each(list(due.values_list("pk", flat=True)), at=at)


def _prepare_each(report_ids: list[UUID], *, at: datetime) -> int:
    done = 0
    for report_id in report_ids:
        try:
            done += prepare(report_id, at=at) is not None
        except Exception:
            # One manager's report must not hold up the others; the tick tries it again.
            log.exception("weekly_report_failed", report=str(report_id))
    return done


def send_week(week: Week, *, at: datetime, unit: OrgUnit | None = None) -> int:
    """Plan a finished week and write its reports at once; returns how many were written now.

    With a unit, only those of the managers below it; the others get theirs at their time. Who has
    the report on this week already gets no second one.

    Raises RuleBroken if the week is not over.
    """
    _require_over(week, at)
    plan_week(week, at=at)
    waiting = WeeklyReport.objects.filter(
        run__week=str(week), recipient__in=recipients(unit), prepared_at=None
    )
    return _prepare_each(list(waiting.order_by("id").values_list("pk", flat=True)), at=at)


@command
def send_now(user_id: UUID, week: Week, *, at: datetime, unit: OrgUnit | None = None) -> Delivery:
    """Mail somebody a copy of their own report on a finished week, as often as they ask for it.

    Every copy is a revision with a key of its own, beside the report that is sent by itself.

    Raises RuleBroken if the week is not over.
    """
    _require_over(week, at)
    recipient = User.objects.for_change().get(pk=user_id)
    copies = f"weekly:{week}:{recipient.pk}:"
    revision = Delivery.objects.filter(key__startswith=copies).count() + 1
    content = compose(recipient, week, at=at, unit=unit)
    return _put_out(content, recipient, key=f"{copies}{revision}", link="", at=at)


def _put_out(content: Content, recipient: User, *, key: str, link: str, at: datetime) -> Delivery:
    delivery = report_letters.put_out(content, recipient, kind=KIND, key=key, link=link, at=at)
    queue.after_commit(DELIVER_DUE)
    return delivery


def _require_over(week: Week, at: datetime) -> None:
    zone = ZoneInfo(timezone.get_default_timezone_name())
    if at < week.ends(zone):
        raise RuleBroken(
            _("Week %(week)s is not over yet: its report can be looked at, but not sent.")
            % {"week": week},
            code="week_not_over",
        )
