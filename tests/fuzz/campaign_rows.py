"""Rows of campaigns and their money that requests can be about, made when one is."""

from types import ModuleType
from uuid import UUID

from tests import factories
from tests.campaigns import (
    permissions_approval,
    permissions_campaigns,
    permissions_kpi,
    permissions_ledger,
    permissions_outcome,
    permissions_redemption,
    permissions_settlement,
)
from tests.conftest import Cast

NOUNS: dict[str, tuple[ModuleType, str]] = {
    "approval-tiers": (permissions_approval, "tier"),
    "approvals": (permissions_approval, "request"),
    "budgets": (permissions_ledger, "pot"),
    "campaign-versions": (permissions_campaigns, "campaign_version"),
    "campaigns": (permissions_outcome, "measured"),
    "card-figure-intakes": (permissions_kpi, "intake"),
    "claims": (permissions_outcome, "claim"),
    "delegations": (permissions_approval, "delegation"),
    "discrepancies": (permissions_redemption, "discrepancy"),
    "fee-schedules": (permissions_outcome, "fees"),
    "funds": (permissions_ledger, "fund"),
    "go-live-items": (permissions_campaigns, "go_live_item"),
    "invoices": (permissions_settlement, "invoice"),
    "kpi-schemes": (permissions_kpi, "scheme"),
    "redemption-intakes": (permissions_redemption, "intake"),
    "redemptions": (permissions_redemption, "redemption"),
    "statement-lines": (permissions_settlement, "adjustment"),
    "statements": (permissions_settlement, "drafted"),
    "targets": (permissions_kpi, "target"),
}
"""For each noun of the addresses: the table of permissions that has such a row, and its name."""


def made(noun: str, cast: Cast) -> UUID:
    """Such a row, of the branch or of a merchant of Ann's."""
    table, name = NOUNS[noun]
    free = factories.MerchantFactory(unit=cast.xuhui)
    things = table.things(cast, {"merchant": str(free.pk), "free": str(free.pk)})
    return UUID(things[name])
