"""`manage.py load_reference_data`: categories, districts and the working-day calendar."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import reference


class Command(BaseCommand):
    help = "Load merchant categories, districts and the calendar; again and again, if you like."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = list(reference.load_all(at=timezone.now()))
        phrases = "; ".join(one.phrase for one in loaded)
        self.stdout.write(_("Reference data is loaded: %(phrases)s.") % {"phrases": phrases})
        for warning in (warning for one in loaded for warning in one.warnings):
            self.stderr.write(self.style.WARNING(warning))
