"""Signing in: by e-mail address or employee number, with a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm.api.problems import refusal
from crm.models import User


class EmailOrEmployeeNumberBackend(ModelBackend):
    """Takes either name in the one field; takes as long for a name that does not exist."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user: User | None = User.objects.signing_in_as(username).first()
        if user is None:
            User().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Whom somebody tries to sign in as, in one spelling, whichever door they knock at."""
    given = credentials or {}
    name = given.get("username") or given.get(User.USERNAME_FIELD) or ""
    return str(name).strip().lower()[:254]


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """The answer to one failed sign-in too many, in the shape of the door."""
    sentence = _("Too many failed attempts. Please wait ten minutes and try again.")
    return refusal(request, 429, "too_many_attempts", sentence, retry_after=600)
