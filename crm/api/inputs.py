"""What comes in: closed shapes. A field that nobody knows is refused, never ignored."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

LARGEST_YUAN = Decimal("99999999999.99")


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


class ClientId(serializers.UUIDField):
    """An id that the client made: a UUIDv7."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, help_text="UUIDv7; the server makes one if absent", **kwargs)


class YuanField(serializers.DecimalField):
    """A sum in yuan, taken as a decimal string and handed on as integer fen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_digits=13, decimal_places=2, min_value=0, max_value=LARGEST_YUAN, **kwargs
        )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool | float):
            # A float has lost fen before it arrives.
            self.fail("invalid")
        return int(super().to_internal_value(data) * 100)


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
