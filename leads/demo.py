"""The leads of the demo: ten weeks of calls, visits and steps, told lead by lead."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.demo import Demo
from crm.ids import uuid7
from crm.models import User
from leads import demo_pool, demo_steps
from leads import demo_words as words
from leads.domain import activities, follow_ups, pipeline
from leads.models import Lead, LeadSource, LeadStepReason, LostReason, Stage
from leads.models.stages import FUNNEL
from merchants.demo import AREAS, REGISTER
from merchants.domain import credit_code, registration
from merchants.models import LicenceStatus, Merchant

__all__ = ["demo_pool", "pursue_merchants"]

APPROVERS = {
    "徐汇支行餐饮团队": "lead",
    "静安支行生活团队": "lead.jingan",
    "西湖支行商圈团队": "lead.xihu",
    "锦江支行商圈团队": "lead.jinjiang",
}
POOL = {
    "徐汇支行餐饮团队": 4,
    "静安支行生活团队": 2,
    "西湖支行商圈团队": 2,
    "锦江支行商圈团队": 2,
}
"""Leads that nobody works yet."""

OVERDUE, TODAY, COMING = "overdue", "today", "coming"

MINUTES_FROM_NOW = (12, 45, 100, 170, 240)
"""When today's follow-ups are due; the first soon enough to see its reminder arrive."""


@dataclass(frozen=True)
class Fate:
    """Where a lead stands, since how many working days, and what is promised on it.

    No days at all: as recently as people were at work.
    """

    stage: Stage
    days: int
    promised: str = ""
    lost: LostReason | None = None


N, Q, D, P, A = FUNNEL[:-1]
WON, LOST, PARKED, BLOCKED = Stage.WON, Stage.LOST, Stage.PARKED, Stage.BLOCKED

FATES_OF_THE_FIRST_REP = (
    Fate(N, 1, COMING), Fate(N, 2, TODAY), Fate(N, 3, OVERDUE), Fate(N, 4), Fate(N, 11),
    Fate(Q, 2, COMING), Fate(Q, 4, TODAY), Fate(Q, 5, OVERDUE), Fate(Q, 7, COMING), Fate(Q, 18),
    Fate(D, 3, COMING), Fate(D, 5, TODAY), Fate(D, 8, OVERDUE), Fate(D, 11, COMING),
    Fate(D, 14, COMING), Fate(D, 27),
    Fate(P, 2, TODAY), Fate(P, 4, COMING), Fate(P, 6, OVERDUE), Fate(P, 8, COMING),
    Fate(A, 2, TODAY), Fate(A, 6, COMING), Fate(A, 9, COMING),
    Fate(PARKED, 6), Fate(PARKED, 15),
    Fate(WON, 0), Fate(WON, 2), Fate(WON, 6), Fate(WON, 8), Fate(WON, 21),
    Fate(LOST, 1, lost=LostReason.NOT_URGENT), Fate(LOST, 7, lost=LostReason.RIVAL),
    Fate(LOST, 12, lost=LostReason.UNAWARE), Fate(LOST, 19, lost=LostReason.POINT_MISSED),
    Fate(LOST, 24, lost=LostReason.OTHER),
    Fate(BLOCKED, 9),
)  # fmt: skip
FATES_OF_THE_OTHERS = (
    (Fate(N, 2, COMING), Fate(Q, 4, OVERDUE), Fate(D, 6, COMING), Fate(D, 9), Fate(P, 5, TODAY),
     Fate(WON, 1), Fate(LOST, 6, lost=LostReason.UNAWARE), Fate(PARKED, 8)),
    (Fate(N, 1), Fate(N, 9), Fate(Q, 5, COMING), Fate(D, 7, OVERDUE), Fate(A, 4, COMING),
     Fate(WON, 7), Fate(LOST, 3, lost=LostReason.RIVAL),
     Fate(LOST, 15, lost=LostReason.NOT_URGENT)),
    (Fate(N, 3, TODAY), Fate(Q, 2, COMING), Fate(Q, 16), Fate(P, 4, OVERDUE), Fate(P, 14),
     Fate(WON, 6), Fate(WON, 17), Fate(LOST, 10, lost=LostReason.CLOSED_DOWN)),
    (Fate(N, 2), Fate(Q, 6, COMING), Fate(D, 4, COMING), Fate(D, 24), Fate(A, 3, OVERDUE),
     Fate(WON, 3), Fate(LOST, 8, lost=LostReason.POINT_MISSED), Fate(BLOCKED, 5)),
)  # fmt: skip
FORGOTTEN = 0.4
"""In how many stages nothing is promised, and so nothing done between two steps."""
WITH_OVERDUE = 8
"""So many of the others are behind with one follow-up; what is overdue reminds at once."""


