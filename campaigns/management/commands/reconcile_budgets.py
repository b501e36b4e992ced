"""`manage.py reconcile_budgets`: compare every budget with the ledger, and freeze what differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.domain import reconciliation
from campaigns.models import Budget


class Command(BaseCommand):
    help = (
        "Compare the counters of every budget with the sum of its ledger entries. A budget that "
        "differs is frozen and its finance people are told; the command then ends with an error."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        frozen = reconciliation.reconcile_all(at=timezone.now())
        still = Budget.objects.frozen().count()
        if still:
            listed = ", ".join(str(pk) for pk in frozen)
            raise CommandError(f"{still} budgets are frozen, {len(frozen)} of them now: {listed}")
        self.stdout.write("Every budget agrees with the ledger.")
