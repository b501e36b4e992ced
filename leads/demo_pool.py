"""The pool of the demo: every branch has one, and a lead that changed hands through it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.demo import FOUNDED, Demo
from leads.domain import claiming, pool
from leads.models import Lead, Pool, ReturnReason, Stage


@demo.step(38)
def open_pools(story: Demo) -> str:
    """Every branch has its pool from the beginning."""
    pool.open_missing(at=story.now - FOUNDED)
    return _("Lead pools: %(pools)s.") % {"pools": Pool.objects.count()}


@dataclass(frozen=True)
class Return:
    """A lead that somebody gave up, and who picked it up out of the pool, if anybody did."""

    former: str
    stage: Stage
    reason: ReturnReason
    because: str
    days_ago: int
    other: str = ""


RETURNS = (
    Return(
        "rep.xuhui3",
        Stage.QUALIFIED,
        ReturnReason.NO_CAPACITY,
        "手上方案太多，跟不过来",
        1,
        "rep.xuhui2",
    ),
    Return(
        "rep.xuhui2",
        Stage.NEW,
        ReturnReason.OUT_OF_TERRITORY,
        "店搬去了另一个区，我跑不到",
        1,
        "rep",
    ),
    Return("rep", Stage.NEW, ReturnReason.NOT_REACHABLE, "电话换了三个时段都没人接", 2),
    Return("rep.xuhui3", Stage.DISCOVERY, ReturnReason.LONG_ABSENCE, "外派培训两个月", 2),
    Return("rep.jingan1", Stage.QUALIFIED, ReturnReason.NO_INTEREST, "今年预算用完了", 1),
    Return("rep.xihu2", Stage.NEW, ReturnReason.NO_CAPACITY, "商圈开业季，顾不上", 1, "rep.xihu1"),
)


@demo.step(45)
def change_hands(story: Demo) -> str:
    """Colleagues give up leads, and others pick some of them up out of the pool."""
    returned = claimed = 0
    for one in RETURNS:
        former = demo.person(one.former)
        # By no throw of the dice, so that the rest of the story stays as it is.
        day = story.calendar.before(story.today, one.days_ago)
        at = timezone.make_aware(datetime.combine(day, time(17, 40)))
        lead = (
            Lead.objects.in_stage([one.stage])
            .owned_by(former)
            .filter(last_activity_at__lt=at, next_follow_up_at=None)
            .order_by("last_activity_at", "pk")
            .first()
        )
        if lead is None:
            continue
        claiming.give_back(lead.pk, reason=one.reason, because=one.because, by=former, at=at)
        returned += 1
        if one.other:
            claiming.claim(lead.pk, by=demo.person(one.other), at=at + timedelta(minutes=35))
            claimed += 1
    return _("Leads given back to the pool: %(returned)s, of which claimed: %(claimed)s.") % {
        "returned": returned,
        "claimed": claimed,
    }
