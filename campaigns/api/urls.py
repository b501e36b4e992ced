"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import (
    campaign_versions,
    campaigns,
    discrepancies,
    redemptions,
    settlement_urls,
    simulations,
)

urlpatterns: list[Any] = []

urlpatterns += [
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
    path("campaigns/<uuid:pk>/simulations/", simulations.CampaignSimulations.as_view()),
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
