"""The kernel: people, time, delivery, reports. It imports no other room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Organisation and operations")

    def ready(self) -> None:
        from crm import logs

        # What is said of returned mails must be known to whoever says it.
        from crm.domain import bounces  # noqa: F401

        logs.configure()
        # Each room says for itself what it adds to the report, to what phones learn, to what every
        # tick looks after, which lists can be taken out and what long work it does.
        autodiscover_modules("reports", "meta", "ticks", "exports", "jobs", "agenda")
