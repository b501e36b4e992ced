"""Addresses of the campaigns' endpoints."""

from typing import Any

urlpatterns: list[Any] = []
