"""Rows of every noun of campaigns, each pointing at rows of its own: what lists are tried with."""

from datetime import UTC, date, datetime, timedelta

from campaigns.domain import (
    campaign_money,
    claims,
    fee_schedules,
    figure_intake,
    kpi_schemes,
    outcome_filing,
    shares,
    statement_lines,
    statements,
    targets,
)
from campaigns.domain.fees import REGULATED
from campaigns.models import (
    ApprovalKind,
    ApprovalRequest,
    ApprovalTier,
    Campaign,
    CardCohort,
    CardFigure,
    CardSnapshot,
    Claim,
    Delegation,
    Discrepancy,
    DiscrepancyCode,
    FeeSchedule,
    FigureKind,
    IntakeKind,
    Redemption,
    RedemptionEvent,
    RedemptionEventKind,
    RedemptionIntake,
    RedemptionState,
)
from campaigns.models.card_figures import Filed
from campaigns.models.party_parts import columns_of
from crm.actors import SYSTEM
from crm.domain import files
from crm.ids import uuid7
from crm.models import OrgUnit, Role, User
from merchants.models import Merchant, Outlet
from tests import factories
from tests.campaigns.ledger_desk import fund_of
from tests.campaigns.outcome_desk import WORKED_SHARES
from tests.conftest import Cast

AT = factories.AT
FIRST, DAY, LAST = date(2026, 10, 1), date(2026, 10, 15), date(2026, 12, 31)
NOON = datetime(2026, 10, 15, 4, tzinfo=UTC)
FIGURES = "机构,日期\n上海分行,2026-01-01\n".encode()


def grow(cast: Cast, *, number: int) -> None:
    """One row of each noun, seen by Mei, of a team, a fund, a campaign, a merchant and people of
    their own. No two calls of a test say the same number."""
    unit = factories.UnitFactory(parent=cast.shanghai)
    campaign = committed(unit)
    merchant = factories.MerchantFactory(unit=unit, owner=person(unit))
    campaign.merchants.add(merchant)
    outlet = factories.OutletFactory(merchant=merchant)
    approval(campaign)
    figures(campaign, merchant)
    indicators(unit)
    purchase(campaign, outlet)
    settled(merchant)
    result(campaign, merchant, number)


def person(unit: OrgUnit, role: Role = Role.REP) -> User:
    """Somebody who has nothing to do with the other rows."""
    made: User = factories.UserFactory()
    factories.MembershipFactory(user=made, unit=unit, role=role)
    return made


def committed(unit: OrgUnit) -> Campaign:
    """A campaign with a fund and pots, whose money somebody moved."""
    planner = person(unit, Role.PLANNER)
    campaign: Campaign = factories.CampaignFactory(
        unit=unit,
        planner=planner,
        fund=fund_of(unit, allocated=10_000_000, name=f"基金 {uuid7()}"),
        budget_fen=1_000_000,
        starts_on=FIRST,
        ends_on=LAST,
        shares=WORKED_SHARES,
    )
    campaign_money.commit(campaign, key=f"test:{campaign.pk}", by=planner, at=AT)
    return campaign


def approval(campaign: Campaign) -> None:
    """A request that waits, in a tier of its own, and approvals handed to a colleague."""
    unit = campaign.unit
    planner = campaign.planner
    assert planner is not None
    tier = ApprovalTier.objects.create(unit=unit, steps=[Role.BRANCH_MANAGER])
    request = ApprovalRequest.objects.create(
        campaign=campaign,
        round=1,
        kind=ApprovalKind.LAUNCH,
        version_number=1,
        amount_fen=campaign.budget_fen,
        tier=tier,
        requested_by=planner,
        makers=[planner.pk],
        waits_for=Role.BRANCH_MANAGER,
        requested_at=AT,
        step_since=AT,
    )
    request.steps.create(order=1, role=Role.BRANCH_MANAGER, makers=[planner.pk])
    Delegation.objects.create(
        principal=person(unit, Role.BRANCH_MANAGER),
        delegate=person(unit, Role.FINANCE),
        first_day=FIRST,
        last_day=LAST,
    )


