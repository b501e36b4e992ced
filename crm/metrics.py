"""`/metrics`: the figures of the machinery for Prometheus, counted in the database at each reading,
so that they are the same whichever process answers."""

from collections.abc import Iterable, Mapping
from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crm.domain import watching
from crm.domain.watching import Figures
from crm.models import Channel
from crm.models.delivery import UNSETTLED


def show(request: HttpRequest) -> HttpResponse:
    """For whoever shows the token of `METRICS_TOKEN`; for nobody where there is none."""
    if not settings.METRICS_TOKEN:
        said = _("Metrics are shown to nobody until METRICS_TOKEN is set.")
        return HttpResponse(said, status=403, content_type="text/plain; charset=utf-8")
    shown = request.headers.get("Authorization", "").encode()
    if not compare_digest(shown, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(
            _("Show the token: Authorization: Bearer …"),
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


class Machinery(Collector):
    """Reads the figures when it is asked, and keeps none."""

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        return families(watching.figures(at=timezone.now()))


_registry = CollectorRegistry()
_registry.register(Machinery())


def families(figures: Figures) -> Iterable[Metric]:
    """The figures as Prometheus knows them."""
    if figures.heartbeat_age is not None:
        yield _one("crm_heartbeat_age_seconds", "Since the last tick", figures.heartbeat_age)
    yield _one("crm_healthy", "Ticking, and nothing due is too late", float(figures.is_healthy))
    yield _one(
        "crm_oldest_due_age_seconds", "The oldest due row beyond its time", figures.oldest_due_age
    )
    yield _one("crm_reminders_due", "Planned reminders that are due", figures.reminders_due)
    yield _one("crm_reminders_late", "Due for more than five minutes", figures.reminders_late)
    yield _one("crm_held_notices", "Wait for the morning", figures.held)
    yield _one("crm_suppressed_addresses", "Are written to no more", figures.suppressed)
    yield _one("crm_webhooks_stopped", "Webhooks that were stopped", figures.webhooks_stopped)
    yield _one("crm_webhooks_failing", "Webhooks that did not take one", figures.webhooks_failing)
    under_way = GaugeMetricFamily(
        "crm_deliveries", "Messages under way, by state", labels=["channel", "state"]
    )
    for channel in Channel:
        for state in UNSETTLED:
            count = figures.unsettled.get((channel, state), 0)
            under_way.add_metric([channel, state], count)
    yield under_way
    yield _each("crm_deliveries_due", "Messages whose next try is due", figures.due)
    yield _each("crm_deliveries_late", "Due for more than five minutes", figures.late)
    yield _each("crm_deliveries_sent_last_hour", "Sent within the last hour", figures.sent)
    yield _each(
        "crm_deliveries_retried_last_hour", "Of those, with more than one try", figures.retried
    )
    yield _each("crm_deliveries_dead", "Given up and not sent again since", figures.dead)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _each(name: str, words: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["channel"])
    for channel in Channel:
        family.add_metric([channel], counts.get(channel, 0))
    return family
