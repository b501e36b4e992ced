"""Messages that a listening system is sent again on purpose: one, or those of a span of time.

What was once said stays said: the same bytes go out as another revision, with an id that shows of
which message it is one, and who asked for it and why is kept.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import policies, queue
from crm.actors import Actor, user_id
from crm.command import command
from crm.domain.reminders import DELIVER_DUE
from crm.domain.webhooks import DISABLED
from crm.errors import InvalidInput, NotFound, Problem, RuleBroken
from crm.locking import take
from crm.models import Delivery, DeliveryState, Resend, WebhookEndpoint
from crm.models.delivery import DeliveryQuerySet
from crm.policies import require

MOST_AT_ONCE = 10_000
"""More are asked for again: each time the oldest that were not sent again since."""
_LONGEST_REASON = 500
GONE = "gone"
"""The code of the message whose answer was 410."""
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
    delivery = endpoint.deliveries.for_change().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no such row."))
    if delivery.state not in SETTLED:
        raise RuleBroken(_("This message is still on its way."), code="delivery_on_its_way")
    if not delivery.text_kept:
        raise RuleBroken(
            _("The text of this message was let go of; it cannot be sent again."),
            code="delivery_let_go",
        )
    _again(endpoint.deliveries.filter(pk=delivery_id), because, by, at)
    delivery.refresh_from_db()
    return delivery


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
    settled = rows.filter(state__in=SETTLED, text_kept=True).order_by("created_at", "pk")
    ids = list(settled.select_for_update(no_key=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
    chosen = Delivery.objects.filter(pk__in=ids)
    chosen.update(
        state=DeliveryState.QUEUED,
        revision=F("revision") + 1,
        next_try_at=at,
        attempts=0,
        losses=0,
        sent_at=None,
        failure="",
        updated_at=at,
        version=F("version") + 1,
    )
    Resend.objects.bulk_create(
        [
            Resend(delivery_id=pk, revision=revision, by_id=user_id(by), because=because, at=at)
            for pk, revision in chosen.values_list("pk", "revision")
        ],
        batch_size=1000,
    )
    queue.after_commit(DELIVER_DUE)
    return len(ids)


def _listening(endpoint_id: UUID, by: Actor) -> WebhookEndpoint:
    endpoint = take(WebhookEndpoint.objects.seen_by(by), endpoint_id)
    sentence = gettext_lazy("Administrators keep webhooks.")
    require(policies.may_keep_webhooks(by, endpoint.unit_id), sentence)
    if endpoint.disabled_at is not None:
        raise RuleBroken(_("Enable this webhook first."), code="webhook_disabled")
    return endpoint