@demo.step(40)
def pursue_merchants(story: Demo) -> str:
    """Ten weeks of work on the prospects of every team."""
    prospects: dict[str, list[Merchant]] = defaultdict(list)
    unowned = Merchant.objects.filter(owner=None).select_related("unit")
    for merchant in unowned.order_by("created_at", "name"):
        prospects[merchant.unit.name].append(merchant)
    teller = _Teller(story)
    others = 0
    for area in AREAS:
        merchants = iter(prospects[area.unit])
        approver = demo.person(APPROVERS[area.unit])
        for login in dict.fromkeys(area.reps):
            rep = demo.person(login)
            fates: tuple[Fate, ...] = FATES_OF_THE_FIRST_REP
            if login != "rep":
                fates = tuple(_of_another(others))
                others += 1
            for fate in fates:
                teller.tell(next(merchants), fate, rep=rep, approver=approver)
        for number in range(POOL[area.unit]):
            teller.leave_in_pool(next(merchants), number, by=approver)
    return _(
        "Leads: %(leads)s in all stages, %(activities)s activities, %(open)s open follow-ups "
        "(%(overdue)s overdue)."
    ) % {
        "leads": teller.leads,
        "activities": teller.activities,
        "open": teller.promised[OVERDUE] + teller.promised[TODAY] + teller.promised[COMING],
        "overdue": teller.promised[OVERDUE],
    }


def _of_another(number: int) -> Iterator[Fate]:
    for fate in FATES_OF_THE_OTHERS[number % len(FATES_OF_THE_OTHERS)]:
        if fate.promised == OVERDUE and number >= WITH_OVERDUE:
            yield Fate(fate.stage, fate.days)
        else:
            yield fate


