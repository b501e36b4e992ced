"""The leads of the demo: ten weeks of calls, visits and steps, told lead by lead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import demo
from crm.demo import Demo
from crm.domain import reminders
from crm.ids import uuid7
from crm.models import Reminder, User
from leads import demo_pool, demo_road, demo_steps
from leads import demo_words as words
from leads.demo_interviews import Interviewer
from leads.demo_objections import SAID, Objector
from leads.demo_shops import LOSING, NEXT, OFFERS, WAIVED_BECAUSE, scaled
from leads.domain import (
    activities,
    follow_ups,
    lead_checklists,
    lead_evidence,
    next_actions,
    pipeline,
    proposals,
    questions,
)
from leads.domain.lead_file import LeadFile, Step
from leads.domain.lead_reminders import STAGE_LIMIT
from leads.models import Activity, Cell, Lead, LeadSource, LeadStepReason, LostReason, Stage
from leads.models.stages import FUNNEL, Guard
from merchants.demo import AREAS, EVERYBODY_LOOKS_FOR, REGISTER
from merchants.domain import credit_code, registration
from merchants.domain.contact_windows import CATEGORIES
from merchants.models import LicenceStatus, Merchant, Rival, RivalKind

__all__ = ["demo_pool", "demo_road", "pursue_merchants"]

APPROVERS = {
    "徐汇支行餐饮团队": "lead",
    "静安支行生活团队": "lead.jingan",
    "西湖支行商圈团队": "lead.xihu",
    "锦江支行商圈团队": "lead.jinjiang",
}
POOL = {
    "徐汇支行餐饮团队": 6,
    "静安支行生活团队": 4,
    "西湖支行商圈团队": 3,
    "锦江支行商圈团队": 3,
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
    reopened: bool = False
    """Lost for that reason, and reopened by the team lead."""


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
    Fate(Q, 3, COMING, lost=LostReason.UNAWARE, reopened=True),
    Fate(LOST, 19, lost=LostReason.POINT_MISSED),
    Fate(LOST, 24, lost=LostReason.OTHER),
    Fate(BLOCKED, 9),
)  # fmt: skip
BEST_PLACE = FATES_OF_THE_FIRST_REP.index(Fate(P, 4, COMING))
_DEEPEST = (P, D, A, WON, Q, LOST, PARKED, N, BLOCKED)
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
FIRST_REP = f"rep@{demo.DOMAIN}"
SIGNS_IN = {N: 95, Q: 70, D: 45, P: 18, A: 4, PARKED: 110}
"""In so many days, and a few more, the signature is expected; nobody says so of what has ended."""
DEPTHS = ("out_of_order", "critical", "reengineered", "admitted", "latent", "admitted")
"""How far the interviews of the first rep have come where they still go on."""
SUBMITTED = "submitted"
DRAFTS = ("draft", SUBMITTED, "losing", "second")
DECISIONS = ("", "", "店长出差，下周再说", "", "已经当面谈过")
"""Why a suggestion was put aside; those with nothing said were taken up."""
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
        merchants = iter(
            sorted(prospects[area.unit], key=lambda one: one.brand != EVERYBODY_LOOKS_FOR)
        )
        approver = demo.person(APPROVERS[area.unit])
        for login in dict.fromkeys(area.reps):
            rep = demo.person(login)
            fates: tuple[Fate, ...] = FATES_OF_THE_FIRST_REP
            if login != "rep":
                fates = tuple(_of_another(others))
                others += 1
            chosen = _deepest_for_the_best(fates, merchants)
            for fate, merchant in zip(fates, chosen, strict=True):
                teller.tell(merchant, fate, rep=rep, approver=approver)
        for number in range(POOL[area.unit]):
            teller.leave_in_pool(next(merchants), number, by=approver)
    return _(
        "Leads: %(leads)s in all stages, %(activities)s activities, %(open)s open follow-ups "
        "(%(overdue)s overdue)."
    ) % {
        "leads": teller.leads,
        "activities": Activity.objects.count(),
        "open": teller.promised[OVERDUE] + teller.promised[TODAY] + teller.promised[COMING],
        "overdue": teller.promised[OVERDUE],
    }


def _deepest_for_the_best(fates: tuple[Fate, ...], coming: Iterator[Merchant]) -> list[Merchant]:
    """A merchant for each fate: those that a team learns most about are of the kinds of shop that
    our questions are written for, and the proposal that stands is with the best known."""
    taken = [next(coming) for _fate in fates]
    best = [one for one in taken if one.brand == EVERYBODY_LOOKS_FOR]
    known = [one for one in taken if one not in best and one.category_id in CATEGORIES]
    # Of each kind of shop in turn, so that no stage is full of restaurants.
    turns: dict[str, int] = defaultdict(int)
    ranks = {}
    for one in known:
        kind = str(CATEGORIES[one.category_id or ""])
        turns[kind] += 1
        ranks[one.pk] = turns[kind]
    known.sort(key=lambda one: ranks[one.pk])
    rest = [one for one in taken if one not in best and one not in known]
    chosen: dict[int, Merchant] = {}
    order = sorted(range(len(fates)), key=lambda place: _DEEPEST.index(fates[place].stage))
    if best and len(fates) == len(FATES_OF_THE_FIRST_REP):
        chosen[BEST_PLACE] = best.pop()
    queue = iter([*known, *best, *rest])
    for place in order:
        if place not in chosen:
            chosen[place] = next(queue)
    return [chosen[place] for place in range(len(fates))]


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
        self.leads = 0
        self.promised: dict[str, int] = defaultdict(int)
        self.interviewer, self.objector = Interviewer(story.today), Objector(story)
        self.proposals = self.decided = 0
        self._prepared = {
            **demo_steps.PREPARED,
            Guard.CRITICAL_PAIN: self.interviewer.critical,
            Guard.VISION: self.interviewer.vision,
            Guard.ENTRY_POINT: self.interviewer.entry_point,
            Guard.OBJECTION_OPEN: self.objector.put_off,
            Guard.PROPOSAL_COMPLETE: self._propose,
        }
        self._turns: dict[str, int] = defaultdict(int)
        self._depths = cycle(DEPTHS)
        self._drafts = cycle(DRAFTS)
        self._decisions = cycle(DECISIONS)
        self._banks = cycle(Rival.objects.filter(kind=RivalKind.BANK).order_by("name"))
        self._waived = False
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
        self._turns[rep.email] += 1
        lead = self._open(merchant, owner=rep, by=rep, at=moments[0], stage=fate.stage)
        last = self._work(lead, stages[0], rep, moments[0], *moments[1:2])
        for number, stage in enumerate(stages[1:], 1):
            by = {WON: approver, BLOCKED: self.compliance}.get(stage, rep)
            if stages[number - 1] == LOST:
                by = approver
            if stage == P and rep.email == FIRST_REP and not self._waived:
                self._waive_decision_maker(lead, approver, at=moments[number])
            self._advance(lead, stage, fate, by=by, at=moments[number])
            last = self._work(lead, stage, rep, moments[number], *moments[number + 1 : number + 2])
        if fate.promised:
            self._promise(lead, fate, rep, last)

    def _way_to(self, fate: Fate) -> list[Stage]:
        """The stages passed through; those that leave the road leave it at different places."""
        if fate.reopened:
            return [N, Q, LOST, Q]
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

    def _open(
        self,
        merchant: Merchant,
        *,
        owner: User | None,
        by: User,
        at: datetime,
        stage: Stage = Stage.NEW,
    ) -> Lead:
        self.leads += 1
        signing = None
        if days := SIGNS_IN.get(stage):
            signing = self.story.today + timedelta(days=days + self.leads * 11 % 35)
        return pipeline.open_lead(
            uuid7(),
            merchant.pk,
            source=next(self._sources),
            # Whole ten thousands of yuan.
            expected_value_fen=self.story.dice.randrange(3, 60) * 1_000_000,
            expected_signing_on=signing,
            owner=owner,
            by=by,
            at=at,
        )

    def _advance(self, lead: Lead, to: Stage, fate: Fate, *, by: User, at: datetime) -> None:
        because, revisit_on, lost_reason = "", None, ""
        signed, reason, rival = None, "", None
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
            rival = next(self._banks).pk if fate.lost == LostReason.RIVAL else None
        elif to == Q and fate.reopened and lead_is_lost(lead):
            because = "店长换人，新店长主动来问活动"
        pipeline.advance(
            lead.pk,
            to=to,
            because=because,
            revisit_on=revisit_on,
            lost_reason=lost_reason,
            lost_to_rival_id=rival,
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
        road = pipeline.road_to(lead, to)
        for check in lead_checklists.checks(LeadFile(lead, by, at), road, Step(to, at)):
            if not check.passes and (prepare := self._prepared.get(check.guard)):
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
        self._go_deeper(lead, stage, rep, at + timedelta(minutes=5), left)
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

    def _go_deeper(
        self, lead: Lead, stage: Stage, rep: User, at: datetime, left: datetime | None
    ) -> None:
        """The interview, the objections, and the suggestions that a rep decides on in a stage."""
        lead = Lead.objects.select_related("merchant", "owner").get(pk=lead.pk)
        is_first, turn = rep.email == FIRST_REP, self._turns[rep.email] + FUNNEL.index(stage)
        if stage == Q and is_first and turn % 2:
            self.interviewer.latent(lead, by=rep, at=at)
        elif stage == D:
            depth = next(self._depths) if is_first and left is None else "admitted"
            getattr(self.interviewer, depth)(lead, by=rep, at=at + timedelta(minutes=13))
        elif stage == P and left is None:
            self._draft(lead, next(self._drafts) if is_first else SUBMITTED, rep, at)
        if stage in SAID and turn % (2 if is_first else 3) == 0:
            moment = at + timedelta(minutes=20)
            later = None if left is None else self._between(moment, left)
            self.objector.object(lead, stage, by=rep, at=moment, left=later)
        if turn % (2 if is_first else 4) == 1:
            self._decide(lead, rep, at + timedelta(minutes=80))

    def _between(self, since: datetime, until: datetime) -> datetime:
        """Half-way, on a day that is worked."""
        half = timezone.localdate(since) + timedelta(days=(until - since).days // 2)
        day = self.story.calendar.on_or_after(half)
        later = since.astimezone(timezone.get_current_timezone()).replace(
            year=day.year, month=day.month, day=day.day
        )
        return later if since < later < until else since + (until - since) / 2

    def _decide(self, lead: Lead, rep: User, at: datetime) -> None:
        """Take up one suggestion, or put it aside."""
        offered = [one for one in next_actions.of(lead, at) if one.accepted is None]
        if not offered:
            return
        self.decided += 1
        because = next(self._decisions)
        one = offered[self.decided % len(offered)].suggested
        shown_at = at - timedelta(minutes=1)
        if because:
            next_actions.dismiss(
                uuid7(),
                lead.pk,
                rule=one.rule,
                about=one.about,
                shown_at=shown_at,
                because=because,
                by=rep,
                at=at,
            )
        else:
            next_actions.accept(
                uuid7(),
                lead.pk,
                rule=one.rule,
                about=one.about,
                shown_at=shown_at,
                by=rep,
                at=at,
            )

    def _waive_decision_maker(self, lead: Lead, approver: User, *, at: datetime) -> None:
        """Once, the team lead lets a proposal be written without the decision maker."""
        self._waived = True
        lead_evidence.waive(
            uuid7(),
            lead.pk,
            to=P,
            guard=Guard.DECISION_MAKER,
            because="老板在国外，店长有书面授权，回国后补见",
            by=approver,
            at=at - timedelta(minutes=45),
        )

    def _draft(self, lead: Lead, how: str, rep: User, at: datetime) -> None:
        """The proposal of a lead that waits for the merchant's word or for approval."""
        at += timedelta(minutes=10)
        if how == "draft":
            self.interviewer.fill(lead, Cell.C1, by=rep, at=at)
            self._propose(lead, by=rep, at=at, submitted=False)
            return
        self.interviewer.vision(lead, by=rep, at=at)
        if how == "losing":
            self._propose(lead, by=rep, at=at, submitted=False, changes=LOSING)
            proposal = lead.proposal  # type: ignore[attr-defined]
            approver = demo.person(APPROVERS[lead.unit.name])
            proposals.waive_forecast(
                proposal.pk, because=WAIVED_BECAUSE, by=approver, at=at + timedelta(minutes=5)
            )
            proposals.submit(proposal.pk, by=rep, at=at + timedelta(minutes=8))
            return
        self._propose(lead, by=rep, at=at)
        if how == "second":
            less = {"next_steps": "先做两家门店\n试点四周\n复盘后再续"}
            proposals.new_version(
                lead.proposal.pk,  # type: ignore[attr-defined]
                changes=less,
                by=rep,
                at=at + timedelta(minutes=15),
            )

    def _propose(
        self,
        lead: Lead,
        *,
        by: User,
        at: datetime,
        submitted: bool = True,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """An offer that fits the kind of shop, by which all three win."""
        self.proposals += 1
        begins = self.story.today + timedelta(days=20 + self.proposals % 5 * 4)
        said = {
            **scaled(OFFERS[questions.set_for(lead.merchant)], 8 + self.proposals * 3 % 7),
            "starts_on": begins,
            "ends_on": begins + timedelta(days=60),
            "next_steps": NEXT,
            "merchant_rate": 6_000,
            **(changes or {}),
        }
        drafted = proposals.draft(uuid7(), lead.pk, changes=said, by=by, at=at)
        if submitted:
            proposals.submit(drafted.pk, by=by, at=at + timedelta(minutes=2))

    def _log(self, lead: Lead, note: words.Note, rep: User, at: datetime) -> None:
        activities.log(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            kind=note.kind,
            summary=note.summary,
            outcome_code=note.code,
            mood=note.mood,
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


def lead_is_lost(lead: Lead) -> bool:
    """Whether a lead was lost by now, whatever we knew of it before."""
    lost: bool = Lead.objects.in_stage([LOST]).filter(pk=lead.pk).exists()
    return lost


NEW = 6
"""Warnings that an inbox opens with; those that came before were read by now."""


@demo.step(99)
def let_old_warnings_rest(story: Demo) -> str:
    """An inbox opens with what is new, not with every lead that ever rested too long."""
    due = Reminder.objects.due(story.now).filter(kind=STAGE_LIMIT.name).order_by("-due_at", "id")
    keys = list(due.values_list("key", flat=True)[NEW:])
    for key in keys:
        reminders.cancel(key, at=story.now)
    return _("Reminders of leads that are old news: %(count)s.") % {"count": len(keys)}
