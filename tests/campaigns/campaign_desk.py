"""What tests of campaigns share: the campaign 一元洗头 of the method, at every stage of its life.

Pia plans for Shanghai, Ann looks after the merchant, the fund is Shanghai's own. The stages are
walked by `lifecycle.move` and the money by `campaign_money`, as the verbs of approval do.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from campaigns.domain import campaign_money, go_live, ledger, lifecycle, planning
from campaigns.models import Budget, Campaign, CampaignStage, EntryKind, Fund, GoLiveItem
from crm.actors import SYSTEM, Actor
from crm.ids import uuid7
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast

STAGE = CampaignStage
SHARES = {"bank": 6000, "merchant": 4000}
TERMS: dict[str, Any] = {
    "starts_on": date(2026, 11, 1),
    "ends_on": date(2026, 12, 31),
    "budget_fen": 10_000_000,
    "objective": "activate",
    "mechanic": "one_yuan",
    "terms": {"agreed_price_fen": 2500},
    "limits": {"uses_per_customer_day": 1},
    "shares": SHARES,
}
"""The customer pays 1.00 for what costs 25.00: a discount of 24.00, 60/40; 100,000.00 in all."""


def fund(cast: Cast, *, at: datetime, fen: int = 1_000_000_000, **changes: Any) -> Fund:
    """A fund of Shanghai's with ten million yuan in its pot."""
    values = {
        "name": f"上海获客基金 {uuid7().hex[-8:]}",
        "unit": cast.shanghai,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 12, 31),
        "cap_fen": fen,
    }
    made = Fund.objects.create(**{**values, **changes})
    pot = Budget.objects.create(fund=made, ceiling_fen=made.ceiling_fen)
    with transaction.atomic():
        ledger.post(EntryKind.ALLOCATE, pot.pk, fen, key=f"test:{made.pk}", by=SYSTEM, at=at)
    return made


def merchant(cast: Cast, **values: Any) -> Merchant:
    """A merchant of Ann's, with an outlet."""
    made = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, **values)
    factories.OutletFactory(merchant=made)
    return made


def drafted(cast: Cast, *, at: datetime, by: Actor | None = None, **changes: Any) -> Campaign:
    """A draft of Pia's, with fund and merchant."""
    values: dict[str, Any] = {"name": "一元洗头", "unit_id": cast.shanghai.pk, **TERMS, **changes}
    if "fund_id" not in values:
        values["fund_id"] = fund(cast, at=at).pk
    if "merchant_ids" not in values:
        values["merchant_ids"] = [merchant(cast).pk]
    return planning.plan(uuid7(), **values, by=by or cast.pia, at=at)


def submitted(cast: Cast, *, at: datetime, **changes: Any) -> Campaign:
    """The same, waiting for approval, its money reserved."""
    campaign = drafted(cast, at=at, **changes)
    with transaction.atomic():
        campaign = Campaign.objects.for_change().get(pk=campaign.pk)
        lifecycle.move(campaign, STAGE.SUBMITTED, by=cast.pia, at=at)
        campaign_money.reserve(campaign, key=f"submit:{campaign.pk}", by=cast.pia, at=at)
    return campaign


def approved(cast: Cast, *, at: datetime, **changes: Any) -> Campaign:
    """The same, approved by Mei, its money committed."""
    campaign = submitted(cast, at=at, **changes)
    with transaction.atomic():
        campaign = Campaign.objects.for_change().get(pk=campaign.pk)
        campaign_money.commit(campaign, key=f"approve:{campaign.pk}", by=cast.mei, at=at)
        lifecycle.move(campaign, STAGE.APPROVED, by=cast.mei, at=at)
    return campaign


def scheduled(cast: Cast, *, at: datetime, **changes: Any) -> Campaign:
    """The same, waiting for its day with an open checklist."""
    campaign = approved(cast, at=at, **changes)
    return moved(campaign, STAGE.SCHEDULED, by=cast.pia, at=at)


def ready(campaign: Campaign, *, at: datetime) -> Campaign:
    """Everything on its checklist done, whoever did it."""
    go_live.prepare(campaign, at=at)
    GoLiveItem.objects.filter(campaign=campaign).update(done_at=at)
    return campaign


def active(cast: Cast, *, at: datetime, **changes: Any) -> Campaign:
    """The same, running; whatever of the terms is said is so from the beginning."""
    campaign = ready(scheduled(cast, at=at, **changes), at=at)
    return moved(campaign, STAGE.ACTIVE, by=cast.pia, at=at)


def ended(cast: Cast, *, at: datetime, **changes: Any) -> Campaign:
    """The same, over."""
    return moved(active(cast, at=at, **changes), STAGE.ENDED, by=cast.pia, at=at)


def moved(campaign: Campaign, *stages: CampaignStage, by: Actor, at: datetime) -> Campaign:
    """Along the roads, one stage after the other."""
    with transaction.atomic():
        campaign = Campaign.objects.for_change().get(pk=campaign.pk)
        for stage in stages:
            lifecycle.move(campaign, stage, by=by, at=at)
    return campaign


def stage_of(campaign: Campaign | UUID) -> str:
    """The stage as it is stored."""
    pk = campaign if isinstance(campaign, UUID) else campaign.pk
    return Campaign.objects.values_list("stage", flat=True).get(pk=pk)
