"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import campaign_versions, campaigns, simulations

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
