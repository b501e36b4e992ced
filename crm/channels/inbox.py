"""The in-app inbox: a row of ours, so it is delivered exactly once."""

from collections.abc import Iterable

from crm.models import Delivery, Notification


class InboxChannel:
    is_local = True

    def send(self, delivery: Delivery) -> None:
        """Write the line, unless it is written already."""
        self.send_all([delivery])

    def send_all(self, deliveries: Iterable[Delivery]) -> None:
        """Write many lines with one statement, except for those that are written already."""
        Notification.objects.bulk_create(
            [_line(delivery) for delivery in deliveries], ignore_conflicts=True
        )


def _line(delivery: Delivery) -> Notification:
    return Notification(
        delivery=delivery,
        recipient=delivery.colleague,
        kind=delivery.kind,
        title=delivery.subject,
        body=delivery.text,
        link=delivery.link,
    )
