"""Visits: the list, a page for each, and what is done on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import OwnerFilter, choices_of
from crm.admin.site import tell, viewer, way_back
from crm.errors import DomainError
from crm.ids import uuid7
from leads import policies
from leads.admin import visit_plan, visit_shown
from leads.admin.filters import OfMerchant
from leads.admin.visit_forms import (
    CancelForm,
    CheckOutForm,
    MoveForm,
    PhotoForm,
    PlanForm,
    mood_words,
)
from leads.domain import visit_photos, visit_presence, visits
from leads.domain.visit_upkeep import bank_day
from leads.models import Lead, Visit, VisitPhoto, VisitState
from leads.models.visit import MOST_PHOTOS
from merchants.models import Merchant


class VisitorFilter(OwnerFilter):
    """Visits always have an owner."""

    with_nobody = False


@admin.register(Visit)
class VisitAdmin(RoomAdmin):
    list_display = ("day", "merchant", "owner", "state_shown", "duration", "how_far")
    list_display_links = ("day",)
    list_filter = (choices_of("state", _("state"), VisitState), VisitorFilter, OfMerchant)
    list_select_related = ("merchant", "owner")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-planned_for", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Mine"), "owner=me"),
        (_("My planned ones"), "owner=me&state=planned"),
        (pgettext_lazy("visits", "Missed"), "state=missed"),
    )
    shown_fields = ("merchant", "lead", "was_planned")
    change_form_outer_before_template = "leads/visit.html"
    pages = {
        "check-in": "check_in_page",
        "check-out": "check_out_page",
        "move": "move_page",
        "cancel": "cancel_page",
        "photo": "photo_page",
        "no-photo": "no_photo_page",
        "for-lead": "plan_page",
        "arrive": "arrive_page",
    }

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, Callable[..., HttpResponse]] = {
            "order": visit_plan.order,
            "consent": visit_plan.consent,
        }
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=self.url_name(name))
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("planned for"), ordering="planned_for")
    def day(self, row: Visit) -> str:
        hour = f" {row.planned_time:%H:%M}" if row.planned_time else ""
        return f"{row.planned_for}{hour}"

    @admin.display(description=_("state"))
    def state_shown(self, row: Visit) -> str:
        return visit_shown.state_badge(row)

    @admin.display(description=_("duration"))
    def duration(self, row: Visit) -> str:
        return visit_shown.stayed(row)

    @admin.display(description=_("distance"))
    def how_far(self, row: Visit) -> str:
        return visit_shown.far(row.distance_m) or "—"

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        if not text:
            return queryset  # type: ignore[no-any-return]
        found: QuerySet[Any] = queryset.filter(merchant__in=Merchant.objects.matching(text))
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("merchant", "owner", "outlet")

    def row_context(self, request: HttpRequest, row: Visit) -> dict[str, Any]:
        me = viewer(request)
        mine, photos = policies.may_make(me, row), VisitPhoto.objects.filter(visit=row)
        begun = row.state in (VisitState.CHECKED_IN, VisitState.CHECKED_OUT)
        shown = list(photos.select_related("file").defer("file__content").order_by("place"))
        return {
            "visit": row,
            "badge": visit_shown.state_badge(row),
            "distance": visit_shown.distance(row),
            "position": visit_shown.position(row) if policies.may_see_position(me, row) else "",
            "duration": visit_shown.stayed(row),
            "arrived": when(row.arrived_at),
            "received": when(row.checked_in_at),
            "left": when(row.left_at),
            "activity": row.activity,
            "mood": mood_words(row.activity.mood) if row.activity else "",
            "photos": shown,
            "may_check_in": mine and row.state in (VisitState.PLANNED, VisitState.MISSED),
            "may_check_out": mine and row.state == VisitState.CHECKED_IN,
            "may_move": row.state == VisitState.PLANNED and policies.may_arrange(me, row),
            "may_cancel": row.is_open and policies.may_arrange(me, row),
            "may_take_away": mine,
            "photo_form": PhotoForm(auto_id="photo_%s")
            if mine and begun and len(shown) < MOST_PHOTOS
            else None,
        }

    # --- planned, from a lead's page --------------------------------------------------------

    def plan_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A visit to a lead's merchant; `pk` is the lead."""
        lead, me = self._lead(request, pk), viewer(request)

        def plan(given: dict[str, Any]) -> Visit:
            outlet = given.pop("outlet")
            return visits.plan(
                given.pop("row_id"),
                lead.merchant_id,
                lead_id=pk,
                outlet_id=outlet.pk if outlet else None,
                by=me,
                at=self.now(),
                **given,
            )

        first = {"planned_for": request.GET.get("day") or bank_day(self.now())}
        return self.verb_page(
            request,
            PlanForm(request.POST or None, initial=first, merchant_id=lead.merchant_id),
            plan,
            title=_("Plan a visit"),
            intro=str(lead.merchant),
            submit=_("Plan the visit"),
            said=_("The visit is planned."),
            back=_lead_page(pk),
        )

    def arrive_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Check in where no visit was planned; `pk` is the lead."""
        lead, me = self._lead(request, pk), viewer(request)
        if request.method != "POST":
            return redirect(_lead_page(pk))
        return self._at_once(
            request,
            lambda: visit_presence.check_in_unplanned(
                _sent_id(request),
                lead.merchant_id,
                lead_id=pk,
                arrived_at=self.now(),
                by=me,
                at=self.now(),
            ),
            _("You have checked in."),
            otherwise=_lead_page(pk),
        )

    def _lead(self, request: HttpRequest, pk: UUID) -> Lead:
        leads = Lead.objects.visible_to(viewer(request)).select_related("merchant")
        lead = leads.filter(pk=pk).first() if self.has_view_permission(request) else None
        if lead is None:
            raise Http404
        return lead

    # --- done on its page ---------------------------------------------------------------------

    def check_in_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """With one tap. A browser sends no position; the phone does."""
        self.row_or_404(request, pk)
        if request.method != "POST":
            return redirect(self.url("change", pk))
        return self._at_once(
            request,
            lambda: visit_presence.check_in(
                pk, arrived_at=self.now(), by=viewer(request), at=self.now()
            ),
            _("You have checked in."),
            otherwise=self.url("change", pk),
        )

    def check_out_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What came of it."""
        row = self.row_or_404(request, pk)

        def end(given: dict[str, Any]) -> Visit:
            return visit_presence.check_out(
                pk,
                activity_id=given.pop("row_id"),
                by=viewer(request),
                at=self.now(),
                **given,
            )

        return self.verb_page(
            request,
            CheckOutForm(request.POST or None),
            end,
            title=_("Check out"),
            intro=str(row.merchant),
            submit=_("Check out"),
            said=_("The visit is done, and what came of it is written down."),
            back=self.url("change", pk),
        )

    def move_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To another day, time or outlet."""
        row = self.row_or_404(request, pk)

        def move(given: dict[str, Any]) -> Visit:
            outlet = given.pop("outlet")
            changes = {**given, "outlet": outlet.pk if outlet else None}
            return visits.change(pk, changes, by=viewer(request), at=self.now())

        return self.verb_page(
            request,
            MoveForm.of(row, request.POST or None),
            move,
            title=_("Move the visit"),
            intro=str(row.merchant),
            submit=_("Move the visit"),
            said=_("The visit was moved."),
            back=self.url("change", pk),
        )

    def cancel_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Call it off, with the reason."""
        row = self.row_or_404(request, pk)
        return self.verb_page(
            request,
            CancelForm(request.POST or None),
            lambda given: visits.cancel(pk, by=viewer(request), at=self.now(), **given),
            title=_("Call the visit off"),
            intro=str(row),
            submit=_("Call it off"),
            said=_("The visit was called off."),
            back=self.url("change", pk),
        )

    def photo_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One more photo."""
        row = self.row_or_404(request, pk)

        def add(given: dict[str, Any]) -> VisitPhoto:
            upload = given["photo"]
            return visit_photos.add(
                pk, name=upload.name, content=upload.read(), by=viewer(request), at=self.now()
            )

        return self.verb_page(
            request,
            PhotoForm(request.POST or None, request.FILES or None),
            add,
            title=_("Add a photo"),
            intro=str(row.merchant),
            submit=_("Add the photo"),
            said=_("The photo was added."),
            back=self.url("change", pk),
        )

    def no_photo_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take one photo away; `pk` is the photo."""
        photos = VisitPhoto.objects.visible_to(viewer(request))
        photo = photos.filter(pk=pk).first() if self.has_view_permission(request) else None
        if photo is None:
            raise Http404
        back = self.url("change", photo.visit_id)
        if request.method != "POST":
            return redirect(back)
        return self._at_once(
            request,
            lambda: visit_photos.remove(pk, by=viewer(request), at=self.now()),
            _("The photo was taken away."),
            otherwise=back,
        )

    def _at_once(
        self, request: HttpRequest, verb: Callable[[], Visit], said: Any, *, otherwise: str
    ) -> HttpResponse:
        """A button that needs no form."""
        try:
            visit = verb()
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(way_back(request, otherwise))
        if not visit.notices:
            messages.success(request, str(said))
        tell(request, visit.notices)
        return redirect(self.url("change", visit.pk))


def _sent_id(request: HttpRequest) -> UUID:
    """The id that the button carries, so that two taps make one visit."""
    try:
        return UUID(request.POST.get("row_id", ""))
    except ValueError:
        return uuid7()


def _lead_page(pk: UUID) -> str:
    return reverse("admin:leads_lead_change", args=[pk])
