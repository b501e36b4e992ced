"""Outcomes of campaigns: figures filed, the control group chosen, the three sides, the verdict."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.admin import outcome_shown as shown
from campaigns.admin.outcome_forms import (
    BecauseForm,
    ConcludeForm,
    ControlsForm,
    EmptyForm,
    FeesForm,
    FiguresForm,
)
from campaigns.domain import control_groups, fee_schedules, outcome_filing
from campaigns.domain.fees import REGULATED, FeeTable
from campaigns.models import Campaign, CampaignOutcome, FeeSchedule, OutcomeMethod
from crm.admin.base import RoomAdmin, when
from crm.admin.filters import Among, choices_of
from crm.admin.site import viewer
from crm.ids import uuid7
from crm.models import User

CONTROLS_SHOWN = 50


class VerdictFilter(Among):
    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("win", _("Everybody wins")), ("lose", _("Somebody loses")), ("open", _("Open"))]

    def narrowed(self, request: HttpRequest, queryset: Any, chosen: str) -> Any:
        return queryset.filter(everybody_wins={"win": True, "lose": False, "open": None}[chosen])


@admin.register(CampaignOutcome)
class OutcomeAdmin(RoomAdmin):
    list_display = ("name", "method_shown", "verdict", "lift_shown", "bank", "merchant", "until")
    list_filter = (VerdictFilter, choices_of("method", _("method"), OutcomeMethod))
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)
    ordering = ("-measured_last", "-id")
    shown_fields = ("reckoned_on", "changed")
    change_form_outer_before_template = "campaigns/outcome.html"
    pages = {
        "figures": "figures_page",
        "controls": "controls_page",
        "sales": "sales_page",
        "reckon": "reckon_page",
        "conclude": "conclude_page",
        "reopen": "reopen_page",
    }

    @admin.display(description=_("campaign"), ordering="campaign__name")
    def name(self, row: CampaignOutcome) -> str:
        return row.campaign.name

    @admin.display(description=_("method"))
    def method_shown(self, row: CampaignOutcome) -> str:
        return shown.method_badge(row)

    @admin.display(description=_("verdict"))
    def verdict(self, row: CampaignOutcome) -> str:
        return shown.verdict_badge(row)

    @admin.display(description=_("lift"))
    def lift_shown(self, row: CampaignOutcome) -> str:
        return shown.per_cent(None if row.lift is None else f"{row.lift / 100:.2f}")

    @admin.display(description=_("bank: net"))
    def bank(self, row: CampaignOutcome) -> str:
        return shown.short(row.bank_net_fen)

    @admin.display(description=_("merchant: net"))
    def merchant(self, row: CampaignOutcome) -> str:
        return shown.short(row.merchant_net_fen)

    @admin.display(description=_("measured until"), ordering="measured_last")
    def until(self, row: CampaignOutcome) -> str:
        return row.measured_last.isoformat()

    @admin.display(description=_("changed"))
    def changed(self, row: CampaignOutcome) -> str:
        return when(row.updated_at)

    def row_context(self, request: HttpRequest, row: CampaignOutcome) -> dict[str, Any]:
        me, result = viewer(request), row.result
        open_ = row.concluded_at is None
        files = open_ and policies.may_file_outcome(me, row.campaign)
        return {
            "outcome": row,
            "method": shown.method_badge(row),
            "verdict": shown.verdict_badge(row),
            "sides": shown.sides(result),
            "lines": shown.lines(result),
            "effect": shown.effect(result),
            "bank_figures": shown.bank_figures(result),
            "merchant_figures": shown.merchant_figures(result),
            "acquisition": shown.acquisition(result),
            "parts": shown.parts(result),
            "missing": shown.missing(result),
            "groups": shown.groups(row),
            "controls": list(
                row.controls.order_by("name_pinyin").values_list("name", flat=True)[:CONTROLS_SHOWN]
            ),
            "may_file": files,
            "may_conclude": open_ and policies.may_conclude(me, row.campaign),
            "may_reopen": not open_ and policies.may_conclude(me, row.campaign),
        }

    def get_urls(self) -> list[URLPattern]:
        begin = path(
            "for/<uuid:campaign_pk>/",
            self.admin_site.admin_view(self.begin_page),
            name=self.url_name("begin"),
        )
        return [begin, *super().get_urls()]

    def begin_page(self, request: HttpRequest, campaign_pk: UUID) -> HttpResponse:
        """Begin to measure a campaign, or go where it is measured already."""
        me = viewer(request)
        campaign = Campaign.objects.visible_to(me).filter(pk=campaign_pk).first()
        if campaign is None:
            raise Http404
        existing = CampaignOutcome.objects.filter(campaign=campaign).values_list("pk", flat=True)
        if found := existing.first():
            return redirect(self.url("change", found))
        new = uuid7()
        return self.verb_page(
            request,
            EmptyForm(request.POST if request.method == "POST" else None),
            lambda given: outcome_filing.begin(new, campaign_pk, by=me, at=self.now()),
            title=_("Measure what the campaign brings"),
            intro=_("%(campaign)s: its own days are compared with as many days before.")
            % {"campaign": campaign},
            submit=_("Begin"),
            said=_("The outcome is begun; file its figures."),
            back=reverse("admin:campaigns_campaign_change", args=[campaign_pk]),
        )

    def figures_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """File periods, figures and values."""
        row, me = self.row_or_404(request, pk), viewer(request)
        form = FiguresForm.of(row, request.POST or None)
        return self.verb_page(
            request,
            form,
            lambda given: outcome_filing.file(
                row.campaign_id,
                form.changes(),
                by=me,
                at=self.now(),
                version=given["read_version"],
            ),
            title=_("File figures"),
            intro=_("%(campaign)s: what is left empty is no data, and never zero.")
            % {"campaign": row},
            submit=_("Save"),
            said=_("The figures are filed."),
            back=self.url("change", pk),
        )

    def controls_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Choose the control group out of what is alike."""
        row, me = self.row_or_404(request, pk), viewer(request)
        chosen = list(row.controls.order_by("name_pinyin").values_list("pk", "name"))
        found = control_groups.suggest(
            row.campaign, first=row.baseline_first, last=row.measured_last, by=me
        )
        known = {pk for pk, _name in chosen}
        choices = [(str(pk), name) for pk, name in chosen] + [
            (str(one.merchant.pk), _alike(one)) for one in found if one.merchant.pk not in known
        ]
        form = ControlsForm(
            request.POST or None,
            choices=choices,
            initial={
                "controls": [str(pk) for pk in known],
                "control_because": row.control_because,
                "read_version": row.version,
            },
        )
        return self.verb_page(
            request,
            form,
            lambda given: outcome_filing.file(
                row.campaign_id,
                {
                    "control_ids": [UUID(one) for one in given["controls"]],
                    "control_because": given["control_because"],
                },
                by=me,
                at=self.now(),
                version=given["read_version"],
            ),
            title=_("Choose the control group"),
            intro=_("Merchants without the campaign show what would have come anyway."),
            submit=_("Save"),
            said=_("The control group is chosen."),
            back=self.url("change", pk),
        )

    def sales_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the sales of both groups from the days on file."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            EmptyForm(request.POST if request.method == "POST" else None),
            lambda given: outcome_filing.take_sales(row.campaign_id, by=me, at=self.now()),
            title=_("Take sales from the partnerships"),
            intro=_("%(campaign)s: the days of sales on file replace the sums filed by hand.")
            % {"campaign": row},
            submit=_("Take them"),
            said=_("The sales on file were taken."),
            back=self.url("change", pk),
        )

    def reckon_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Reckon with the redemptions as they are now."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            EmptyForm(request.POST if request.method == "POST" else None),
            lambda given: outcome_filing.reckon_again(row.campaign_id, by=me, at=self.now()),
            title=_("Reckon again"),
            intro=_("%(campaign)s: with the redemptions as they are now.") % {"campaign": row},
            submit=_("Reckon"),
            said=_("The outcome is reckoned."),
            back=self.url("change", pk),
        )

    def conclude_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Say what follows from it."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            ConcludeForm(request.POST or None),
            lambda given: outcome_filing.conclude(row.campaign_id, by=me, at=self.now(), **given),
            title=_("Conclude the outcome"),
            intro=_("%(campaign)s: from now on figures and result stay as they are.")
            % {"campaign": row},
            submit=_("Conclude"),
            said=_("The outcome is concluded."),
            back=self.url("change", pk),
        )

    def reopen_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Look at it again."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            BecauseForm(request.POST or None),
            lambda given: outcome_filing.reopen(row.campaign_id, by=me, at=self.now(), **given),
            title=_("Open the outcome again"),
            intro=str(row),
            submit=_("Open again"),
            said=_("The outcome is open again."),
            back=self.url("change", pk),
        )


