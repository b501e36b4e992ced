"""JSON in: strict, so that nothing odd gets farther than the door."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 16


class JsonParser(BaseParser):
    """Refuses broken encodings, lone surrogates, NUL characters, NaN and bottomless nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            # Not the stream: only `body` refuses what is too large before taking it in.
            data = orjson.loads((parser_context or {})["request"].body)
        except orjson.JSONDecodeError:
            raise ParseError(_("The body is not valid JSON in UTF-8."), "body_invalid") from None
        _check(data, DEEPEST)
        return data


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise ParseError(_("The body is nested too deeply."), "body_too_deep")
    if isinstance(value, str):
        if "\0" in value:
            raise ParseError(_("NUL characters are not allowed."), "nul_character")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check(name, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
