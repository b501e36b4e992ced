"""What an approver is asked to agree to: the terms of a request in words, and what they change."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import campaign_words
from campaigns.domain import (
    campaign_terms,
    limit_sentences,
    limit_words,
    offer_sentences,
    offer_words,
)
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import ApprovalKind, ApprovalRequest, Mechanic, Party, VersionState
from crm.errors import DomainError


def of(request: ApprovalRequest) -> dict[str, Any]:
    """The facts of the version that was submitted, and its differences from what was in force."""
    versions = {one.number: one for one in request.campaign.versions.all()}
    asked = versions.get(request.version_number)
    if asked is None:
        return {"facts": [], "differences": []}
    terms = CampaignTerms.from_json(asked.terms)
    before = [
        one
        for number, one in sorted(versions.items())
        if number < request.version_number
        and one.state in (VersionState.IN_FORCE, VersionState.SUPERSEDED)
    ]
    changed = request.kind == ApprovalKind.AMENDMENT and before
    return {
        "facts": _facts(terms),
        "differences": campaign_words.told(
            campaign_terms.differences(CampaignTerms.from_json(before[-1].terms), terms)
        )
        if changed
        else [],
    }


def _facts(terms: CampaignTerms) -> list[tuple[str, list[str]]]:
    days = f"{terms.starts_on:%Y-%m-%d} – {terms.ends_on:%Y-%m-%d}"
    shares = [
        f"{Party(one.party).label} {campaign_words.share(one._asdict())}" for one in terms.shares
    ]
    return [
        (pgettext("campaign", "Offer"), [_offer(terms)]),
        (pgettext("proposal", "When"), [days]),
        (_("Funding shares"), shares),
        (_("Limits"), _limits(terms) or ["—"]),
    ]


def _offer(terms: CampaignTerms) -> str:
    try:
        return offer_sentences.headline(offer_words.read(terms.mechanic, terms.terms))
    except DomainError:
        return str(Mechanic(terms.mechanic).label) if terms.mechanic else "—"


def _limits(terms: CampaignTerms) -> list[str]:
    try:
        return limit_sentences.of(limit_words.read(terms.limits))
    except DomainError:
        return []
