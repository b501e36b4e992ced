"""A campaign that ran, with the redemptions of the worked example, and claims against it."""

from datetime import UTC, date, datetime
from typing import Any

from campaigns.domain import campaign_money, claim_decisions, claim_evidence, claims
from campaigns.models import Campaign, CampaignStage, Claim, Party, Redemption, RedemptionState
from crm.actors import SYSTEM
from crm.domain import files
from crm.ids import uuid7
from crm.models import User
from merchants.models import Merchant
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.conftest import Cast

AT = factories.AT
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
WORKED_SHARES = {Party.BANK: 5000, Party.MERCHANT: 3000, Party.SCHEME: 1500, Party.PLATFORM: 500}
WORKED = {
    "test_before": 600,
    "test_after": 1_000,
    "control_before": 500,
    "control_after": 500,
    "source": "收单系统日报",
    "operating_cost_fen": 200_000,
    "first_swipe_cards": 80,
    "reactivated_cards": 50,
    "card_contribution_fen": 15_000,
    "gross_margin": 6_000,
    "merchant_rate": 6_000,
}
PICTURE = b"\xff\xd8\xff\xe0 a picture"


def ended(
    cast: Cast,
    *,
    merchants: int = 1,
    budget: int = 10_000_000,
    first: date = FIRST,
    last: date = LAST,
    **named: Any,
) -> Campaign:
    """A campaign of October with merchants of Ann's, its money committed, over since its last
    day."""
    campaign: Campaign = factories.CampaignFactory(
        unit=cast.shanghai,
        starts_on=first,
        ends_on=last,
        budget_fen=budget,
        fund=fund_of(
            cast.shanghai,
            cap=10 * budget,
            allocated=budget,
            name=f"基金 {uuid7()}",
            starts_on=date(2020, 1, 1),
            ends_on=date(2040, 12, 31),
        ),
        shares=WORKED_SHARES,
        stage=CampaignStage.DRAFT,
        **named,
    )
    for _number in range(merchants):
        campaign.merchants.add(factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann))
    campaign_money.reserve(campaign, key=f"{campaign.pk}:submit", by=SYSTEM, at=AT)
    campaign_money.commit(campaign, key=f"{campaign.pk}:approve", by=SYSTEM, at=AT)
    Campaign.objects.filter(pk=campaign.pk).update(stage=CampaignStage.ENDED, ended_on=last)
    campaign.refresh_from_db()
    return campaign


def merchant_of(campaign: Campaign) -> Merchant:
    """The first of its merchants."""
    found = campaign.merchants.order_by("pk").first()
    assert found is not None
    return found


def redeem(campaign: Campaign, count: int = 1_000, **changed: Any) -> None:
    """Purchases of 120.00 with 20.00 off: 10.00 / 6.00 / 3.00 / 1.00."""
    outlet = factories.OutletFactory(merchant=merchant_of(campaign))
    values: dict[str, Any] = {
        "source": "test",
        "campaign": campaign,
        "merchant": outlet.merchant,
        "outlet": outlet,
        "mid": "123456789012345",
        "card_hash": "a" * 64,
        "identities": ["a" * 64],
        "occurred_at": datetime(2026, 10, 10, 4, tzinfo=UTC),
        "day": date(2026, 10, 10),
        "amount_fen": 12_000,
        "discount_fen": 2_000,
        "bank_fen": 1_000,
        "merchant_fen": 600,
        "scheme_fen": 300,
        "platform_fen": 100,
        "state": RedemptionState.REDEEMED,
        **changed,
    }
    Redemption.objects.bulk_create(
        [Redemption(reference=str(uuid7()), **values) for _number in range(count)]
    )


def drafted(cast: Cast, campaign: Campaign | None = None, **changed: Any) -> Claim:
    """A claim of 3,200.00 that Ann drafted."""
    campaign = campaign or ended(cast)
    told: dict[str, Any] = {"amount_fen": 320_000, "what_for": "台卡与易拉宝", **changed}
    merchant = merchant_of(campaign)
    return claims.draft(uuid7(), campaign.pk, merchant.pk, **{"by": cast.ann, "at": AT, **told})


def photo_of(user: User, content: bytes = PICTURE) -> Any:
    """A picture that somebody uploaded."""
    return files.keep("台卡.jpg", content, kinds=files.DOCUMENTS, by=user, at=AT)


def proved(cast: Cast, campaign: Campaign | None = None, **changed: Any) -> Claim:
    """A draft with a photo."""
    claim = drafted(cast, campaign, **changed)
    photo = photo_of(cast.ann, PICTURE + claim.pk.bytes)
    return claim_evidence.attach(
        uuid7(), claim.pk, kind="photo", document_id=photo.pk, by=cast.ann, at=AT
    )


def submitted(cast: Cast, campaign: Campaign | None = None, **changed: Any) -> Claim:
    """A claim that waits for finance."""
    return claims.submit(proved(cast, campaign, **changed).pk, by=cast.ann, at=AT)


def approved(cast: Cast, campaign: Campaign | None = None, **changed: Any) -> Claim:
    """A claim that Fay approved in whole."""
    return claim_decisions.approve(submitted(cast, campaign, **changed).pk, by=cast.fay, at=AT)


def paid(cast: Cast, campaign: Campaign | None = None) -> Claim:
    """A claim that was paid."""
    claim = approved(cast, campaign)
    return claim_decisions.pay(claim.pk, reference=f"PAY-{claim.pk}", by=cast.fay, at=AT)
