"""The terms of a campaign: everything that was agreed, as one value that never changes.

Money in fen, shares in basis points, days of the calendar. A version of a campaign stores its terms
as JSON with a digest; a redemption is judged by the version that was in force at its moment.
"""

import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.domain import limits as limit_rules
from campaigns.domain import offer_words
from campaigns.domain.limits import Limits
from campaigns.domain.offers import Offer
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Collection,
    Objective,
    Party,
)
from crm.errors import Sentence
from merchants.models import MerchantMerge

LISTED = {str(party): place for place, party in enumerate(Party)}
"""The listed order of the parties breaks ties when fen are split."""


class Share(NamedTuple):
    """One party's share of every discount."""

    party: str
    basis_points: int
    ceiling_fen: int | None = None
    fallback: str = ""
    collection: str = Collection.NET_SETTLE.value


@dataclass(frozen=True, kw_only=True)
class CampaignTerms:
    """What was agreed. Money in fen; `terms` and `limits` as offers and limits are stored."""

    starts_on: date
    ends_on: date
    budget_fen: int
    objective: str = Objective.FREQUENCY.value
    mechanic: str = ""
    terms: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    merchant_ids: frozenset[UUID] = frozenset()
    outlet_ids: frozenset[UUID] = frozenset()
    """None named means every outlet of the merchants."""
    refund_to_funder_first: bool = True
    claim_days: int = 30

    @cached_property
    def offer(self) -> Offer:
        """The offer. Raises InvalidInput where mechanic and numbers make none."""
        return offer_words.read(self.mechanic, self.terms)

    @cached_property
    def limits_read(self) -> Limits:
        """Windows and caps. Raises ValueError for what limits know nothing of."""
        return limit_rules.read(self.limits)

    @property
    def largest_discount_fen(self) -> int:
        """The most that a single purchase can cost the funders; 0 where no offer is written."""
        return self.offer.largest_benefit if self.mechanic else 0

    @property
    def basis_points(self) -> dict[str, int]:
        """Party → basis points, in the listed order."""
        return {share.party: share.basis_points for share in self.shares}

    @property
    def ceilings(self) -> dict[str, int]:
        return {one.party: one.ceiling_fen for one in self.shares if one.ceiling_fen is not None}

    @property
    def fallbacks(self) -> dict[str, str]:
        return {share.party: share.fallback for share in self.shares if share.fallback}

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, the same for the same terms."""
        return {
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "budget_fen": self.budget_fen,
            "objective": str(self.objective),
            "mechanic": str(self.mechanic),
            "terms": dict(self.terms),
            "limits": dict(self.limits),
            "shares": [
                {**share._asdict(), "party": str(share.party), "collection": str(share.collection)}
                for share in self.shares
            ],
            "merchant_ids": sorted(map(str, self.merchant_ids)),
            "outlet_ids": sorted(map(str, self.outlet_ids)),
            "refund_to_funder_first": self.refund_to_funder_first,
            "claim_days": self.claim_days,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Terms as they were stored."""
        return cls(
            **{
                **{name: stored[name] for name in _PLAIN},
                "starts_on": date.fromisoformat(stored["starts_on"]),
                "ends_on": date.fromisoformat(stored["ends_on"]),
                "shares": in_order(Share(**share) for share in stored["shares"]),
                "merchant_ids": frozenset(map(UUID, stored["merchant_ids"])),
                "outlet_ids": frozenset(map(UUID, stored["outlet_ids"])),
            }
        )


_PLAIN = (
    "budget_fen",
    "objective",
    "mechanic",
    "terms",
    "limits",
    "refund_to_funder_first",
    "claim_days",
)


