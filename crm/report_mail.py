"""The weekly report as a mail: what it says, its subject, text on purpose, HTML for the eye."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

import css_inline
import orjson
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models import User
from crm.presentation import NUMBERS, is_quiet
from crm.sections import Kind
from crm.weeks import Week

TILES = 4
"""Tiles in a row."""


@dataclass(frozen=True)
class Content:
    """What one manager's report says."""

    week: Week
    unit: str
    cut_off: datetime
    """The end of what was counted, in the zone of the unit."""
    is_final: bool
    """False while the week is not over: the numbers may still change."""
    subject: str
    blocks: list[dict[str, Any]]
    """Each section as `presentation.block` gives it: plain JSON values."""
    summary: str = ""
    """The week in one sentence."""

    @property
    def start(self) -> datetime:
        """The Monday 00:00 that begins the week, in the zone of the unit."""
        zone = self.cut_off.tzinfo
        assert isinstance(zone, ZoneInfo)
        return self.week.starts(zone)

    @property
    def fingerprint(self) -> str:
        """Equal for equal numbers, whenever they were computed."""
        return hashlib.sha256(
            orjson.dumps([str(self.week), self.unit, self.blocks], option=orjson.OPT_SORT_KEYS)
        ).hexdigest()


def subject(week: Week, unit: str, built: list[dict[str, Any]]) -> str:
    """The mail's subject, with the first figures in it so that it need not be opened."""
    figures = [figure for one in built for figure in one["figures"] if figure["is_headline"]][:3]
    words = " · ".join(
        f"{figure['label']} {figure['shown']}"
        + (f" ({figure['delta_shown']})" if figure["delta_shown"] else "")
        for figure in figures
    )
    return _("[Pipeline] Week %(number)s, %(unit)s: %(figures)s") % {
        "number": week.number,
        "unit": unit,
        "figures": _("a quiet week") if is_quiet(built) else words,
    }


def mail(content: Content, recipient: User) -> tuple[str, str]:
    """The report's plain text and HTML, in the active language and zone."""
    figures = [figure for one in content.blocks for figure in one["figures"]]
    context = {
        "content": content,
        "recipient": recipient,
        "first_day": content.week.monday.isoformat(),
        "last_day": content.week.sunday.isoformat(),
        "cut_off": content.cut_off.strftime("%Y-%m-%d %H:%M"),
        "base": settings.PUBLIC_URL,
        "language": get_language(),
        "quiet": is_quiet(content.blocks),
        "tiles": [figures[start : start + TILES] for start in range(0, len(figures), TILES)],
        "text_figures": _aligned([[one["label"], one["shown"]] for one in figures], [False, True]),
        "text_blocks": [_as_text(one) for one in content.blocks if one["rows"]],
    }
    context["content_blocks"] = [_as_html(one) for one in content.blocks if one["rows"]]
    text = render_to_string("crm/mail/weekly.txt", context)
    html = render_to_string("crm/mail/weekly.html", context)
    return text, css_inline.inline(html, load_remote_stylesheets=False)


def _as_html(one: dict[str, Any]) -> dict[str, Any]:
    """A block with what its cells need to be drawn: numbers to the right, dates unbroken."""
    kinds = [column["kind"] for column in one["columns"]]
    columns = [column | {"is_number": column["kind"] in NUMBERS} for column in one["columns"]]
    rows = [
        row
        | {
            "cells": [
                {"shown": shown, "is_number": kind in NUMBERS, "is_short": kind == Kind.DAY}
                for shown, kind in zip(row["shown"], kinds, strict=True)
            ]
        }
        for row in one["rows"]
    ]
    return one | {"columns": columns, "rows": rows}


def _as_text(one: dict[str, Any]) -> dict[str, Any]:
    """A block as aligned lines."""
    header = [column["label"] for column in one["columns"]]
    numbers = [column["kind"] in NUMBERS for column in one["columns"]]
    return {
        "title": one["title"],
        "rule": "-" * _width(one["title"]),
        "lines": _aligned([header, *(row["shown"] for row in one["rows"])], numbers),
        "left_out": one["left_out"],
        "link": one["link"],
    }


def _aligned(lines: list[list[str]], right: list[bool]) -> list[str]:
    """Columns under each other, numbers to the right; Chinese characters are two places wide."""
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            " " * (width - _width(cell)) + cell if number else cell + " " * (width - _width(cell))
            for cell, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
