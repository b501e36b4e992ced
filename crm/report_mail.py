"""The weekly report as a mail: what it says, its subject, text on purpose, HTML for the eye."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from crm import mail_html, report_charts, report_layout
from crm.domain.files import XLSX
from crm.presentation import is_quiet
from crm.report_charts import Chart
from crm.report_workbook import workbook
from crm.weeks import Week

FUNNEL = "funnel"
READ_WHOLE = (FUNNEL, "needs_action")
"""The section that is also drawn as bars."""
MOST_BYTES = 90_000
"""Gmail cuts a mail off at 102 KB: a longer one shows fewer rows of each section."""
ARROWS = {"+": "↑", "−": "↓"}
ROWS = ((10, 10), (10, 5), (10, 3), (10, 2), (10, 1), (10, 0), (2, 0), (0, 0))
"""Of the sections that are read whole, and of the others, which lead on: a manager has three
minutes. The plain text and the workbook have every row."""


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

    def kept(self) -> dict[str, Any]:
        """Everything that it says as JSON, to be kept with the report."""
        zone = self.cut_off.tzinfo
        return {
            "week": str(self.week),
            "unit": self.unit,
            "cut_off": self.cut_off.isoformat(),
            "zone": zone.key if isinstance(zone, ZoneInfo) else "UTC",
            "is_final": self.is_final,
            "subject": self.subject,
            "summary": self.summary,
            "blocks": self.blocks,
        }

    @classmethod
    def again(cls, kept: Mapping[str, Any]) -> "Content":
        """A report as it was kept."""
        return cls(
            week=Week.parse(kept["week"]),
            unit=kept["unit"],
            cut_off=datetime.fromisoformat(kept["cut_off"]).astimezone(ZoneInfo(kept["zone"])),
            is_final=kept["is_final"],
            subject=kept["subject"],
            summary=kept["summary"],
            blocks=kept["blocks"],
        )


class Part(NamedTuple):
    """What the mail carries beside its text: a picture of the HTML (`cid:`), or an attachment."""

    name: str
    content_type: str
    content_id: str
    content: bytes


class Letter(NamedTuple):
    """The whole mail."""

    text: str
    html: str
    parts: tuple[Part, ...]


def subject(week: Week, unit: str, built: list[dict[str, Any]]) -> str:
    """The mail's subject, with the first figures in it so that it need not be opened; two, because
    a phone shows no more."""
    words = " · ".join(_in_subject(figure) for figure in report_layout.tiles(built)[:2])
    return _("[Pipeline] Week %(number)s, %(unit)s: %(figures)s") % {
        "number": week.number,
        "unit": unit,
        "figures": _("a quiet week") if is_quiet(built) else words,
    }


def _in_subject(figure: Mapping[str, Any]) -> str:
    said, change = f"{figure['label']} {figure['shown']}", figure.get("delta_shown") or ""
    if change[:1] not in ARROWS:
        return said
    return _("%(figure)s (%(change)s)") % {
        "figure": said,
        "change": ARROWS[change[0]] + change[1:],
    }


def letter(content: Content) -> Letter:
    """The report as a mail with pictures and workbook, in the active language and zone."""
    charts = _charts(content)
    html = page(content, charts)
    parts = [
        Part(f"{one.name}.png", "image/png", one.content_id, one.png) for one in charts.values()
    ]
    if not is_quiet(content.blocks):
        parts.append(Part(file_name(content), XLSX, "", attachment(content)))
    return Letter(plain_text(content), html, tuple(parts))


def file_name(content: Content) -> str:
    """What the workbook is called."""
    return f"pipeline-{content.week}.xlsx"


def attachment(content: Content) -> bytes:
    """The workbook: the same figures and rows as numbers, for whoever wants to work on them."""
    return workbook(
        content,
        [
            (_title(content), ""),
            (_("Days"), f"{content.week.monday.isoformat()} – {content.week.sunday.isoformat()}"),
            (_("As it stood at"), f"{_minute(content.cut_off)} ({content.cut_off.tzinfo})"),
            *([(_("In one sentence"), content.summary)] if content.summary else []),
        ],
    )


def plain_text(content: Content) -> str:
    """The report for who reads mails as text: written on purpose, with every row."""
    tiles = report_layout.tiles(content.blocks)
    blocks = []
    for block in content.blocks:
        figures = report_layout.rest(block, tiles)
        if block["rows"] or figures:
            blocks.append(report_layout.as_text(block) | {"figures": figures})
    lines = [[one["label"], one["shown"], one.get("delta_shown") or ""] for one in tiles]
    weeks = report_layout.four_weeks(tiles)
    if weeks:
        past = [["", *weeks["weeks"]], *([one["label"], *one["shown"]] for one in weeks["rows"])]
    else:
        past = []
    context = _said(content) | {
        "text_figures": report_layout.aligned(lines, [False, True, True]),
        "text_weeks": report_layout.aligned(past, [False] + [True] * 4) if past else [],
        "text_blocks": blocks,
    }
    return render_to_string("crm/mail/weekly.txt", context)


def page(content: Content, charts: Mapping[str, Chart] | None = None) -> str:
    """The report's HTML, short enough not to be cut off by any mailbox."""
    drawn = _charts(content) if charts is None else charts
    for whole, others in ROWS:
        html = mail_html.page("crm/mail/weekly.mjml", _drawn(content, drawn, whole, others))
        if len(html.encode()) <= MOST_BYTES:
            break
    return html


