"""What comes in: closed shapes. A field that nobody knows is refused, never ignored.

Values are taken in the one form that the schema names. What could be read in two ways (a float for
money, a moment without its offset) is refused instead of guessed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

YUAN = r"^[0-9]{1,11}(\.[0-9]{1,2})?$"
_YUAN = re.compile(YUAN[1:-1])
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def id_of(text: Any) -> UUID:
    """An id in its usual form. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise ValueError(text)
    return UUID(text)


def moment_of(text: Any) -> datetime:
    """An RFC 3339 instant with its offset. Raises ValueError, also where UTC has no such day."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def flag_of(text: str) -> bool:
    """`true` or `false` in a query string. Raises KeyError for anything else."""
    return {"true": True, "false": False}[text]


class Input(serializers.Serializer[Any]):
    """The base of every body."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name[:100]: serializers.ErrorDetail(
                            str(_("This field is not known here.")), "unknown_field"
                        )
                        for name in unknown[:20]
                    }
                )
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """The id of a row."""

    def to_internal_value(self, data: Any) -> UUID:
        try:
            return id_of(data)
        except ValueError:
            self.fail("invalid", value=data)


class ClientId(Id):
    """An id that the client made: a UUIDv7."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, help_text="UUIDv7; the server makes one if absent", **kwargs
        )


class Moment(serializers.DateTimeField):
    """An instant with its offset: without one, nobody knows whose ten o'clock it is."""

    default_error_messages = {
        "moment": _("Write a time with its offset, like 2026-11-18T15:30:00+08:00.")
    }

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return moment_of(value)
        except ValueError:
            self.fail("moment")


class Day(serializers.DateField):
    """A day, like 2026-11-18."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day: date = super().to_internal_value(value)
        return day


class Flag(serializers.BooleanField):
    """true or false, and no other word for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of the words. Numbers and lists are none, however they may look as text."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": YUAN, "example": "48000.00"})
class YuanField(serializers.Field[int, str, str, Any]):
    """A sum in yuan, taken as a decimal string and handed on as integer fen.

    A number in JSON is refused: it is a float to most readers, and has lost fen before it arrives.
    """

    default_error_messages = {
        "money": _("Write a sum in yuan as text, like “48000.00”, from zero to 99999999999.99.")
    }

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _YUAN.fullmatch(data):
            self.fail("money")
        yuan, _point, fen = data.partition(".")
        return int(yuan) * 100 + int(fen.ljust(2, "0"))


class Line(serializers.CharField):
    """One line of text, trimmed, bounded."""

    def __init__(self, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        # Numbers are not names: take strings only.
        if not isinstance(data, str):
            self.fail("invalid")
        return " ".join(super().to_internal_value(data).splitlines())


class Words(serializers.CharField):
    """Free text, bounded."""

    def __init__(self, max_length: int = 5000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
