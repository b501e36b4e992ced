"""`manage.py sample_import_file PATH`: an invented list with typical mistakes."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from crm.domain.sheets import FileFormat
from merchants.domain import sample_lists


class Command(BaseCommand):
    help = "Write an invented list of merchants (.xlsx or .csv) in which every tenth row is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--rows", type=int, default=200)

    def handle(self, *args: Any, path: Path, rows: int, **options: Any) -> None:
        ending = path.suffix.lower().removeprefix(".")
        if ending not in FileFormat.values or not 1 <= rows <= 20_000:
            raise CommandError(_("Name a file that ends in .xlsx or .csv, with 1 to 20000 rows."))
        try:
            path.write_bytes(
                sample_lists.written(FileFormat(ending), count=rows, broken=rows // 10)
            )
        except OSError as failure:
            raise CommandError(failure.strerror) from failure