def on_screen(html: str, parts: Iterable[Part]) -> str:
    """The HTML with its pictures in it, for a frame on a page that has no mail around it."""
    for part in parts:
        if part.content_id:
            inline = base64.b64encode(part.content).decode()
            address = f"data:{part.content_type};base64,{inline}"
            html = html.replace(f"cid:{part.content_id}", address)
    return html


def _said(content: Content) -> dict[str, Any]:
    """What text and HTML have in common."""
    keys = {block["key"] for block in content.blocks if block["rows"]}
    return {
        "content": content,
        "subject": content.subject,
        "title": _title(content),
        "first_day": content.week.monday.isoformat(),
        "last_day": content.week.sunday.isoformat(),
        "cut_off": _minute(content.cut_off),
        "base": settings.PUBLIC_URL,
        "quiet": is_quiet(content.blocks),
        "tells_of_funnel": FUNNEL in keys,
        "tells_of_stale": any("stale" in key for key in keys),
    }


def _title(content: Content) -> str:
    return _("Pipeline report, week %(number)s · %(unit)s") % {
        "number": content.week.number,
        "unit": content.unit,
    }


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _drawn(
    content: Content, charts: Mapping[str, Chart], whole: int, others: int
) -> dict[str, Any]:
    """What the template of the HTML needs."""
    tiles = [
        one | {"chart": charts.get(_chart_of(one))} for one in report_layout.tiles(content.blocks)
    ]
    named = report_layout.tiles(content.blocks)
    blocks = []
    for block in content.blocks:
        figures = report_layout.rest(block, named)
        if block["rows"] or figures:
            chart = charts.get(block["key"])
            blocks.append(
                {
                    "title": block["title"],
                    "link": block["link"],
                    "figures": figures,
                    "chart": chart,
                    "bar": block["bar"] and not chart,
                    **report_layout.table(block, whole if block["key"] in READ_WHOLE else others),
                }
            )
    return _said(content) | {
        "preview": content.summary or content.subject,
        "tile_rows": report_layout.in_rows(tiles),
        "weeks": report_layout.four_weeks(tiles),
        "blocks": blocks,
    }


def _charts(content: Content) -> dict[str, Chart]:
    """The pictures, by the section or the figure that they show."""
    if is_quiet(content.blocks):
        return {}
    found: dict[str, Chart] = {}
    for tile in report_layout.tiles(content.blocks)[: report_layout.TILES]:
        history = tile.get("history") or ()
        if sum(one["value"] is not None for one in history) > 1:
            found[_chart_of(tile)] = report_charts.line(
                f"line-{tile['key']}",
                tile["label"],
                [one["value"] for one in history],
                [one["shown"] for one in history],
            )
    for block in content.blocks:
        if block["key"] == FUNNEL and block["rows"] and block["bar"]:
            found[FUNNEL] = report_charts.bars(
                FUNNEL,
                block["title"],
                [row["shown"][0] for row in block["rows"]],
                [row["values"][block["bar"]] or 0 for row in block["rows"]],
            )
    return found


def _chart_of(tile: Mapping[str, Any]) -> str:
    return f"line:{tile['key']}"
