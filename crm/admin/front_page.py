"""The front page: this week so far, in the same sections as the weekly mail."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import presentation, report_layout
from crm.admin.site import has_a_role, viewer
from crm.domain import calendar, weekly_report
from crm.models import Role, User

WARNED = (Role.ADMINISTRATOR, Role.BRANCH_MANAGER, Role.TEAM_LEAD)
"""Who is told that the calendar is not complete: they can do something about it."""


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the front page shows to this person."""
    me = viewer(request)
    context |= {"title": _("Front page"), "greeting": _greeting(me)}
    if not has_a_role(me):
        return context | {"no_role": True}
    now = timezone.now()
    zone = ZoneInfo(me.time_zone)
    today = now.astimezone(zone).date()
    content = weekly_report.reckon(me, None, at=now, unit=None)
    blocks = content.blocks
    tiles = report_layout.tiles(blocks)
    return context | {
        "week": content.week,
        "summary": content.summary,
        "today": today,
        "tiles": [one | _course(one) for one in tiles],
        "blocks": [
            drawn for block in blocks if (drawn := _drawn(block, tiles))["rows"] or drawn["others"]
        ],
        "warnings": calendar.warnings(calendar.load(), today) if me.scope.holds(*WARNED) else [],
        "quiet": presentation.is_quiet(blocks),
    }


def _greeting(me: User) -> str:
    hour = timezone.localtime(timezone.now(), ZoneInfo(me.time_zone)).hour
    if hour < 12:
        words = _("Good morning, %(name)s")
    elif hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": me.full_name}


def _course(tile: Mapping[str, Any]) -> dict[str, Any]:
    """How a tile came to be what it is. A week that is not over is not compared with a whole one:
    the screen says what stood there last week, and the mail says how that changed."""
    history = tile.get("history") or []
    last = history[-2]["shown"] if len(history) > 1 and history[-2]["value"] is not None else ""
    known = [one for one in history if one["value"] is not None]
    said = ", ".join(f"{one['week']}: {one['shown']}" for one in known)
    return {
        "last_week": last,
        "line": report_layout.line([one["value"] for one in history]),
        "weeks": said,
    }


def _drawn(block: dict[str, Any], tiles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A block for the screen: each cell knows whether it is a number, each bar how long it is.

    Figures that stand in no tile stand above the table.
    """
    numeric = [column["kind"] in presentation.NUMBERS for column in block["columns"]]
    return {
        **block,
        "others": report_layout.rest(block, tiles),
        "headers": [
            (column["label"], number)
            for column, number in zip(block["columns"], numeric, strict=True)
        ],
        "rows": [
            {**row, "cells": list(zip(row["shown"], numeric, strict=True))} for row in block["rows"]
        ],
    }
