"""Addresses of the campaigns' endpoints."""

from typing import Any

from campaigns.api import settlement_urls

urlpatterns: list[Any] = [
    *settlement_urls.urlpatterns,
]
