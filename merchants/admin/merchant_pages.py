"""Pages below a merchant: its Johari window with the rivals' offers, and its whole timeline."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin
from crm.admin.forms import ChoiceField, DayField, VerbForm
from crm.admin.site import page, viewer
from crm.domain import calendar
from crm.models import User
from merchants import policies
from merchants.admin import stream, window
from merchants.admin.insight_forms import NewInsightForm, NewOfferForm
from merchants.domain import insights, rivals
from merchants.domain.contact_windows import best_window
from merchants.models import (
    Insight,
    Merchant,
    Quadrant,
    RivalOffer,
    SwotAnalysis,
    TimelineEntry,
    TimelineGroup,
)

OFFERS_SHOWN = 30
ANALYSES_SHOWN = 10
MOST_ACTORS = 100


class StreamForm(VerbForm):
    """Who and when; the kinds are chips."""

    actor = ChoiceField(label=_("Who"), required=False)
    first = DayField(label=pgettext_lazy("period", "From"), required=False)
    last = DayField(label=pgettext_lazy("period", "Until"), required=False)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entries = TimelineEntry.objects.filter(merchant=merchant).order_by()
        people = User.objects.filter(pk__in=entries.values("actor")).order_by("full_name", "pk")
        self.fields["actor"].choices = [  # type: ignore[attr-defined]
            ("", _("Everybody")),
            *((str(pk), name) for pk, name in people.values_list("pk", "full_name")[:MOST_ACTORS]),
            (stream.SYSTEM, _("System")),
        ]


class MerchantPages(RoomAdmin):
    """What a merchant's page leads to."""

    merchant_pages = {
        "insight": "insight_page",
        "add-insight": "add_insight_page",
        "add-rival-offer": "add_rival_offer_page",
        "timeline": "timeline_page",
    }

    def insight_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The Johari window as a board, and what rivals offer here."""
        row, me, now = self.row_or_404(request, pk), viewer(request), timezone.now()
        period = window.period_named(request.GET.get("period", ""), now)
        rows = Insight.objects.filter(merchant=row)
        found = insights.window(rows, start=period.start, end=now)
        today = rivals.bank_day(now)
        offers = RivalOffer.objects.filter(merchant=row).select_related("rival")
        analyses = SwotAnalysis.objects.visible_to(me).about(row).select_related("rival")
        return page(
            request,
            "merchants/insight.html",
            title=_("Insight"),
            merchant=row,
            back=self.url("change", pk),
            may_edit=policies.may_edit(me, row),
            may_analyse=policies.may_analyse(me, row),
            figures=window.figures(found, period),
            periods=window.PERIODS,
            period=period,
            board=window.board(rows.order_by("-created_at", "-id"), found),
            hold=rivals.exclusive_until(row.pk, at=now),
            quiet=best_window(row.category_id, today, calendar.load()),
            offers=[
                window.shown_offer(offer, today)
                for offer in offers.order_by("-starts_on", "-id")[:OFFERS_SHOWN]
            ],
            analyses=analyses.order_by("-created_at", "-id")[:ANALYSES_SHOWN],
        )

    def add_insight_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)
        wanted = request.GET.get("quadrant", "")
        quadrant = Quadrant(wanted) if wanted in Quadrant.values else Quadrant.HIDDEN

        def add(given: dict[str, Any]) -> Insight:
            return insights.record(
                given.pop("row_id"), row.pk, by=viewer(request), at=self.now(), **given
            )

        return self.verb_page(
            request,
            NewInsightForm(request.POST or None, quadrant=quadrant),
            add,
            title=_("Write down an insight"),
            intro=row.name,
            submit=_("Write it down"),
            said=_("The insight was written down."),
            back=self.url("insight", pk),
        )

    def add_rival_offer_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.row_or_404(request, pk)

        def add(given: dict[str, Any]) -> RivalOffer:
            rival = given.pop("rival")
            return rivals.see_offer(
                given.pop("row_id"),
                row.pk,
                rival_id=rival.pk,
                by=viewer(request),
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            NewOfferForm(request.POST or None, user=viewer(request)),
            add,
            title=_("Write down a rival's offer"),
            intro=row.name,
            submit=_("Write it down"),
            said=_("The offer was written down."),
            back=self.url("insight", pk),
        )

    def timeline_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The whole stream, narrowed by kind, person and days."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = StreamForm(request.GET or None, merchant=row)
        given = form.cleaned_data if form.is_bound and form.is_valid() else {}
        groups = tuple(one for one in request.GET.getlist("group") if one in TimelineGroup.values)
        narrowing = stream.Narrowing(
            groups, given.get("actor", ""), given.get("first"), given.get("last")
        )
        kept = [
            (name, str(value))
            for name in ("actor", "first", "last")
            if (value := given.get(name) or "")
        ]
        return page(
            request,
            "merchants/timeline.html",
            title=_("Timeline"),
            merchant=row,
            back=reverse("admin:merchants_merchant_change", args=[pk]),
            form=form,
            groups=groups,
            chips=[_chip(one, groups, kept) for one in TimelineGroup],
            everything=f"?{urlencode(kept)}",
            query=urlencode([*kept, *(("group", one) for one in groups)]),
            stream=stream.of(pk, me, before=request.GET.get("before", ""), narrowing=narrowing),
            media=form.media,
        )


def _chip(
    group: TimelineGroup, chosen: tuple[str, ...], kept: list[tuple[str, str]]
) -> dict[str, Any]:
    """A chip that adds its group to what is shown, or takes it away."""
    after = [one for one in chosen if one != group] if group in chosen else [*chosen, str(group)]
    return {
        "label": group.label,
        "on": group in chosen,
        "link": f"?{urlencode([*kept, *(('group', one) for one in after)])}",
    }
