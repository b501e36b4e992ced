"""What calling a listening system needs, and what comes of its answer."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.domain import reminders, webhook_signing
from crm.models import Channel, Delivery, Role, User, WebhookEndpoint

SECRET: Any = WebhookEndpoint._meta.get_field("secret")
OLD_SECRET: Any = WebhookEndpoint._meta.get_field("old_secret")

GONE = reminders.kind(
    "webhook_gone",
    label=_("Webhook disabled"),
    subject=_("The webhook to %(host)s was disabled"),
    text=_(
        "The system at %(host)s answered that it does not want messages any more. What happens "
        "from now on is kept; enable the webhook once the other side is ready again."
    ),
    channels=(Channel.INBOX,),
    group=_("Chats and webhooks"),
)


def headers(delivery: Delivery, endpoint: WebhookEndpoint, *, at: datetime) -> dict[str, str]:
    """What goes along with a message: its id, this moment, and our signatures."""
    return webhook_signing.headers(
        webhook_signing.message_id(delivery.pk, delivery.revision),
        delivery.text.encode(),
        signed_with=valid_secrets(endpoint, at=at),
        at=at,
    )


def valid_secrets(endpoint: WebhookEndpoint, *, at: datetime) -> list[str]:
    """With what a message is signed now, the new secret first."""
    found = [SECRET.opened(endpoint.secret, endpoint.pk)]
    if endpoint.old_secret_until is not None and at < endpoint.old_secret_until:
        found.append(OLD_SECRET.opened(endpoint.old_secret, endpoint.pk))
    return found


@command
def gone(endpoint_id: UUID, *, at: datetime) -> bool:
    """It answered that it is gone: disable it and tell the administrators. False if it is disabled
    already."""
    endpoint = WebhookEndpoint.objects.listening().for_change().filter(pk=endpoint_id).first()
    if endpoint is None:
        return False
    endpoint.change(at=at, disabled_at=at, disabled_because="410 Gone")
    for administrator in _administrators(endpoint):
        reminders.plan(
            f"webhook:{endpoint.pk}:gone:{endpoint.version}:{administrator.pk}",
            recipient=administrator,
            kind=GONE,
            facts={"host": host_of(endpoint.url)},
            link=f"/admin/crm/webhookendpoint/{endpoint.pk}/change/",
            due_at=at,
            at=at,
        )
    return True


def host_of(url: str) -> str:
    """The host of an address, with its port where it names one."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _administrators(endpoint: WebhookEndpoint) -> list[User]:
    reaching = Q(
        memberships__role=Role.ADMINISTRATOR, memberships__unit__in=endpoint.unit.ancestors
    )
    found = User.objects.active().filter(reaching | Q(is_superuser=True))
    return list(found.distinct().order_by("pk"))
