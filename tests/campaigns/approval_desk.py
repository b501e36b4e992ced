"""Campaigns on their way to approval: 60 % the bank's, 40 % the merchant's, out of a fund."""

from datetime import date, datetime
from typing import Any

from campaigns.domain import amending, approval_tiers, approvals
from campaigns.models import (
    ApprovalRequest,
    ApprovalTier,
    Campaign,
    CampaignStage,
    CampaignVersion,
    Fund,
)
from crm.actors import SYSTEM
from crm.ids import uuid7
from crm.models import OrgUnit, Role, User
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.conftest import Cast

SMALL_FEN = 8_000_000
"""80,000.00: a branch manager approves it alone."""
MIDDLING_FEN = 60_000_000
"""600,000.00: a branch manager, then finance."""
LARGE_FEN = 600_000_000
"""6,000,000.00: a branch manager, finance, then compliance."""


def tiers() -> list[ApprovalTier]:
    """Those that a bank starts with."""
    approval_tiers.make_missing(at=factories.AT)
    return list(ApprovalTier.objects.order_by("from_fen"))


def tier(unit: OrgUnit, *roles: Role, up_to_fen: int | None = None) -> ApprovalTier:
    """A tier of a unit for every amount, set by the system."""
    return approval_tiers.add(
        uuid7(),
        unit.pk,
        from_fen=0,
        up_to_fen=up_to_fen,
        steps=roles,
        by=SYSTEM,
        at=factories.AT,
    )


def fund(cast: Cast, *, allocated: int = 1_000_000_000) -> Fund:
    """The bank's fund with 10,000,000.00 to spend."""
    return fund_of(cast.head_office, cap=allocated, allocated=allocated)


def draft(cast: Cast, *, budget_fen: int = SMALL_FEN, **named: Any) -> Campaign:
    """Pia's 一元洗头, complete, at a merchant in Xuhui."""
    values: dict[str, Any] = {
        "name": "一元洗头",
        "unit": cast.shanghai,
        "planner": cast.pia,
        "budget_fen": budget_fen,
        "stage": CampaignStage.DRAFT,
        "mechanic": "threshold_off",
        "terms": {"threshold_fen": 3_000, "off_fen": 2_000},
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 31),
        **named,
    }
    if "fund" not in values:
        values["fund"] = Fund.objects.first() or fund(cast)
    made: Campaign = factories.CampaignFactory(**values)
    made.merchants.add(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))
    return made


def submitted(
    cast: Cast, *, by: User | None = None, at: datetime = factories.AT, **named: Any
) -> ApprovalRequest:
    """The same, sent to approval by Pia, with the start tiers."""
    tiers()
    return approvals.submit(draft(cast, **named).pk, by=by or cast.pia, at=at)


def approved(cast: Cast, **named: Any) -> ApprovalRequest:
    """A small one, approved by Mei."""
    return approvals.approve(submitted(cast, **named).pk, step=1, by=cast.mei, at=factories.AT)


def proposed(cast: Cast, campaign_id: Any, **changes: Any) -> CampaignVersion:
    """A new version of an approved campaign's terms, written by Pia."""
    return amending.propose(campaign_id, changes, said="商户加码", by=cast.pia, at=factories.AT)


def colleague(cast: Cast, name: str, role: Role, unit: OrgUnit) -> User:
    """One more person with a role."""
    person: User = factories.UserFactory(
        email=f"{name}@bank.test", full_name=name.capitalize(), language="en"
    )
    factories.MembershipFactory(user=person, role=role, unit=unit)
    return person
