"""Systems that listen: added, corrected, given another secret, disabled, enabled."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm import policies
from crm.actors import Actor, user_id
from crm.channels import Refused, http
from crm.command import command
from crm.domain import webhook_replays, webhook_signing, webhooks
from crm.domain.webhook_calls import OLD_SECRET, SECRET
from crm.domain.webhook_parameters import OLD_SECRET_HOURS
from crm.errors import InvalidInput, Problem, RuleBroken
from crm.locking import known, take
from crm.models import Delivery, OrgUnit, WebhookEndpoint
from crm.policies import require

_MOST_KINDS = 200
_LONGEST_ADDRESS = 500
PING = webhooks.event("webhook.ping", _("Test message"))
"""Said to one webhook when somebody tries it, whatever it asked for."""


@command
def add(
    endpoint_id: UUID,
    *,
    url: str,
    unit_id: UUID,
    by: Actor,
    at: datetime,
    description: str = "",
    kinds: Iterable[str] = (),
) -> tuple[WebhookEndpoint, str]:
    """Let a system hear of what happens at a unit and below it; with it its secret, which nobody
    can read again.

    No kinds mean all. Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code
    `webhook_exists`.
    """
    unit = known(OrgUnit.objects.seen_by(by), unit_id, attr="unit")
    require(policies.may_keep_webhooks(by, unit.pk), _("Administrators keep webhooks."))
    secret = webhook_signing.new_secret()
    endpoint = WebhookEndpoint.objects.create(
        pk=endpoint_id,
        url=_sound_address(url),
        unit=unit,
        description=_sound_line(description),
        kinds=_sound_kinds(kinds),
        secret=SECRET.sealed(secret, endpoint_id),
        created_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    webhooks.look_anew()
    return endpoint, secret


@command
def correct(
    endpoint_id: UUID, *, by: Actor, at: datetime, version: int | None = None, **changes: Any
) -> WebhookEndpoint:
    """Change address, description or kinds. What waits goes to the new address.

    Raises NotFound, NotAllowed, InvalidInput, Stale, RuleBroken with code `webhook_exists`.
    """
    endpoint = _taken(endpoint_id, by, version)
    sound = {"url": _sound_address, "description": _sound_line, "kinds": _sound_kinds}
    return endpoint.change(at=at, **{name: sound[name](to) for name, to in changes.items()})


@command
def rotate(
    endpoint_id: UUID, *, by: Actor, at: datetime, version: int | None = None
) -> tuple[WebhookEndpoint, str]:
    """Give it a new secret. For a day messages are signed with the old one as well, so that the
    other side can change over. Raises NotFound, NotAllowed, Stale."""
    endpoint = _taken(endpoint_id, by, version)
    secret = webhook_signing.new_secret()
    old = SECRET.opened(endpoint.secret, endpoint.pk)
    endpoint.change(
        at=at,
        secret=SECRET.sealed(secret, endpoint.pk),
        old_secret=OLD_SECRET.sealed(old, endpoint.pk),
        old_secret_until=at + timedelta(hours=OLD_SECRET_HOURS.value),
    )
    return endpoint, secret


@command
def disable(endpoint_id: UUID, *, because: str, by: Actor, at: datetime) -> WebhookEndpoint:
    """Say nothing more to it; what happens meanwhile is kept for when it is enabled.

    Raises NotFound, NotAllowed, InvalidInput without a reason, RuleBroken `webhook_disabled`.
    """
    endpoint = _taken(endpoint_id, by)
    if endpoint.disabled_at is not None:
        raise RuleBroken(_("This webhook is disabled already."), code="webhook_disabled")
    because = webhook_replays.sound_reason(because)
    return endpoint.change(at=at, disabled_at=at, disabled_because=because)


@command
def enable(endpoint_id: UUID, *, send_missed: bool, by: Actor, at: datetime) -> WebhookEndpoint:
    """Let it hear again; with `send_missed` also of what it missed, the oldest first.

    Raises NotFound, NotAllowed, RuleBroken with code `webhook_enabled`.
    """
    endpoint = _taken(endpoint_id, by)
    if endpoint.disabled_at is None:
        raise RuleBroken(_("This webhook is enabled already."), code="webhook_enabled")
    endpoint.change(at=at, disabled_at=None, disabled_because="")
    webhooks.look_anew()
    if send_missed:
        again = webhook_replays.missed(endpoint, by=by, at=at)
        endpoint.notices = (webhook_replays.notice(again),)
    return endpoint


@command
def ping(endpoint_id: UUID, *, by: Actor, at: datetime) -> Delivery:
    """Send a test message. Raises NotFound, NotAllowed, RuleBroken `webhook_disabled`."""
    endpoint = _taken(endpoint_id, by)
    if endpoint.disabled_at is not None:
        raise RuleBroken(_("Enable this webhook first."), code="webhook_disabled")
    listener = webhooks.Listener(endpoint.pk, endpoint.unit_id, frozenset(), None)
    data = {"webhook_id": str(endpoint.pk), "actor_id": _text(user_id(by))}
    one = webhooks.Event(PING.name, data, endpoint.unit_id, at)
    webhooks.tell([listener], [one])
    delivery = endpoint.deliveries.get(key=f"webhook:{endpoint.pk}:{one.id}")
    delivery.notices = (Problem("webhook_pinged", _("The test message is on its way.")),)
    return delivery


def _taken(endpoint_id: UUID, by: Actor, version: int | None = None) -> WebhookEndpoint:
    endpoint = take(WebhookEndpoint.objects.seen_by(by), endpoint_id, version=version)
    require(policies.may_keep_webhooks(by, endpoint.unit_id), _("Administrators keep webhooks."))
    return endpoint


def _sound_address(url: str) -> str:
    """An address that can be told. Where it leads is looked at again for every message."""
    url = url.strip()
    try:
        whither = http.place(url)
    except Refused:
        whither = None
    if whither is None or len(url) > _LONGEST_ADDRESS or "#" in url:
        raise InvalidInput(
            _("Write an address like https://system.bank.example/hooks, without a user name."),
            code="webhook_address_invalid",
            attr="url",
        )
    if whither.host not in settings.OUTGOING_INSIDE_HOSTS and _is_private(whither.host):
        raise InvalidInput(
            _("This address leads into our own network, where no messages go."),
            code="webhook_address_inside",
            attr="url",
        )
    return url


def _is_private(host: str) -> bool:
    """Whether the address says so itself; names are resolved when a message is handed over."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return not http.is_public(host)


def _sound_line(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 200 or "\0" in text:
        raise InvalidInput(
            _("Describe it in at most 200 characters."),
            code="webhook_description_invalid",
            attr="description",
        )
    return text


def _sound_kinds(kinds: Iterable[str]) -> list[str]:
    chosen = sorted(set(kinds))
    unknown = [one for one in chosen if one not in webhooks.EVENTS or one == PING.name]
    if unknown or len(chosen) > _MOST_KINDS:
        raise InvalidInput(
            _("There is no event called “%(name)s”.") % {"name": unknown[0] if unknown else "…"},
            code="webhook_kind_unknown",
            attr="kinds",
        )
    return chosen


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
