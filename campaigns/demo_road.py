"""Campaigns of the demo on their way: planned, submitted, approved by people, made ready, begun."""

import struct
import zlib
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from campaigns.demo_offers import Offer
from campaigns.domain import (
    approvals,
    campaign_ticking,
    go_live,
    planning,
    running,
)
from campaigns.models import Campaign, CampaignStage, Fund, GoLiveKind
from crm import demo
from crm.demo import Demo
from crm.domain import files
from crm.ids import uuid7
from crm.models import OrgUnit, Role, StoredFile, User
from merchants.domain import identifiers
from merchants.models import Merchant, MerchantIdentifier, Outlet, PartnershipStage

PARTNER_AGE = timedelta(days=150)
"""Merchants known for longer than this are partners of old."""

MANAGERS = {
    "上海分行": "manager",
    "杭州分行": "manager.hangzhou",
    "成都分行": "manager.chengdu",
}
FINANCE = {
    "上海分行": "finance",
    "杭州分行": "finance.head",
    "成都分行": "finance.head",
}
"""Who minds the money of a branch; two have nobody of their own."""

ACQUIRER = "银联商务"
AHEAD = 14
"""A campaign is planned so many days before it begins."""

SHADY = (
    PartnershipStage.SUSPENDED,
    PartnershipStage.BLOCKED,
    PartnershipStage.CHURNED,
)


def moment(story: Demo, days: int, hour: int = 10, minute: int = 0) -> datetime:
    """A time of the day, so many days from today; never after now."""
    day = datetime.combine(story.today + timedelta(days=days), time(hour, minute))
    return min(timezone.make_aware(day), story.now - timedelta(minutes=1))


def at_work(story: Demo, days: int) -> datetime:
    """When people were last at work before a day, counted from today; always in the past."""
    return story.in_working_hours(story.calendar.before(day_of(story, min(days, 0)), 1))


def day_of(story: Demo, days: int) -> date:
    return story.today + timedelta(days=days)


def partners(story: Demo, offer: Offer) -> list[Merchant]:
    """The merchants of an offer: partners of old of its branch, of the kinds that it is made for,
    with nothing against them."""
    unit = OrgUnit.objects.get(name=offer.unit)
    found = (
        Merchant.objects.filter(
            unit__in=OrgUnit.objects.under([unit.pk]),
            created_at__lt=story.now - PARTNER_AGE,
            category__in=offer.kinds,
        )
        .exclude(partnerships__stage__in=SHADY)
        .select_related("owner")
        .distinct()
        .order_by("created_at", "name")
    )
    return list(found[: offer.merchants])


def number_shops(story: Demo, merchants: list[Merchant]) -> None:
    """Every shop has the number by which the card scheme knows it."""
    numbered = set(MerchantIdentifier.objects.values_list("outlet", flat=True))
    count = len(numbered)
    for merchant in merchants:
        assert merchant.owner is not None
        for outlet in Outlet.objects.filter(merchant=merchant).order_by("created_at", "pk"):
            if outlet.pk in numbered:
                continue
            count += 1
            identifiers.register_identifier(
                uuid7(),
                outlet.pk,
                acquirer=ACQUIRER,
                mid=f"898{(outlet.division_id or '3101')[:4]}{merchant.category_id}{count:04d}",
                valid_from=timezone.localdate(merchant.created_at),
                by=merchant.owner,
                at=merchant.created_at + timedelta(hours=1),
            )


def plan(story: Demo, offer: Offer, fund: Fund) -> Campaign:
    """A draft, written some time before it is to begin."""
    chosen = partners(story, offer)
    number_shops(story, chosen)
    return planning.plan(
        uuid7(),
        name=offer.name,
        unit_id=fund.unit_id,
        fund_id=fund.pk,
        merchant_ids=[merchant.pk for merchant in chosen],
        starts_on=day_of(story, offer.starts),
        ends_on=day_of(story, offer.ends),
        budget_fen=offer.budget_yuan * 100,
        objective=offer.objective,
        mechanic=offer.mechanic,
        terms=offer.terms,
        limits=offer.limits,
        shares={party: percent * 100 for party, percent in offer.shares.items()},
        by=demo.person(offer.planner),
        at=at_work(story, _planned(offer)),
    )


