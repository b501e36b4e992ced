"""What happens around every request, door or page alike."""

import re
import threading
import time
from collections.abc import Callable

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.api.problems import refusal
from crm.ids import uuid7

type Answer = Callable[[HttpRequest], HttpResponse]

TRUSTED_SECONDS = 5.0

log = structlog.get_logger()
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class DatabaseDownMiddleware:
    """A database that cannot be reached is 503 with Retry-After: come back, nothing is lost."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._answered = threading.local()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._trust_a_fresh_connection()
        response = self.get_response(request)
        self._answered.at = time.monotonic() if response.status_code < 500 else 0.0
        return response

    def _trust_a_fresh_connection(self) -> None:
        """A connection that served this thread seconds ago need not be asked whether it lives.

        The check costs as much as a small query. If the server went away in between, this one
        request is a 503 and the next one checks.
        """
        if time.monotonic() - getattr(self._answered, "at", 0.0) < TRUSTED_SECONDS:
            connection.health_check_done = True  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        if isinstance(failure, OperationalError | InterfaceError):
            return unavailable(request, failure)
        return None


def unavailable(request: HttpRequest, failure: BaseException) -> HttpResponse:
    """503 in the shape of the door that was knocked at."""
    log.error("database_unavailable", error=str(failure).strip())
    return refusal(
        request,
        503,
        "unavailable",
        _("The service is not available for a moment. Nothing was lost; please try again."),
        retry_after=1,
    )


class RequestIdMiddleware:
    """Every request has an id: the caller's if it is sound, else a new one. It is in the answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-Id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid7().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class PagePolicyMiddleware(CSPMiddleware):
    """The content policy of pages. An answer that brings its own is spared the building of one."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if "Content-Security-Policy" in response:
            return response
        return super().process_response(request, response)


class PersonalSettingsMiddleware:
    """In the browser, the language and the time zone of the person who is signed in.

    A language chosen by hand (cookie) wins over the person's own; the API is told by
    Accept-Language and is left alone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        with timezone.override(request.user.time_zone):
            return self.get_response(request)
