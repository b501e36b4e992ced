"""What is answered where no view answers: unknown addresses, broken requests, bugs.

Under /api/ in the one shape of refusals; elsewhere as Django has it.
"""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from crm.api.problems import refusal
from crm.middleware import unavailable


def unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return refusal(request, 404, "not_found", _("There is no such address."))


def broken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request itself makes no sense, before anybody looked at what it asks."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return refusal(request, 400, "request_invalid", _("The request is not valid."))


def failed(request: HttpRequest, *args: Any) -> HttpResponse:
    """500, or 503 where it was the database that failed on the way to a view."""
    failure = sys.exception()
    if isinstance(failure, OperationalError | InterfaceError):
        return unavailable(request, failure)
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return refusal(
        request,
        500,
        "internal_error",
        _("Something went wrong here. It was written down; nothing was changed."),
    )
