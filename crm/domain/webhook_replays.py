"""Messages that a listening system is sent again on purpose: one, or those of a span of time.

What was once said stays said: the same bytes go out as another revision, with an id that shows of
which message it is one, and who asked for it and why is kept.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import policies
from crm.actors import Actor
from crm.command import command
from crm.domain import delivery
from crm.domain.webhooks import DISABLED, GONE
from crm.errors import InvalidInput, NotFound, Problem, RuleBroken
from crm.locking import take
from crm.models import Delivery, DeliveryState, WebhookEndpoint
from crm.models.delivery import DeliveryQuerySet
from crm.policies import require

MOST_AT_ONCE = 10_000
"""More are asked for again: each time the oldest that were not sent again since."""
_LONGEST_REASON = 500
SETTLED = (DeliveryState.SENT, DeliveryState.DEAD)


@command
def replay(
    endpoint_id: UUID, delivery_id: UUID, *, because: str, by: Actor, at: datetime
) -> Delivery:
    """Send one message again.

    Raises NotFound, NotAllowed, InvalidInput without a reason, RuleBroken with code
    `webhook_disabled`, `delivery_on_its_way`, `delivery_let_go`.
    """
    endpoint = _listening(endpoint_id, by)
    because = sound_reason(because)
    told = endpoint.deliveries.for_change().filter(pk=delivery_id).first()
    if told is None:
        raise NotFound(_("There is no such row."))
    if told.state not in SETTLED:
        raise RuleBroken(_("This message is still on its way."), code="delivery_on_its_way")
    if not told.text_kept:
        raise RuleBroken(
            _("The text of this message was let go of; it cannot be sent again."),
            code="delivery_let_go",
        )
    _again(endpoint.deliveries.filter(pk=delivery_id), because, by, at)
    told.refresh_from_db()
    return told


@command
def replay_between(
    endpoint_id: UUID, *, since: datetime, until: datetime, because: str, by: Actor, at: datetime
) -> WebhookEndpoint:
    """Send again what happened within a span of time (until is not part of it); says how many.

    What is on its way is left alone. Raises NotFound, NotAllowed, InvalidInput for a span that ends
    before it begins or no reason, RuleBroken with code `webhook_disabled`.
    """
    endpoint = _listening(endpoint_id, by)
    because = sound_reason(because)
    if since >= until:
        raise InvalidInput(
            _("The span must end after it begins."), code="webhook_span_invalid", attr="until"
        )
    rows = endpoint.deliveries.filter(created_at__gte=since, created_at__lt=until)
    endpoint.notices = (notice(_again(rows, because, by, at)),)
    return endpoint


def missed(endpoint: WebhookEndpoint, *, by: Actor, at: datetime) -> int:
    """Send what was not said because the webhook was disabled; returns how many."""
    rows = endpoint.deliveries.filter(state=DeliveryState.DEAD)
    kept = rows.filter(failure__startswith=f"{DISABLED}:")
    last = rows.filter(failure__startswith=f"{GONE}:")
    return _again(kept | last, _("The webhook was enabled."), by, at)


def notice(count: int) -> Problem:
    """How many messages will be sent again, in words."""
    sentence = ngettext(
        "%(count)s message will be sent again.", "%(count)s messages will be sent again.", count
    )
    return Problem("webhook_replayed", sentence % {"count": count})


def sound_reason(because: str) -> str:
    """A reason that says something. Raises InvalidInput."""
    because = because.strip()
    if not because or len(because) > _LONGEST_REASON or "\0" in because:
        raise InvalidInput(
            _("Say why, in at most 500 characters."), code="reason_missing", attr="because"
        )
    return because


def _again(rows: DeliveryQuerySet, because: str, by: Actor, at: datetime) -> int:
    oldest = rows.repeatable().order_by("created_at", "pk").values_list("pk", flat=True)
    return delivery.send_again(list(oldest[:MOST_AT_ONCE]), by=by, because=because, at=at)


def _listening(endpoint_id: UUID, by: Actor) -> WebhookEndpoint:
    endpoint = take(WebhookEndpoint.objects.seen_by(by), endpoint_id)
    sentence = gettext_lazy("Administrators keep webhooks.")
    require(policies.may_keep_webhooks(by, endpoint.unit_id), sentence)
    if endpoint.disabled_at is not None:
        raise RuleBroken(_("Enable this webhook first."), code="webhook_disabled")
    return endpoint
