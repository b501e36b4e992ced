"""Who is asking: a phone by its token, or a browser by its session."""

import time
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from crm.domain import devices
from crm.models import Device, User

SCHEME = "Token"
_REMEMBERED_AT_MOST = 2000

_remembered: dict[str, tuple[float, Device]] = {}
"""Tokens looked up in the last seconds. A revoked token works at most that much longer."""


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Token crm_…`"""

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme != SCHEME:
            return None
        device = _known(token)
        if device is None:
            raise AuthenticationFailed(_("This token is not valid any more."), "token_invalid")
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def _known(token: str) -> Device | None:
    now = time.monotonic()
    if (found := _remembered.get(token)) and now - found[0] < settings.DEVICE_TRUST_SECONDS:
        return found[1]
    device = devices.holder(token, at=timezone.now())
    if device is None:
        _remembered.pop(token, None)
        return None
    if len(_remembered) >= _REMEMBERED_AT_MOST:
        _remembered.clear()
    _remembered[token] = (now, device)
    return device


class BrowserAuthentication(SessionAuthentication):
    """The admin's session, with the CSRF token on everything that writes."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found: tuple[Any, None] | None = super().authenticate(request)
        return found

    def authenticate_header(self, request: Request) -> str:
        return SCHEME
