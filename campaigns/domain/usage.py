"""What was used of a campaign before a purchase: counts and sums, kept up while a batch is judged.

Read once for a batch, under the campaigns' locks, so that two intakes at once never both take the
last use. Sums of days come from counters; a customer's own uses from the redemptions themselves, by
any identity in common.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from campaigns.domain.eligibility import Used
from campaigns.models import RedemptionDay
from campaigns.models.redemption import USED


class Customers:
    """Who is the same customer: whoever shares a card, a person, an account, a phone or a device
    with another is one with it, and with all whom that one is one with."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def of(self, identity: str) -> str:
        """The customer that an identity belongs to."""
        parents = self._parents
        root = identity
        while (above := parents.get(root, root)) != root:
            root = above
        while identity != root:
            parents[identity], identity = root, parents.get(identity, root)
        return root

    def join(self, identities: Iterable[str]) -> str | None:
        """Let identities be one customer; the customer, or none without any identity."""
        root: str | None = None
        for identity in identities:
            found = self.of(identity)
            if root is None:
                root = found
            elif found != root:
                self._parents[found] = root
        return root


@dataclass(slots=True)
class _Use:
    day: date
    fen: int


@dataclass
class CampaignUsage:
    """The counters of one campaign."""

    uses_by_day: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    fen_by_day: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    uses_by_store: dict[tuple[UUID, date], int] = field(default_factory=lambda: defaultdict(int))
    uses: int = 0
    fen: int = 0
    left: dict[str, int] = field(default_factory=dict)
    by_customer: dict[str, list[_Use]] = field(default_factory=lambda: defaultdict(list))

    def before(self, customer: str | None, outlet_id: UUID, day: date) -> Used:
        """What was used before a purchase of a customer, on a day, at a shop."""
        used = Used(
            store_day=self.uses_by_store[outlet_id, day],
            campaign_day=self.uses_by_day[day],
            campaign_total=self.uses,
            day_fen=self.fen_by_day[day],
            total_fen=self.fen,
            left=self.left,
        )
        if customer is not None:
            monday = day - timedelta(days=day.weekday())
            for use in self.by_customer[customer]:
                used.customer_total += 1
                if use.day == day:
                    used.customer_day += 1
                if monday <= use.day < monday + timedelta(days=7):
                    used.customer_week += 1
                if (use.day.year, use.day.month) == (day.year, day.month):
                    used.customer_month += 1
                    used.customer_month_fen += use.fen
        return used

    def add(
        self, customer: str | None, outlet_id: UUID, day: date, parts: Mapping[str, int]
    ) -> None:
        """A purchase was given the offer. What comes back within a batch counts from the next
        batch on, so that nothing is given twice before it is written."""
        fen = sum(parts.values())
        self.uses += 1
        self.fen += fen
        self.uses_by_day[day] += 1
        self.fen_by_day[day] += fen
        self.uses_by_store[outlet_id, day] += 1
        for party, part in parts.items():
            if party in self.left:
                self.left[party] -= part
        if customer is not None:
            self.by_customer[customer].append(_Use(day, fen))

    def take_back(
        self, outlet_id: UUID, day: date, parts: Mapping[str, int], *, whole: bool
    ) -> None:
        """Money came back; with `whole`, the use itself was undone and counts no more. What a
        customer used stays as it is until it is read anew."""
        fen = sum(parts.values())
        self.fen -= fen
        self.fen_by_day[day] -= fen
        for party, part in parts.items():
            if party in self.left:
                self.left[party] += part
        if whole:
            self.uses -= 1
            self.uses_by_day[day] -= 1
            self.uses_by_store[outlet_id, day] -= 1


@dataclass(frozen=True)
class Usage:
    """The counters of the campaigns of a batch, and who is whom."""

    campaigns: Mapping[UUID, CampaignUsage]
    customers: Customers


def load(
    campaign_ids: Collection[UUID],
    *,
    counting_customers: Collection[UUID],
    identities: Iterable[Collection[str]],
    left: Mapping[UUID, Mapping[str, int]],
) -> Usage:
    """Read the counters. `counting_customers`: the campaigns that limit a customer's uses;
    `identities`: those of every purchase to come; `left`: what each party still has."""
    found = {pk: CampaignUsage(left=dict(left.get(pk, {}))) for pk in campaign_ids}
    days = RedemptionDay.objects.filter(campaign__in=list(campaign_ids))
    for campaign_id, outlet_id, day, uses, fen in days.values_list(
        "campaign_id", "outlet_id", "day", "uses", F("discount_fen") - F("returned_fen")
    ):
        one = found[campaign_id]
        one.uses += uses
        one.fen += fen
        one.uses_by_day[day] += uses
        one.fen_by_day[day] += fen
        one.uses_by_store[outlet_id, day] += uses
    customers = Customers()
    asked = {one for some in identities for one in some}
    for some in identities:
        customers.join(some)
    if counting_customers:
        for campaign_id, day, fen, theirs in _earlier(asked, counting_customers, customers):
            root = customers.of(theirs[0])
            found[campaign_id].by_customer[root].append(_Use(day, fen))
    return Usage(found, customers)


_EARLIER = """
SELECT r.id, r.campaign_id, r.day, r.discount_fen - r.returned_fen, r.identities
FROM unnest(%(identities)s::text[]) AS asked(identity)
CROSS JOIN LATERAL (
    SELECT * FROM campaigns_redemption r
    WHERE r.identities @> ARRAY[asked.identity]::varchar[]
) r
WHERE r.campaign_id = ANY(%(campaigns)s) AND r.state = ANY(%(states)s)
"""
"""One look into the index for each identity. Asked for all of them at once (`&&`), PostgreSQL reads
the whole table and compares every row with thousands of identities."""


def _earlier(
    identities: set[str], campaign_ids: Collection[UUID], customers: Customers
) -> list[tuple[UUID, date, int, list[str]]]:
    """Earlier uses of whoever has these identities, and of those whom they are one with."""
    rows: dict[UUID, tuple[UUID, date, int, list[str]]] = {}
    known, asked = set(identities), set(identities)
    while asked:
        with connection.cursor() as cursor:
            cursor.execute(
                _EARLIER,
                {
                    "identities": sorted(asked),
                    "campaigns": list(campaign_ids),
                    "states": [str(state) for state in USED],
                },
            )
            found = cursor.fetchall()
        asked = set()
        for pk, campaign_id, day, fen, theirs in found:
            if pk not in rows:
                rows[pk] = (campaign_id, day, fen, theirs)
                customers.join(theirs)
                asked |= set(theirs) - known
        known |= asked
    return list(rows.values())
