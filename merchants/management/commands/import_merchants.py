"""`manage.py import_merchants FILE`: a list of merchants, CSV or Excel, through the verbs."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.errors import DomainError
from crm.models import OrgUnit, User
from merchants.domain import files, importing
from merchants.domain.importing import Refusal

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SHOWN_REFUSALS = 10


class Command(BaseCommand):
    help = (
        "Take in a list of merchants (CSV in UTF-8 or GB18030, or .xlsx), with Chinese or English "
        "headers. A merchant that is known already is left as it is, so the same list may be "
        "taken in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--unit", required=True, help="name or id of the unit they belong to")
        parser.add_argument("--by", required=True, help="e-mail of the colleague who brings them")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--errors", type=Path, help="write refused rows to this CSV file")
        parser.add_argument("--batch", type=int, default=importing.BATCH, help="rows per commit")

    def handle(self, *args: Any, **options: Any) -> str:
        if options["batch"] < 1:
            raise CommandError(_("--batch must be at least 1. [batch_size]"))
        by, unit = _colleague(options["by"]), _unit(options["unit"])
        try:
            with files.checked(options["file"]) as file:
                return self._take_in(file, unit=unit, by=by, options=options)
        except DomainError as refused:
            raise CommandError(f"{refused.message} [{refused.code}]") from refused

    def _take_in(
        self, file: files.CheckedFile, *, unit: OrgUnit, by: User, options: dict[str, Any]
    ) -> str:
        added = unchanged = refused = 0
        outcomes = importing.take_in(
            file,
            unit_id=unit.pk,
            by=by,
            at=timezone.now(),
            dry_run=options["dry_run"],
            batch=options["batch"],
        )
        with _error_file(options["errors"], options["file"], file.header) as write:
            for outcome in outcomes:
                added += outcome.added
                unchanged += outcome.unchanged
                for refusal in outcome.refusals:
                    write(refusal)
                    if refused < SHOWN_REFUSALS:
                        self.stderr.write(_in_words(refusal))
                    refused += 1
        if refused > SHOWN_REFUSALS:
            left = refused - SHOWN_REFUSALS
            self.stderr.write(_("… and %(left)s more; --errors lists all.") % {"left": left})
        counts = {"added": added, "unchanged": unchanged, "refused": refused}
        if options["dry_run"]:
            tried = _("Dry run: %(added)s new, %(unchanged)s known already, %(refused)s refused.")
            return tried % counts
        return _("%(added)s added, %(unchanged)s known already, %(refused)s refused.") % counts


def _in_words(refusal: Refusal) -> str:
    where = _("Row %(row)s") % {"row": refusal.row}
    if refusal.column:
        where = f"{where}, {refusal.column}"
    return f"{where}: {refusal.sentence} [{refusal.code}]"


def _colleague(email: str) -> User:
    user: User | None = User.objects.active().signing_in_as(email).first()
    if user is None:
        raise CommandError(_("There is no such colleague: %(name)s.") % {"name": email})
    return user


def _unit(wanted: str) -> OrgUnit:
    try:
        found = list(OrgUnit.objects.filter(pk=UUID(wanted)))
    except ValueError:
        found = list(OrgUnit.objects.filter(name=wanted)[:2])
    if not found:
        raise CommandError(_("There is no such unit: %(name)s.") % {"name": wanted})
    if len(found) > 1:
        raise CommandError(
            _("Several units are called %(name)s: give the id instead.") % {"name": wanted}
        )
    return found[0]


@contextmanager
def _error_file(path: Path | None, source: Path, header: tuple[str, ...]) -> Iterator[Any]:
    """A function that writes refusals down. The file can be opened before anything is written."""
    if path is None:
        yield lambda refusal: None
        return
    if path.exists() and path.samefile(source):
        raise CommandError(_("The list itself cannot be the file for the errors."))
    try:
        # Only for its owner: it repeats names and phone numbers.
        path.touch(mode=0o600)
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as failure:
        raise CommandError(
            _("The file for the errors cannot be written: %(reason)s.")
            % {"reason": failure.strerror}
        ) from failure
    with file:
        writing = csv.writer(file)
        first = [_("Row"), _("Column"), _("Code"), _("Reason")]
        writing.writerow([_harmless(cell) for cell in (*first, *header)])

        def write(refusal: Refusal) -> None:
            told = (str(refusal.row), refusal.column, refusal.code, str(refusal.sentence))
            writing.writerow([_harmless(cell) for cell in (*told, *refusal.cells)])

        yield write


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
