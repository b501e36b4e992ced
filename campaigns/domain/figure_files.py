"""Files of card figures: their columns, their cells read, their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from campaigns.domain.figure_lines import FORMS, Line
from campaigns.models import Campaign, FigureKind
from crm.actors import Actor
from crm.domain import sheets
from crm.domain.sheets import FileFormat
from crm.models import OrgUnit
from merchants.domain.file_rules import FileRefused
from merchants.domain.file_rules import Line as Cells
from merchants.models import Merchant

_PARTS = {"merchant": "商户", "campaign": "活动"}
COLUMNS: dict[str, dict[str, str]] = {
    FigureKind.DAILY: {
        "unit": "机构",
        "day": "日期",
        **_PARTS,
        "cards_issued": "新增发卡",
        "cards_attributed": "商户带动新增发卡",
        "cards_activated": "激活卡数",
        "transactions": "交易笔数",
        "spend": "交易金额",
        "reversed": "冲正金额",
        "offers_issued": "发放数",
        "offers_claimed": "领取数",
        "offers_redeemed": "核销数",
        "offers_reversed": "冲正核销数",
    },
    FigureKind.COHORT: {
        "unit": "机构",
        "approved_on": "核卡日期",
        "as_of": "统计截止日",
        **_PARTS,
        "cards": "核卡数",
        "activated": "激活卡数",
        "swiped_30": "30日首刷卡数",
        "swiped_60": "60日首刷卡数",
        "swiped_90": "90日首刷卡数",
    },
    FigureKind.SNAPSHOT: {
        "unit": "机构",
        "day": "日期",
        "cards_issued": "累计发卡",
        "policy_cards": "政策性功能卡",
        "cards_in_force": "流通卡",
        "active_1": "1个月活卡",
        "active_3": "3个月活卡",
        "active_6": "6个月活卡",
        "active_12": "12个月活卡",
        "accounts_in_force": "流通户",
        "active_accounts": "活跃户",
        "sleeping_cards": "睡眠卡",
    },
}
"""Our names of the columns and how files call them, in the order of the template."""

ERROR_TITLES = ("行号", "栏目", "原因代码", "原因")
"""What our files of errors have beside the file's own columns; left out when they come back."""
IGNORED = "-"
MONEY = {"spend": "spend_fen", "reversed": "reversed_fen"}
"""Columns in yuan, and where their fen go."""
NEEDED: dict[str, tuple[str, ...]] = {
    FigureKind.DAILY: ("unit", "day"),
    FigureKind.COHORT: ("unit", "approved_on", "as_of", "cards"),
    FigureKind.SNAPSHOT: ("unit", "day", "cards_issued", "cards_in_force", "sleeping_cards"),
}


@dataclass(frozen=True)
class Names:
    """How files call units, merchants and campaigns: by id, by name, by credit code."""

    units: Mapping[str, UUID]
    merchants: Mapping[str, UUID]
    campaigns: Mapping[str, UUID]


