"""Who may knock at all. What they may do is for `visible_to` and the policies."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from crm.models import User


class Nobody(BasePermission):
    """The default: a view that does not say who may use it is used by nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class SignedIn(BasePermission):
    """An active colleague, on a phone or in a browser."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_active
