"""The weekly pipeline report: planned once per week and recipient, written once, mailed once.

It covers an ISO week and is computed as of the Monday 00:00 that ends it, so a late run gives the
same numbers. It leaves on the first working day from that Monday on, at 08:00 in the zone of the
recipient's unit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Model
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from crm import presentation, queue, report_lists, report_mail
from crm.command import command
from crm.domain import (
    calendar,
    preferences,
    report_letters,
    weekly_recipients,
    weekly_snapshots,
    weekly_summary,
)
from crm.domain.notification_kinds import WEEKLY_REPORT
from crm.domain.reminders import DELIVER_DUE
from crm.domain.weekly_recipients import Place
from crm.domain.working_days import WorkingDays
from crm.errors import RuleBroken
from crm.models import (
    Channel,
    Delivery,
    OrgUnit,
    User,
    WeeklyReport,
    WeeklyRun,
)
from crm.models.reports import WeeklyReportQuerySet
from crm.report_lists import Asked
from crm.report_mail import Content, Letter
from crm.sections import Audience, Period
from crm.weeks import Week
from crm.zones import zone_or_ours

log = structlog.get_logger()

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
    """Everybody who gets the report, each with the unit that it is about or of; with a unit, those
    below it."""
    return {
        user: place.unit
        for user, place in weekly_recipients.places().items()
        if unit is None or unit.pk in place.unit.ancestors
    }


def home_of(user: User) -> OrgUnit | None:
    """The unit that somebody's report is about or of; none for those who get none."""
    place = weekly_recipients.place_of(user)
    return place.unit if place else None


def audience(viewer: User, unit: OrgUnit | None = None) -> Audience:
    """Whose numbers the viewer's report shows; a unit narrows them."""
    return weekly_recipients.audience(viewer, unit, weekly_recipients.place_of(viewer))


@command
def plan_week(week: Week, *, at: datetime, only: Collection[UUID] | None = None) -> int:
    """Write down who gets the report on this week and when; returns how many rows are new. With
    `only`, for nobody but these people."""
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
            due_at=due_at(week, zone_or_ours(unit.time_zone), working_days),
            created_at=at,
            updated_at=at,
        )
        for user, unit in recipients().items()
        if user.pk not in known and (only is None or user.pk in only)
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


def _at_home(recipient: User) -> timezone.override:
    return timezone.override(zone_or_ours(recipient.time_zone))


@dataclass(frozen=True)
class Reckoned:
    """A report, with whose figures they are and the figures by name, as they are kept."""

    content: Content
    scope: str
    figures: dict[str, int | None]


def reckon(viewer: User, week: Week | None, *, at: datetime, unit: OrgUnit | None) -> Content:
    """What the report says to somebody, in the active language; of the week so far if none is
    named. The front page and the API show this, and the mail says it."""
    return _reckon(viewer, week, weekly_recipients.place_of(viewer), at=at, unit=unit).content


def _reckon(
    viewer: User, week: Week | None, place: Place | None, *, at: datetime, unit: OrgUnit | None
) -> Reckoned:
    zone = _zone(viewer, unit, place)
    week = week or Week.of(at.astimezone(zone).date())
    period = Period.of(week, zone, at=at)
    audience = weekly_recipients.audience(viewer, unit, place)
    tables = presentation.tables(audience, period)
    blocks = presentation.blocks(tables, week, weekly_snapshots.before(audience.scope, week))
    whose = unit.name if unit else place.name if place else viewer.full_name
    name = presentation.on_one_line(whose)
    is_over = period.end == week.ends(zone)
    content = Content(
        week,
        name,
        period.end,
        is_over,
        report_mail.subject(week, name, blocks),
        blocks,
        weekly_summary.sentence(blocks, is_over=is_over),
    )
    return Reckoned(content, audience.scope, presentation.figures(tables))


def _zone(viewer: User, unit: OrgUnit | None, place: Place | None) -> ZoneInfo:
    """By whose clock the week begins and ends."""
    home = unit or (place.unit if place else None)
    return zone_or_ours(home.time_zone if home else viewer.time_zone)


def rows_counted(viewer: User, asked: Asked, model: type[Model], *, at: datetime) -> Any:
    """The rows that a number of the viewer's report counts, as it counted them; none if there is no
    such number, or the viewer may not know of the unit."""
    unit = None
    if asked.unit_id is not None:
        unit = OrgUnit.objects.visible_to(viewer).filter(pk=asked.unit_id).first()
        if unit is None:
            return None
    place = weekly_recipients.place_of(viewer)
    period = Period.of(asked.week, _zone(viewer, unit, place), at=at)
    audience = weekly_recipients.audience(viewer, unit, place)
    return report_lists.rows_of(asked.name, model, audience, period)


def compose(recipient: User, week: Week, *, at: datetime, unit: OrgUnit | None = None) -> Content:
    """Build the report on a week for one person, in that person's language and zone.

    With a unit, only what lies below it; else everything that the person manages, or the person's
    own book. A week that is not over yet is counted up to `at`.
    """
    place = weekly_recipients.place_of(recipient)
    return _compose(recipient, week, place, at=at, unit=unit).content


def _compose(
    recipient: User, week: Week, place: Place | None, *, at: datetime, unit: OrgUnit | None = None
) -> Reckoned:
    with translation.override(recipient.language), _at_home(recipient):
        return _reckon(recipient, week, place, at=at, unit=unit)


