"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import (
    approval_tiers,
    approvals,
    budgets,
    campaign_versions,
    campaigns,
    funds,
)
from campaigns.api import approval_tiers, approvals, campaign_versions, campaigns, simulations
from campaigns.api import approval_tiers, approvals, budgets, campaign_versions, campaigns, funds
from campaigns.api import claims, outcomes
    campaign_versions,
    campaigns,
    card_figures,
    kpis,
    targets,
)
from campaigns.api import campaign_versions, campaigns, discrepancies, redemptions, simulations
    campaign_versions,
    campaigns,
    discrepancies,
    redemptions,
    settlement_urls,
    simulations,
)

urlpatterns: list[Any] = [
    path("card-figures/", card_figures.CardFigures.as_view()),
    path("card-cohorts/", card_figures.CardCohorts.as_view()),
    path("card-snapshots/", card_figures.CardSnapshots.as_view()),
    path("card-figure-intakes/", card_figures.IntakeList.as_view()),
    path("card-figure-intakes/<uuid:pk>/", card_figures.IntakeOne.as_view()),
    path("card-figure-intakes/<uuid:pk>/check/", card_figures.IntakeCheck.as_view()),
    path("card-figure-intakes/<uuid:pk>/run/", card_figures.IntakeRun.as_view()),
    path("card-figure-intakes/<uuid:pk>/pause/", card_figures.IntakePause.as_view()),
    path("card-figure-intakes/<uuid:pk>/resume/", card_figures.IntakeResume.as_view()),
    path("card-figure-intakes/<uuid:pk>/cancel/", card_figures.IntakeCancel.as_view()),
    path("card-figure-intakes/<uuid:pk>/errors/file/", card_figures.IntakeErrorFile.as_view()),
    path("kpis/", kpis.KpiBoard.as_view()),
    path("sleeping-cards/", kpis.SleepingCards.as_view()),
    path("targets/", targets.TargetList.as_view()),
    path("targets/<uuid:pk>/", targets.TargetOne.as_view()),
    path("targets/<uuid:pk>/withdraw/", targets.TargetWithdraw.as_view()),
    path("kpi-schemes/", targets.SchemeList.as_view()),
    path("kpi-schemes/check/", targets.SchemeCheck.as_view()),
    path("kpi-schemes/<uuid:pk>/", targets.SchemeOne.as_view()),
]

urlpatterns += [
    path("campaigns/<uuid:pk>/submission/", approvals.CampaignSubmission.as_view()),
    path("campaigns/<uuid:pk>/submit/", approvals.CampaignSubmit.as_view()),
    path("campaign-versions/<uuid:pk>/submit/", approvals.CampaignVersionSubmit.as_view()),
    path("approvals/", approvals.ApprovalList.as_view()),
    path("approvals/<uuid:pk>/", approvals.ApprovalOne.as_view()),
    path("approvals/<uuid:pk>/approve/", approvals.ApprovalApprove.as_view()),
    path("approvals/<uuid:pk>/return/", approvals.ApprovalReturn.as_view()),
    path("approvals/<uuid:pk>/withdraw/", approvals.ApprovalWithdraw.as_view()),
    path("approval-tiers/", approval_tiers.ApprovalTierList.as_view()),
    path("approval-tiers/<uuid:pk>/", approval_tiers.ApprovalTierOne.as_view()),
    path("delegations/", approvals.DelegationList.as_view()),
    path("delegations/<uuid:pk>/end/", approvals.DelegationEnd.as_view()),
    path("campaigns/", campaigns.CampaignList.as_view()),
    path("campaigns/<uuid:pk>/", campaigns.CampaignOne.as_view()),
    path("campaigns/<uuid:pk>/clone/", campaigns.CampaignClone.as_view()),
    path("campaigns/<uuid:pk>/advance/", campaigns.CampaignAdvance.as_view()),
    path("campaigns/<uuid:pk>/ways/", campaigns.CampaignWays.as_view()),
    path("campaigns/<uuid:pk>/steps/", campaigns.CampaignSteps.as_view()),
    path("campaigns/<uuid:pk>/versions/", campaign_versions.CampaignVersions.as_view()),
    path("campaigns/<uuid:pk>/diff/", campaign_versions.CampaignDiff.as_view()),
    path("campaign-versions/<uuid:pk>/give-up/", campaign_versions.CampaignVersionGiveUp.as_view()),
    path("campaigns/<uuid:pk>/go-live/", campaign_versions.CampaignGoLive.as_view()),
    path("go-live-items/<uuid:pk>/reopen/", campaign_versions.GoLiveItemReopen.as_view()),
]

