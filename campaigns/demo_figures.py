"""What the card system of the demo files: days, cohorts and cards in force of three branches; the
targets of the quarter, and the scheme by which people are judged."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from campaigns.demo_road import MANAGERS
from campaigns.domain import card_filing, kpi_schemes, targets
from campaigns.domain.card_filing import MOST_LINES
from campaigns.domain.figure_lines import FORMS, Line
from campaigns.models import (
    CardFigure,
    FigureKind,
    Indicator,
    KpiScheme,
    Redemption,
    Target,
)
from crm import demo
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import OrgUnit
from merchants.models import Merchant

SOURCE = "核心系统"
SEED = 6
DAYS_KNOWN = 110
COHORTS = 18
"""Weeks of approvals of which it is known when the cards were first used."""


@dataclass(frozen=True)
class Branch:
    """The cards of a branch: how many are won on a working day, and what lies in the drawer."""

    name: str
    a_day: int
    issued: int
    sleeping: int
    target: int
    """Cards to be issued on each working day of the quarter."""


BRANCHES = (
    Branch("上海分行", 84, 520_000, 96_720, 86),
    Branch("杭州分行", 47, 310_000, 57_350, 45),
    Branch("成都分行", 39, 270_000, 49_430, 46),
)
"""Of 1,100,000 cards 203,500 sleep: 18.50 %, close to the limit of a fifth."""

SCHEME = (
    (Indicator.CARDS_ISSUED, 2_000),
    (Indicator.FIRST_SWIPE_30, 2_500),
    (Indicator.ACTIVE_CARD_RATE, 1_500),
    (Indicator.SPEND_PER_ACTIVE_CARD, 2_000),
    (Indicator.SELL_THROUGH, 1_000),
    (Indicator.SLEEPING_CARD_RATE, 1_000),
)


@demo.step(98)
def file_figures(story: Demo) -> str:
    """Yesterday's figures are the newest; the quarter's targets are on their way."""
    dice = random.Random(SEED)  # noqa: S311  Dice, not secrets.
    units = {one.name: one for one in OrgUnit.objects.filter(name__in=[b.name for b in BRANCHES])}
    days: list[Line] = []
    cohorts: list[Line] = []
    cards: list[Line] = []
    for branch in BRANCHES:
        unit = units[branch.name]
        days += _days(story, branch, unit, dice)
        cohorts += _cohorts(story, branch, unit)
        cards += _in_force(story, branch, unit)
    days += _of_merchants(story)
    filed = [
        (FigureKind.DAILY, days),
        (FigureKind.COHORT, cohorts),
        (FigureKind.SNAPSHOT, cards),
    ]
    for kind, lines in filed:
        _file(story, kind, lines)
    _aim(story, units)
    return _("Card figures: %(lines)s lines; %(targets)s targets, %(schemes)s KPI scheme.") % {
        "lines": CardFigure.objects.count() + len(cohorts) + len(cards),
        "targets": Target.objects.count(),
        "schemes": KpiScheme.objects.count(),
    }


def _file(story: Demo, kind: FigureKind, lines: Sequence[Line]) -> None:
    by, at = demo.person("finance.head"), story.now - timedelta(minutes=2)
    for start in range(0, len(lines), MOST_LINES):
        some = lines[start : start + MOST_LINES]
        for line in card_filing.file_lines(kind, some, source=SOURCE, by=by, at=at):
            assert line.problem is None, line.problem


def _line(kind: FigureKind, unit: OrgUnit, day: date, **counts: Any) -> Line:
    given = {name: counts.pop(name, 0) for name in FORMS[kind].counts}
    parts = {name: counts.pop(name) for name in ("merchant_id", "campaign_id") if name in counts}
    assert not counts, counts
    return Line(1, unit.pk, day, given, **parts)


def _days(story: Demo, branch: Branch, unit: OrgUnit, dice: random.Random) -> Iterator[Line]:
    """Every day up to yesterday, and the same days of last year, a little less."""
    yesterday = story.today - timedelta(days=1)
    for year, part in ((0, 100), (365, 88)):
        for ago in range(DAYS_KNOWN):
            day = yesterday - timedelta(days=ago + year)
            issued = branch.a_day * part // 100 * dice.randrange(82, 119) // 100
            if not story.calendar.is_working(day):
                issued //= 9
            count = branch.issued * part // 100 * dice.randrange(90, 116) // 1_000
            offers = issued * 4
            yield _line(
                FigureKind.DAILY,
                unit,
                day,
                cards_issued=issued,
                cards_attributed=issued * 38 // 100,
                cards_activated=issued * 71 // 100,
                transactions=count,
                spend_fen=count * dice.randrange(15_800, 18_900),
                reversed_fen=count * 120,
                offers_issued=offers,
                offers_claimed=offers * 46 // 100,
                offers_redeemed=offers * 24 // 100,
                offers_reversed=offers // 100,
            )


def _cohorts(story: Demo, branch: Branch, unit: OrgUnit) -> Iterator[Line]:
    """The cards approved on one day of every week, and within how many days they were used."""
    as_of = story.today - timedelta(days=1)
    for week in range(COHORTS):
        approved = story.calendar.before(story.today, 1) - timedelta(days=7 * week)
        old = (as_of - approved).days
        cards = branch.a_day * (100 - week % 4) // 100
        within = [cards * share * min(old, span) // span // 100
                  for span, share in ((30, 44), (60, 57), (90, 64))]  # fmt: skip
        first, second, third = within
        yield _line(
            FigureKind.COHORT,
            unit,
            approved,
            as_of=as_of,
            cards=cards,
            activated=max(cards * min(old + 3, 20) * 76 // 2_000, max(within)),
            swiped_30=first,
            swiped_60=max(first, second),
            swiped_90=max(first, second, third),
        )


def _in_force(story: Demo, branch: Branch, unit: OrgUnit) -> Iterator[Line]:
    """At the end of yesterday, and a little more than a month before."""
    for ago, part in ((34, 98), (1, 100)):
        issued = branch.issued * part // 100
        in_force = issued * 9 // 10
        accounts = in_force * 7 // 10
        yield _line(
            FigureKind.SNAPSHOT,
            unit,
            story.today - timedelta(days=ago),
            cards_issued=issued,
            cards_in_force=in_force,
            active_1=in_force * 46 // 100,
            active_3=in_force * 58 // 100,
            active_6=in_force * 67 // 100,
            active_12=in_force * 74 // 100,
            accounts_in_force=accounts,
            active_accounts=accounts * 69 // 100,
            sleeping_cards=branch.sleeping * part // 100,
        )


def _of_merchants(story: Demo) -> Iterator[Line]:
    """What was sold in a day at each merchant where an offer was used lately."""
    since = story.today - timedelta(days=21)
    sold: dict[tuple[Any, date], list[int]] = {}
    for merchant_id, day, fen in Redemption.objects.filter(day__gte=since).values_list(
        "merchant", "day", "amount_fen"
    ):
        sums = sold.setdefault((merchant_id, day), [0, 0])
        sums[0] += 1
        sums[1] += fen
    merchants = Merchant.objects.select_related("unit").in_bulk([one for one, _day in sold])
    for (merchant_id, day), (count, fen) in sorted(sold.items(), key=str):
        yield _line(
            FigureKind.DAILY,
            merchants[merchant_id].unit,
            day,
            merchant_id=merchant_id,
            transactions=count * 6,
            spend_fen=fen * 6,
            offers_redeemed=count,
        )


def _aim(story: Demo, units: dict[str, OrgUnit]) -> None:
    """Managers say what the quarter is to bring, and by what their people are judged."""
    today = story.today
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)
    at = story.in_working_hours(story.calendar.before(first, 3))
    worked = story.calendar.count(first, last)
    for branch in BRANCHES:
        by = demo.person(MANAGERS[branch.name])
        for indicator, value in (
            (Indicator.CARDS_ISSUED, branch.target * worked),
            (Indicator.CARDS_ACTIVATED, branch.target * worked * 7 // 10),
            (Indicator.SPEND, branch.issued * 17_000 * (last - first).days // 10),
        ):
            targets.set_target(
                uuid7(),
                unit_id=units[branch.name].pk,
                indicator=indicator,
                first_day=first,
                last_day=last,
                value=value,
                because="季度分解",
                by=by,
                at=at,
            )
    targets.set_target(
        uuid7(),
        unit_id=OrgUnit.objects.get(parent=None).pk,
        indicator=Indicator.CARDS_ISSUED,
        first_day=first,
        last_day=last,
        value=sum(branch.target for branch in BRANCHES) * worked,
        because="全行季度目标",
        by=demo.person("admin"),
        at=at,
    )
    kpi_schemes.set_up(
        uuid7(),
        unit_id=units["上海分行"].pk,
        name=f"上海分行{first.year}年第{(first.month + 2) // 3}季度考核方案",
        first_day=first,
        last_day=last,
        items=[{"indicator": one, "weight": weight} for one, weight in SCHEME],
        by=demo.person("manager"),
        at=at,
    )
