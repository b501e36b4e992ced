"""Which campaign a purchase belongs to, by which of its terms it is judged, and whether it ran."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from campaigns.domain import campaign_terms
from campaigns.domain.campaign_terms import Agreed, CampaignTerms
from campaigns.domain.eligibility import CHINA, UNLIMITED, Purchase, Rules
from campaigns.models import Campaign, CampaignStage, CampaignStep, DiscrepancyCode
from crm.domain import calendar
from crm.errors import InvalidInput


@dataclass
class Candidate:
    """A campaign as intakes see it: its row (locked, where something is written), its agreed
    terms, and when it was active."""

    campaign: Campaign
    agreed: Agreed
    moments: list[datetime]
    active: list[bool]
    holidays: frozenset[date]
    _rules: dict[int, Rules | None] = field(default_factory=dict)

    def terms_at(self, moment: datetime) -> tuple[int, CampaignTerms]:
        return self.agreed.at(moment)

    def rules(self, number: int, terms: CampaignTerms) -> Rules | None:
        """The terms, prepared for many questions; none where they make no offer."""
        if number not in self._rules:
            try:
                made = Rules.of(terms, holidays=self.holidays)
            except (ValueError, InvalidInput):
                made = None
            self._rules[number] = made
        return self._rules[number]

    @property
    def counts_customers(self) -> bool:
        """Whether any of its terms limits how often a customer uses the offer."""
        every = (self.rules(number, terms) for number, terms in self.agreed.versions)
        return any(
            rules is not None
            and (min(rules.caps[:4]) < UNLIMITED or rules.month_cap_fen < UNLIMITED)
            for rules in every
        )

    def was_active(self, moment: datetime) -> bool:
        """Whether it ran at a moment: neither before it began, nor paused, nor over. One whose
        steps were never written down ran whenever its terms say so."""
        if not self.moments:
            return True
        place = bisect_right(self.moments, moment)
        return place > 0 and self.active[place - 1]

    def is_late(self, terms: CampaignTerms, today: date) -> bool:
        """Whether the days for claims are over, or what was left of the money went back."""
        if self.campaign.money_returned_at is not None:
            return True
        last = self.campaign.ended_on or terms.ends_on
        return today > last + timedelta(days=terms.claim_days)

    def fits(self, purchase: Purchase) -> bool:
        """Whether the offer holds at that time and place for that card."""
        number, terms = self.terms_at(purchase.occurred_at)
        rules = self.rules(number, terms)
        return (
            rules is not None
            and rules.takes_place(purchase)
            and rules.holds_on(purchase.occurred_at)
            and rules.takes_card(purchase)
        )


@dataclass(frozen=True)
class Candidates:
    """The campaigns that the rows of a batch may belong to."""

    by_id: Mapping[UUID, Candidate]
    by_merchant: Mapping[UUID, list[Candidate]]
    named: Mapping[str, list[Candidate]]

    def of(self, name: str, purchase: Purchase) -> Candidate | DiscrepancyCode:
        """The campaign of a purchase: the one that is named, or the only one that fits.

        Of several at the merchant, the one whose days, cards and shops fit; where none does, but
        there is one only, that one, so that the row says what is wrong.
        """
        if name:
            found = self.named.get(name.lower(), [])
            if len(found) == 1:
                return found[0]
            return DiscrepancyCode.CAMPAIGN_AMBIGUOUS if found else DiscrepancyCode.CAMPAIGN_UNKNOWN
        there = self.by_merchant.get(purchase.merchant_id, [])
        if len(there) == 1:
            return there[0]
        fitting = [one for one in there if one.fits(purchase)]
        if len(fitting) == 1:
            return fitting[0]
        return DiscrepancyCode.CAMPAIGN_AMBIGUOUS if fitting else DiscrepancyCode.CAMPAIGN_UNKNOWN


WENT_LIVE = (
    CampaignStage.ACTIVE,
    CampaignStage.PAUSED,
    CampaignStage.ENDED,
    CampaignStage.SETTLING,
    CampaignStage.SETTLED,
    CampaignStage.CLOSED,
    CampaignStage.TERMINATED,
)


def ids_of(
    *,
    unit_id: UUID,
    merchant_ids: Collection[UUID],
    names: Collection[str],
    known_ids: Collection[UUID],
) -> list[UUID]:
    """The campaigns below a unit that rows may belong to: those that are named, those that run at
    these merchants, and those that earlier events of the same purchases belong to."""
    through = Campaign.merchants.through.objects.filter(merchant_id__in=list(merchant_ids))
    ids = [one for name in names if (one := _id_of(name))]
    wanted = Q(pk__in=[*ids, *known_ids]) | Q(pk__in=through.values("campaign_id"))
    texts = [name for name in names if not _id_of(name)]
    if texts:
        wanted |= Q(name__in=texts)
    found = Campaign.objects.filter(wanted, stage__in=WENT_LIVE)
    below = Q(unit__ancestors__contains=[unit_id]) | Q(unit=unit_id)
    return list(found.filter(below).order_by("pk").values_list("pk", flat=True))


def _id_of(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def load(campaigns: Iterable[Campaign]) -> Candidates:
    """What has to be known of these campaigns, with a constant number of statements."""
    rows = {campaign.pk: campaign for campaign in campaigns}
    agreed = campaign_terms.agreed(list(rows))
    steps: dict[UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    for campaign_id, to_stage, actor_id, at in (
        CampaignStep.objects.filter(campaign__in=list(rows))
        .order_by("at", "id")
        .values_list("campaign_id", "to_stage", "actor_id", "at")
    ):
        active = to_stage == CampaignStage.ACTIVE
        if active and actor_id is None:
            # What the day itself set going ran from the day's first minute.
            local = at.astimezone(CHINA)
            at = local.replace(hour=0, minute=0, second=0, microsecond=0)
        steps[campaign_id].append((at, active))
    holidays = frozenset(
        day for day, is_working in calendar.load().special.items() if not is_working
    )
    by_id = {
        pk: Candidate(
            campaign,
            agreed[pk],
            [at for at, _active in steps[pk]],
            [active for _at, active in steps[pk]],
            holidays,
        )
        for pk, campaign in rows.items()
    }
    by_merchant: dict[UUID, list[Candidate]] = defaultdict(list)
    named: dict[str, list[Candidate]] = defaultdict(list)
    for pk, one in by_id.items():
        for merchant_id in {
            merchant_id
            for _number, terms in one.agreed.versions
            for merchant_id in terms.merchant_ids
        }:
            by_merchant[merchant_id].append(one)
        named[str(pk)].append(one)
        named[one.campaign.name.lower()].append(one)
    return Candidates(by_id, by_merchant, named)