def written(content: Content, recipient: User) -> tuple[str, str]:
    """The mail of a report, as plain text and as HTML, in the recipient's language and zone."""
    with translation.override(recipient.language), _at_home(recipient):
        return report_mail.plain_text(content), report_mail.page(content)


@dataclass
class Batch:
    """What the reports that are written together share: who gets them, and the last one reckoned.

    Those of one scope who may see the same, in one language and zone, come after each other, and
    are reckoned once.
    """

    places: dict[UUID, Place]
    mailed: frozenset[UUID]
    """Who wants it as a mail; the others find theirs among the reports."""
    last: tuple[tuple[str, ...], Reckoned] | None = None
    letter: tuple[Content, Letter] | None = None

    @classmethod
    def of(cls, user_ids: Collection[UUID]) -> Self:
        """Look the recipients of some reports up, in few statements."""
        found = weekly_recipients.places(user_ids)
        return cls({user.pk: place for user, place in found.items()}, _wanting_mail(found))

    def reckoned(self, recipient: User, week: Week, place: Place, *, at: datetime) -> Reckoned:
        """The report of somebody: as it was reckoned for the one before, if it says the same."""
        shared = (str(week), place.scope, place.rights, recipient.language, recipient.time_zone)
        if self.last is None or self.last[0] != shared:
            self.last = shared, _compose(recipient, week, place, at=at)
        return self.last[1]

    def said(self, content: Content, recipient: User) -> Letter:
        """The mail of a report: drawn once for everybody who gets the same."""
        if self.letter is None or self.letter[0] is not content:
            self.letter = content, report_letters.letter(content, recipient)
        return self.letter[1]


def _wanting_mail(people: Collection[User]) -> frozenset[UUID]:
    heard = preferences.channels_for(WEEKLY_REPORT, people)
    return frozenset(pk for pk, channels in heard.items() if Channel.MAIL in channels)


@command
def prepare(report_id: UUID, *, at: datetime, batch: Batch | None = None) -> WeeklyReport | None:
    """Write one report down, keep its figures, and put its mail into the outbox, in one
    transaction.

    None if another worker is at it, it is written already, or its week is not over where its
    recipient works. Who manages and sells nothing any more gets none. Who wants no mail finds it
    among the reports.
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
    batch = batch or Batch.of([recipient.pk])
    place = batch.places.get(recipient.pk)
    if not recipient.is_active or place is None:
        return report.change(at=at, prepared_at=at)
    reckoned = batch.reckoned(recipient, week, place, at=at)
    content = reckoned.content
    if not content.is_final:
        return None
    weekly_snapshots.keep(reckoned.scope, week, reckoned.figures, at=at)
    delivery = (
        _put_out(
            content,
            recipient,
            key=f"weekly:{week}:{recipient.pk}",
            link=f"/admin/crm/weeklyreport/{report.pk}/change/",
            at=at,
            said=batch.said(content, recipient),
        )
        if recipient.pk in batch.mailed
        else None
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
    return _prepare_each(WeeklyReport.objects.unprepared(at), at=at)


def write_down(week: Week, *, at: datetime) -> int:
    """Write a finished week's reports into the archive without mailing them, as for weeks that
    everybody has read about; returns how many. What is written is not written again.

    Raises RuleBroken if the week is not over.
    """
    _require_over(week, at)
    waiting = WeeklyReport.objects.filter(run__week=str(week), prepared_at=None)
    return _prepare_each(waiting, at=at, mailed=False)


def _prepare_each(reports: WeeklyReportQuerySet, *, at: datetime, mailed: bool = True) -> int:
    """The oldest week first, whose figures the next week is compared with; then scope by scope."""
    waiting = list(reports.select_related("run", "recipient").order_by("due_at", "id"))
    if not waiting:
        return 0
    batch = Batch.of({report.recipient_id for report in waiting})
    if not mailed:
        batch.mailed = frozenset()

    def shared(report: WeeklyReport) -> tuple[str, ...]:
        place, recipient = batch.places.get(report.recipient_id), report.recipient
        scope, rights = (place.scope, place.rights) if place else ("", "")
        return report.run.week, scope, rights, recipient.language, recipient.time_zone

    done = 0
    for report in sorted(waiting, key=shared):
        try:
            done += prepare(report.pk, at=at, batch=batch) is not None
        except Exception:
            # One report must not hold up the others; the tick tries it again. What it kept is
            # gone with its transaction, so that the next of its scope begins anew.
            batch.last = None
            log.exception("weekly_report_failed", report=str(report.pk))
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
    return _prepare_each(waiting, at=at)


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
    if not content.is_final:
        # Over where the bank is, but not yet in the zone that the report is about.
        raise _not_over(week)
    return _put_out(content, recipient, key=f"{copies}{revision}", link="", at=at)


def _put_out(
    content: Content,
    recipient: User,
    *,
    key: str,
    link: str,
    at: datetime,
    said: Letter | None = None,
) -> Delivery:
    delivery = report_letters.put_out(
        content, recipient, kind=KIND, key=key, link=link, at=at, said=said
    )
    queue.after_commit(DELIVER_DUE)
    return delivery


def _require_over(week: Week, at: datetime) -> None:
    zone = ZoneInfo(timezone.get_default_timezone_name())
    if at < week.ends(zone):
        raise _not_over(week)


def _not_over(week: Week) -> RuleBroken:
    return RuleBroken(
        _("Week %(week)s is not over yet: its report can be looked at, but not sent.")
        % {"week": week},
        code="week_not_over",
    )
