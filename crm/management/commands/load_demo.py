"""`manage.py load_demo`: everything `make demo` shows, made once."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo


class Command(BaseCommand):
    help = "Bring the database up to date and load the demo data, once. Refused in production."
    requires_system_checks = ()  # The tests run them; here they take a second.

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.TEST):
            raise CommandError(_("Demo data are invented; they are not loaded in production."))
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(_("The database is up to date."))
        call_command("load_reference_data", stdout=self.stdout, stderr=self.stderr)
        if demo.is_loaded():
            self.stdout.write(_("The demo data are there already."))
            return
        for line in demo.load(now=timezone.now()):
            self.stdout.write(line)
        self.stdout.write(
            _("People, contacts, contracts and amounts of the demo are invented; brands are real.")
        )
