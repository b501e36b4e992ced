"""Whether terms can be: the shares make the whole, the offer and its limits are sound."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from campaigns.domain import limit_words
from campaigns.domain import shares as share_rules
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import Fund
from crm.errors import InvalidInput
from crm.models import OrgUnit

LONGEST_NAME = 200
LARGEST_FEN = 10**15
"""Ten thousand billion yuan: what a column of money holds without a second thought."""


def terms(given: CampaignTerms) -> None:
    """Raises InvalidInput for what cannot be, whatever the state of the rows. Dates and sums that
    contradict each other, the database refuses in its own words."""
    shares(given)
    if given.mechanic:
        offer(given)
    elif given.terms:
        raise InvalidInput(_("Choose a mechanic."), code="mechanic_unknown", attr="mechanic")
    limits(given)
    if given.budget_fen > LARGEST_FEN:
        raise InvalidInput(_("This sum is too large."), code="budget_too_large", attr="budget")


def shares(given: CampaignTerms) -> None:
    """Each party once, together exactly 100 %, and what is above a ceiling falls to a party that
    takes part."""
    parties = [share.party for share in given.shares]
    if len(set(parties)) != len(parties) or not share_rules.make_the_whole(given.basis_points):
        raise InvalidInput(
            _("The funding shares must sum to exactly 100 %."),
            code="shares_not_whole",
            attr="shares",
        )
    for share in given.shares:
        if share.fallback and share.fallback not in parties:
            raise InvalidInput(
                _("What is above a ceiling falls to a party that has a share."),
                code="share_fallback_unknown",
                attr="shares",
            )
        if share.fallback and share.ceiling_fen is None:
            raise InvalidInput(
                _("Only what is above a ceiling falls to another party: name the ceiling."),
                code="share_fallback_without_ceiling",
                attr="shares",
            )


def offer(given: CampaignTerms) -> None:
    """Raises InvalidInput with a sentence for each flaw of the offer."""
    _read = given.offer


def limits(given: CampaignTerms) -> None:
    """Raises InvalidInput with a sentence for each limit that cannot be."""
    limit_words.read(given.limits)


def name(given: str) -> str:
    """A name in one line. Raises InvalidInput for none, or one that is too long."""
    said = " ".join(given.split())
    if not said or len(said) > LONGEST_NAME or "\0" in said:
        raise InvalidInput(
            _("A campaign has a name of at most 200 characters."), code="name_invalid", attr="name"
        )
    return said


def pays_for(fund: Fund, unit_id: UUID) -> bool:
    """Whether a fund is the unit's own, or of a unit above it."""
    return OrgUnit.objects.under([fund.unit_id]).filter(pk=unit_id).exists()
