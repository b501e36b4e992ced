"""The campaigns of the demo tell their story through the verbs, and their money adds up."""

from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.domain import kpi_board, pausing, reconciliation, sleeping
from campaigns.domain.kpi_board import Subject
from campaigns.models import (
    ApprovalDecision,
    ApprovalRequest,
    ApprovalStep,
    Budget,
    Campaign,
    CampaignOutcome,
    CampaignStage,
    CampaignStep,
    Claim,
    ClaimState,
    Discrepancy,
    GoLiveItem,
    Indicator,
    KpiScheme,
    Redemption,
    RedemptionState,
    Statement,
    StatementState,
)
from crm import demo
from crm.domain import calendar
from crm.models import OrgUnit

BY_PEOPLE = (
    CampaignStage.SUBMITTED,
    CampaignStage.RETURNED,
    CampaignStage.APPROVED,
    CampaignStage.SETTLING,
    CampaignStage.SETTLED,
    CampaignStage.CLOSED,
)
WAITING = "年末便利满30减10"
NEARLY_SPENT = "工作日5折封顶20元"
SPENT = "周二电影日满39.9减20"
NOT_READY = "锦城美食满300减80"
PAYS, DOES_NOT = "老街聚餐满150减30", "便利店满20减8"


def named(name: str) -> Campaign:
    return Campaign.objects.get(name=name)


def tells_all(now: datetime) -> None:
    """What the story of the campaigns must have come to, whenever it is told."""
    today = timezone.localdate(now)
    stages = set(Campaign.objects.values_list("stage", flat=True))
    assert stages >= {*CampaignStage.values} - {"approved", "settled", "cancelled", "terminated"}
    assert not CampaignStep.objects.filter(to_stage__in=BY_PEOPLE, actor=None).exists()
    assert not ApprovalStep.objects.filter(
        decision=ApprovalDecision.APPROVED, decided_by=None
    ).exists()
    waiting = ApprovalRequest.objects.waiting()
    assert [one.campaign.name for one in waiting] == [WAITING]
    manager = demo.person("manager")
    assert ApprovalRequest.objects.visible_to(manager).filter(pk__in=waiting).exists()
    assert GoLiveItem.objects.open().filter(campaign=named(NOT_READY)).exists()

    assert reconciliation.reconcile_all(at=now) == []
    assert not Budget.objects.frozen().exists()
    assert 1_500 <= Redemption.objects.count() <= 4_000
    assert not Redemption.objects.filter(occurred_at__gt=now).exists()
    assert not CampaignStep.objects.filter(at__gt=now).exists()
    states = set(Redemption.objects.values_list("state", flat=True))
    assert states >= {
        RedemptionState.REDEEMED,
        RedemptionState.PARTIALLY_REVERSED,
        RedemptionState.REVERSED,
    }
    pots = Budget.objects.filter(campaign=named(NEARLY_SPENT))
    assert {pot.warned_percent for pot in pots} >= {90}
    assert named(SPENT).stage == CampaignStage.PAUSED
    assert pausing.spent(named(SPENT))

    open_rows = Discrepancy.objects.open()
    assert 3 <= open_rows.count() <= 40
    assert not open_rows.filter(owner=None).exists()
    assert open_rows.exclude(statement_id=None).exists()
    assert set(Statement.objects.values_list("state", flat=True)) == set(StatementState.values)
    assert Claim.objects.filter(
        state=ClaimState.SUBMITTED, submitted_at__lt=now - timedelta(days=15)
    ).exists()
    everybody = dict(CampaignOutcome.objects.values_list("campaign__name", "everybody_wins"))
    assert everybody == {PAYS: True, DOES_NOT: False}

    bank = OrgUnit.objects.get(parent=None)
    gauge = sleeping.of(bank.pk, on=today).gauge
    assert gauge is not None
    assert str(gauge.rate) == "18.50"
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    board = kpi_board.of(Subject(bank.pk), first, today, calendar.load(), on=today)
    assert [one.target.indicator for one in board.targets] == [Indicator.CARDS_ISSUED]
    assert board.targets[0].pace is not None
    assert KpiScheme.objects.get().volume_weight < 3_000
