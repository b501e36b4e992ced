"""What the cells of a row say, as the values that the verbs take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.domain.sheets import unguarded
from crm.errors import InvalidInput
from merchants import names
from merchants.domain.file_rules import NOT_A_VALUE
from merchants.domain.import_columns import (
    COLUMNS,
    CONTACT,
    IGNORED,
    MERCHANT,
    OUTLET,
    Column,
    field_of,
)
from merchants.models import Merchant

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?")
_YUAN = re.compile(r"\d{1,11}(\.\d{1,2})?")
_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,15})?")


@dataclass
class Given:
    """The values of one row that hold something, by whose they are."""

    merchant: dict[str, Any] = field(default_factory=dict)
    outlet: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)


def given(columns: Sequence[str], cells: Sequence[str]) -> Given:
    """A row's values, of sound length and form.

    Raises InvalidInput naming the column.
    """
    found = Given()
    of_noun = {MERCHANT: found.merchant, OUTLET: found.outlet, CONTACT: found.contact}
    for name, cell in zip(columns, cells, strict=True):
        text = unguarded(cell.strip())
        if name == IGNORED or not text:
            continue
        if text.startswith("="):
            raise InvalidInput(NOT_A_VALUE, code="cell_not_a_value", attr=name)
        column = COLUMNS[name]
        of_noun[column.noun][column.value] = _value(name, column, text)
    # Some signs are written out when names are compared: ㍿ becomes 株式会社.
    longest = Merchant._meta.get_field("normalised_name").max_length
    _refuse_too_long("name", names.normalised(found.merchant.get("name", "")), longest)
    if found.contact.keys() - {"lawful_basis"} and "full_name" not in found.contact:
        raise InvalidInput(
            _("Name the person whose details these are."),
            code="contact_needs_name",
            attr="contact_name",
        )
    if "full_name" not in found.contact:
        found.contact.clear()
    if found.outlet and "name" not in found.outlet:
        raise InvalidInput(
            _("Name the outlet that has this address."),
            code="outlet_needs_name",
            attr="outlet_name",
        )
    return found


def _value(name: str, column: Column, text: str) -> Any:
    match column.kind:
        case "choice":
            return _coded(name, column, text)
        case "day":
            return _day(name, text)
        case "yuan":
            return _fen(name, text)
        case "degrees":
            return _degrees(name, text)
    stored = field_of(column)
    if stored is not None:
        _refuse_too_long(name, text, stored.max_length)
    return text


def _refuse_too_long(name: str, value: str, longest: int | None) -> None:
    if longest is not None and len(value) > longest:
        raise InvalidInput(
            _("This is too long: %(longest)s characters at the most.") % {"longest": longest},
            code="too_long",
            attr=name,
        )


def _coded(name: str, column: Column, text: str) -> str:
    """The code behind a code or a label in either language."""
    stored = field_of(column)
    assert stored is not None, f"{name} has no words"
    words = _codes(stored)
    code = words.get(text.lower())
    if code is None:
        known = ", ".join(f"{label} ({value})" for value, label in stored.flatchoices)
        raise InvalidInput(
            _("Write one of: %(words)s.") % {"words": known}, code=f"{name}_unknown", attr=name
        )
    return code


@cache
def _codes(stored: "models.Field[object, object]") -> dict[str, str]:
    codes: dict[str, str] = {}
    for value, label in stored.flatchoices:
        codes[str(value).lower()] = str(value)
        for language in ("zh-hans", "en"):
            with translation.override(language):
                codes[str(label).lower()] = str(value)
    return codes


def _day(name: str, text: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise InvalidInput(
            _("Write a day, like 2026-11-18."), code="day_invalid", attr=name
        ) from None


def _fen(name: str, text: str) -> int:
    plain = text.replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥")
    if not _YUAN.fullmatch(plain):
        raise InvalidInput(
            _("Write a sum in yuan, like 48000.00."), code="money_invalid", attr=name
        )
    return int(Decimal(plain) * 100)


def _degrees(name: str, text: str) -> Decimal:
    most = 90 if name == "latitude" else 180
    if not _DEGREES.fullmatch(text) or abs(Decimal(text)) > most:
        raise InvalidInput(
            _("Write degrees as a decimal number, like 31.230416."),
            code="degrees_invalid",
            attr=name,
        )
    return round(Decimal(text), 6)
