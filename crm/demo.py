"""Demo data: an invented bank that has been at work for ten weeks.

Everything is made through the verbs, in the past, by the people who would have done it. Each room
registers its steps in its module `demo.py`, found like `admin.py` when the demo is loaded, which
production refuses. The same steps with the same now give the same data.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from crm.actors import SYSTEM
from crm.command import one_row
from crm.domain import calendar, organisation, weekly_report
from crm.domain.working_days import WorkingDays
from crm.ids import uuid7
from crm.models import OrgUnit, Role, UnitKind, User

PASSWORD = "demo-2026"  # noqa: S105  It is printed for everybody to read.
DOMAIN = "demo.test"
SEED = 1
FOUNDED = timedelta(days=400)
"""How long ago the bank entered its organisation."""

WEEKS_READ = 4
"""Weekly reports before the last finished week's, which the product writes once it runs."""

READERS = ("rep", "lead", "manager")

OPENS, CLOSES = time(9, 30), time(17, 30)

UNITS: tuple[tuple[str, UnitKind, str], ...] = (
    ("总行", UnitKind.HEAD_OFFICE, ""),
    ("上海分行", UnitKind.BRANCH, "总行"),
    ("徐汇支行", UnitKind.SUB_BRANCH, "上海分行"),
    ("徐汇支行餐饮团队", UnitKind.TEAM, "徐汇支行"),
    ("静安支行", UnitKind.SUB_BRANCH, "上海分行"),
    ("静安支行生活团队", UnitKind.TEAM, "静安支行"),
    ("杭州分行", UnitKind.BRANCH, "总行"),
    ("西湖支行", UnitKind.SUB_BRANCH, "杭州分行"),
    ("西湖支行商圈团队", UnitKind.TEAM, "西湖支行"),
    ("成都分行", UnitKind.BRANCH, "总行"),
    ("锦江支行", UnitKind.SUB_BRANCH, "成都分行"),
    ("锦江支行商圈团队", UnitKind.TEAM, "锦江支行"),
)
"""Name, kind, and what it stands below."""

PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("rep", "陈思远", Role.REP, "徐汇支行餐饮团队"),
    ("lead", "林雅琴", Role.TEAM_LEAD, "徐汇支行餐饮团队"),
    ("manager", "周伯言", Role.BRANCH_MANAGER, "上海分行"),
    ("planner", "沈若溪", Role.PLANNER, "上海分行"),
    ("finance", "顾明哲", Role.FINANCE, "上海分行"),
    ("compliance", "韩正清", Role.COMPLIANCE, "总行"),
    ("admin", "方立诚", Role.ADMINISTRATOR, "总行"),
    ("rep.xuhui2", "许嘉禾", Role.REP, "徐汇支行餐饮团队"),
    ("rep.xuhui3", "陆星宇", Role.REP, "徐汇支行餐饮团队"),
    ("lead.jingan", "宋文静", Role.TEAM_LEAD, "静安支行生活团队"),
    ("rep.jingan1", "唐亦凡", Role.REP, "静安支行生活团队"),
    ("rep.jingan2", "魏晓彤", Role.REP, "静安支行生活团队"),
    ("manager.hangzhou", "钱守仁", Role.BRANCH_MANAGER, "杭州分行"),
    ("lead.xihu", "叶知秋", Role.TEAM_LEAD, "西湖支行商圈团队"),
    ("rep.xihu1", "吴梓轩", Role.REP, "西湖支行商圈团队"),
    ("rep.xihu2", "郑雨桐", Role.REP, "西湖支行商圈团队"),
    ("rep.xihu3", "冯俊杰", Role.REP, "西湖支行商圈团队"),
    ("manager.chengdu", "邓国华", Role.BRANCH_MANAGER, "成都分行"),
    ("lead.jinjiang", "罗静怡", Role.TEAM_LEAD, "锦江支行商圈团队"),
    ("rep.jinjiang1", "蒋浩然", Role.REP, "锦江支行商圈团队"),
    ("rep.jinjiang2", "谢欣妍", Role.REP, "锦江支行商圈团队"),
    ("rep.jinjiang3", "潘子墨", Role.REP, "锦江支行商圈团队"),
    ("planner.hangzhou", "白若宁", Role.PLANNER, "杭州分行"),
    ("planner.chengdu", "石一帆", Role.PLANNER, "成都分行"),
    ("finance.head", "梁书颖", Role.FINANCE, "总行"),
)
"""Login, full name, role, unit. The names are invented."""


