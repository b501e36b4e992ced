"""The objections of the demo: what merchants said against it, and how our plays went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle
from types import MappingProxyType

from django.utils import timezone

from crm.demo import Demo
from crm.ids import uuid7
from crm.models import User
from leads.domain import objection_settling, objections
from leads.models import (
    AttemptOutcome,
    CellStatus,
    GridCell,
    Lead,
    Objection,
    ObjectionReason,
    Play,
    Stage,
    SubReason,
)
from leads.models.grid_words import CONFIRM_CELLS

RAISED, DIAGNOSED, HANDLED = "raised", "diagnosed", "handled"
AT_ONCE, LATER, ANEW, UNRESOLVED, DEFERRED = "at once", "later", "anew", "unresolved", "deferred"

_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True)
class Said:
    """What a merchant said, and what is behind it."""

    sub_reason: SubReason
    words: str
    plays: tuple[str, ...]
    """The plays tried, the last one as it came out."""
    other_problem: bool = False


S = SubReason
SAID: Mapping[Stage, tuple[Said, ...]] = MappingProxyType(
    {
        Stage.QUALIFIED: (
            Said(S.U1, "生意还行，不需要", ("U1",)),
            Said(S.U2, "客人扫什么都一样", ("U2",)),
            Said(S.U4, "有美团抖音就够了", ("U2", "U4")),
            Said(S.O1, "要总部定", ("O1",)),
            Said(S.U1, "生意还行，过一阵再看", ("U1",)),
            Said(S.U4, "平台上的券已经发不完了", ("U4",)),
            Said(S.P1, "我不缺客，缺人手", ("P1",), other_problem=True),
        ),
        Stage.DISCOVERY: (
            Said(S.N2, "这个不急", ("N2",)),
            Said(S.N3, "送券赚不回来", ("N2", "N3")),
            Said(S.N1, "过完年再说", ("N1",)),
            Said(S.O3, "上次结算拖了半年", ("O3",)),
            Said(S.N2, "眼下忙装修，这个往后放", ("N2",)),
            Said(S.P1, "我不缺客，缺的是周转", ("P1",), other_problem=True),
            Said(S.N3, "满减做过，算下来是亏的", ("N3",)),
        ),
        Stage.PROPOSAL: (
            Said(S.P2, "满减只会招羊毛党", ("P2",)),
            Said(S.P3, "钱都我出?", ("P2", "P3")),
            Said(S.N3, "送券赚不回来，先看别家", ("N3",)),
            Said(S.P3, "三成还是高，别家只要两成", ("P3",)),
            Said(S.O1, "这个比例要总部定", ("O1",)),
        ),
    }
)
"""By the stage in which such things are said; the plays U3, N4, P4, O2, O4 and O5 are untried."""

OF_THE_PAST = (AT_ONCE, LATER, UNRESOLVED, LATER, AT_ONCE, ANEW, DEFERRED, AT_ONCE)
OF_TODAY = (RAISED, DIAGNOSED, HANDLED, DEFERRED, HANDLED, RAISED, LATER, ANEW)
"""How far an objection is where the lead has moved on, and where it still stands."""

COMMITMENTS = (
    "拿一家店试两周，下周给门店名单",
    "下周三前给我们近三个月的客流数",
    "月底前请总部市场部一起开一次电话会",
)
GIVEN_UP = ("聊了三次没有松口，先不谈这一条", "对方已经认定，换个人再谈也一样")
PUT_OFF = (
    Said(S.N1, "过完年再说", ("N1",)),
    Said(S.N2, "这个不急，等新店开了再谈", ("N2",)),
    Said(S.N1, "商场整改完再说", ("N1",)),
)


class Objector:
    """Raises one objection after the other, each with another ending."""

    def __init__(self, story: Demo) -> None:
        self.story = story
        self.raised = 0
        self._said = {stage: cycle(said) for stage, said in SAID.items()}
        self._past, self._today = cycle(OF_THE_PAST), cycle(OF_TODAY)
        self._words, self._given_up = cycle(COMMITMENTS), cycle(GIVEN_UP)
        self._put_off = cycle(PUT_OFF)
        self._plays = dict(Play.objects.values_list("code", "pk"))
        self._effects = cycle((AttemptOutcome.HELPED, AttemptOutcome.NO_EFFECT))
        self._number = count()

    def object(
        self, lead: Lead, stage: Stage, *, by: User, at: datetime, left: datetime | None
    ) -> None:
        """The merchant objects in a stage, which is told to the end if the lead has left it."""
        ending = next(self._today if left is None else self._past)
        later = at + 8 * _MINUTES if left is None else at + (left - at) / 2
        self._tell(lead, next(self._said[stage]), ending, by=by, at=at, later=later)

    def put_off(self, lead: Lead, *, by: User, at: datetime) -> None:
        """An objection that no play could settle: it is put off to a day."""
        self._tell(lead, next(self._put_off), DEFERRED, by=by, at=at, later=at)

    def _tell(
        self, lead: Lead, said: Said, ending: str, *, by: User, at: datetime, later: datetime
    ) -> None:
        self.raised += 1
        one = objections.raise_objection(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            merchant_words=said.words,
            declared_reason=said.sub_reason.reason,
            sub_reason="" if ending == RAISED else said.sub_reason,
            names_other_problem=said.other_problem,
            by=by,
            at=at,
        )
        if ending in (RAISED, DIAGNOSED):
            return
        moment = self._handle(one, said, by=by, at=at + _MINUTES)
        if ending == HANDLED:
            return
        if ending == UNRESOLVED:
            self._say_no_effect(one, by=by, at=later)
            objection_settling.leave_unresolved(
                one.pk, because=next(self._given_up), by=by, at=later
            )
        elif ending == DEFERRED:
            until = timezone.localdate(later) + timedelta(days=90)
            objection_settling.defer(one.pk, until=until, by=by, at=max(later, moment))
        else:
            at_once = ending == AT_ONCE
            self._resolve(one, by=by, at=moment if at_once else later, at_once=at_once)
        if ending == ANEW:
            objection_settling.reopen(
                one.pk, because="区域经理来电，又提了同样的话", by=by, at=self._day_after(later)
            )

    def _day_after(self, moment: datetime) -> datetime:
        """The same hour of the next day that is worked, if that has come."""
        local = timezone.localtime(moment)
        day = self.story.calendar.after(local.date(), 1)
        later = local.replace(year=day.year, month=day.month, day=day.day)
        return later if later < self.story.now else moment + 2 * _MINUTES

    def _handle(self, one: Objection, said: Said, *, by: User, at: datetime) -> datetime:
        for number, code in enumerate(said.plays, 1):
            attempt = uuid7()
            objections.handle(
                one.pk,
                attempt_id=attempt,
                play_id=self._plays[code],
                activity_id=one.activity_id,
                by=by,
                at=at,
            )
            if number < len(said.plays):
                objections.record_outcome(
                    attempt, outcome=next(self._effects), by=by, at=at + _MINUTES
                )
                at += _MINUTES
        return at + _MINUTES

    def _say_no_effect(self, one: Objection, *, by: User, at: datetime) -> None:
        last = one.attempts.order_by("-at", "-pk").first()
        if last is not None and not last.outcome:
            objections.record_outcome(last.pk, outcome=AttemptOutcome.NO_EFFECT, by=by, at=at)

    def _resolve(self, one: Objection, *, by: User, at: datetime, at_once: bool) -> None:
        """On an agreed cell where there is one, else on what the merchant committed to."""
        cell = None
        if one.declared_reason != ObjectionReason.OTHER:
            agreed = GridCell.objects.filter(
                pain__merchant=one.merchant_id, cell__in=CONFIRM_CELLS, status=CellStatus.COMPLETE
            )
            cell = agreed.order_by("-filled_at", "pk").first()
        words, on = "", None
        if cell is None:
            words, on = next(self._words), timezone.localdate(at) + timedelta(days=10)
        objection_settling.resolve(
            one.pk,
            cell_id=cell.pk if cell else None,
            commitment=words,
            commitment_on=on,
            activity_id=one.activity_id if at_once else None,
            by=by,
            at=at,
        )
