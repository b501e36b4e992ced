"""Keyset pages: `{"next", "previous", "results"}`, as fast at page 500 as at page 1."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Q
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api.problems import Refused
from crm.api.rendering import answer
from crm.api.shapes import Shape, keys_of
from crm.models import User

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_PAGING = {"cursor", "limit", "ordering"}


@dataclass(frozen=True)
class Filter:
    """One query parameter: how its text becomes a value, and how the value narrows the rows."""

    narrow: Callable[[Any, Any, User], Any]
    """(queryset, value or list of values, who asks) → queryset"""
    parse: Callable[[str], Any] = str
    repeated: bool = False
    """May be given several times, meaning OR; `narrow` then gets the list."""
    description: str = ""
    plan_anew: bool = False
    """Whether it leaves now ten rows and now all of them."""
    pattern: str | None = None
    """For the schema, where `parse` takes only texts of a certain form."""


@dataclass(frozen=True)
class Relevance:
    """How what a search finds is ordered, unless another order is asked for: in tiers, the best
    first, and within a tier by one column."""

    parameter: str
    """The filter by which people search."""
    tiers: Callable[[Any, Any], Sequence[models.QuerySet[Any]]]
    """(queryset, value) → querysets that have no row in common"""
    column: str


RELEVANCE = "relevance"
type Position = tuple[int, Any, UUID]
"""Tier, key within it, id."""


def bad_parameter(name: str, code: str, detail: str) -> Refused:
    """400 that names the parameter."""
    return Refused(400, code, detail, attr=name)


@dataclass(frozen=True)
class Listing:
    """A list endpoint: its shape, its filters and the orders it can be read in."""

    shape: Shape
    orderings: tuple[str, ...]
    """Column names that never hold null, each with an index; the first, descending, is the
    default unless it is written with a leading plus sign."""
    filters: Mapping[str, Filter]
    finish: Callable[[str], Any] | None = None
    """For rows that need a word in the reader's language: JSON text → plain values."""
    relevance: Relevance | None = None

    @property
    def default_ordering(self) -> str:
        first = self.orderings[0]
        return first[1:] if first.startswith("+") else f"-{first}"

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name.lstrip("+") for name in self.orderings)

    def answer(self, request: Request, rows: models.QuerySet[Any], user: User) -> HttpResponse:
        """One page of the rows that the parameters leave."""
        asked = request.query_params
        self._refuse_unknown(asked, _PAGING)
        limit = _limit(asked.get("limit"))
        by_relevance = self.relevance is not None and self.relevance.parameter in asked
        ordering = asked.get("ordering", RELEVANCE if by_relevance else self.default_ordering)
        column, descending = ordering.removeprefix("-"), ordering.startswith("-")
        by_relevance = by_relevance and ordering == RELEVANCE
        if column not in self.columns and not by_relevance:
            raise bad_parameter("ordering", "ordering_unknown", _("This order is not offered."))
        stamp = self._stamp(asked, ordering)
        searched = self.relevance.parameter if self.relevance and by_relevance else ""
        rows = self._narrowed(rows, asked, user, apart=searched)
        tiers: Sequence[models.QuerySet[Any]] = [rows]
        if self.relevance and searched:
            column = self.relevance.column
            tiers = self.relevance.tiers(rows, self._value(searched, asked))
        return self._page(request, tiers, column, descending, limit, stamp)

    def narrowed(self, rows: models.QuerySet[Any], filters: Mapping[str, Any], user: User) -> Any:
        """What the filters leave of the rows, where they come in a body: texts, or lists of them.

        Raises Refused, like the list itself.
        """
        asked: MultiValueDict[str, str] = MultiValueDict(
            {name: value if isinstance(value, list) else [value] for name, value in filters.items()}
        )
        self._refuse_unknown(asked, frozenset())
        return self._narrowed(rows, asked, user, apart="")

    def _refuse_unknown(self, asked: Any, also: Collection[str]) -> None:
        for name in asked:
            if name not in self.filters and name not in also:
                raise bad_parameter(
                    name,
                    "unknown_parameter",
                    _("“%(name)s” is not a parameter here.") % {"name": name},
                )
            repeated = name in self.filters and self.filters[name].repeated
            if len(asked.getlist(name)) > 1 and not repeated:
                raise bad_parameter(
                    name,
                    "parameter_repeated",
                    _("“%(name)s” can be given once only.") % {"name": name},
                )

    def _narrowed(self, rows: models.QuerySet[Any], asked: Any, user: User, *, apart: str) -> Any:
        """What the filters leave; all but the one that is searched by."""
        for name, one in self.filters.items():
            if name in asked and name != apart:
                rows = one.narrow(rows, self._value(name, asked), user)
        return rows

    def _value(self, name: str, asked: Any) -> Any:
        one = self.filters[name]
        try:
            values = [one.parse(_clean(text)) for text in asked.getlist(name)]
        except (ValueError, KeyError):
            raise bad_parameter(
                name,
                "parameter_invalid",
                _("“%(name)s” does not have a valid value.") % {"name": name},
            ) from None
        return values if one.repeated else values[0]

    def _page(
        self,
        request: Request,
        tiers: Sequence[models.QuerySet[Any]],
        column: str,
        descending: bool,
        limit: int,
        stamp: str,
    ) -> HttpResponse:
        text = request.query_params.get("cursor")
        backward, position = False, None
        if text is not None:
            read = _reader(self.shape.model, column) if column in self.columns else str
            backward, position = _read_cursor(text, stamp, read)
        down = descending != backward
        keys = _keys(tiers, column, position, down=down, backward=backward, limit=limit + 1)
        asked = request.query_params
        found = self.shape.page(
            keys,
            ascending=not down,
            backward=backward,
            plan_anew=any(one.plan_anew for name, one in self.filters.items() if name in asked),
        )
        more = len(found) > limit
        found = found[:limit]
        if backward:
            found.reverse()
        has_next = more if not backward else position is not None
        has_previous = more if backward else position is not None
        return answer(
            {
                "next": _link(request, found[-1], stamp, False) if found and has_next else None,
                "previous": (
                    _link(request, found[0], stamp, True) if found and has_previous else None
                ),
                "results": self._results([row[0] for row in found]),
            }
        )

    def _results(self, texts: list[str]) -> Any:
        if self.finish is not None:
            return [self.finish(text) for text in texts]
        return orjson.Fragment("[" + ",".join(texts) + "]")

    def _stamp(self, asked: Any, ordering: str) -> str:
        """A cursor belongs to the filters and the order that it was made under."""
        filters = sorted((name, asked.getlist(name)) for name in asked if name in self.filters)
        return blake2s(orjson.dumps([filters, ordering]), digest_size=6).hexdigest()


