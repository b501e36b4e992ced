"""Merchants that are merged take what campaigns know of them along: uses, statements, claims, card
figures, checklists and what waits; and what was agreed with one of them holds for the kept one."""

from datetime import datetime

import pytest

from campaigns.domain import amending, approvals, campaign_terms, go_live, statements
from campaigns.models import (
    Campaign,
    FigureKind,
    Statement,
    StatementState,
)
from campaigns.models.claim import ClaimState
from crm.ids import uuid7
from merchants.domain import merging
from merchants.models import Merchant, MerchantMerge
from tests import factories
from tests.campaigns import approval_desk, kpi_desk, outcome_desk
from tests.campaigns import settlement_desk as settling
from tests.conftest import Cast
from tests.merchants.test_merging import everything, pointing_at

pytestmark = pytest.mark.django_db

TABLES = {
    "campaigns_campaign_merchants.merchant_id",
    "campaigns_campaignoutcome_controls.merchant_id",
    "campaigns_cardcohort.merchant_id",
    "campaigns_cardfigure.merchant_id",
    "campaigns_claim.merchant_id",
    "campaigns_discrepancy.merchant_id",
    "campaigns_goliveitem.merchant_id",
    "campaigns_redemption.merchant_id",
    "campaigns_redemptionevent.merchant_id",
    "campaigns_statement.merchant_id",
}
"""Every table of campaigns that points at merchants."""


@pytest.fixture
def both(cast: Cast, at: datetime) -> tuple[Merchant, Merchant]:
    """One shop twice, and each with everything that campaigns may hang on a merchant."""
    shared: Campaign = outcome_desk.ended(cast)
    desks = [settling.Desk(cast), settling.Desk(cast)]
    for number, desk in enumerate(desks):
        merchant = desk.merchant
        shared.merchants.add(merchant)
        desk.used(f"M{number}-1")
        desk.brought(desk.sent(), f"X{number},徐汇店,2026-10-15,20.00,")
        desk.used(f"M{number}-2")
        claimed = outcome_desk.claims.draft(
            uuid7(),
            shared.pk,
            merchant.pk,
            amount_fen=100,
            what_for="台卡",
            by=cast.ann,
            at=at,
        )
        assert claimed.state == ClaimState.DRAFT
        for kind in (FigureKind.DAILY, FigureKind.COHORT):
            counts = {"cards_issued": 3} if kind == FigureKind.DAILY else {"as_of": kpi_desk.TODAY}
            filed = kpi_desk.filed(
                kpi_desk.line(kind, cast.shanghai, merchant=merchant, campaign=shared, **counts),
                kind=kind,
            )
            assert filed == ["added"]
        go_live.prepare(desk.campaign, at=at)
    measured = outcome_desk.ended(cast)
    outcome = factories_outcome(cast, measured)
    outcome.controls.add(*(desk.merchant for desk in desks))
    return desks[0].merchant, desks[1].merchant


def factories_outcome(cast: Cast, campaign: Campaign):  # type: ignore[no-untyped-def]
    from campaigns.domain import outcome_filing
    from crm.actors import SYSTEM

    return outcome_filing.begin(
        uuid7(), campaign.pk, changes=outcome_desk.WORKED, by=SYSTEM, at=outcome_desk.AT
    )


def of_campaigns(merchant: Merchant) -> list[str]:
    return sorted(one for one in pointing_at(merchant.pk) if one.startswith("campaigns_"))


def merged(cast: Cast, at: datetime, kept: Merchant, other: Merchant) -> MerchantMerge:
    return merging.merge(uuid7(), kept.pk, other.pk, {}, by=cast.max, at=at)


def test_whatever_campaigns_hang_on_both_merchants_hangs_on_the_kept_one(
    cast: Cast, at: datetime, both: tuple[Merchant, Merchant]
) -> None:
    kept, other = both
    assert set(of_campaigns(kept)) == set(of_campaigns(other)) == TABLES, "every table is there"
    before = sorted(of_campaigns(kept) + of_campaigns(other))
    merged(cast, at, kept, other)
    assert of_campaigns(other) == []
    # Both took part in one campaign, and both were compared with in one outcome: once is enough.
    before.remove("campaigns_campaign_merchants.merchant_id")
    before.remove("campaigns_campaignoutcome_controls.merchant_id")
    assert of_campaigns(kept) == before


def test_undone_everything_is_again_where_it_was(
    cast: Cast, at: datetime, both: tuple[Merchant, Merchant]
) -> None:
    kept, other = both
    before = everything(MerchantMerge)
    merge = merged(cast, at, kept, other)
    merging.undo(merge.pk, by=cast.max, at=at)
    after = everything(MerchantMerge)
    for rows in (before, after):
        rows.pop("merchants_timelineentry")
    assert after == before


def test_what_was_used_at_either_is_settled_with_the_kept_one(
    cast: Cast, at: datetime, both: tuple[Merchant, Merchant]
) -> None:
    kept, other = both
    merged(cast, at, kept, other)
    made = statements.draft(
        uuid7(),
        kept.pk,
        first_day=settling.FIRST,
        last_day=settling.LAST,
        by=cast.fay,
        at=settling.AT,
    )
    references = made.lines.order_by("reference").values_list("reference", flat=True)
    assert list(references) == ["M0-2", "M1-2"], "and what stands on the two sent ones does not"
    assert Statement.objects.filter(merchant=kept, state=StatementState.SENT).count() == 2
    assert made.payable_fen == 2 * 1_400


def test_terms_written_before_a_merge_take_effect_for_the_kept_merchant(
    cast: Cast, at: datetime
) -> None:
    campaign = approval_desk.approved(cast, at=at).campaign
    other = campaign.merchants.get()
    kept = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    written = amending.propose(
        campaign.pk, {"claim_days": 60}, said="商户要时间", by=cast.pia, at=at
    )
    request = approvals.submit_version(written.pk, by=cast.pia, at=at)
    merged(cast, at, kept, other)
    approvals.approve(request.pk, step=1, by=cast.mei, at=at)
    assert list(Campaign.objects.get(pk=campaign.pk).merchants.all()) == [kept]
    assert campaign_terms.terms_at(campaign.pk, at)[1].merchant_ids == {kept.pk}
