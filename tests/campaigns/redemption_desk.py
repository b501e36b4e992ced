"""What tests of redemptions share: a running campaign of Shanghai's with its shop, its number and
its money, and events as a source would report them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.domain import campaign_money, intake
from campaigns.domain.intake_judging import Outcome
from campaigns.models import Campaign, Discrepancy, Fund, Redemption
from crm.actors import SYSTEM, Actor
from crm.ids import uuid7
from merchants.models import Merchant, Outlet
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.conftest import Cast

SOURCE = "unionpay"
MID = "898310058120001"
FOUR = {"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500}


@dataclass(frozen=True)
class Shop:
    """A campaign where purchases can be made."""

    campaign: Campaign
    merchant: Merchant
    outlet: Outlet
    mid: str
    fund: Fund

    def again(self) -> Campaign:
        return Campaign.objects.get(pk=self.campaign.pk)


def running(
    cast: Cast,
    *,
    mid: str = MID,
    merchant: Merchant | None = None,
    fund: Fund | None = None,
    shares: Mapping[str, int] | None = None,
    **named: Any,
) -> Shop:
    """100 off 20 in November and December 2026, 10,000.00 in all, over four parties."""
    if merchant is None:
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        outlet = factories.OutletFactory(merchant=merchant)
        factories.IdentifierFactory(outlet=outlet, mid=mid)
    else:
        outlet = merchant.outlets.get()
    values = {
        "unit": cast.shanghai,
        "planner": cast.pia,
        "fund": fund or fund_of(cast.shanghai, allocated=10_000_000, name=uuid7().hex),
        "budget_fen": 1_000_000,
        "mechanic": "threshold_off",
        "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
        "shares": shares or FOUR,
        **named,
    }
    campaign = factories.CampaignFactory(**values)
    campaign.merchants.set([merchant])
    campaign_money.commit(campaign, key=f"test:{campaign.pk}", by=SYSTEM, at=factories.AT)
    return Shop(campaign, merchant, outlet, mid, values["fund"])


def event(reference: str = "T1", kind: str = "cleared", **changes: str) -> dict[str, str]:
    """One event as it is reported: 100.00 on the 17th at noon."""
    return {
        "reference": reference,
        "event": kind,
        "mid": MID,
        "occurred_at": "2026-11-17 12:00:00",
        "amount": "100.00",
        "card_hash": f"card-of-{reference}",
        **changes,
    }


def reported(
    cast: Cast,
    *events: Mapping[str, str],
    by: Actor | None = None,
    at: datetime = factories.AT,
    source: str = SOURCE,
) -> list[Outcome]:
    """Another system reports; Fay's system is the one that does unless it is said otherwise."""
    taken = intake.take_in(
        uuid7(), events, source=source, unit_id=cast.shanghai.pk, by=by or cast.fay, at=at
    )
    return taken.outcomes


def said(outcomes: Sequence[Outcome]) -> list[str]:
    """Each outcome in one word: what became of it, or why it waits."""
    return [str(one.code or one.result) for one in outcomes]


def the(reference: str = "T1") -> Redemption:
    return Redemption.objects.get(reference=reference)


def queue() -> list[tuple[str, str]]:
    """Reference and reason of what waits."""
    return list(Discrepancy.objects.open().order_by("row_number").values_list("reference", "code"))


def spent(shop: Shop) -> dict[str, int]:
    """What each party has paid so far, by its pot."""
    found = campaign_money.standing(shop.again()).parties
    return {party: one.consumed for party, one in found.items()}


def held(shop: Shop) -> dict[str, int]:
    found = campaign_money.standing(shop.again()).parties
    return {party: one.reserved for party, one in found.items()}
