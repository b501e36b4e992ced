"""The in-app inbox: a row of ours, so it is delivered exactly once."""

from crm.models import Delivery, Notification


class InboxChannel:
    is_local = True

    def send(self, delivery: Delivery) -> None:
        """Write the line, unless it is written already."""
        Notification.objects.get_or_create(
            delivery=delivery,
            defaults={
                "recipient": delivery.colleague,
                "kind": delivery.kind,
                "title": delivery.subject,
                "body": delivery.text,
                "link": delivery.link,
            },
        )
