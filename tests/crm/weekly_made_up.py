"""A weekly report with made-up values, full or empty: for its looks, without a database."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from crm import presentation, report_mail
from crm.report_mail import Content
from crm.sections import Column, Figure, Kind, Table
from crm.weeks import Week
from leads.models.stages import FUNNEL

SUMMARY = {
    "en": "7 signed, 1 more than the week before; follow-ups overdue: 5.",
    "zh-hans": "签约 7 家，比上周多 1 家；逾期跟进 5 项。",
}
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week.parse("2026-W47")
PAST = {
    "2026-W44": {"won.won": 3, "to_come.expected": 580_000_000, "overdue.overdue": 9},
    "2026-W46": {
        "won.won": 6,
        "to_come.expected": 667_000_000,
        "overdue.overdue": 8,
        "budget_burn.spent": 41_250_000,
    },
}
NAMES = (
    "海底捞火锅（徐家汇店）",
    "沪上阿姨鲜果茶",
    "上海第一百货商业中心有限责任公司南京东路店",
    "小杨生煎馆",
    "Starbucks 臻选（兴业太古汇）",
    "国金中心商场",
    "西贝莜面村（龙之梦店）",
    "永和大王",
    "盒马鲜生（大宁店）",
    "屈臣氏个人用品商店",
)
PEOPLE = ("张敏", "李强", "王芳", "欧阳志远")


def full() -> Content:
    """A busy week, in the active language."""
    return made_up(_tables(), SUMMARY[get_language() or "en"])


def empty() -> Content:
    """A week in which nothing happened."""
    zero = Table((), figures=(Figure("won", pgettext("report", "Won"), 0),))
    return made_up([("won", pgettext("report", "Won"), zero)], "")


def made_up(tables: list[tuple[str, str, Table]], summary: str = "") -> Content:
    past = [(week, PAST.get(str(week))) for week in reversed(list(_before(WEEK)))]
    blocks = [presentation.block(key, title, table, WEEK, past) for key, title, table in tables]
    return Content(
        WEEK,
        "上海分行",
        WEEK.ends(SHANGHAI),
        True,
        report_mail.subject(WEEK, "上海分行", blocks),
        blocks,
        summary,
    )


def _before(week: Week) -> Any:
    for _number in range(3):
        week = week.previous
        yield week


def _tables() -> list[tuple[str, str, Table]]:
    merchant, owner = Column("merchant", _("Merchant")), Column("owner", _("Owner"))
    stage = Column("stage", _("Stage"))
    value = Column("value", _("Expected value"), Kind.MONEY)
    lead = "/admin/leads/lead/"

    def named(number: int) -> dict[str, Any]:
        return {
            "merchant": NAMES[number % len(NAMES)],
            "owner": PEOPLE[number % len(PEOPLE)],
            "link": f"{lead}{number}/change/",
            "stage": _("Proposal"),
        }

    labels = [str(stage.label) for stage in FUNNEL]
    counts = (48, 31, 22, 14, 9, 7, 5)[: len(labels)]
    funnel = Table(
        (
            stage,
            Column("count", _("Leads"), Kind.COUNT),
            Column("entered", _("Came in"), Kind.COUNT),
            Column("conversion", _("Went on"), Kind.PERCENT),
        ),
        [
            {
                "stage": label,
                "count": count,
                "entered": count // 3,
                "link": f"{lead}?stage={label}",
                "conversion": 2000 + count * 90 if count > 7 else None,
            }
            for label, count in zip(labels, counts, strict=True)
        ],
        link=lead,
        bar="count",
    )
    won = Table(
        (merchant, owner, value, Column("at", pgettext("moment", "Won"), Kind.INSTANT)),
        [
            named(number)
            | {
                "value": 12_345_600 * (number + 1),
                "at": datetime(2026, 11, 16 + number % 5, 10, 20, tzinfo=SHANGHAI),
            }
            for number in range(7)
        ],
        figures=(
            Figure("won", pgettext("report", "Won"), 7, link=f"{lead}?stage=won", is_headline=True),
        ),
        link=lead,
    )
    to_come = Table(
        (merchant, owner, stage, value),
        [named(number) | {"value": 98_765_400 * (10 - number)} for number in range(10)],
        figures=(
            Figure("to_come", _("To come"), 14, link=lead),
            Figure(
                "expected", _("Expected value"), 712_345_600, Kind.MONEY, lead, is_headline=True
            ),
        ),
        link=lead,
        left_out=4,
    )
    overdue = Table(
        (Column("title", _("Follow-up")), merchant, owner, Column("due", _("Due"), Kind.INSTANT)),
        [
            named(number)
            | {
                "title": "送方案并确认联合营销预算",
                "due": datetime(2026, 11, 9 + number, 9, tzinfo=SHANGHAI),
            }
            for number in range(5)
        ],
        figures=(
            Figure(
                "overdue",
                _("Overdue"),
                5,
                link="/admin/leads/followup/?state=overdue",
                is_headline=True,
            ),
        ),
    )
    budget = Table(
        (
            Column("campaign", _("Campaign")),
            Column("share", _("Used, %"), Kind.PERCENT),
            Column("day", _("Until"), Kind.DAY),
        ),
        [{"campaign": "周五美食半价", "share": 8640, "day": date(2026, 12, 31)}],
        figures=(
            Figure(
                "spent",
                _("Spent"),
                52_400_000,
                Kind.MONEY,
                "/admin/campaigns/campaign/",
                is_headline=True,
            ),
        ),
    )
    targets = Table(
        (
            Column("unit", _("Unit")),
            Column("indicator", _("Indicator")),
            Column("target", _("Target")),
            Column("reached", pgettext("target", "Reached")),
            Column("paced", _("Paced rate"), Kind.PERCENT),
            Column("achieved", _("Achieved"), Kind.PERCENT),
            Column("until", _("Until"), Kind.DAY),
        ),
        [
            {
                "unit": "徐汇团队",
                "indicator": "新增发卡",
                "target": "1,180",
                "reached": "800",
                "paced": 7680,
                "achieved": 6780,
                "until": date(2026, 12, 31),
            }
        ],
    )
    lost = Table(
        (Column("reason", _("Reason")), Column("count", _("Leads"), Kind.COUNT)),
        [{"reason": "预算不足", "count": 4}, {"reason": "与他行独家合作", "count": 1}],
        bar="count",
    )
    return [
        ("won", pgettext("report", "Won"), won),
        ("to_come", _("Partnerships to come"), to_come),
        ("overdue", _("Overdue follow-ups"), overdue),
        ("funnel", _("Funnel"), funnel),
        ("budget_burn", _("Budgets"), budget),
        ("kpi_targets", _("KPIs against paced targets"), targets),
        ("lost", pgettext("report", "Lost"), lost),
    ]
