"""How sections are written for people: JSON blocks, tiles, tables, the mail.

A *block* is one section as plain values plus the words for them. The mail, the front page and the
JSON endpoint are all made from the same blocks.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from crm import needs_action
from crm.sections import Audience, Column, Figure, Kind, Period, Section, Table, registered
from crm.weeks import Week

log = structlog.get_logger()

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\t-\r\x85\u2028\u2029]+")
NO_DATA = "—"
MISSING = "missing"
"""The only column of a section that could not be reckoned."""
NOTHING = (None, 0, "0.00")
NUMBERS = (Kind.COUNT, Kind.MONEY, Kind.PERCENT)
"""Kinds that stand to the right in their column."""


type Past = Sequence[tuple[Week, Mapping[str, int | None] | None]]
"""The weeks before, the oldest first, each with its figures by name; none where none were kept."""


def named(section: str, figure: str) -> str:
    """The name of a figure in the whole report."""
    return f"{section}.{figure}"


type Built = list[tuple[str, str, Table]]
"""Key, title and table of each section that has something to say, in order."""


def tables(audience: Audience, period: Period) -> Built:
    """Every registered section that has something to say.

    What sections say needs somebody to do something about stands together in one of its own. A
    section that cannot be reckoned says so, and the others stand.
    """
    built = _built(audience, period)
    asked = needs_action.section([table.actions for _section, table in built])
    found = sorted([*built, asked], key=lambda one: (one[0].order, one[0].key))
    return [
        (section.key, str(section.title), table)
        for section, table in found
        if table.rows or table.figures
    ]


def _built(audience: Audience, period: Period) -> list[tuple[Section, Table]]:
    try:
        # What a failing statement leaves behind is undone with it, and the transaction goes on.
        with transaction.atomic():
            return [(section, section.build(audience, period)) for section in registered()]
    except Exception:
        # Once more, each on its own: only where something fails is that worth the statements.
        return [(section, _alone(section, audience, period)) for section in registered()]


def _alone(section: Section, audience: Audience, period: Period) -> Table:
    try:
        with transaction.atomic():
            return section.build(audience, period)
    except Exception:
        log.exception("report_section_failed", section=section.key, week=str(period.week))
        return Table(
            columns=(Column(MISSING, pgettext_lazy("report", "Missing")),),
            rows=[{MISSING: _("This part could not be reckoned. The others are complete.")}],
        )


def blocks(built: Built, week: Week, past: Past = ()) -> list[dict[str, Any]]:
    """The sections as plain values with the words for them."""
    return [block(key, title, table, week, past) for key, title, table in built]


def figures(built: Built) -> dict[str, int | None]:
    """Every figure of the report by its name, as the sections gave it."""
    return {
        named(key, figure.key): figure.value
        for key, _title, table in built
        for figure in table.figures
    }


def block(
    key: str, title: str, table: Table, week: Week | None = None, past: Past = ()
) -> dict[str, Any]:
    """One section as plain JSON values, with what a person reads beside each value.

    A figure has its `delta` to the week before, none if that week's figure is not known, and as
    `history` the weeks before and its own, the oldest first; a week without figures is a gap.
    """
    longest = max((row[table.bar] or 0 for row in table.rows), default=0) if table.bar else 0
    return {
        "key": key,
        "title": title,
        "link": table.link,
        "left_out": table.left_out,
        "bar": table.bar,
        "figures": [
            {
                "key": figure.key,
                "label": str(figure.label),
                "kind": str(figure.kind),
                "value": plain(figure.value, figure.kind),
                "shown": shown(figure.value, figure.kind),
                "link": figure.link,
                "is_headline": figure.is_headline,
            }
            | _course(named(key, figure.key), figure, week, past)
            for figure in table.figures
        ],
        "columns": [
            {"key": column.key, "label": str(column.label), "kind": str(column.kind)}
            for column in table.columns
        ],
        "rows": [
            {
                "link": row.get("link", ""),
                "values": {
                    column.key: plain(row[column.key], column.kind) for column in table.columns
                },
                "shown": [shown(row[column.key], column.kind) for column in table.columns],
                # The length of the row's bar in per cent of the longest one.
                "bar": round(row[table.bar] * 100 / longest) if longest and row[table.bar] else 0,
            }
            for row in table.rows
        ],
    }


def _course(name: str, figure: Figure, week: Week | None, past: Past) -> dict[str, Any]:
    """How a figure came to be what it is: against the week before, and over the weeks."""
    before = [(earlier, figures.get(name) if figures else None) for earlier, figures in past]
    last = before[-1][1] if before else None
    delta = None if last is None or figure.value is None else figure.value - last
    points = [*before, (week, figure.value)] if week and figure.is_headline else []
    return {
        "delta": plain(delta, figure.kind),
        "delta_shown": "" if delta is None else changed(delta, figure.kind),
        "history": [
            {
                "week": str(one),
                "value": plain(value, figure.kind),
                "shown": shown(value, figure.kind),
            }
            for one, value in points
        ],
    }


def changed(delta: int, kind: Kind) -> str:
    """A change as people read it: +2, −¥1,200, ±0."""
    if delta == 0:
        return "±0"
    return f"{'+' if delta > 0 else '−'}{shown(abs(delta), kind)}"


def plain(value: Any, kind: Kind) -> Any:
    """A value as JSON: money in yuan as a decimal string, per cent as a number with two places."""
    if value is None:
        return None
    match kind:
        case Kind.MONEY:
            return yuan(value)
        case Kind.PERCENT:
            return f"{Decimal(value) / 100:.2f}"
        case Kind.DAY | Kind.INSTANT:
            return value.isoformat()
        case Kind.COUNT:
            return value
        case _:
            return on_one_line(value)


def shown(value: Any, kind: Kind) -> str:
    """A value as people read it, in the active language and zone."""
    if value is None:
        return NO_DATA
    match kind:
        case Kind.MONEY:
            return money(value)
        case Kind.PERCENT:
            return f"{Decimal(value) / 100:.1f}%"
        case Kind.COUNT:
            return f"{value:,}"
        case Kind.DAY:
            return formats.date_format(value, "Y-m-d")
        case Kind.INSTANT:
            return moment(value)
        case _:
            return on_one_line(value)


def on_one_line(text: object) -> str:
    """What people typed, as it may stand between other words: no line of its own, and no mark that
    turns round what is written behind it."""
    return _SPACES.sub(" ", _TURNING.sub("", str(text)))


def yuan(fen: int) -> str:
    """Fen as yuan with two places, for machines: 123456 → "1234.56"."""
    return f"{Decimal(fen) / 100:.2f}"


def exact(fen: int) -> str:
    """Fen as an account is read, to the last of them: ¥1,792.00, −¥12.50."""
    return f"{'−' if fen < 0 else ''}¥{Decimal(abs(fen)) / 100:,.2f}"


def money(fen: int) -> str:
    """Fen as people say it: 667 万元, 1.23 亿元; in English ¥6.67m, ¥1.23bn."""
    amount = Decimal(fen) / 100
    size = abs(amount)
    if (get_language() or "").startswith("zh"):
        if size >= 100_000_000:
            return f"{_short(amount / 100_000_000)} 亿元"
        if size >= 10_000:
            return f"{_short(amount / 10_000)} 万元"
        return f"{_short(amount)} 元"
    if size >= 1_000_000_000:
        return f"¥{_short(amount / 1_000_000_000)}bn"
    if size >= 1_000_000:
        return f"¥{_short(amount / 1_000_000)}m"
    return f"¥{_short(amount)}"


def _short(number: Decimal) -> str:
    return f"{number:,.2f}".removesuffix(".00")


def moment(at: datetime) -> str:
    """An instant in the active zone, to the minute."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def is_quiet(built: list[dict[str, Any]]) -> bool:
    """Whether there is nothing to tell: no row anywhere and every figure is zero."""
    return not any(
        one["rows"] or any(figure["value"] not in NOTHING for figure in one["figures"])
        for one in built
    )