class _Teller:
    """Tells the story of one lead after the other, and counts."""

    def __init__(self, story: Demo) -> None:
        self.story = story
        self.compliance = demo.person("compliance")
        self.leads = self.activities = 0
        self.promised: dict[str, int] = defaultdict(int)
        self._notes = {stage: cycle(notes) for stage, notes in words.NOTES.items()}
        self._titles = cycle(words.PROMISES)
        self._lost = {reason: cycle(texts) for reason, texts in words.LOST_BECAUSE.items()}
        self._parked = cycle(words.PARKED_BECAUSE)
        self._blocked = cycle(words.BLOCKED_BECAUSE)
        self._won = cycle(words.WON_BECAUSE)
        self._sources = cycle([LeadSource.FIELD, LeadSource.FIELD, LeadSource.REFERRAL,
                               LeadSource.BRANCH, LeadSource.PUBLIC_REGISTRY])  # fmt: skip
        self._later_today = cycle(MINUTES_FROM_NOW)

    def leave_in_pool(self, merchant: Merchant, number: int, *, by: User) -> None:
        """A lead that waits for somebody to work it."""
        self._open(merchant, owner=None, by=by, at=self.story.worked(1 + number))

    def tell(self, merchant: Merchant, fate: Fate, *, rep: User, approver: User) -> None:
        """From the first name to where the lead stands now."""
        stages = self._way_to(fate)
        moments = self._moments(fate, len(stages))
        lead = self._open(merchant, owner=rep, by=rep, at=moments[0])
        last = self._work(lead, stages[0], rep, moments[0], *moments[1:2])
        for number, stage in enumerate(stages[1:], 1):
            by = {WON: approver, BLOCKED: self.compliance}.get(stage, rep)
            self._advance(lead, stage, fate, by=by, at=moments[number])
            last = self._work(lead, stage, rep, moments[number], *moments[number + 1 : number + 2])
        if fate.promised:
            self._promise(lead, fate, rep, last)

    def _way_to(self, fate: Fate) -> list[Stage]:
        """The stages passed through; those that leave the road leave it at different places."""
        if fate.stage in FUNNEL:
            return [*FUNNEL[: FUNNEL.index(fate.stage) + 1]]
        places = {LOST: (1, 2, 3, 4), PARKED: (2, 3), BLOCKED: (1, 2)}[fate.stage]
        return [*FUNNEL[: self.story.dice.choice(places)], fate.stage]

    def _moments(self, fate: Fate, count: int) -> list[datetime]:
        """When each stage was entered, the last one as the fate says."""
        days = fate.days
        moments = [self.story.worked(days) if days else self.story.latest()]
        for _stage in range(count - 1):
            days += self.story.dice.randint(2, 6)
            moments.insert(0, self.story.worked(days))
        return moments

    def _open(self, merchant: Merchant, *, owner: User | None, by: User, at: datetime) -> Lead:
        self.leads += 1
        return pipeline.open_lead(
            uuid7(),
            merchant.pk,
            source=next(self._sources),
            # Whole ten thousands of yuan.
            expected_value_fen=self.story.dice.randrange(3, 60) * 1_000_000,
            owner=owner,
            by=by,
            at=at,
        )

    def _advance(self, lead: Lead, to: Stage, fate: Fate, *, by: User, at: datetime) -> None:
        because, revisit_on, lost_reason = "", None, ""
        signed, reason = None, ""
        self._prepare(lead, to, by, at=at - timedelta(minutes=30))
        if to == WON:
            because = next(self._won)
            number = f"{self.story.today.year}-商户-{self.leads:04d}"
            signed = demo_steps.signature(lead, by=by, at=at, number=number)
        elif to == BLOCKED:
            because = next(self._blocked)
        elif to == PARKED:
            because, revisit_on = next(self._parked), self._revisit()
            reason = LeadStepReason.DEFERRED
        elif to == LOST and fate.lost:
            because, lost_reason = next(self._lost[fate.lost]), fate.lost
        pipeline.advance(
            lead.pk,
            to=to,
            because=because,
            revisit_on=revisit_on,
            lost_reason=lost_reason,
            reason=reason,
            agreement=signed,
            by=by,
            at=at,
        )

    def _prepare(self, lead: Lead, to: Stage, by: User, *, at: datetime) -> None:
        """What the road to a stage asks for is brought together by whoever may."""
        lead = Lead.objects.select_related("merchant", "owner").get(pk=lead.pk)
        worker = by if to == BLOCKED else lead.owner or by
        if to == Stage.QUALIFIED:
            self._check_the_licence(lead, worker, at=at)
        (way,) = (one for one in pipeline.ways(lead, by=by, at=at) if one.to == to)
        for guard in way.missing:
            if prepare := demo_steps.PREPARED.get(guard):
                prepare(lead, by=worker, at=at)

    def _check_the_licence(self, lead: Lead, rep: User, *, at: datetime) -> None:
        """A merchant that had not shown its licence shows it before it is qualified."""
        merchant = lead.merchant
        shown: dict[str, object] = {}
        if not merchant.credit_code:
            shown["credit_code"] = credit_code.made_up(90_000 + self.leads)
        if merchant.licence_status == LicenceStatus.UNKNOWN:
            shown |= {
                "licence_status": LicenceStatus.OPEN,
                "licence_checked_on": timezone.localdate(at),
                "licence_source": REGISTER,
            }
        if shown:
            registration.correct(merchant.pk, shown, by=rep, at=at)

    def _revisit(self) -> date:
        return self.story.today + timedelta(days=self.story.dice.randrange(8, 40))

    def _work(
        self, lead: Lead, stage: Stage, rep: User, entered: datetime, left: datetime | None = None
    ) -> datetime:
        """What was said in a stage: at once, and half-way to the next step as promised.

        Returns when the merchant was last spoken to. In the stage where the lead still stands
        nothing follows the first contact, which is what lets some of them go stale.
        """
        if stage not in self._notes:
            return entered
        note = next(self._notes[stage])
        at = entered + timedelta(minutes=20)
        self._log(lead, note, rep, at)
        if left is None or self.story.dice.random() < FORGOTTEN:
            return at
        days = max((left - entered).days // 2, 1)
        again = self.story.in_working_hours(timezone.localdate(entered) + timedelta(days=days))
        if not at < again < left:
            return at
        promise = follow_ups.promise(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            title=note.promise,
            due_at=again,
            owner=rep,
            by=rep,
            at=at,
        )
        follow_ups.finish(promise.pk, outcome=note.outcome, by=rep, at=again)
        self._log(lead, next(self._notes[stage]), rep, again)
        return again

    def _log(self, lead: Lead, note: words.Note, rep: User, at: datetime) -> None:
        self.activities += 1
        activities.log(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            kind=note.kind,
            summary=note.summary,
            occurred_at=at,
            by=rep,
            at=at,
        )

    def _promise(self, lead: Lead, fate: Fate, rep: User, last: datetime) -> None:
        """The follow-up that is open now."""
        due_at, at = self.story.coming(self.story.dice.randint(1, 6)), last
        if fate.promised == OVERDUE:
            due_at = self.story.worked(max(fate.days - 2, 1))
        elif fate.promised == TODAY:
            due_at, at = self._today(), self.story.now
        self.promised[fate.promised] += 1
        follow_ups.promise(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            title=next(self._titles),
            due_at=due_at,
            owner=rep,
            by=rep,
            at=at,
        )

    def _today(self) -> datetime:
        """Later today, if there is much left of it."""
        midnight = datetime.combine(self.story.today + timedelta(days=1), datetime.min.time())
        latest = timezone.make_aware(midnight) - timedelta(minutes=1)
        later = self.story.now + timedelta(minutes=next(self._later_today))
        return min(later.replace(second=0, microsecond=0), latest)
