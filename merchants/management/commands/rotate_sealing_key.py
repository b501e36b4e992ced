"""`manage.py rotate_sealing_key`: seal personal data and secrets anew under the first key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.domain import resealing as secrets
from merchants.domain import resealing


class Command(BaseCommand):
    help = (
        "Seals personal data, and the secrets of chats and webhooks, anew under the first key of "
        "SEALING_KEYS and the present BLIND_INDEX_KEY. Keep the older keys in SEALING_KEYS until "
        "this is done."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{resealing.left()} contacts are under older keys.")
        sealed, unreadable = 0, 0
        batch = resealing.reseal()
        while batch.last is not None:
            sealed += batch.done
            unreadable += len(batch.unreadable)
            for pk in batch.unreadable:
                self.stderr.write(f"No key opens contact {pk}.")
            self.stdout.write(f"{sealed} sealed anew.")
            batch = resealing.reseal(after=batch.last)
        done, closed = secrets.reseal()
        self.stdout.write(f"{done} secrets of chats and webhooks sealed anew.")
        for one in closed:
            self.stderr.write(f"No key opens {one}.")
        if closed:
            raise CommandError(f"{len(closed)} secrets cannot be opened with these keys.")
        if unreadable:
            raise CommandError(f"{unreadable} contacts cannot be opened with these keys.")
        self.stdout.write("Everything is under the first key; older ones can go.")
