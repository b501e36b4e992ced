"""Refusals as `application/problem+json` (RFC 9457), in one shape for every reason."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rest_framework import exceptions
from rest_framework.request import Request

from crm.api.rendering import PROBLEM
from crm.api.rendering import answer as json_answer
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, Stale, TryAgain

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (InvalidInput, 400),
    (Stale, 412),
    (TryAgain, 503),
    (DomainError, 409),
)


class Refused(exceptions.APIException):
    """A refusal by the door itself: preconditions, repeated keys, limits."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        attr: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.attr = attr
        self.status_code = status
        self.retry_after = retry_after


def answer(failure: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The framework's exception handler. None for a bug, which stays a 500."""
    request: Request = context["request"]
    if isinstance(failure, DomainError):
        return _of_domain(request, failure, context["view"])
    if isinstance(failure, Http404):
        failure = exceptions.NotFound()
    elif isinstance(failure, PermissionDenied):
        failure = exceptions.PermissionDenied()
    elif isinstance(failure, RequestDataTooBig):
        failure = Refused(413, "body_too_large", _("The body is larger than 1 MB."))
    if not isinstance(failure, exceptions.APIException):
        return None
    errors = list(_flattened(failure.get_full_details(), getattr(failure, "attr", None)))
    headers = {}
    if failure.status_code == 401:
        headers["WWW-Authenticate"] = "Token"
    retry_after = getattr(failure, "retry_after", None) or getattr(failure, "wait", None)
    if retry_after:
        headers["Retry-After"] = str(int(retry_after))
    if isinstance(failure, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    code = "invalid" if isinstance(failure, exceptions.ValidationError) else errors[0]["code"]
    return problem(
        request,
        status=failure.status_code,
        code=code,
        detail=errors[0]["detail"],
        errors=errors,
        retryable=failure.status_code in (409, 429, 503) and bool(retry_after),
        headers=headers,
    )


def _of_domain(request: Request, failure: DomainError, view: Any) -> HttpResponse:
    status = next(code for kind, code in _STATUS if isinstance(failure, kind))
    facts = {name: value for name, value in failure.facts.items() if name != "current"}
    if isinstance(failure, Stale) and (show := getattr(view, "current_state", None)):
        facts["current"] = show(failure.facts["current"])
    if isinstance(failure, NotFound) and failure.problems[0].attr:
        # An id inside a body: the address exists, what the body names does not.
        status = 400
    return problem(
        request,
        status=status,
        code=failure.code,
        detail=str(failure.message),
        errors=[
            {"code": one.code, "detail": str(one.detail), "attr": one.attr}
            for one in failure.problems
        ],
        retryable=failure.retryable,
        headers={"Retry-After": "1"} if failure.retryable else {},
        **facts,
    )


def _flattened(details: Any, attr: str | None) -> Iterator[dict[str, Any]]:
    """The framework's nested details as a flat list of code, detail, attr."""
    if isinstance(details, list):
        for item in details:
            yield from _flattened(item, attr)
    elif set(details) == {"message", "code"} and not isinstance(details["message"], dict | list):
        yield {"code": details["code"], "detail": str(details["message"]), "attr": attr}
    else:
        for name, item in details.items():
            own = None if name == "non_field_errors" else str(name)
            path = f"{attr}.{own}" if attr and own else (own or attr)
            yield from _flattened(item, path)


def problem(
    request: Request | HttpRequest,
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, Any]],
    retryable: bool,
    headers: dict[str, str],
    **facts: Any,
) -> HttpResponse:
    """The one shape of a refusal."""
    return json_answer(
        {
            "type": f"urn:crm:problem:{code}",
            "title": _(_TITLES.get(status, "Refused")),
            "status": status,
            "code": code,
            "detail": detail,
            "instance": request.path,
            "request_id": getattr(request, "request_id", ""),
            "errors": errors,
            "retryable": retryable,
            **facts,
        },
        status=status,
        headers=headers,
        content_type=PROBLEM,
    )


def refusal(
    request: HttpRequest, status: int, code: str, detail: str, *, retry_after: int | None = None
) -> HttpResponse:
    """A refusal from outside of every endpoint: a problem for the API, a sentence for a browser."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if not request.path.startswith("/api/"):
        return HttpResponse(
            detail, status=status, headers=headers, content_type="text/plain; charset=utf-8"
        )
    return problem(
        request,
        status=status,
        code=code,
        detail=detail,
        errors=[{"code": code, "detail": detail, "attr": None}],
        retryable=bool(retry_after),
        headers=headers,
    )


_TITLES = {
    400: gettext_noop("Bad request"),
    401: gettext_noop("Unauthorized"),
    403: gettext_noop("Forbidden"),
    404: gettext_noop("Not found"),
    405: gettext_noop("Method not allowed"),
    409: gettext_noop("Conflict"),
    412: gettext_noop("Precondition failed"),
    413: gettext_noop("Content too large"),
    415: gettext_noop("Unsupported media type"),
    422: gettext_noop("Unprocessable content"),
    428: gettext_noop("Precondition required"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Internal error"),
    503: gettext_noop("Service unavailable"),
}
