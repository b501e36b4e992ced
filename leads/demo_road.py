"""The reps of the demo on the road: their visits, what comes back to them, who is won back."""

import struct
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import cycle

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.demo import FOUNDED, Demo
from crm.ids import uuid7
from crm.models import User
from leads.domain import (
    activities,
    follow_ups,
    pipeline,
    position_consents,
    recycling,
    suggestion_outcomes,
    visit_photos,
    visit_presence,
    visit_upkeep,
    visits,
)
from leads.domain.places import Point, Position
from leads.domain.recurrence import Recurrence
from leads.models import (
    ActivityKind,
    ActivityOutcome,
    Lead,
    LeadSource,
    Repeats,
    Stage,
    Visit,
    VisitState,
)
from merchants.models import Merchant, Outlet, Partnership, PartnershipStage


@dataclass(frozen=True)
class Seen:
    """What a rep wrote down at the end of a visit."""

    summary: str
    outcome: ActivityOutcome
    mood: int | None = None


SEEN = (
    Seen("店长带着看了收银台，券码要手输，高峰排队就是卡在这里。", ActivityOutcome.REACHED, 1),
    Seen(
        "见到老板，把空台的账算了一遍，他自己加上了食材损耗。",
        ActivityOutcome.DECISION_MAKER_MET,
        2,
    ),
    Seen("区域经理临时去总部，店长听完了，说要等。", ActivityOutcome.ASKED_TO_WAIT, 0),
    Seen("对每天限量有兴趣，要一份同商圈的案例。", ActivityOutcome.INTERESTED, 1),
    Seen("店里在换菜单，只站着聊了五分钟，口气不太好。", ActivityOutcome.NOT_INTERESTED, -1),
    Seen("约好下周和财务一起过结算周期。", ActivityOutcome.MEETING_SET, 1),
)
PURPOSES = (
    "核对工作日客流",
    "过一遍收银流程",
    "请店长看测算",
    "谈出资比例",
    "补拍门头和收银台",
    "见决策人",
)
TIMES = (time(10, 30), time(14, 30), time(16, 0))
WENT = (9, 8, 6, 5, 3, 2, 1, 1)
"""So many working days ago the first rep saw somebody; the others, half as often."""
AHEAD = (1, 1, 2, 3, 4)
OUTSIDE = "商场地下停车，先在对面咖啡店和店长碰头"
REPEATING = (
    ("发同商圈活动周报", Recurrence(Repeats.WEEKLY, 3)),
    ("问总部预算排期", Recurrence(Repeats.MONTHLY, 5)),
    ("问一次审批进度", Recurrence(Repeats.WORKING_DAYS, 3)),
)
TRAVELLERS = ("rep", "rep.xuhui2", "rep.jingan1", "rep.xihu1", "rep.jinjiang1")


@demo.step(46)
def go_and_see(story: Demo) -> str:
    """Visits made, missed and planned, and promises that come back."""
    for login in TRAVELLERS:
        _Traveller(story, demo.person(login), everything=login == "rep").travel()
    visit_upkeep.mark_missed(at=story.now)
    counted = Visit.objects.all()
    return _("Visits: %(done)s made, %(planned)s planned, %(missed)s missed.") % {
        "done": counted.filter(state=VisitState.CHECKED_OUT).count(),
        "planned": counted.filter(state=VisitState.PLANNED).count(),
        "missed": counted.filter(state=VisitState.MISSED).count(),
    }