def _alike(one: control_groups.Suggestion) -> str:
    if one.size_ratio is None:
        return one.merchant.name
    return f"{one.merchant.name} · {one.size_ratio} ×"


@admin.register(FeeSchedule)
class FeeScheduleAdmin(RoomAdmin):
    list_display = ("effective_from", "credit", "debit", "network", "source", "taken_back")
    ordering = ("-effective_from", "-id")
    shown_fields = ("effective_from", "credit", "debit", "network", "source", "taken_back")
    change_form_outer_before_template = "campaigns/fee_schedule.html"
    pages = {"withdraw": "withdraw_page"}

    @admin.display(description=_("issuer fee, credit cards"))
    def credit(self, row: FeeSchedule) -> str:
        return _rate(row.issuer_credit)

    @admin.display(description=_("issuer fee, debit cards"))
    def debit(self, row: FeeSchedule) -> str:
        return f"{_rate(row.issuer_debit)} ≤ ¥{row.issuer_debit_cap_fen / 100:.2f}"

    @admin.display(description=_("network fee, each side"))
    def network(self, row: FeeSchedule) -> str:
        return f"{_rate(row.network_each_side)} ≤ ¥{row.network_cap_fen / 100:.2f}"

    @admin.display(description=_("withdrawn at"))
    def taken_back(self, row: FeeSchedule) -> str:
        return when(row.withdrawn_at)

    def may_add(self, user: User) -> bool:
        return policies.may_keep_fees(user)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The new fees, beginning with those in force."""
        me = viewer(request)
        if not self.has_add_permission(request):
            raise Http404
        table = REGULATED
        initial = {
            "row_id": uuid7(),
            "issuer_credit": f"{table.issuer_credit / 10_000:g}",
            "issuer_debit": f"{table.issuer_debit / 10_000:g}",
            "issuer_debit_cap_fen": f"{table.issuer_debit_cap_fen / 100:.2f}",
            "network_each_side": f"{table.network_each_side / 10_000:g}",
            "network_cap_fen": f"{table.network_cap_fen / 100:.2f}",
        }
        return self.verb_page(
            request,
            FeesForm(request.POST or None, initial=initial),
            lambda given: fee_schedules.announce(
                given.pop("row_id"),
                effective_from=given.pop("effective_from"),
                source=given.pop("source"),
                table=FeeTable(**given),
                by=me,
                at=self.now(),
            ),
            title=_("File card fees"),
            intro=_("They apply from their day on; what was concluded keeps its own."),
            submit=_("Save"),
            said=_("The card fees are filed."),
            back=self.url("changelist"),
        )

    def row_context(self, request: HttpRequest, row: FeeSchedule) -> dict[str, Any]:
        today = self.now().date()
        keeps = policies.may_keep_fees(viewer(request))
        return {
            "schedule": row,
            "may_withdraw": keeps and row.withdrawn_at is None and row.effective_from > today,
        }

    def withdraw_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take back fees that have not begun."""
        row, me = self.row_or_404(request, pk), viewer(request)
        return self.verb_page(
            request,
            EmptyForm(request.POST if request.method == "POST" else None),
            lambda given: fee_schedules.withdraw(pk, by=me, at=self.now()),
            title=_("Take the card fees back"),
            intro=str(row),
            submit=_("Take back"),
            said=_("The card fees were taken back."),
            back=self.url("change", pk),
        )


def _rate(millionths: int) -> str:
    return f"{millionths / 10_000:g} %"
