"""`manage.py weekly_report --week 2026-W47 [--dry-run] [--unit …]`: the weekly report, by hand."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.domain import weekly_report
from crm.errors import DomainError
from crm.models import OrgUnit, WeeklyReport
from crm.weeks import Week


class Command(BaseCommand):
    help = (
        "Write the weekly report of a finished week for every manager, at once, and put the mails "
        "into the outbox. Who has it already gets no second one. A dry run prints the mails and "
        "writes nothing; it may also look at a week that is not over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", help="an ISO week like 2026-W47; default: the last finished")
        parser.add_argument("--dry-run", action="store_true", help="print, write nothing")
        parser.add_argument("--unit", help="only managers below this unit (its name or id)")

    def handle(self, **options: Any) -> None:
        at = timezone.now()
        try:
            week = Week.parse(options["week"]) if options["week"] else None
            week = week or weekly_report.last_finished(at)
            unit = _unit(options["unit"]) if options["unit"] else None
            if options["dry_run"]:
                self._print(week, unit)
            else:
                self._send(week, unit)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _print(self, week: Week, unit: OrgUnit | None) -> None:
        at = timezone.now()
        people = weekly_report.recipients(unit)
        for recipient in people:
            content = weekly_report.compose(recipient, week, at=at)
            text, _html = weekly_report.written(content, recipient)
            self.stdout.write(f"To: {recipient.full_name} <{recipient.email}>")
            self.stdout.write(f"Subject: {content.subject}\n\n{text}\n{'=' * 72}")
        self.stdout.write(
            _("%(count)s mails for week %(week)s. Nothing was written.")
            % {"count": len(people), "week": week}
        )

    def _send(self, week: Week, unit: OrgUnit | None) -> None:
        written = weekly_report.send_week(week, at=timezone.now(), unit=unit)
        reports = WeeklyReport.objects.filter(run__week=str(week))
        self.stdout.write(
            _("Week %(week)s: %(written)s reports written now, %(all)s of %(planned)s in all.")
            % {
                "week": week,
                "written": written,
                "all": reports.exclude(prepared_at=None).count(),
                "planned": reports.count(),
            }
        )


def _unit(word: str) -> OrgUnit:
    try:
        units = list(OrgUnit.objects.filter(pk=UUID(word)))
    except ValueError:
        units = list(OrgUnit.objects.filter(name=word))
    if len(units) == 1:
        return units[0]
    if not units:
        raise CommandError(_("There is no unit “%(word)s”.") % {"word": word})
    raise CommandError(
        _("Several units are called “%(word)s”; give the id: %(ids)s")
        % {"word": word, "ids": ", ".join(str(unit.pk) for unit in units)}
    )
