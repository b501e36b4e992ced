"""Rivals and what they offer at our merchants."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.forms import DayField, RoomForm
from crm.admin.site import viewer
from crm.models import User
from merchants import policies
from merchants.admin import window
from merchants.admin.insight_forms import PercentField
from merchants.domain import rivals
from merchants.models import Merchant, Rival, RivalKind, RivalOffer


@admin.register(Rival)
class RivalAdmin(RoomAdmin):
    list_display = ("name", "short_name", "kind", "added")
    list_filter = (choices_of("kind", _("kind"), RivalKind),)
    search_fields = ("name", "short_name")
    ordering = ("name", "id")
    add_fields = ("name", "short_name", "kind")
    change_fields = ("name", "short_name", "kind")

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, row: Rival) -> str:
        return when(row.created_at)

    def may_add(self, user: User) -> bool:
        return policies.may_keep_rivals(user)

    def may_change(self, user: User, row: Rival) -> bool:
        return policies.may_keep_rivals(user)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Rival:
        given = dict(form.cleaned_data)
        version = given.pop("read_version")
        if not change:
            return rivals.name_rival(row.pk, by=viewer(request), at=self.now(), **given)
        return rivals.correct_rival(
            row.pk, given, by=viewer(request), at=self.now(), version=version
        )


class OfferStateFilter(Among):
    """How an offer stands today."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("running", pgettext_lazy("offer", "Running")),
            ("exclusive", _("Exclusive now")),
            ("coming", pgettext_lazy("offer", "To come")),
            ("expired", _("Expired")),
        ]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        today = rivals.bank_day(timezone.now())
        match chosen:
            case "running":
                return queryset.running(today)
            case "exclusive":
                return queryset.exclusive_now(today)
            case "coming":
                return queryset.coming(today)
            case _:
                return queryset.expired(today)


class RivalFilter(Among):
    title = _("rival")
    parameter_name = "rival"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        known = Rival.objects.visible_to(viewer(request)).order_by("name")[:300]
        return [(str(one.pk), one.short_name) for one in known]


class RivalOfferForm(RoomForm):
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"), required=False, help_text=_("Empty: no end is known."))
    seen_on = DayField(label=_("Seen on"))
    paid_by_rival_basis_points = PercentField(
        label=_("Paid by the rival (%)"), required=False, help_text=_("Empty: nobody knows.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = self.instance.paid_by_rival_basis_points
        if points is not None:
            self.initial["paid_by_rival_basis_points"] = f"{points / 100:.2f}"


@admin.register(RivalOffer)
class RivalOfferAdmin(RoomAdmin):
    form = RivalOfferForm
    list_display = (
        "merchant",
        "rival",
        "mechanic",
        "starts_on",
        "ends_on",
        "state_shown",
        "exclusive",
        "paid",
    )
    list_filter = (OfferStateFilter, RivalFilter)
    list_select_related = ("merchant", "rival")
    search_fields = ("merchant__name",)
    search_help_text = _("Merchant: name, pinyin, initials")
    ordering = ("-starts_on", "-id")
    quick_filters = (
        (_("All"), ""),
        (pgettext_lazy("offer", "Running"), "state=running"),
        (_("Exclusive now"), "state=exclusive"),
        (_("Expired"), "state=expired"),
    )
    change_fields = (
        "mechanic",
        "starts_on",
        "ends_on",
        "exclusive",
        "paid_by_rival_basis_points",
        "source",
        "seen_on",
    )
    shown_fields = ("merchant", "rival", "state_shown")

    @admin.display(description=_("state"))
    def state_shown(self, row: RivalOffer) -> str:
        return window.offer_badge(row, rivals.bank_day(timezone.now()))

    @admin.display(description=_("paid by the rival"), ordering="paid_by_rival_basis_points")
    def paid(self, row: RivalOffer) -> str:
        return window.share(row)

    def may_change(self, user: User, row: RivalOffer) -> bool:
        return policies.may_edit(user, row.merchant)

    def found(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset
        return found.filter(merchant__in=Merchant.objects.matching(text)) if text else found

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> RivalOffer:
        given = dict(form.cleaned_data)
        version = given.pop("read_version")
        return rivals.correct_offer(
            row.pk, given, by=viewer(request), at=self.now(), version=version
        )
