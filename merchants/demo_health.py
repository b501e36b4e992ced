"""The figures of the demo's partnerships: sixty days of sales, and what was reckoned from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.actors import SYSTEM
from crm.demo import Demo
from crm.models import Membership, Role, User
from merchants.domain import figures, known_facts, scoring
from merchants.domain.figures import DayOfSales
from merchants.models import HealthReading, Partnership, PartnershipStage

DAYS = 60
"""So many days back the figures go, and the readings with them."""
RECKONED_AT = time(5, 30)
SOURCE = "卡部月报（示例）"


@dataclass(frozen=True)
class Course:
    """How the sales of a partnership went: a day's usual sum in yuan, and its share by day."""

    usual: int
    share: Callable[[int], float]
    """Days ago → share of the usual."""
    overdue: int = 0
    """Overdue ones of the last six statements."""


def _steady(ago: int) -> float:
    return 1.0


def _growing(ago: int) -> float:
    return 1.25 - ago / 120


def _beginning(ago: int) -> float:
    return 1.0 if ago <= 20 else 0.0


def _fading(ago: int) -> float:
    return max(0.0, (ago - 14) / 30)


COURSES: Mapping[str, tuple[Course, ...]] = MappingProxyType(
    {
        PartnershipStage.PILOT: (Course(1800, _beginning),),
        PartnershipStage.ACTIVE: (
            Course(5200, _growing),
            Course(3100, _steady),
            Course(8600, _growing, 1),
        ),
        PartnershipStage.WAVERING: (Course(4000, _fading, 2),),
        PartnershipStage.RENEWAL: (Course(4700, _steady),),
        PartnershipStage.SUSPENDED: (Course(2900, _fading, 3),),
    }
)
"""In turn for the partnerships of a stage; those of other stages have no figures."""

LATEST: Mapping[str, Any] = MappingProxyType(
    {
        "live_offers": 2,
        "new_cards": 14,
        "first_swipe": 5630,
        "lifted_campaigns": 1,
        "segmented_campaigns": 1,
        "bank_roi": 840,
        "bank_side": 2,
        "merchant_side": 1,
        "customer_side": 2,
    }
)
"""What the last three months of an active partnership look like."""


@demo.step(70)
def tell_figures(story: Demo) -> str:
    """Sales by day and figures by month, and the health of every morning since."""
    courses = {stage: list(some) for stage, some in COURSES.items()}
    told = 0
    for one in Partnership.objects.select_related("merchant__unit").order_by("created_at", "pk"):
        if turns := courses.get(one.stage):
            course = turns.pop(0)
            turns.append(course)
            _file(story, one, course, by=_finance(one))
            told += 1
    _reckon(story)
    return _("Figures of %(partnerships)s partnerships, and %(readings)s health readings.") % {
        "partnerships": told,
        "readings": HealthReading.objects.count(),
    }


def _finance(one: Partnership) -> User:
    """Whoever files figures there: finance of the branch, or its manager where there is none."""
    held = Membership.objects.select_related("user").filter(unit__in=one.merchant.unit.ancestors)
    found = held.filter(role=Role.FINANCE).first() or held.get(role=Role.BRANCH_MANAGER)
    return found.user


def _file(story: Demo, one: Partnership, course: Course, *, by: User) -> None:
    at = story.latest()
    latest = timezone.localdate(at)
    told = (_day(story, course, ago) for ago in range(1, DAYS + 1))
    sales = [day for day in told if day is not None and day.day < latest]
    figures.record_sales_days(one.pk, sales, by=by, at=at)
    planned = max(1, sum(day.redemptions for day in sales) // 2)
    for back in range(3):
        month = known_facts.months_before(known_facts.first_of(latest), back)
        figures.file_figures(
            one.pk,
            month,
            {
                "planned_redemptions": planned,
                "statements": 6,
                "statements_overdue": course.overdue,
                **(LATEST if one.stage == PartnershipStage.ACTIVE else {}),
            },
            source=SOURCE,
            by=by,
            at=at,
        )


def _day(story: Demo, course: Course, ago: int) -> DayOfSales | None:
    """The sales of a day; none if nobody bought anything."""
    dice = story.dice
    fen = int(course.usual * course.share(ago) * dice.uniform(70, 130))
    if not fen or not dice.randrange(9):
        return None
    sales = max(1, fen // 15_000)
    return DayOfSales(story.today - timedelta(days=ago), fen, sales, dice.randint(0, sales))


def _reckon(story: Demo) -> None:
    """What the tick of every morning would have done."""
    for ago in range(DAYS, -1, -1):
        morning = _morning(story.today - timedelta(days=ago))
        if morning <= story.now:
            scoring.recompute(scoring.day_to_reckon(morning), by=SYSTEM, at=morning)
            scoring.evaluate(scoring.day_to_reckon(morning), by=SYSTEM, at=morning)


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, RECKONED_AT))