def _clean(text: str) -> str:
    if "\0" in text or len(text) > 500:
        raise ValueError(text)
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    sound = text.isascii() and text.isdigit() and len(text) < 10
    if not sound or not 1 <= int(text) <= LARGEST_LIMIT:
        raise bad_parameter(
            "limit",
            "limit_invalid",
            _("The limit is a number from 1 to %(largest)d.") % {"largest": LARGEST_LIMIT},
        )
    return int(text)


def _keys(
    tiers: Sequence[models.QuerySet[Any]],
    column: str,
    position: Position | None,
    *,
    down: bool,
    backward: bool,
    limit: int,
) -> models.QuerySet[Any]:
    """(tier, pk, key) of the rows beyond the position, each tier read by its own index.

    PostgreSQL reads the parts of a UNION ALL one after the other and stops when it has enough, so
    a page that the first tier fills costs nothing of the others.
    """
    order = (f"-{column}", "-pk") if down else (column, "pk")
    parts = []
    for tier, rows in enumerate(tiers):
        if position is not None and tier == position[0]:
            rows = rows.filter(_beyond(column, position[1:], down))
        elif position is not None and (tier > position[0]) == backward:
            continue
        parts.append(keys_of(rows.order_by(*order), column, tier=tier)[:limit])
    if backward:
        parts.reverse()
    if not parts:  # A cursor of more tiers than there are was made by hand.
        return keys_of(tiers[0].none(), column)
    keys: models.QuerySet[Any] = parts[0]
    return keys.union(*parts[1:], all=True)[:limit] if len(parts) > 1 else keys


def _beyond(column: str, position: tuple[Any, UUID], descending: bool) -> Q:
    """Rows after a position. Written so that the index on (column, id) finds the start."""
    key, pk = position
    side, past = ("lte", "lt") if descending else ("gte", "gt")
    if column in ("pk", "id"):
        return Q(**{f"pk__{past}": pk})
    return Q(**{f"{column}__{side}": key}) & (
        Q(**{f"{column}__{past}": key}) | Q(**{f"pk__{past}": pk})
    )


def _link(request: Request, row: tuple[Any, ...], stamp: str, backward: bool) -> str:
    _json, pk, key, tier = row
    text = key.isoformat() if isinstance(key, datetime) else key
    cursor = [stamp, int(backward), text, str(pk), int(tier)]
    parameters = [
        (name, value)
        for name in request.query_params
        if name != "cursor"
        for value in request.query_params.getlist(name)
    ]
    parameters.append(("cursor", urlsafe_b64encode(orjson.dumps(cursor)).decode().rstrip("=")))
    return request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")


def _reader(model: type[models.Model], column: str) -> Callable[[str], Any]:
    """How the text of a key becomes its value. A reader raises ValueError for what is none."""
    match model._meta.get_field(column):
        case models.DateTimeField():
            return _moment
        case models.DateField():
            return date.fromisoformat
    return str


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(text)
    return moment


def _read_cursor(text: str, stamp: str, read: Callable[[str], Any]) -> tuple[bool, Position]:
    try:
        made_for, backward, key, pk, tier = orjson.loads(
            urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
        position = (int(tier), read(key), UUID(pk))
        if made_for != stamp or "\0" in key:
            raise ValueError(text)
    except (ValueError, TypeError, AttributeError):
        raise bad_parameter(
            "cursor", "cursor_invalid", _("This cursor does not belong to this list.")
        ) from None
    return bool(backward), position
