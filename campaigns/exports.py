"""The list of campaigns that can be taken out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import kpi_report, settlement_exports
from campaigns.models import ApprovalRequest, Campaign, CampaignOutcome, CardFigure, Claim, Target
from crm import exports
from crm.exports import ListExport
from crm.models import User
from crm.presentation import money, yuan

exports.register(
    ListExport(
        "campaigns",
        _("Campaigns"),
        Campaign,
        (
            (_("name"), "name"),
            (_("stage"), "get_stage_display"),
            (_("unit"), "unit"),
            (_("starts on"), "starts_on"),
            (_("ends on"), "ends_on"),
            (_("budget"), lambda row: money(row.budget_fen)),
        ),
        related=("unit",),
        owner=None,
        ordering=("-starts_on", "-id"),
    )
)


def _approvals(rows: Any, filters: Mapping[str, Any], user: User) -> Any:
    from campaigns.api.approvals import REQUESTS

    return REQUESTS.narrowed(rows, filters, user)


exports.register(
    ListExport(
        "approvals",
        _("Approval requests"),
        ApprovalRequest,
        (
            (_("campaign"), "campaign"),
            (_("kind"), "get_kind_display"),
            (_("round"), "round"),
            (_("amount"), lambda row: money(row.amount_fen)),
            (_("requested by"), "requested_by"),
            (_("state"), "get_state_display"),
            (_("waits for"), "get_waits_for_display"),
            (_("requested at"), "requested_at"),
            (_("settled at"), "settled_at"),
        ),
        related=("campaign", "requested_by"),
        owner=None,
        ordering=("-requested_at", "-id"),
        narrow=_approvals,
    )
)

exports.register(
    ListExport(
        "claims",
        _("Claims"),
        Claim,
        (
            (_("merchant"), "merchant"),
            (_("campaign"), "campaign"),
            (_("what for"), "said"),
            (_("state"), "get_state_display"),
            (_("amount claimed"), lambda row: yuan(row.amount_claimed_fen)),
            (
                _("amount approved"),
                lambda row: (
                    "" if row.amount_approved_fen is None else yuan(row.amount_approved_fen)
                ),
            ),
            (_("last day"), "last_day"),
            (_("payment reference"), "payment_reference"),
        ),
        related=("merchant", "campaign"),
        owner=None,
        ordering=("-created_at", "-id"),
    )
)

exports.register(
    ListExport(
        "campaign-outcomes",
        _("Outcomes"),
        CampaignOutcome,
        (
            (_("campaign"), "campaign"),
            (_("method"), "get_method_display"),
            (_("lift"), lambda row: "" if row.lift is None else f"{row.lift / 100:.2f}"),
            (
                _("bank: net"),
                lambda row: "" if row.bank_net_fen is None else yuan(row.bank_net_fen),
            ),
            (
                _("merchant: net"),
                lambda row: "" if row.merchant_net_fen is None else yuan(row.merchant_net_fen),
            ),
            (_("measured until"), "measured_last"),
        ),
        related=("campaign",),
        owner=None,
        ordering=("-measured_last", "-id"),
    )
)

exports.register(
    ListExport(
        "card_figures",
        _("Card figures"),
        CardFigure,
        (
            (_("day"), "day"),
            (_("unit"), "unit"),
            (_("merchant"), "merchant"),
            (_("campaign"), "campaign"),
            (_("source"), "source"),
            (_("new cards issued"), "cards_issued"),
            (_("attributed new cards"), "cards_attributed"),
            (_("cards activated"), "cards_activated"),
            (_("transactions"), "transactions"),
            (_("spend"), lambda row: yuan(row.spend_fen)),
            (_("spend reversed"), lambda row: yuan(row.reversed_fen)),
            (_("offers issued"), "offers_issued"),
            (_("offers claimed"), "offers_claimed"),
            (_("offers redeemed"), "offers_redeemed"),
            (_("redemptions reversed"), "offers_reversed"),
        ),
        related=("unit", "merchant", "campaign"),
        owner=None,
        ordering=("-day", "-id"),
    )
)

exports.register(
    ListExport(
        "targets",
        _("Targets"),
        Target,
        (
            (_("unit"), "unit"),
            (_("indicator"), "get_indicator_display"),
            (_("first day"), "first_day"),
            (_("last day"), "last_day"),
            (_("target"), lambda row: kpi_report.shown(row.indicator, row.value)),
            (_("because"), "because"),
        ),
        related=("unit",),
        owner=None,
        ordering=("-first_day", "-id"),
    )
)

__all__ = ["settlement_exports"]