urlpatterns += [
    path("funds/", funds.FundList.as_view()),
    path("funds/<uuid:pk>/", funds.FundOne.as_view()),
    path("funds/<uuid:pk>/allocate/", funds.FundAllocate.as_view()),
    path("funds/<uuid:pk>/change-allocation/", funds.FundChangeAllocation.as_view()),
    path("funds/<uuid:pk>/close/", funds.FundClose.as_view()),
    path("budgets/", budgets.BudgetList.as_view()),
    path("budgets/<uuid:pk>/", budgets.BudgetOne.as_view()),
    path("budgets/<uuid:pk>/restore/", budgets.BudgetRestore.as_view()),
    path("ledger/", budgets.LedgerList.as_view()),
    path("campaigns/<uuid:pk>/money/", budgets.CampaignMoney.as_view()),
    path("campaigns/<uuid:pk>/simulations/", simulations.CampaignSimulations.as_view()),
    path("campaign-outcomes/", outcomes.OutcomeList.as_view()),
    path("campaigns/<uuid:pk>/outcome/", outcomes.CampaignOutcomeOne.as_view()),
    path("campaigns/<uuid:pk>/outcome/sales/", outcomes.CampaignOutcomeSales.as_view()),
    path("campaigns/<uuid:pk>/outcome/reckon/", outcomes.CampaignOutcomeReckon.as_view()),
    path("campaigns/<uuid:pk>/outcome/conclude/", outcomes.CampaignOutcomeConclude.as_view()),
    path("campaigns/<uuid:pk>/outcome/reopen/", outcomes.CampaignOutcomeReopen.as_view()),
    path("campaigns/<uuid:pk>/outcome/control-suggestions/", outcomes.ControlSuggestions.as_view()),
    path("fee-schedules/", outcomes.FeeScheduleList.as_view()),
    path("fee-schedules/<uuid:pk>/withdraw/", outcomes.FeeScheduleWithdraw.as_view()),
    path("claims/", claims.ClaimList.as_view()),
    path("claims/<uuid:pk>/", claims.ClaimOne.as_view()),
    path("claims/<uuid:pk>/evidence/", claims.ClaimEvidenceList.as_view()),
    path("claims/<uuid:pk>/steps/", claims.ClaimSteps.as_view()),
    path("claims/<uuid:pk>/submit/", claims.ClaimSubmit.as_view()),
    path("claims/<uuid:pk>/withdraw/", claims.ClaimWithdraw.as_view()),
    path("claims/<uuid:pk>/return/", claims.ClaimReturn.as_view()),
    path("claims/<uuid:pk>/approve/", claims.ClaimApprove.as_view()),
    path("claims/<uuid:pk>/reject/", claims.ClaimReject.as_view()),
    path("claims/<uuid:pk>/extend/", claims.ClaimExtend.as_view()),
    path("claims/<uuid:pk>/pay/", claims.ClaimPay.as_view()),
    path("claims/<uuid:pk>/claw-back/", claims.ClaimClawBack.as_view()),
]

urlpatterns += [
    path("redemptions/", redemptions.RedemptionList.as_view()),
    path("redemptions/events/", redemptions.RedemptionEvents.as_view()),
    path("redemptions/<uuid:pk>/", redemptions.RedemptionOne.as_view()),
    path("redemption-intakes/", redemptions.IntakeList.as_view()),
    path("redemption-intakes/<uuid:pk>/", redemptions.IntakeOne.as_view()),
    path("redemption-intakes/<uuid:pk>/check/", redemptions.IntakeCheck.as_view()),
    path("redemption-intakes/<uuid:pk>/run/", redemptions.IntakeRun.as_view()),
    path("redemption-intakes/<uuid:pk>/pause/", redemptions.IntakePause.as_view()),
    path("redemption-intakes/<uuid:pk>/resume/", redemptions.IntakeResume.as_view()),
    path("redemption-intakes/<uuid:pk>/cancel/", redemptions.IntakeCancel.as_view()),
    path("discrepancies/", discrepancies.DiscrepancyList.as_view()),
    path("discrepancies/<uuid:pk>/", discrepancies.DiscrepancyOne.as_view()),
    path("discrepancies/<uuid:pk>/assign/", discrepancies.DiscrepancyAssign.as_view()),
    path("discrepancies/<uuid:pk>/retry/", discrepancies.DiscrepancyRetry.as_view()),
    path("discrepancies/<uuid:pk>/resolve/", discrepancies.DiscrepancyResolve.as_view()),
    path("discrepancies/<uuid:pk>/dismiss/", discrepancies.DiscrepancyDismiss.as_view()),
]

urlpatterns += settlement_urls.urlpatterns
