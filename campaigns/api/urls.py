"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import (
    approval_tiers,
    approvals,
    campaign_versions,
    campaigns,
    card_figures,
    kpis,
    targets,
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