def columns_of(kind: str, header: Sequence[str]) -> list[str]:
    """Our name of each column of a file.

    Raises FileRefused with code `columns_unknown`, `columns_twice` or `columns_missing`; all that
    are wrong are named.
    """
    known = {name: name for name in COLUMNS[kind]} | dict.fromkeys(ERROR_TITLES, IGNORED)
    known |= {chinese: name for name, chinese in COLUMNS[kind].items()}
    found = [known.get(title.strip(), "") for title in header]
    strange = [title.strip() or "–" for title, name in zip(header, found, strict=True) if not name]
    if strange:
        raise FileRefused(
            _("These columns are not known here: %(columns)s.")
            % {"columns": ", ".join(strange[:10])},
            code="columns_unknown",
        )
    named = [name for name in found if name != IGNORED]
    if len(set(named)) < len(named):
        raise FileRefused(_("A column stands in the file twice."), code="columns_twice")
    missing = [COLUMNS[kind][name] for name in NEEDED[kind] if name not in found]
    if missing:
        raise FileRefused(
            _("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)},
            code="columns_missing",
        )
    return found


def names_in(columns: Sequence[str], rows: Sequence[Cells], *, by: Actor) -> Names:
    """Look up whatever the rows call units, merchants and campaigns: three statements."""

    def texts(name: str) -> list[str]:
        place = columns.index(name) if name in columns else None
        if place is None:
            return []
        return sorted({cell for row in rows if (cell := row.cells[place].strip())})

    units, merchants, campaigns = texts("unit"), texts("merchant"), texts("campaign")
    return Names(
        units=_named(OrgUnit.objects.seen_by(by), units, "name"),
        merchants=_named(Merchant.objects.seen_by(by), merchants, "credit_code", "name"),
        campaigns=_named(Campaign.objects.seen_by(by), campaigns, "name"),
    )


def _named(rows: Any, texts: Sequence[str], *columns: str) -> dict[str, UUID]:
    """What each text stands for; a name that two rows have stands for neither."""
    found: dict[str, set[UUID]] = {}
    ids = [UUID(text) for text in texts if _is_id(text)]
    for pk in rows.filter(pk__in=ids).values_list("pk", flat=True) if ids else ():
        found.setdefault(str(pk), set()).add(pk)
    for column in columns if texts else ():
        wanted = rows.filter(**{f"{column}__in": texts})
        for pk, text in wanted.values_list("pk", column):
            found.setdefault(text, set()).add(pk)
    return {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def read(kind: str, columns: Sequence[str], row: Cells, names: Names) -> Line:
    """One row as a line; what cannot be read is its problem."""
    cells = {
        name: cell.strip() for name, cell in zip(columns, row.cells, strict=True) if cell.strip()
    }
    form = FORMS[kind]
    line = Line(row.number, None, None, {})
    for fault in row.faults:
        name = columns[fault.place] if fault.place is not None else None
        line.refuse(fault.code, fault.sentence, name)
    line.unit_id = names.units.get(cells.get("unit", ""))
    line.day = _day(line, form.day, cells.get(form.day, ""))
    for name, looked_up in (("merchant", names.merchants), ("campaign", names.campaigns)):
        if text := cells.get(name, ""):
            setattr(line, f"{name}_id", looked_up.get(text))
            if text not in looked_up:
                sentence = _("“%(name)s” is not known, or stands for several.") % {"name": text}
                line.refuse(f"{name}_unknown", sentence, name)
    line.counts = {
        count: _day(line, count, cells.get(count, ""))
        if count == "as_of"
        else _number(line, _column_of(count), cells.get(_column_of(count), ""))
        for count in form.counts
    }
    if line.counts.get("as_of", line.day) is None:
        line.refuse("day_missing", _("Say up to which day it is known."), "as_of")
    return line


def _column_of(count: str) -> str:
    return next((name for name, fen in MONEY.items() if fen == count), count)


def _day(line: Line, name: str, text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    if text:
        line.refuse("day_invalid", _("Write a day like 2026-11-18."), name)
    return None


def _number(line: Line, name: str, text: str) -> int:
    """A count, or yuan as fen; nothing written is zero."""
    if not text:
        return 0
    try:
        number = Decimal(sheets.unguarded(text).replace(",", "").replace("，", ""))
        scaled = number * 100 if name in MONEY else number
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise InvalidOperation
    except (InvalidOperation, OverflowError):
        sentence = (
            _("Write yuan with at most two places after the point.")
            if name in MONEY
            else _("A count is a whole number from zero up.")
        )
        line.refuse("number_invalid", sentence, name)
        return 0
    return int(scaled)


def template(kind: str, file_format: FileFormat) -> bytes:
    """A file with our headers and nothing below them."""
    return sheets.written(list(COLUMNS[kind].values()), [], file_format)
