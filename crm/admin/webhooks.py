"""Systems that listen: where, to what, how it goes, and telling them again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import policies
from crm.admin.base import RoomAdmin, when
from crm.admin.delivery import state_badge
from crm.admin.filters import Among, UnitFilter
from crm.admin.forms import VerbForm, show
from crm.admin.site import page, viewer
from crm.admin.webhook_forms import (
    WebhookBecauseForm,
    WebhookEnableForm,
    WebhookForm,
    WebhookReplayForm,
    WebhookRotateForm,
)
from crm.domain import webhook_endpoints, webhook_replays, webhooks
from crm.domain.webhook_calls import host_of
from crm.errors import DomainError
from crm.models import Delivery, DeliveryState, User, WebhookEndpoint
from crm.models.delivery import UNSETTLED

SHOWN = 20
MOST_COUNTED = 1000
ON_ITS_WAY = frozenset(UNSETTLED)


class DisabledFilter(Among):
    title = _("state")
    parameter_name = "disabled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("no", _("Listening")), ("yes", pgettext_lazy("webhook", "Disabled"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(disabled_at__isnull=chosen == "no")


@admin.register(WebhookEndpoint)
class WebhookAdmin(RoomAdmin):
    form = WebhookForm
    list_display = ("name", "unit", "state_shown", "last_answer", "created")
    list_filter = (DisabledFilter, UnitFilter)
    list_select_related = ("unit",)
    search_fields = ("url", "description")
    ordering = ("-created_at", "-id")
    add_fields = ("url", "unit", "description", "kinds")
    change_fields = ("url", "description", "kinds")
    shown_fields = ("unit", "created_by")
    change_form_outer_before_template = "crm/webhook.html"
    pages = {
        "ping": "ping_page",
        "rotate": "rotate_page",
        "disable": "disable_page",
        "enable": "enable_page",
        "replay": "replay_page",
        "replay-one": "replay_one_page",
    }

    def may_look(self, user: User) -> bool:
        return policies.may_administer_people(user)

    def may_add(self, user: User) -> bool:
        return policies.may_administer_people(user)

    def may_change(self, user: User, row: WebhookEndpoint) -> bool:
        return policies.may_keep_webhooks(user, row.unit_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        told = Delivery.objects.filter(endpoint=OuterRef("pk")).order_by("-created_at", "-pk")
        rows: QuerySet[Any] = super().get_queryset(request).select_related("unit")
        with_newest: QuerySet[Any] = rows.annotate(
            newest_state=Subquery(told.values("state")[:1]),
            newest_failure=Subquery(told.values("failure")[:1]),
            newest_at=Subquery(told.values(at=Coalesce("sent_at", "created_at"))[:1]),
        )
        return with_newest

    # --- the list --------------------------------------------------------------------------

    @admin.display(description=_("webhook"))
    def name(self, row: WebhookEndpoint) -> str:
        return format_html('{}<span class="crm-sub">{}</span>', str(row), host_of(row.url))

    @admin.display(description=_("state"))
    def state_shown(self, row: WebhookEndpoint) -> str:
        tone, words = "good", _("Listening")
        if row.disabled_at is not None:
            tone, words = "bad", pgettext_lazy("webhook", "Disabled")
        return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)

    @admin.display(description=_("last message"))
    def last_answer(self, row: Any) -> str:
        if row.newest_state is None:
            return "—"
        badge = state_badge(Delivery(state=row.newest_state))
        said = row.newest_failure or when(row.newest_at)
        return format_html('{}<span class="crm-sub">{}</span>', badge, said)

    @admin.display(description=_("created at"), ordering="created_at")
    def created(self, row: WebhookEndpoint) -> str:
        return when(row.created_at)

    # --- the page --------------------------------------------------------------------------

    def row_context(self, request: HttpRequest, row: WebhookEndpoint) -> dict[str, Any]:
        told, more = _log(row, request.GET.get("before", ""))
        return {
            "webhook": row,
            "badge": self.state_shown(row),
            "may_keep": self.may_change(viewer(request), row),
            "waiting": _counted(row.deliveries.filter(state__in=UNSETTLED)),
            "given_up": _counted(row.deliveries.filter(state=DeliveryState.DEAD)),
            "told": [
                {
                    "row": one,
                    "badge": state_badge(one),
                    "label": _label(one.kind),
                    "again": one.state not in ON_ITS_WAY and one.text_kept,
                }
                for one in told
            ],
            "older": told[-1].pk if more else None,
        }

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> WebhookEndpoint:
        given, me = form.cleaned_data, viewer(request)
        texts = {name: given[name] for name in ("url", "description", "kinds")}
        if change:
            return webhook_endpoints.correct(
                row.pk, **texts, by=me, at=self.now(), version=given["read_version"]
            )
        endpoint, secret = webhook_endpoints.add(
            row.pk, unit_id=given["unit"].pk, **texts, by=me, at=self.now()
        )
        request.new_secret = secret  # type: ignore[attr-defined]
        return endpoint

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._secret_page(request, obj, request.new_secret)  # type: ignore[attr-defined]

    def _secret_page(self, request: HttpRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
        """The secret, once: no session, cookie or cache keeps it."""
        shown = page(
            request,
            "crm/webhook_secret.html",
            title=_("The secret of this webhook"),
            webhook=row,
            secret=secret,
            until=row.old_secret_until,
            back=self.url("change", row.pk),
        )
        shown["Cache-Control"] = "no-store"
        return shown

    # --- what can be done ------------------------------------------------------------------

    def ping_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send a test message."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            VerbForm(request.POST),
            lambda given: webhook_endpoints.ping(pk, by=viewer(request), at=self.now()),
            title=_("Send a test message"),
            intro=_("%(webhook)s gets a message of the kind webhook.ping.") % {"webhook": row},
            submit=pgettext_lazy("button", "Send"),
            said=_("Its answer stands in the list below."),
            back=self.url("change", pk),
        )

    def rotate_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Another secret."""
        row = self.row_or_404(request, pk)
        form = WebhookRotateForm(request.POST or None, initial={"version": row.version})
        if request.method == "POST" and form.is_valid():
            try:
                changed, secret = webhook_endpoints.rotate(
                    pk, by=viewer(request), at=self.now(), version=form.cleaned_data["version"]
                )
            except DomainError as refusal:
                show(form, refusal)
            else:
                return self._secret_page(request, changed, secret)
        return page(
            request,
            "crm/form_page.html",
            title=_("New secret"),
            form=form,
            submit=_("Make a new secret"),
            intro=_(
                "For a day messages are signed with the old secret as well, so that the other side "
                "can change over. A secret before that one counts no more."
            ),
            back=self.url("change", pk),
            media=form.media,
        )

    def disable_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Say nothing more."""
        self.row_or_404(request, pk)
        return self.verb_page(
            request,
            WebhookBecauseForm(request.POST or None),
            lambda given: webhook_endpoints.disable(pk, **given, by=viewer(request), at=self.now()),
            title=_("Disable the webhook"),
            intro=_("What happens meanwhile is kept, and can be sent when it is enabled."),
            submit=_("Disable"),
            said=_("The webhook is disabled."),
            back=self.url("change", pk),
        )

    def enable_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let it hear again."""
        self.row_or_404(request, pk)
        return self.verb_page(
            request,
            WebhookEnableForm(request.POST or None),
            lambda given: webhook_endpoints.enable(pk, **given, by=viewer(request), at=self.now()),
            title=_("Enable the webhook"),
            submit=_("Enable"),
            said=_("The webhook is enabled."),
            back=self.url("change", pk),
        )

    def replay_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A span of time once more."""
        self.row_or_404(request, pk)
        return self.verb_page(
            request,
            WebhookReplayForm(request.POST or None),
            lambda given: webhook_replays.replay_between(
                pk, **given, by=viewer(request), at=self.now()
            ),
            title=_("Send a span of time again"),
            intro=_("Up to 10,000 messages at once, the oldest first."),
            submit=_("Send again"),
            said=_("The messages are on their way."),
            back=self.url("change", pk),
        )

    def replay_one_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One message once more."""
        row = self.row_or_404(request, pk)
        chosen = _id(request.GET.get("delivery", ""))
        told = row.deliveries.filter(pk=chosen).first() if chosen else None
        if told is None:
            raise Http404
        return self.verb_page(
            request,
            WebhookBecauseForm(request.POST or None),
            lambda given: webhook_replays.replay(
                pk, told.pk, **given, by=viewer(request), at=self.now()
            ),
            title=_("Send a message again"),
            intro=f"{_label(told.kind)} · {when(told.created_at)}",
            submit=_("Send again"),
            said=_("The message is on its way."),
            back=self.url("change", pk),
        )


def _log(row: WebhookEndpoint, before: str) -> tuple[Sequence[Delivery], bool]:
    """A page of what it was told, the newest first, and whether there is more."""
    told = row.deliveries.order_by("-created_at", "-pk")
    cursor = _id(before)
    last = row.deliveries.filter(pk=cursor).first() if cursor else None
    if last is not None:
        told = told.filter(created_at__lte=last.created_at).filter(
            Q(created_at__lt=last.created_at) | Q(pk__lt=last.pk)
        )
    found = list(told[: SHOWN + 1])
    return found[:SHOWN], len(found) > SHOWN


def _counted(rows: QuerySet[Delivery]) -> str:
    """How many, up to a thousand: nobody needs to know it more exactly."""
    count = rows[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def _label(kind: str) -> Any:
    known = webhooks.EVENTS.get(kind)
    return known.label if known else kind


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
