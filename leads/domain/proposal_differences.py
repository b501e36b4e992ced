"""What two versions of a proposal say differently."""

from dataclasses import dataclass
from typing import Any

from campaigns.domain import offer_words
from crm.errors import Sentence
from leads.domain.proposal_content import CONTENT
from leads.models import ProposalVersion

RESULTS = ("bank_net_fen", "merchant_net_fen", "customer_benefit_fen")


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently; raw values, money in fen."""

    name: str
    label: Sentence
    before: Any
    after: Any


def between(before: ProposalVersion, after: ProposalVersion) -> list[Difference]:
    """What changed from one version to another, in the order in which a proposal is written."""
    found = []
    for name in (*CONTENT, *RESULTS):
        one, other = getattr(before, name), getattr(after, name)
        if one == other:
            continue
        if name == "terms":
            found += _of_terms(one, other)
            continue
        field: Any = ProposalVersion._meta.get_field(name.removesuffix("_id"))
        found.append(Difference(name, field.verbose_name, one, other))
    return found


def _of_terms(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    return [
        Difference(f"terms.{name}", label, before.get(name), after.get(name))
        for name, label in offer_words.TERMS.items()
        if before.get(name) != after.get(name)
    ]
