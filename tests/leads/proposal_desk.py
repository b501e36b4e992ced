"""What tests of proposals share: the worked campaign of the method, as a proposal to Ann's lead."""

from datetime import date, datetime, time
from typing import Any

from crm.ids import uuid7
from crm.models import User
from leads.domain import proposals
from leads.models import Lead, Proposal, ProposalVersion

WORKED: dict[str, Any] = {
    "pain_words": "周一到周四晚上,总有十来桌空着。",
    "title": "工作日晚餐满100减20",
    "mechanic": "threshold_off",
    "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
    "starts_on": date(2026, 12, 1),
    "ends_on": date(2027, 2, 28),
    "weekdays": [1, 2, 3, 4],
    "opens_at": time(17),
    "closes_at": time(21),
    "uses_per_customer_day": 1,
    "shares": {"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500},
    "budget_fen": 2_000_000,
    "operating_cost_fen": 200_000,
    "redemptions": 1_000,
    "purchases_without": 600,
    "ticket_fen": 12_000,
    "first_swipe_cards": 80,
    "reactivated_cards": 50,
    "card_contribution_fen": 15_000,
    "gross_margin": 6_000,
    "merchant_rate": 6_000,
}
"""1,000 redemptions at 100 less 20, of which 600 would come anyway: section 5.8 of the method."""


def drafted(lead: Lead, *, by: User, at: datetime, **changes: Any) -> Proposal:
    """A proposal whose first version says the worked campaign, with changes."""
    return proposals.draft(uuid7(), lead.pk, changes={**WORKED, **changes}, by=by, at=at)


def submitted(lead: Lead, *, by: User, at: datetime, **changes: Any) -> Proposal:
    """The same, sent to approval."""
    return proposals.submit(drafted(lead, by=by, at=at, **changes).pk, by=by, at=at)


def newest(proposal: Proposal) -> ProposalVersion:
    """The newest version, as it is stored."""
    return ProposalVersion.objects.filter(proposal=proposal).order_by("-number")[0]