@dataclass
class Demo:
    """What the steps share: the moment, the dice, and the days on which people worked."""

    now: datetime
    dice: random.Random
    calendar: WorkingDays = field(default_factory=calendar.read)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def worked(self, days_ago: int) -> datetime:
        """A moment in working hours, so many working days before today (at least one)."""
        return self.in_working_hours(self.calendar.before(self.today, days_ago))

    def coming(self, days_ahead: int) -> datetime:
        """A moment in working hours, so many working days after today (at least one)."""
        return self.in_working_hours(self.calendar.after(self.today, days_ahead))

    def in_working_hours(self, day: date) -> datetime:
        """Some moment of the day, or of the next one that is worked."""
        opens = datetime.combine(self.calendar.on_or_after(day), OPENS)
        minutes = (CLOSES.hour - OPENS.hour) * 60
        return timezone.make_aware(opens) + timedelta(minutes=self.dice.randrange(0, minutes, 5))

    def latest(self) -> datetime:
        """Just now if people are at work by now, else on the last day that was worked."""
        opened = timezone.make_aware(datetime.combine(self.today, OPENS)) + timedelta(hours=1)
        if self.calendar.is_working(self.today) and self.now > opened:
            return self.now - timedelta(minutes=20)
        return self.worked(1)


type Step = Callable[[Demo], str]

_STEPS: dict[Step, int] = {}


def step(order: int) -> Callable[[Step], Step]:
    """Register a part of the demo; it returns the line that is printed about it."""

    def register(part: Step) -> Step:
        _STEPS[part] = order
        return part

    return register


def is_loaded() -> bool:
    """Whether the invented bank is there. It comes as a whole or not at all."""
    return bool(User.objects.signing_in_as(f"rep@{DOMAIN}").exists())


def load(*, now: datetime) -> Iterator[str]:
    """Make the invented bank in one transaction, a line for every step."""
    autodiscover_modules("demo")
    with transaction.atomic():
        demo = Demo(now, random.Random(SEED))  # noqa: S311  Dice, not secrets.
        for part in sorted(_STEPS, key=lambda one: _STEPS[one]):
            # Nothing of a step is undone alone, so its verbs need no savepoints of their own.
            with one_row():
                line = part(demo)
            yield line


def person(login: str) -> User:
    """A colleague of the demo."""
    user = User.objects.signing_in_as(f"{login}@{DOMAIN}").get()
    assert isinstance(user, User)
    return user


@step(10)
def organise(demo: Demo) -> str:
    """The head office, three branches and their teams, with everybody who works there."""
    at = demo.now - FOUNDED
    units: dict[str, OrgUnit] = {}
    for name, kind, parent in UNITS:
        units[name] = organisation.open_unit(name, kind, parent=units.get(parent), by=SYSTEM, at=at)
    for number, (login, full_name, role, unit) in enumerate(PEOPLE, 1):
        user = organisation.hire(
            uuid7(),
            email=f"{login}@{DOMAIN}",
            employee_number=f"D{number:04d}",
            full_name=full_name,
            password=PASSWORD,
            by=SYSTEM,
            at=at,
        )
        organisation.appoint(user, role, unit=units[unit], by=SYSTEM, at=at)
    return _("Organisation: %(units)s units, %(people)s colleagues (invented names).") % {
        "units": len(UNITS),
        "people": len(PEOPLE),
    }


@step(110)
def look_back(demo: Demo) -> str:
    """The reports of the weeks before, as they stood at their cut-off: a past to be compared with.
    They are read by now, so nobody gets them as a mail today."""
    week = weekly_report.last_finished(demo.now)
    weeks = [week := week.previous for _number in range(WEEKS_READ)]
    # Those that one signs in as: reports of everybody would take longer than all the rest.
    readers = {person(login).pk for login in READERS}
    written = 0
    for one in reversed(weeks):
        at = timezone.make_aware(datetime.combine(one.next.monday, OPENS))
        weekly_report.plan_week(one, at=at, only=readers)
        written += weekly_report.write_down(one, at=at)
    return _("Weekly reports of %(weeks)s weeks: %(reports)s.") % {
        "weeks": WEEKS_READ,
        "reports": written,
    }
