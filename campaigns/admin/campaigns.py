"""Campaigns: planned with their merchants and funding shares, and rescheduled."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import policies
from campaigns.admin import campaign_shown, panels
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.domain import offer_sentences, offer_words, planning
from campaigns.models import Campaign, CampaignStage, Fund, Objective, Party
from crm.admin.base import RoomAdmin
from crm.admin.filters import Among, UnitFilter, choices_of
from crm.admin.forms import DayField, RoomForm, YuanField
from crm.admin.site import viewer
from crm.errors import DomainError
from crm.models import OrgUnit, User
from crm.presentation import money
from merchants.models import Merchant

MOST_MERCHANTS = 50


class CampaignForm(RoomForm):
    fields_of = {"shares": "share_bank"}
    starts_on = DayField(label=_("Starts on"))
    ends_on = DayField(label=_("Ends on"))
    budget = YuanField(label=_("Budget"), help_text=_("In yuan, all parties together."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            planned = self.viewer.scope.under(frozenset(policies.PLANNERS))
            units = OrgUnit.objects.filter(pk__in=planned).order_by("ancestors__len", "name")
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if "fund" in self.fields:
            funds = Fund.objects.visible_to(self.viewer).open()
            self.fields["fund"].queryset = funds  # type: ignore[attr-defined]


def share_field(party: Party) -> forms.DecimalField:
    """One party's share in per cent."""
    return forms.DecimalField(
        label=format_lazy("{} (%)", party.label),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=YuanField().widget,
        help_text=_("Share of every discount in per cent; all shares make 100.")
        if party is Party.BANK
        else "",
    )


NewCampaignForm = type(
    "NewCampaignForm",
    (CampaignForm,),
    {f"share_{party.value}": share_field(party) for party in Party},
)


class RunningFilter(Among):
    title = _("running")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("now", _("Running now")),
            ("ahead", pgettext_lazy("campaign", "To come")),
            ("over", _("Over")),
        ]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        today = timezone.localdate()
        match chosen:
            case "now":
                return queryset.running(today)
            case "ahead":
                return queryset.ahead()
            case _:
                return queryset.over()


TONES = {
    CampaignStage.DRAFT: "warn",
    CampaignStage.RETURNED: "warn",
    CampaignStage.PAUSED: "warn",
    CampaignStage.ACTIVE: "good",
    CampaignStage.CANCELLED: "bad",
    CampaignStage.TERMINATED: "bad",
}


def stage_badge(row: Campaign) -> str:
    """Where it stands, as a coloured word."""
    tone = TONES.get(CampaignStage(row.stage), "calm")
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, row.get_stage_display())


def offer_in_words(row: Campaign) -> str:
    """What the customer gets; nothing for campaigns that were planned without an offer, and the
    mechanic's name alone where its numbers are not whole."""
    if not row.mechanic:
        return ""
    try:
        return offer_sentences.headline(offer_words.read(row.mechanic, row.terms))
    except DomainError:
        return row.get_mechanic_display()


@admin.register(Campaign)
class CampaignAdmin(CampaignPages, RoomAdmin):
    form = CampaignForm
    list_display = ("name", "stage_shown", "unit", "starts_on", "ends_on", "budget")
    list_filter = (
        RunningFilter,
        choices_of("stage", _("stage"), CampaignStage),
        choices_of("objective", _("objective"), Objective),
        UnitFilter,
    )
    list_select_related = ("unit",)
    search_fields = ("name",)
    ordering = ("-starts_on", "-id")
    quick_filters = (
        (_("All"), ""),
        (_("Running now"), "running=now"),
        (pgettext_lazy("campaign", "Drafts"), f"stage={CampaignStage.DRAFT}"),
        (CampaignStage.PAUSED.label, f"stage={CampaignStage.PAUSED}"),
    )
    add_fields = (
        "name",
        "unit",
        "merchants",
        "starts_on",
        "ends_on",
        "budget",
        "objective",
        "fund",
        *(f"share_{party.value}" for party in Party),
    )
    shown_fields = ("name", "unit", "planner", "fund")
    autocomplete_fields = ("merchants",)
    change_form_outer_before_template = "campaigns/campaign.html"
    pages = CampaignPages.pages

    @admin.display(description=_("stage"), ordering="stage")
    def stage_shown(self, row: Campaign) -> str:
        return stage_badge(row)

    @admin.display(description=_("budget"), ordering="budget_fen")
    def budget(self, row: Campaign) -> str:
        return money(row.budget_fen)

    def row_context(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        """Where it stands and what is next, its offer in words, its merchants with the way to each,
        and the cards of the other subjects."""
        me, now = viewer(request), timezone.now()
        may_open = set(
            Merchant.objects.visible_to(me)
            .filter(campaigns=row)
            .values_list("pk", flat=True)[:MOST_MERCHANTS]
        )
        merchants = row.merchants.order_by("name_pinyin").values_list("pk", "name")
        return {
            "campaign": row,
            "badge": stage_badge(row),
            "offer": offer_in_words(row),
            "merchants": [(pk, name, pk in may_open) for pk, name in merchants[:MOST_MERCHANTS]],
            "panels": panels.of(row, me, now),
            **campaign_shown.standing(row, me, now),
        }

    def may_add(self, user: User) -> bool:
        return user.scope.holds(*policies.PLANNERS)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewCampaignForm
        return super().get_form(request, obj, change, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        # Saving leads on to the terms, whichever button is pressed: one is enough.
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to its terms: a draft says first what it costs, then what the customer gets."""
        messages.success(
            request, str(_("The draft is planned. Now say what the customer gets, and how often."))
        )
        return redirect(self.url("terms", obj.pk))

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Campaign:
        given, me = form.cleaned_data, viewer(request)
        shares = {
            party.value: int(share * 100)
            for party in Party
            if (share := given.get(f"share_{party.value}") or Decimal())
        }
        return planning.plan(
            row.pk,
            name=given["name"],
            unit_id=given["unit"].pk,
            merchant_ids=[merchant.pk for merchant in given["merchants"]],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            budget_fen=given["budget"],
            shares=shares,
            objective=given["objective"],
            fund_id=given["fund"].pk if given["fund"] else None,
            by=me,
            at=self.now(),
        )
