"""Addresses of the campaigns' endpoints."""

from typing import Any

from django.urls import path

from campaigns.api import simulations

urlpatterns: list[Any] = [
    path("campaigns/<uuid:pk>/simulations/", simulations.CampaignSimulations.as_view()),
]
