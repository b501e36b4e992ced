"""The campaigns of the demo: offers as cardholders know them, with invented budgets and shares."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from campaigns.domain import campaign_money, go_live, lifecycle, planning
from campaigns.domain import funds as funds_domain
from campaigns.models import Campaign, CampaignStage, Fund, Mechanic, Objective, Party
from crm import demo
from crm.actors import SYSTEM
from crm.command import command
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import OrgUnit
from merchants.models import Merchant

PARTNER_AGE = timedelta(days=150)
"""Merchants known for longer than this are partners of old."""

FUND_YUAN = 3_000_000
"""What each branch of the demo sets aside."""

FOOD = ("5812", "5814")
BANK, MERCHANT, SCHEME, PLATFORM = Party.BANK, Party.MERCHANT, Party.SCHEME, Party.PLATFORM


@dataclass(frozen=True)
class Offer:
    """One campaign that is to be: days count from today, shares are in percent."""

    name: str
    unit: str
    planner: str
    kinds: tuple[str, ...]
    """MCCs of the merchants that it is made for."""
    merchants: int
    starts: int
    ends: int
    budget_yuan: int
    shares: dict[Party, int]
    mechanic: Mechanic
    terms: dict[str, int]
    objective: Objective = Objective.FREQUENCY


OFFERS = (
    Offer("周末聚餐满200减50", "上海分行", "planner", FOOD, 6, -24, 37, 600_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 20000, "off_fen": 5000}),
    Offer("工作日5折封顶20元", "上海分行", "planner", FOOD, 5, -52, 5, 260_000,
          {BANK: 60, MERCHANT: 40},
          Mechanic.RATE_OFF, {"rate_off": 5000, "cap_fen": 2000}),
    Offer("一元洗头", "上海分行", "planner", ("7230",), 2, -10, 50, 80_000,
          {BANK: 70, MERCHANT: 30},
          Mechanic.ONE_YUAN, {"agreed_price_fen": 2500}, Objective.ACTIVATE),
    Offer("周二电影日19.9元", "上海分行", "manager", ("7832",), 1, -38, 24,
          150_000, {BANK: 50, MERCHANT: 35, SCHEME: 15},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 3990, "off_fen": 2000}),
    Offer("便利店满20减8", "上海分行", "planner", ("5499", "5411"), 4, -80, -12, 320_000,
          {BANK: 45, MERCHANT: 35, PLATFORM: 20},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 2000, "off_fen": 800}),
    Offer("西湖下午茶满60减20", "杭州分行", "manager.hangzhou", FOOD, 4, -31, 30,
          180_000, {BANK: 55, MERCHANT: 45},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 6000, "off_fen": 2000}),
    Offer("锦城美食满300减80", "成都分行", "manager.chengdu", FOOD, 3, 9, 70, 400_000,
          {BANK: 40, MERCHANT: 40, SCHEME: 20},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 30000, "off_fen": 8000}, Objective.SPEND),
    Offer("年末便利满30减10", "上海分行", "planner", ("5499", "5411"), 5, 16, 46, 500_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20},
          Mechanic.THRESHOLD_OFF, {"threshold_fen": 3000, "off_fen": 1000}),
)  # fmt: skip
"""Running, about to end, ended, and to come."""


@demo.step(30)
def plan_campaigns(story: Demo) -> str:
    """Eight offers with the partners of old, each at the stage of its days."""
    funds = {unit: _fund(story, unit) for unit in dict.fromkeys(offer.unit for offer in OFFERS)}
    for offer in OFFERS:
        _run(_plan(story, offer, funds[offer.unit]), story)
    return _("Campaigns: %(campaigns)s, with funding shares (invented amounts).") % {
        "campaigns": len(OFFERS)
    }


def _fund(story: Demo, unit_name: str) -> Fund:
    unit = OrgUnit.objects.get(name=unit_name)
    year = story.today.year
    fund = funds_domain.open_fund(
        uuid7(),
        name=f"{unit_name}{year}年营销费用",
        unit_id=unit.pk,
        starts_on=date(year - 1, 1, 1),
        ends_on=date(year + 1, 12, 31),
        cap_fen=FUND_YUAN * 100,
        by=SYSTEM,
        at=story.now - PARTNER_AGE,
    )
    return funds_domain.allocate(
        fund.pk,
        FUND_YUAN * 100,
        movement_id=uuid7(),
        because="年度预算",
        by=SYSTEM,
        at=story.now - PARTNER_AGE,
    )


def _plan(story: Demo, offer: Offer, fund: Fund) -> Campaign:
    unit = OrgUnit.objects.get(name=offer.unit)
    partners = Merchant.objects.filter(
        unit__in=OrgUnit.objects.under([unit.pk]),
        created_at__lt=story.now - PARTNER_AGE,
        category__in=offer.kinds,
    )
    return planning.plan(
        uuid7(),
        name=offer.name,
        unit_id=unit.pk,
        fund_id=fund.pk,
        merchant_ids=partners.order_by("created_at", "name").values_list("pk", flat=True)[
            : offer.merchants
        ],
        starts_on=story.today + timedelta(days=offer.starts),
        ends_on=story.today + timedelta(days=offer.ends),
        budget_fen=offer.budget_yuan * 100,
        objective=offer.objective,
        mechanic=offer.mechanic,
        terms=offer.terms,
        limits={"uses_per_customer_day": 1},
        shares={party: percent * 100 for party, percent in offer.shares.items()},
        by=demo.person(offer.planner),
        at=min(story.now - timedelta(days=1), story.now + timedelta(days=offer.starts - 14)),
    )


@command
def _run(campaign: Campaign, story: Demo) -> None:
    """Agreed and made ready before the bank had this product: the stages are walked, nobody is
    said to have approved it here."""
    at, today = campaign.created_at, story.today
    lifecycle.move(campaign, CampaignStage.SUBMITTED, by=SYSTEM, at=at)
    campaign_money.reserve(campaign, key=f"demo:{campaign.pk}:reserve", by=SYSTEM, at=at)
    campaign_money.commit(campaign, key=f"demo:{campaign.pk}:commit", by=SYSTEM, at=at)
    lifecycle.move(campaign, CampaignStage.APPROVED, by=SYSTEM, at=at)
    lifecycle.move(campaign, CampaignStage.SCHEDULED, by=SYSTEM, at=at)
    go_live.prepare(campaign, at=at)
    if campaign.starts_on > today:
        return
    campaign.go_live.update(done_at=at)
    begun = max(at, story.now - timedelta(days=(today - campaign.starts_on).days))
    lifecycle.move(campaign, CampaignStage.ACTIVE, by=SYSTEM, at=begun)
    if campaign.ends_on < today:
        over = story.now - timedelta(days=(today - campaign.ends_on).days)
        lifecycle.move(campaign, CampaignStage.ENDED, by=SYSTEM, at=over)