def figures(campaign: Campaign, merchant: Merchant) -> None:
    """What the card system says of a day, of a cohort and of the cards in force, and a file."""
    unit = campaign.unit
    part = {"merchant": merchant, "campaign": campaign}
    rows: list[Filed] = [
        CardFigure(day=DAY, **part),
        CardCohort(approved_on=DAY, as_of=DAY, **part),
        CardSnapshot(day=DAY),
    ]
    for row in rows:
        row.key, row.source, row.unit = uuid7(), "core", unit
        row.save(force_insert=True)
    clerk = person(unit, Role.FINANCE)
    brought = files.keep("figures.csv", FIGURES, kinds=files.LISTS, by=clerk, at=AT)
    figure_intake.open_intake(
        uuid7(),
        brought.pk,
        kind=FigureKind.DAILY,
        source="core",
        unit_id=unit.pk,
        by=clerk,
        at=AT,
    )


def indicators(unit: OrgUnit) -> None:
    """A target and a scheme."""
    targets.set_target(
        uuid7(),
        unit_id=unit.pk,
        indicator="cards_issued",
        first_day=FIRST,
        last_day=LAST,
        value=1180,
        by=SYSTEM,
        at=AT,
    )
    kpi_schemes.set_up(
        uuid7(),
        unit_id=unit.pk,
        name="2026",
        first_day=FIRST,
        last_day=LAST,
        items=[{"indicator": "spend", "weight": 10_000}],
        by=SYSTEM,
        at=AT,
    )


def purchase(campaign: Campaign, outlet: Outlet) -> None:
    """A purchase that came in, and one that waits."""
    unit, merchant = campaign.unit, outlet.merchant
    came = RedemptionIntake.objects.create(
        kind=IntakeKind.API,
        source="pos",
        unit=unit,
        brought_by=person(unit, Role.FINANCE),
        rows=2,
        landed=1,
        queued=1,
    )
    values = {
        "source": "pos",
        "reference": str(uuid7()),
        "campaign": campaign,
        "merchant": merchant,
        "outlet": outlet,
        "occurred_at": NOON,
        "day": DAY,
        "amount_fen": 10_000,
        "discount_fen": 2_000,
        **columns_of(shares.split(2_000, WORKED_SHARES)),
    }
    redemption = Redemption.objects.create(
        mid=factories.IdentifierFactory(outlet=outlet).mid,
        card_hash="a" * 64,
        identities=["a" * 64],
        state=RedemptionState.REDEEMED,
        **values,
    )
    kind = RedemptionEventKind.CLEARED
    RedemptionEvent.objects.create(
        redemption=redemption, key=kind, kind=kind, intake=came, at=AT, **values
    )
    Discrepancy.objects.create(
        code=DiscrepancyCode.LATE,
        unit=unit,
        campaign=campaign,
        merchant=merchant,
        intake=came,
        source="pos",
        reference=str(uuid7()),
        owner=person(unit, Role.FINANCE),
        due_on=DAY,
    )


def settled(merchant: Merchant) -> None:
    """A statement of October with an adjustment, drafted by somebody of the team."""
    clerk = person(merchant.unit, Role.FINANCE)
    last = date(2026, 10, 31)
    drafted = statements.draft(
        uuid7(), merchant.pk, first_day=FIRST, last_day=last, by=clerk, at=AT
    )
    adjustment = uuid7()
    statement_lines.adjust(adjustment, drafted.pk, amount_fen=100, reason="漏计", by=clerk, at=AT)
    statement_lines.approve_adjustment(
        adjustment, by=person(merchant.unit, Role.BRANCH_MANAGER), at=AT
    )


def result(campaign: Campaign, merchant: Merchant, number: int) -> None:
    """What the campaign brought, a claim against it, and card fees of the far future."""
    unit = campaign.unit
    outcome_filing.begin(uuid7(), campaign.pk, by=SYSTEM, at=AT)
    claim = claims.draft(
        uuid7(), campaign.pk, merchant.pk, amount_fen=320_000, what_for="台卡", by=SYSTEM, at=AT
    )
    Claim.objects.filter(pk=claim.pk).update(claimant=person(unit))
    fees = fee_schedules.announce(
        uuid7(),
        effective_from=date(2038, 1, 1) + timedelta(days=number),
        table=REGULATED,
        source="通知",
        by=SYSTEM,
        at=AT,
    )
    FeeSchedule.objects.filter(pk=fees.pk).update(filed_by=person(unit))
