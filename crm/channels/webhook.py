"""Webhooks: a message to another system of the bank, signed so that it knows us.

Any answer from 200 to 299 says that it was taken. 410 says that nobody wants our messages any more;
every other answer, and silence, is tried again. A system that does not answer at all is left alone
for a minute, so that what waits for it holds up nobody else.
"""

import time
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from crm.channels import http
from crm.channels.base import Refused
from crm.domain import webhook_calls
from crm.domain.webhooks import DISABLED, GONE
from crm.models import Delivery, WebhookEndpoint

REST_SECONDS = 60
_SILENCE = {"timed_out", "unreachable", "unresolved"}
_HTTP_GONE = 410
_LONGEST_QUOTE = 200

_resting: dict[UUID, tuple[float, Refused]] = {}
"""Webhooks that did not answer this process: until when they rest, and what happened."""


class WebhookChannel:
    is_local = False

    def send(self, delivery: Delivery) -> None:
        """Hand one message to the system that listens."""
        assert delivery.endpoint_id is not None
        endpoint = WebhookEndpoint.objects.get(pk=delivery.endpoint_id)
        if endpoint.disabled_at is not None:
            raise Refused(DISABLED, endpoint.disabled_because, final=True)
        if not delivery.text_kept:
            raise Refused("text_let_go", "The text of this message is not kept.", final=True)
        _let_rest(endpoint.pk)
        at = timezone.now()
        try:
            answer = http.post(
                endpoint.url,
                delivery.text.encode(),
                webhook_calls.headers(delivery, endpoint, at=at),
            )
        except Refused as refusal:
            if refusal.code in _SILENCE:
                _resting[endpoint.pk] = (time.monotonic() + REST_SECONDS, refusal)
            raise
        _resting.pop(endpoint.pk, None)
        if answer.is_good:
            return
        said = answer.text[:_LONGEST_QUOTE]
        if answer.status == _HTTP_GONE:
            webhook_calls.gone(endpoint.pk, at=at)
            raise Refused(GONE, said, final=True)
        raise Refused(f"http_{answer.status}", said)


def _let_rest(endpoint_id: UUID) -> None:
    """Refuse without asking where nobody answered a moment ago; such a wait counts as no try."""
    until, silence = _resting.get(endpoint_id, (0.0, None))
    left = until - time.monotonic()
    if silence is not None and left > 0:
        raise Refused(silence.code, silence.text, wait=timedelta(seconds=left))