def in_order(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Shares in the listed order of their parties."""
    return tuple(sorted(shares, key=lambda share: LISTED[share.party]))


def digest(terms: CampaignTerms) -> str:
    """SHA-256 of the terms as they are stored, which proves them unchanged."""
    written = json.dumps(terms.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def of(campaign: Campaign) -> CampaignTerms:
    """The terms as they stand on the campaign's row and beside it."""
    return CampaignTerms(
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        budget_fen=campaign.budget_fen,
        objective=str(campaign.objective),
        mechanic=str(campaign.mechanic),
        terms=campaign.terms,
        limits=campaign.limits,
        shares=in_order(
            Share(
                str(share.party),
                share.basis_points,
                share.ceiling_fen,
                str(share.fallback),
                str(share.collection),
            )
            for share in campaign.shares.all()
        ),
        merchant_ids=frozenset(campaign.merchants.order_by().values_list("pk", flat=True)),
        outlet_ids=frozenset(campaign.outlets.order_by().values_list("pk", flat=True)),
        refund_to_funder_first=campaign.refund_to_funder_first,
        claim_days=campaign.claim_days,
    )


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently; raw JSON values, money in fen."""

    name: str
    label: Sentence
    before: Any
    after: Any


LABELS: Mapping[str, Sentence] = {
    "starts_on": _("Starts on"),
    "ends_on": _("Ends on"),
    "budget_fen": _("Budget"),
    "objective": _("Objective"),
    "mechanic": _("Mechanic"),
    "terms": pgettext_lazy("campaign", "Offer"),
    "limits": _("Limits"),
    "shares": _("Funding shares"),
    "merchant_ids": _("Merchants"),
    "outlet_ids": _("Outlets"),
    "refund_to_funder_first": _("Refunds go to the funders first"),
    "claim_days": _("Days for claims"),
}


def differences(before: CampaignTerms, after: CampaignTerms) -> list[Difference]:
    """What two terms say differently, in the order in which a campaign is written. The numbers of
    the offer, the limits and the parties are told one by one."""
    one, other = before.to_json(), after.to_json()
    one["shares"] = {share["party"]: share for share in one["shares"]}
    other["shares"] = {share["party"]: share for share in other["shares"]}
    found = []
    for name, label in LABELS.items():
        if one[name] == other[name]:
            continue
        if name in ("terms", "limits", "shares"):
            found += _within(name, label, one[name], other[name])
        else:
            found.append(Difference(name, label, one[name], other[name]))
    return found


def _within(
    name: str, label: Sentence, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    known = [*before, *(key for key in after if key not in before)]
    return [
        Difference(
            f"{name}.{key}",
            offer_words.TERMS.get(key, label) if name == "terms" else label,
            before.get(key),
            after.get(key),
        )
        for key in known
        if before.get(key) != after.get(key)
    ]


@dataclass(frozen=True)
class Agreed:
    """The versions of one campaign that were ever in force, the oldest first."""

    moments: tuple[datetime, ...]
    versions: tuple[tuple[int, CampaignTerms], ...]

    def at(self, moment: datetime) -> tuple[int, CampaignTerms]:
        """The version that counted at a moment: before the first one, the first one."""
        return self.versions[max(0, bisect_right(self.moments, moment) - 1)]


def agreed(campaign_ids: Many[UUID]) -> dict[UUID, Agreed]:
    """The agreed versions of campaigns, with two statements however many there are.

    A campaign whose terms were never written down as a version counts by its row, as version 0.
    Merchants that were merged away since stand in the terms as the merchant that was kept.
    """
    rows: dict[UUID, list[CampaignVersion]] = defaultdict(list)
    for version in (
        CampaignVersion.objects.agreed()
        .filter(campaign__any_of=campaign_ids)
        .order_by("effective_from", "number")
    ):
        rows[version.campaign_id].append(version)
    read = {
        pk: Agreed(
            tuple(one.effective_from for one in versions if one.effective_from),
            tuple((one.number, CampaignTerms.from_json(one.terms)) for one in versions),
        )
        for pk, versions in rows.items()
    }
    for campaign in Campaign.objects.filter(pk__in=set(campaign_ids) - set(read)):
        read[campaign.pk] = Agreed((campaign.created_at,), ((0, of(campaign)),))
    named = {pk for one in read.values() for _n, terms in one.versions for pk in terms.merchant_ids}
    kept = _kept(named)
    if not kept:
        return read
    return {
        pk: Agreed(one.moments, tuple((n, _following(terms, kept)) for n, terms in one.versions))
        for pk, one in read.items()
    }


def following_merges(terms: CampaignTerms) -> CampaignTerms:
    """Terms with merchants that were merged away since they were written standing as the kept
    ones."""
    kept = _kept(terms.merchant_ids)
    return _following(terms, kept) if kept else terms


def _kept(merchant_ids: Many[UUID]) -> dict[UUID, UUID]:
    """Merged merchants of these → the merchant that was kept in the end."""
    kept: dict[UUID, UUID] = {}
    asked = set(merchant_ids)
    while asked:
        found = dict(
            MerchantMerge.objects.standing()
            .filter(merged_id__in=asked)
            .values_list("merged_id", "kept_id")
        )
        kept |= found
        asked = set(found.values()) - set(kept)
    for one, last in kept.items():
        while last in kept:
            last = kept[last]
        kept[one] = last
    return kept


def _following(terms: CampaignTerms, kept: Mapping[UUID, UUID]) -> CampaignTerms:
    return replace(terms, merchant_ids=frozenset(kept.get(pk, pk) for pk in terms.merchant_ids))


def terms_at(campaign_id: UUID, moment: datetime) -> tuple[int, CampaignTerms]:
    """The number and the terms of the version that counted at a moment."""
    return agreed([campaign_id])[campaign_id].at(moment)
