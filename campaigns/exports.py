"""The list of campaigns that can be taken out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.models import ApprovalRequest, Campaign
from crm import exports
from crm.exports import ListExport
from crm.models import User
from crm.presentation import money

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
