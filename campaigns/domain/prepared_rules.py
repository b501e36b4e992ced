"""Rules prepared for deciding, with the bank's own calendar of public holidays."""

from datetime import date

from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.domain.eligibility import Rules
from crm.domain import calendar


def public_holidays() -> frozenset[date]:
    """The days that the calendar calls holidays, weekends among them that are not worked for it."""
    return frozenset(day for day, worked in calendar.load().special.items() if not worked)


def of(terms: CampaignTerms) -> Rules:
    """Terms, prepared. Raises ValueError for terms that make no offer."""
    return Rules.of(terms, holidays=public_holidays())