def _planned(offer: Offer) -> int:
    """When it was planned, counted from today: what is still to come has waited some days."""
    return min(offer.starts - AHEAD, -6)


def walk(story: Demo, offer: Offer, campaign: Campaign) -> None:
    """As far as it has come: through approval by people, and by itself where the days decide."""
    stage = CampaignStage
    planned_at = campaign.created_at
    asked_at = max(at_work(story, _planned(offer) + 2), planned_at + timedelta(hours=1))
    planner, manager = demo.person(offer.planner), demo.person(MANAGERS[offer.unit])
    request = approvals.submit(
        campaign.pk,
        said=f"{offer.name}：三方均已谈妥，请审批。",
        by=planner,
        at=asked_at,
    )
    if offer.fate == stage.SUBMITTED:
        return
    agreed_at = max(at_work(story, _planned(offer) + 4), asked_at + timedelta(hours=1))
    if offer.fate == stage.RETURNED:
        approvals.return_for_correction(
            request.pk,
            step=1,
            comment="银行承担八成偏高，请与商户再谈；早餐客单价低，先测算再报。",
            by=manager,
            at=agreed_at,
        )
        return
    for step in request.steps.order_by("order"):
        by = manager if step.role == Role.BRANCH_MANAGER else demo.person(FINANCE[offer.unit])
        approvals.approve(
            request.pk, step=step.order, comment="同意，按此执行。", by=by, at=agreed_at
        )
        agreed_at += timedelta(minutes=50)
    running.schedule(campaign.pk, by=planner, at=agreed_at)
    _make_ready(offer, campaign, by=planner, at=agreed_at + timedelta(hours=1))
    if offer.starts <= 0:
        campaign_ticking.start_due(at=moment(story, offer.starts, 0, 5))
    if offer.ends < 0:
        campaign_ticking.end_due(at=moment(story, offer.ends + 1, 0, 5))


def _make_ready(offer: Offer, campaign: Campaign, *, by: User, at: datetime) -> None:
    """What is to be done in the shops; of a campaign that only waits, some of it is open still."""
    kinds = list(GoLiveKind)
    if offer.fate == CampaignStage.SCHEDULED:
        kinds = [GoLiveKind.MID_VERIFIED]
    for kind in kinds:
        photo = None
        if kind == GoLiveKind.MATERIAL_PHOTO:
            photo = picture(f"{offer.name}台卡.png", number=offer.budget_yuan, by=by, at=at)
        go_live.mark_done(
            campaign.pk,
            kind=kind,
            file_id=photo.pk if photo else None,
            note="门店物料已上架" if photo else "",
            by=by,
            at=at,
        )
    if offer.fate == CampaignStage.SCHEDULED:
        first = campaign.merchants.order_by("created_at", "name").first()
        assert first is not None
        shops = list(first.outlets.values_list("pk", flat=True))
        done = [kind for kind in GoLiveKind if kind not in (*kinds, GoLiveKind.MATERIAL_PHOTO)]
        go_live.mark_done(campaign.pk, kind=done[0], outlet_ids=shops, by=by, at=at)


def picture(name: str, *, number: int, by: User, at: datetime) -> StoredFile:
    """A small picture of two colours, and never the same one twice."""
    wide, high = 96, 64
    top, bottom = bytes((200, 30 + number % 200, 60)), bytes((245, 240, 40 + number // 7 % 200))
    rows = [b"\0" + (top if row < high // 2 else bottom) * wide for row in range(high)]

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    content = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"IDAT", zlib.compress(b"".join(rows), 9)),
            chunk(b"IEND", b""),
        )
    )
    return files.keep(name, content, kinds=files.DOCUMENTS, by=by, at=at)