class _Traveller:
    """One rep's last two weeks on the road, and the days ahead."""

    def __init__(self, story: Demo, rep: User, *, everything: bool) -> None:
        self.story, self.rep, self.everything = story, rep, everything
        self._seen, self._purposes, self._times = cycle(SEEN), cycle(PURPOSES), cycle(TIMES)
        self._visited: set[object] = set()
        leads = Lead.objects.open().owned_by(rep).exclude(stage=Stage.PARKED)
        self.leads = list(leads.select_related("merchant").order_by("-last_activity_at", "pk"))

    def travel(self) -> None:
        position_consents.give(by=self.rep, at=self.story.now - FOUNDED + timedelta(days=1))
        for number, days_ago in enumerate(WENT if self.everything else WENT[1::2]):
            self._went(days_ago, number)
        self._missed()
        self._plan_today()
        for days in AHEAD if self.everything else AHEAD[1:3]:
            self._plan(self.story.calendar.after(self.story.today, days), at=self.story.latest())
        if self.everything:
            self._repeat()

    def _next(self, before: datetime | None = None) -> Lead | None:
        """A lead that was not visited yet, and stood where it stands before a moment."""
        for lead in self.leads:
            if lead.pk not in self._visited and (before is None or lead.stage_entered_at < before):
                self._visited.add(lead.pk)
                return lead
        return None

    def _at(self, days_ago: int, hour: time) -> datetime:
        day = self.story.calendar.before(self.story.today, days_ago)
        return timezone.make_aware(datetime.combine(day, hour))

    def _plan(self, day: object, *, at: datetime, lead: Lead | None = None) -> Visit | None:
        lead = lead or self._next()
        if lead is None:
            return None
        outlet = Outlet.objects.filter(merchant=lead.merchant_id).order_by("created_at").first()
        return visits.plan(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            outlet_id=outlet.pk if outlet else None,
            planned_for=day,  # type: ignore[arg-type]
            planned_time=next(self._times),
            purpose=next(self._purposes),
            by=self.rep,
            at=at,
        )

    def _went(self, days_ago: int, number: int) -> None:
        arrived = self._at(days_ago, TIMES[number % len(TIMES)])
        lead = self._next(arrived - timedelta(hours=1))
        if lead is None:
            return
        planned_at = max(self._at(days_ago + 1, time(17)), lead.created_at)
        visit = self._plan(timezone.localdate(arrived), at=planned_at, lead=lead)
        assert visit is not None
        where = self._position(visit, far=number == 3)
        left = arrived + timedelta(minutes=25 + number * 5)
        seen = next(self._seen)
        visit_presence.check_in(
            visit.pk,
            arrived_at=arrived,
            position=where,
            outside_reason=OUTSIDE,
            by=self.rep,
            at=arrived + timedelta(seconds=20),
        )
        visit_presence.check_out(
            visit.pk,
            summary=seen.summary,
            outcome_code=seen.outcome,
            mood=seen.mood,
            left_at=left,
            activity_id=uuid7(),
            by=self.rep,
            at=left + timedelta(minutes=1),
        )
        if self.everything and number < 2:
            visit_photos.add(
                visit.pk,
                name="门头.png",
                content=picture(number),
                by=self.rep,
                at=left + timedelta(minutes=2),
            )

    def _position(self, visit: Visit, *, far: bool) -> Position | None:
        outlet = visit.outlet
        if outlet is None or outlet.latitude is None or outlet.longitude is None:
            return None
        away = outlet.latitude.__class__("0.0080" if far else "0.0006")
        return Position(Point(outlet.latitude + away, outlet.longitude), accuracy_m=20)

    def _missed(self) -> None:
        """Planned, and nobody went."""
        lead = self._next(self._at(4, time(9)))
        if lead is not None:
            day = self.story.calendar.before(self.story.today, 2)
            self._plan(day, at=self._at(4, time(17)), lead=lead)

    def _plan_today(self) -> None:
        if not self.story.calendar.is_working(self.story.today):
            return
        for _number in range(3 if self.everything else 1):
            self._plan(self.story.today, at=self.story.latest())

    def _repeat(self) -> None:
        """What is promised again and again; the first of them was kept once already."""
        worked = [lead for lead in self.leads if lead.stage in (Stage.PROPOSAL, Stage.APPROVAL)]
        ahead = self.story.calendar.after(self.story.today, 2).isoweekday()
        for number, ((title, repeating), lead) in enumerate(zip(REPEATING, worked, strict=False)):
            if repeating.repeats == Repeats.WEEKLY:
                repeating = replace(repeating, number=ahead)
            promised = follow_ups.promise(
                uuid7(),
                lead.merchant_id,
                lead_id=lead.pk,
                title=title,
                due_at=self._at(1, time(11)) if number == 0 else self.story.coming(2 + number),
                repeating=repeating,
                owner=self.rep,
                by=self.rep,
                at=self._at(2, time(15)) if number == 0 else self.story.latest(),
            )
            if number == 0:
                at = self._at(1, time(16))
                follow_ups.finish(promised.pk, outcome="已发，店长回了收到", by=self.rep, at=at)


def picture(number: int) -> bytes:
    """A small invented picture: a wall, a sign and a door in plain colours."""
    width, height = 320, 240
    walls = ((214, 196, 170), (176, 190, 197))
    rows = []
    for y in range(height):
        row = bytearray()
        for x in range(width):
            colour = walls[number % 2]
            if 30 < y < 80 and 20 < x < 300:
                colour = (178, 34, 34) if number % 2 == 0 else (25, 90, 140)
            elif y > 100 and 120 < x < 200:
                colour = (70, 60, 55)
            row += bytes(colour)
        rows.append(b"\0" + bytes(row))

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@demo.step(75)
def win_back(story: Demo) -> str:
    """Who left is pursued again, by whoever looked after them."""
    left = Partnership.objects.in_stage(PartnershipStage.CHURNED).order_by("created_at")
    gone = Merchant.objects.select_related("owner").filter(pk__in=left.values("merchant")).first()
    if gone is None or gone.owner is None:
        return _("Nobody can be won back.")
    at = timezone.make_aware(datetime.combine(story.calendar.before(story.today, 3), time(10)))
    lead = pipeline.open_lead(
        uuid7(),
        gone.pk,
        source=LeadSource.WIN_BACK,
        expected_value_fen=18_000_000,
        expected_signing_on=story.today + timedelta(days=75),
        owner=gone.owner,
        by=gone.owner,
        at=at,
    )
    activities.log(
        uuid7(),
        gone.pk,
        lead_id=lead.pk,
        kind=ActivityKind.CALL,
        summary="老板说当时是结算慢，现在看到别家 T+1，愿意再谈一次。",
        outcome_code=ActivityOutcome.INTERESTED,
        mood=1,
        occurred_at=at + timedelta(minutes=30),
        by=gone.owner,
        at=at + timedelta(minutes=35),
    )
    follow_ups.promise(
        uuid7(),
        gone.pk,
        lead_id=lead.pk,
        title="带新的结算承诺上门",
        due_at=story.coming(2),
        owner=gone.owner,
        by=gone.owner,
        at=at + timedelta(minutes=40),
    )
    return _("One former partner is being won back.")


@demo.step(80)
def look_ahead(story: Demo) -> str:
    """What the tick does: it warns of leads that go back, and sees what came of suggestions."""
    recycling.sweep(at=story.now)
    suggestion_outcomes.settle(at=story.now)
    warned = Lead.objects.open().filter(owner__isnull=False, recycle_on__isnull=False).count()
    return _("Leads that are about to go back to the pool: %(count)s.") % {"count": warned}
