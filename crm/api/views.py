"""The base of every endpoint: strict in what it takes, one shape in what it refuses."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db import models, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from crm.api.limits import limit_of
from crm.api.pages import bad_parameter
from crm.api.permissions import SignedIn
from crm.api.problems import Refused
from crm.api.rendering import JSON, Json, JsonRenderer, dumped
from crm.api.shapes import Shape
from crm.domain import answers
from crm.errors import NotFound
from crm.ids import accepted
from crm.models import GivenAnswer, Row, RowQuerySet, User

READING = ("GET", "HEAD")
LONGEST_KEY = 100
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")
type Handler = Callable[..., HttpResponse]

_RENDERER = JsonRenderer()


class Door(APIView):
    """An endpoint for colleagues who are signed in.

    Subclasses translate: parameters in, a verb, a shape out. They decide nothing.
    """

    permission_classes = (SignedIn,)
    takes_parameters = False
    """Whether query parameters mean anything to a GET; where they do not, any is refused."""
    shape: ClassVar[Shape]

    # One format, so nothing to negotiate; it saves a fifth of the time of a small answer.
    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        return _RENDERER, JSON

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        limit_of(request)
        method = request.method or ""
        offered = hasattr(self, method.lower())
        reads = self.takes_parameters and method in READING
        if request.query_params and offered and not reads:
            name = next(iter(request.query_params))
            raise bad_parameter(
                name, "unknown_parameter", _("“%(name)s” is not a parameter here.") % {"name": name}
            )

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    def taken(self, serializer: type[Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The body, in the shape that the serializer describes, or a 400."""
        filled = serializer(data=self.request.data, partial=partial, context={"view": self})
        filled.is_valid(raise_exception=True)
        values: dict[str, Any] = filled.validated_data
        return values

    def now(self) -> datetime:
        """The server's time at which this request is served."""
        return timezone.now()

    def new_id(self, values: dict[str, Any]) -> UUID:
        """The id that the client made, if it is sound, or one of ours."""
        return accepted(values.pop("id", None), at=self.now())

    def show(
        self,
        rows: models.QuerySet[Any],
        pk: UUID,
        *,
        status: int = 200,
        row: Row | None = None,
        shape: Shape | None = None,
        finish: Callable[[str], bytes] = str.encode,
    ) -> HttpResponse:
        """One row as the shape writes it, with its ETag, and what the verb had to say of it.

        `finish` is for rows that need a word in the reader's language.
        """
        found = (shape or self.shape).one(rows, pk)
        if found is None:
            raise NotFound(_("There is no such row."))
        text, version = found
        body = finish(text)
        if row is not None and row.notices:
            notices = [
                {"code": one.code, "detail": str(one.detail), "attr": one.attr}
                for one in row.notices
            ]
            # PostgreSQL wrote an object; what belongs beside it goes in before its last brace.
            body = body[:-1] + b", " + dumped({"notices": notices})[1:]
        return Json(body, status=status, headers={"ETag": f'"{version}"'})

    def expected_version(self, *, required: bool) -> int | None:
        """The version in If-Match. 428 where it must be there and is not, 412 for nonsense."""
        sent = self.request.headers.get("If-Match", "").strip()
        if not sent:
            if required:
                raise Refused(
                    428,
                    "if_match_required",
                    _("Send If-Match with the version that you read, so that nobody is overrun."),
                )
            return None
        text = sent.removeprefix("W/").strip('"')
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refused(412, "stale", _("If-Match does not name a version of this row."))
        return int(text)


class OneDoor(Door):
    """One row: read it, change it."""

    model: ClassVar[Any]

    def rows(self) -> RowQuerySet[Any]:
        """What the asking person may know of."""
        rows: RowQuerySet[Any] = self.model.objects.visible_to(self.user)
        return rows

    def current_state(self, row: Row) -> Any:
        """For a 412: the row as it now is."""
        found = self.shape.one(self.rows(), row.pk)
        return orjson.Fragment(found[0]) if found else None


def once(handler: Handler) -> Handler:
    """Let a POST be repeated: the same Idempotency-Key of the same person acts once.

    The answer is stored in the transaction of the effect, for seven days. The same key with another
    body is 422, while the first is still running 409. Without the header the handler just runs.
    """

    def run(view: Door, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not key.isprintable() or not 1 <= len(key) <= LONGEST_KEY:
            raise Refused(
                400, "idempotency_key_invalid", _("An Idempotency-Key has 1 to 100 characters.")
            )
        fingerprint = hashlib.sha256(
            b"\n".join([(request.method or "").encode(), request.path.encode(), request.body])
        ).digest()
        with transaction.atomic():
            if not answers.only_one(view.user, key):
                raise Refused(
                    409,
                    "still_running",
                    _("The first request with this key is still running."),
                    retry_after=1,
                )
            given = answers.given(view.user, key)
            if given is not None:
                return _replayed(given, fingerprint)
            try:
                response = handler(view, request, *args, **kwargs)
            except Exception as failure:
                # Known refusals become an answer, which is kept; a bug goes up and undoes all.
                response = view.handle_exception(failure)
            if response.status_code < 500:
                answers.keep(
                    view.user,
                    key,
                    fingerprint=fingerprint,
                    status=response.status_code,
                    headers={name: response[name] for name in _KEPT_HEADERS if name in response},
                    body=response.content,
                    at=view.now(),
                )
            return response

    run.__doc__ = handler.__doc__
    run.__name__ = handler.__name__
    run.repeatable = True  # type: ignore[attr-defined]
    return run


def _replayed(given: GivenAnswer, fingerprint: bytes) -> HttpResponse:
    if bytes(given.fingerprint) != fingerprint:
        raise Refused(
            422, "key_reused", _("This Idempotency-Key was used for a different request.")
        )
    headers = {**given.headers, "Idempotency-Replayed": "true"}
    return Json(bytes(given.body), status=given.status, headers=headers)
