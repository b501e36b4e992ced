"""The list of campaigns that can be taken out."""

from django.utils.translation import gettext_lazy as _

from campaigns import settlement_exports  # noqa: F401 – registers its own lists
from campaigns.models import Campaign
from crm import exports
from crm.exports import ListExport
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
