"""A won proposal becomes the draft of a campaign, exactly once per lead."""

from datetime import datetime
from typing import Any

from campaigns.domain import limits, planning
from campaigns.models import Campaign
from crm.actors import Actor
from crm.ids import uuid7
from leads.domain import proposal_content as content
from leads.domain import proposals
from leads.models import Lead


def draft_for(lead: Lead, *, by: Actor, at: datetime) -> Campaign | None:
    """Make the campaign's draft from what was submitted: merchant, dates, budget, shares, terms.

    Run inside the verb that wins the lead, which holds its lock. A second time it answers the draft
    that there is. Without a submitted proposal there is nothing to plan, and nothing is made.
    """
    existing = Campaign.objects.filter(origin_id=lead.pk).first()
    if existing is not None:
        return existing
    version = proposals.agreed(lead)
    if version is None:
        return None
    said: Any = version
    return planning.draft(
        uuid7(),
        name=version.title,
        unit_id=lead.unit_id,
        merchant_id=lead.merchant_id,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        budget_fen=said.budget_fen,
        shares=version.shares,
        mechanic=version.mechanic,
        terms=version.terms,
        limits=limits.stored(content.limits_of(version)),
        origin_id=lead.pk,
        by=by,
        at=at,
    )
