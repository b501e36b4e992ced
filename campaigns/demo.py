"""The campaigns of the demo: offers as cardholders know them, with invented budgets and shares."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns.domain import planning
from campaigns.models import Party
from crm import demo
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import OrgUnit
from merchants.models import Merchant

PARTNER_AGE = timedelta(days=150)
"""Merchants known for longer than this are partners of old."""

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


OFFERS = (
    Offer("周末聚餐满200减50", "上海分行", "planner", FOOD, 6, -24, 37, 600_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20}),
    Offer("工作日5折封顶20元", "上海分行", "planner", FOOD, 5, -52, 5, 260_000,
          {BANK: 60, MERCHANT: 40}),
    Offer("一元洗头", "上海分行", "planner", ("7230",), 2, -10, 50, 80_000,
          {BANK: 70, MERCHANT: 30}),
    Offer("周二电影日19.9元", "上海分行", "manager", ("7832",), 1, -38, 24,
          150_000, {BANK: 50, MERCHANT: 35, SCHEME: 15}),
    Offer("便利店满20减8", "上海分行", "planner", ("5499", "5411"), 4, -80, -12, 320_000,
          {BANK: 45, MERCHANT: 35, PLATFORM: 20}),
    Offer("西湖下午茶满60减20", "杭州分行", "manager.hangzhou", FOOD, 4, -31, 30,
          180_000, {BANK: 55, MERCHANT: 45}),
    Offer("锦城美食满300减80", "成都分行", "manager.chengdu", FOOD, 3, 9, 70, 400_000,
          {BANK: 40, MERCHANT: 40, SCHEME: 20}),
    Offer("年末便利满30减10", "上海分行", "planner", ("5499", "5411"), 5, 16, 46, 500_000,
          {BANK: 50, MERCHANT: 30, SCHEME: 20}),
)  # fmt: skip
"""Running, about to end, ended, and to come."""


@demo.step(30)
def plan_campaigns(story: Demo) -> str:
    """Eight offers with the partners of old."""
    for offer in OFFERS:
        _plan(story, offer)
    return _("Campaigns: %(campaigns)s, with funding shares (invented amounts).") % {
        "campaigns": len(OFFERS)
    }


def _plan(story: Demo, offer: Offer) -> None:
    unit = OrgUnit.objects.get(name=offer.unit)
    partners = Merchant.objects.filter(
        unit__in=OrgUnit.objects.under([unit.pk]),
        created_at__lt=story.now - PARTNER_AGE,
        category__in=offer.kinds,
    )
    planning.plan(
        uuid7(),
        name=offer.name,
        unit_id=unit.pk,
        merchant_ids=partners.order_by("created_at", "name").values_list("pk", flat=True)[
            : offer.merchants
        ],
        starts_on=story.today + timedelta(days=offer.starts),
        ends_on=story.today + timedelta(days=offer.ends),
        budget_fen=offer.budget_yuan * 100,
        shares={party: percent * 100 for party, percent in offer.shares.items()},
        by=demo.person(offer.planner),
        at=min(story.now - timedelta(days=1), story.now + timedelta(days=offer.starts - 14)),
    )
