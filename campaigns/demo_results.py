"""What came of the demo's campaigns: claims of merchants, and two outcomes, of which one pays."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from campaigns.demo_road import at_work, picture
from campaigns.demo_settlement import CLOSED, ENDED, SETTLING
from campaigns.domain import claim_decisions, claim_evidence, claims, outcome_filing
from campaigns.models import Campaign, CampaignOutcome, Claim, ClaimEvidenceKind
from crm import demo
from crm.demo import Demo
from crm.domain import files
from crm.ids import uuid7
from crm.models import User
from merchants.demo_partnerships import paper
from merchants.models import Merchant

WEEKEND = "周末聚餐满200减50"
PAYS: dict[str, Any] = {
    "test_before": 1_420,
    "test_after": 1_960,
    "control_before": 1_380,
    "control_after": 1_395,
    "source": "收单系统日报",
    "operating_cost_fen": 180_000,
    "first_swipe_cards": 84,
    "reactivated_cards": 52,
    "card_contribution_fen": 15_000,
    "gross_margin": 6_000,
    "merchant_rate": 6_000,
    "control_because": "同一商圈、同类目、营业额相近，且期间未做活动。",
}
DOES_NOT: dict[str, Any] = {
    "test_before": 2_310,
    "test_after": 2_352,
    "control_before": 2_190,
    "control_after": 2_204,
    "source": "收单系统日报",
    "operating_cost_fen": 260_000,
    "first_swipe_cards": 5,
    "reactivated_cards": 6,
    "card_contribution_fen": 15_000,
    "gross_margin": 2_200,
    "merchant_rate": 6_000,
    "control_because": "同城便利店，客流相近，期间未做活动。",
}


@demo.step(96)
def claim_and_measure(story: Demo) -> str:
    """Claims in many states, and what two campaigns brought beside a control group."""
    _claims(story)
    _outcome(story, SETTLING, PAYS, "多卖、多用卡，三方都划算；下一季照此再办。", -50)
    _outcome(story, ENDED, DOES_NOT, "老客户照常来，补贴大多白花；不再续办。", -6)
    return _("Claims: %(claims)s; outcomes: %(outcomes)s.") % {
        "claims": Claim.objects.count(),
        "outcomes": CampaignOutcome.objects.count(),
    }


def _claims(story: Demo) -> None:
    finance = demo.person("finance")
    paid = _claim(story, CLOSED, 0, 120_000, "门店台卡与易拉宝制作费", -90)
    claim_decisions.approve(paid.pk, by=finance, at=at_work(story, -86))
    claim_decisions.pay(paid.pk, reference="BX-0001", by=finance, at=at_work(story, -80))
    partly = _claim(story, SETTLING, 0, 260_000, "活动海报与地贴", -55)
    claim_decisions.approve(
        partly.pk,
        amount_fen=180_000,
        because="海报按合同价认，地贴不在约定内。",
        by=finance,
        at=at_work(story, -48),
    )
    rejected = _claim(story, SETTLING, 1, 90_000, "店员提成", -54)
    claim_decisions.reject(
        rejected.pk, because="店员提成不属于活动费用。", by=finance, at=at_work(story, -46)
    )
    _claim(story, WEEKEND, 0, 320_000, "收银台桌贴与灯箱（附照片）", -21)
    _claim(story, ENDED, 0, 150_000, "收银机贴与门贴", -7, photo=False)
    _claim(story, WEEKEND, 1, 88_000, "周末排队立牌", -4)
    _draft(story, ENDED, 1, 60_000, "店内广播录制费", at_work(story, -2))


def _draft(
    story: Demo, name: str, place: int, fen: int, what_for: str, at: datetime
) -> tuple[Claim, User]:
    campaign = Campaign.objects.get(name=name)
    merchant = campaign.merchants.select_related("owner").order_by("created_at", "name")[place]
    assert merchant.owner is not None
    claim = claims.draft(
        uuid7(),
        campaign.pk,
        merchant.pk,
        amount_fen=fen,
        what_for=what_for,
        by=merchant.owner,
        at=at,
    )
    return claim, merchant.owner


def _claim(
    story: Demo,
    name: str,
    place: int,
    fen: int,
    what_for: str,
    days: int,
    *,
    photo: bool = True,
) -> Claim:
    """Drafted by whoever looks after the merchant, proved and submitted on the same day."""
    at = at_work(story, days)
    claim, rep = _draft(story, name, place, fen, what_for, at)
    later = at + timedelta(minutes=15)
    if photo:
        kept = picture("物料照片.png", number=fen // 1000, by=rep, at=later)
    else:
        kept = files.keep("发票.pdf", paper("invoice"), kinds=files.DOCUMENTS, by=rep, at=later)
    claim_evidence.attach(
        uuid7(),
        claim.pk,
        kind=ClaimEvidenceKind.PHOTO if photo else ClaimEvidenceKind.INVOICE,
        document_id=kept.pk,
        said="现场照片" if photo else "制作发票",
        by=rep,
        at=later,
    )
    return claims.submit(claim.pk, by=rep, at=later + timedelta(minutes=5))


def _outcome(story: Demo, name: str, figures: dict[str, Any], said: str, days: int) -> None:
    """Begun by the planner, beside a few merchants of the same kind, and concluded by finance."""
    campaign = Campaign.objects.get(name=name)
    planner = demo.person("planner")
    kinds = campaign.merchants.order_by().values("category")
    controls = (
        Merchant.objects.seen_by(planner)
        .filter(category__in=kinds, campaigns=None, unit__ancestors__contains=[campaign.unit_id])
        .order_by("created_at", "name")
        .values_list("pk", flat=True)[:3]
    )
    at = at_work(story, days)
    outcome_filing.begin(
        uuid7(),
        campaign.pk,
        changes={**figures, "control_ids": list(controls)},
        by=planner,
        at=at,
    )
    concluded = max(at_work(story, days + 3), at + timedelta(hours=1))
    outcome_filing.conclude(campaign.pk, conclusion=said, by=demo.person("finance"), at=concluded)
