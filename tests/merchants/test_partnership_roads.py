"""Every road between the stages of a partnership, every guard on it, and every way around it.

The table is written here, from the lifecycle table of the method; the product has one of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.db import transaction

from crm.actors import SYSTEM
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, StageNotReachable
from merchants.domain import agreements, partnership_facts, partnerships
from merchants.domain.checklists import CaseFile
from merchants.models import (
    Partnership,
    PartnershipStage,
    PartnershipStep,
    TimelineEntry,
    Waiver,
)
from tests.conftest import EVERYBODY, Cast
from tests.merchants.partnership_desk import DAY, Desk

pytestmark = pytest.mark.django_db

type Part = Callable[[Desk], object]

SEE = "ann max mei fay rui pia otto ada"
WALK = {
    "worker": "ann max mei",
    "manager": "mei",
    "approver": "mei",
    "compliance": "rui",
    "system": "",
}


def filed(kind: str, **more: object) -> Part:
    return lambda desk: desk.file(kind, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Guarded:
    """One thing that a road asks for."""

    name: str
    meet: Part
    waivable: bool = True
    also: tuple[str, ...] = ()
    """What else is missing while this is."""


@dataclass(frozen=True)
class Case:
    """One edge of the table."""

    transition: str
    start: str
    to: str
    who: str
    guards: tuple[Guarded, ...] = ()
    reason: str = ""
    columns: dict[str, object] = field(default_factory=dict)
    prepare: Part = lambda desk: None

    def __str__(self) -> str:
        return f"{self.transition} {self.start} to {self.to}"

    def desk(self, cast: Cast, at: datetime) -> Desk:
        desk = Desk(cast, at, self.start, **self.columns)
        self.prepare(desk)
        return desk

    def actor(self, cast: Cast) -> object:
        return SYSTEM if self.who == "system" else cast.named(WALK[self.who].split()[0])


def one(kind: str, *, waivable: bool = True, name: str = "", **more: object) -> Guarded:
    return Guarded(name or kind, filed(kind, **more), waivable)


def old_agreement(desk: Desk) -> None:
    """In force until 40 days from now, signed before the renewal began."""
    at, desk.at = desk.at, desk.at - 30 * DAY
    desk.agree(desk.today - 300 * DAY, (at + 40 * DAY).date())
    desk.at = at


def renewed(desk: Desk) -> None:
    end = desk.row.expires_on
    assert end is not None
    desk.agree(end + DAY, end + 365 * DAY)


def ended(desk: Desk) -> None:
    agreement = desk.agree(desk.today - DAY, desk.today + 300 * DAY)
    desk.later(minutes=1)
    agreements.end(
        agreement.pk, last_day=desk.today, because="商户退出", by=desk.cast.mei, at=desk.at
    )


RISK_CASE = one("risk_case", waivable=False)
SETTLED = Guarded("settled_or_silent", filed("final_settlement"))
CLEARANCE = one("clearance_document", waivable=False)
RUNNING = ("onboarding", "pilot", "active", "wavering", "renewal")
SOON = {"expires_on": date(2026, 11, 18) + 60 * DAY}

TABLE = [
    Case(
        "T11",
        "onboarding",
        "pilot",
        "worker",
        (
            one("training_record"),
            one("test_redemption"),
            one("published_rules"),
            one("materials_photo"),
        ),
    ),
    Case(
        "T12",
        "pilot",
        "active",
        "manager",
        (
            one("pilot_redemptions", name="enough_redemptions", redemptions=30),
            one("pilot_statement", name="statement_reconciled", open_difference_fen=0),
            one("pilot_review", name="review_with_lift", lift_percent="12.5"),
            one("merchant_continues"),
        ),
    ),
    Case("T13", "pilot", "onboarding", "worker", (one("redesign_agreed"),)),
    Case(
        "T14",
        "pilot",
        "churned",
        "manager",
        (one("stop_decision"), one("final_settlement")),
        reason="results",
    ),
    Case(
        "T15",
        "active",
        "wavering",
        "worker",
        (Guarded("risk_rule", filed("complaint")),),
        reason="complaint",
    ),
    Case(
        "T16",
        "wavering",
        "active",
        "manager",
        (
            one("cause_closed"),
            one("health_record", name="health_recovered", health="70", days=14),
        ),
    ),
    Case("T17", "active", "renewal", "system", columns=SOON),
    Case("T17", "wavering", "renewal", "system", (one("rescue_plan"),), columns=SOON),
    Case(
        "T18",
        "renewal",
        "active",
        "approver",
        (
            Guarded("signed_renewal", renewed, waivable=False, also=("renewal_follows",)),
            one("roi_review"),
            one("licence_check", name="licence_rechecked"),
        ),
        prepare=old_agreement,
    ),
    Case("T19", "renewal", "churned", "manager", (SETTLED,), reason="rival"),
    Case("T19", "wavering", "churned", "manager", (SETTLED,), reason="closed_down"),
    Case(
        "T30",
        "onboarding",
        "churned",
        "manager",
        (
            Guarded("agreement_ended", ended, waivable=False),
            one("nothing_to_settle"),
        ),
        reason="not_launched",
    ),
    *(
        Case("T25", start, "suspended", "compliance", (RISK_CASE,), reason="risk_hit")
        for start in RUNNING
    ),
    *(
        Case(
            "T26",
            "suspended",
            back,
            "compliance",
            (CLEARANCE,),
            columns={"stage_before": back},
        )
        for back in RUNNING
    ),
    Case(
        "T27",
        "suspended",
        "blocked",
        "compliance",
        (one("decision_document", waivable=False),),
        reason="negative_list",
    ),
]

GUARDS = [(case, guard) for case in TABLE for guard in case.guards]


def ids(value: object) -> str:
    return value.name if isinstance(value, Guarded) else str(value)


@pytest.mark.parametrize("case", TABLE, ids=ids)
def test_with_everything_there_the_step_is_taken_and_written_down(
    case: Case, cast: Cast, at: datetime
) -> None:
    desk = case.desk(cast, at)
    for guard in case.guards:
        guard.meet(desk)
    actor = case.actor(cast)
    moved = desk.step(case.to, actor, reason=case.reason, comment="如期")  # type: ignore[arg-type]
    assert (moved.stage, moved.stage_entered_at) == (case.to, desk.at)
    step = PartnershipStep.objects.get(partnership=desk.pk)
    assert (step.from_stage, step.to_stage, step.at) == (case.start, case.to, desk.at)
    assert (step.actor_id, step.reason, step.comment) == (
        None if actor is SYSTEM else actor.pk,  # type: ignore[attr-defined]
        case.reason,
        "如期",
    )
    # Twenty days from Thursday 29 October to Wednesday 18 November: fourteen working days.
    assert step.working_days == 14
    used = set(step.evidence.values_list("kind", flat=True))
    assert bool(used) == bool(case.guards)
    assert not step.waivers.exists()
    entry = TimelineEntry.objects.filter(subject_id=desk.pk).latest("at")
    assert (entry.facts["from"], entry.facts["to"]) == (case.start, case.to)
    assert entry.facts.get("reason", "") == case.reason


@pytest.mark.parametrize(("case", "lacking"), GUARDS, ids=ids)
def test_without_one_thing_the_step_is_refused_and_names_it(
    case: Case, lacking: Guarded, cast: Cast, at: datetime
) -> None:
    desk = case.desk(cast, at)
    for guard in case.guards:
        if guard is not lacking:
            guard.meet(desk)
    with pytest.raises(StageNotReachable) as refusal:
        desk.step(case.to, case.actor(cast), reason=case.reason)  # type: ignore[arg-type]
    assert refusal.value.facts["missing"] == [lacking.name, *lacking.also]
    assert [one.code for one in refusal.value.problems] == [lacking.name, *lacking.also]
    assert desk.stage == case.start
    assert not PartnershipStep.objects.exists()


@pytest.mark.parametrize("case", [case for case in TABLE if case.reason], ids=ids)
def test_a_step_that_asks_for_a_reason_is_not_taken_without_one(
    case: Case, cast: Cast, at: datetime
) -> None:
    desk = case.desk(cast, at)
    for guard in case.guards:
        guard.meet(desk)
    with pytest.raises(StageNotReachable) as refusal:
        desk.step(case.to, case.actor(cast))  # type: ignore[arg-type]
    assert refusal.value.facts["missing"] == ["reason"]
    with pytest.raises(InvalidInput) as wrong:
        desk.step(case.to, case.actor(cast), reason="no such thing")  # type: ignore[arg-type]
    assert wrong.value.code == "reason_not_for_step"


@pytest.mark.parametrize("case", TABLE, ids=ids)
def test_a_step_is_for_those_whom_the_table_names(case: Case, cast: Cast, at: datetime) -> None:
    desk = case.desk(cast, at)
    for guard in case.guards:
        guard.meet(desk)
    expected = {
        name: None
        if name in WALK[case.who].split()
        else NotAllowed
        if name in SEE.split()
        else NotFound
        for name in EVERYBODY
    }
    got = {}
    for name in EVERYBODY:
        with transaction.atomic():
            try:
                desk.step(case.to, cast.named(name), reason=case.reason)
            except (NotAllowed, NotFound) as refusal:
                got[name] = type(refusal)
            else:
                got[name] = None
            transaction.set_rollback(True)
    assert got == expected


def forbidden() -> Iterator[tuple[str, str]]:
    allowed = {(case.start, case.to) for case in TABLE}
    for start, to in product(PartnershipStage.values, PartnershipStage.values):
        if (start, to) not in allowed:
            yield start, to


@pytest.mark.parametrize(("start", "to"), list(forbidden()))
def test_there_is_no_other_road(start: str, to: str, cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, start)
    for actor in (SYSTEM, cast.mei, cast.rui):
        with pytest.raises(StageNotReachable) as refusal:
            desk.step(to, actor)
        assert refusal.value.code == "stage_not_reachable"
        assert "reachable" in refusal.value.facts
    assert desk.stage == start


@pytest.mark.parametrize("back", [stage for stage in RUNNING if stage != "pilot"])
def test_a_release_leads_back_to_the_stage_before_and_nowhere_else(
    back: str, cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "suspended", stage_before="pilot")
    desk.file("clearance_document")
    with pytest.raises(StageNotReachable) as refusal:
        desk.step(back, cast.rui)
    assert refusal.value.facts["missing"] == ["stage_before"]
    desk.later(minutes=1)
    assert partnerships.release(desk.pk, by=cast.rui, at=desk.at).stage == "pilot"
    with pytest.raises(RuleBroken) as again:
        partnerships.release(desk.pk, by=cast.rui, at=desk.at)
    assert again.value.code == "not_suspended"


NOT_ENOUGH: dict[str, tuple[str, str, str, str, Part]] = {
    "29 redemptions": (
        "pilot", "active", "mei", "enough_redemptions", filed("pilot_redemptions", redemptions=29),
    ),
    "one fen of difference": (
        "pilot", "active", "mei", "statement_reconciled",
        filed("pilot_statement", open_difference_fen=-1),
    ),
    "health of 69.99": (
        "wavering", "active", "mei", "health_recovered",
        filed("health_record", health="69.99", days=14),
    ),
    "health for 13 days": (
        "wavering", "active", "mei", "health_recovered",
        filed("health_record", health="90", days=13),
    ),
    "no sale for 89 days": (
        "wavering", "churned", "mei", "settled_or_silent", filed("sales_stopped", days=89),
    ),
    "a licence checked 91 days ago": (
        "renewal", "active", "mei", "licence_rechecked",
        lambda desk: desk.file("licence_check", happened_on=desk.today - 91 * DAY),
    ),
    "no sale for 29 days": (
        "active", "wavering", "ann", "risk_rule", filed("sales_stopped", days=29),
    ),
    "a dispute of 15 working days": (
        "active", "wavering", "ann", "risk_rule",
        # Fifteen working days before Wednesday 18 November is Wednesday 28 October.
        lambda desk: desk.file(
            "dispute_opened", happened_on=date(2026, 10, 28)
        ),
    ),
}  # fmt: skip
ENOUGH: dict[str, tuple[str, str, str, str, Part]] = {
    "no sale for 90 days": (
        "wavering", "churned", "long_silent", "settled_or_silent", filed("sales_stopped", days=90),
    ),
    "no sale for 30 days": (
        "active", "wavering", "no_sales", "risk_rule", filed("sales_stopped", days=30),
    ),
    "a dispute of 16 working days": (
        "active", "wavering", "dispute", "risk_rule",
        lambda desk: desk.file("dispute_opened", happened_on=date(2026, 10, 27)),
    ),
    "the merchant cuts its share": (
        "active", "wavering", "share_cut", "risk_rule", filed("share_cut"),
    ),
    "the merchant closes": ("active", "wavering", "closing", "risk_rule", filed("closure")),
    "health of 59.99": (
        "active", "wavering", "health_low", "risk_rule",
        lambda desk: Partnership.objects.filter(pk=desk.pk).update(
            health="59.99", health_computed_on=desk.today
        ),
    ),
    "a licence checked 90 days ago": (
        "renewal", "active", "", "licence_rechecked",
        lambda desk: desk.file("licence_check", happened_on=desk.today - 90 * DAY),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_ENOUGH)
def test_evidence_that_says_too_little_does_not_count(name: str, cast: Cast, at: datetime) -> None:
    start, to, who, guard, part = NOT_ENOUGH[name]
    desk = Desk(cast, at, start)
    part(desk)
    with pytest.raises(StageNotReachable) as refusal:
        desk.step(to, cast.named(who))
    assert guard in refusal.value.facts["missing"]


@pytest.mark.parametrize("name", ENOUGH)
def test_evidence_at_the_bound_counts(name: str, cast: Cast, at: datetime) -> None:
    start, to, reason, guard, part = ENOUGH[name]
    desk = Desk(cast, at, start)
    part(desk)
    row = desk.later(minutes=1).row
    checks = CaseFile(row, desk.at).checks(
        partnerships.road_to(row, PartnershipStage(to)), to=PartnershipStage(to), reason=reason
    )
    assert {check.guard.value: check.met for check in checks}[guard]


def test_a_reason_must_be_the_one_that_is_shown(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("complaint")
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("wavering", cast.ann, reason="share_cut")
    assert refusal.value.facts["missing"] == ["risk_rule"]


def test_a_later_figure_corrects_an_earlier_one(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "pilot")
    desk.file("pilot_redemptions", redemptions=34)
    desk.file("pilot_redemptions", redemptions=12)
    [way] = [
        one for one in partnerships.ways(desk.row, by=cast.mei, at=desk.at) if one.to == "active"
    ]
    assert "enough_redemptions" in [check.guard for check in way.missing]


def test_evidence_of_an_earlier_stage_does_not_count_again(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "onboarding")
    for kind in ("training_record", "test_redemption", "published_rules", "materials_photo"):
        desk.file(kind)
    desk.step("pilot", cast.ann)
    desk.file("redesign_agreed")
    desk.step("onboarding", cast.ann)
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("pilot", cast.ann)
    assert len(refusal.value.facts["missing"]) == 4


def test_a_suspension_interrupts_a_stage_and_its_evidence_still_counts(
    cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "pilot")
    desk.file("redesign_agreed")
    desk.file("risk_case")
    partnerships.suspend(desk.pk, reason="risk_hit", by=cast.rui, at=desk.later(minutes=1).at)
    assert desk.row.stage_before == "pilot"
    desk.file("clearance_document")
    assert desk.step("pilot", cast.rui).stage_before == ""
    assert desk.step("onboarding", cast.ann).stage == "onboarding"


def test_a_risk_case_suspends_once(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("risk_case")
    desk.step("suspended", cast.rui, reason="risk_hit")
    desk.later(minutes=1).file("clearance_document")
    desk.later(minutes=1).step("active", cast.rui)
    desk.later(minutes=1)
    with pytest.raises(StageNotReachable) as refused:
        desk.step("suspended", cast.rui, reason="risk_hit")
    assert [problem.code for problem in refused.value.problems] == ["risk_case"]
    desk.file("risk_case")
    assert desk.later(minutes=1).step("suspended", cast.rui, reason="risk_hit").stage == "suspended"


def test_clearance_filed_before_the_suspension_releases_nobody(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "active")
    desk.file("clearance_document")
    desk.file("risk_case")
    desk.step("suspended", cast.rui, reason="risk_hit")
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("active", cast.rui)
    assert refusal.value.facts["missing"] == ["clearance_document"]


def test_a_merchant_that_closes_suddenly_is_churned_on_the_same_day(
    cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "active")
    desk.file("closure", "店面已清空")
    desk.step("wavering", cast.ann, reason="closing")
    desk.file("final_settlement")
    desk.step("churned", cast.mei, reason="closed_down")
    steps = list(PartnershipStep.objects.order_by("at").values_list("to_stage", "reason"))
    assert steps == [("wavering", "closing"), ("churned", "closed_down")]
    with pytest.raises(RuleBroken) as refusal:
        desk.file("complaint")
    assert refusal.value.code == "partnership_over"


# --- waivers -------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "lacking"), GUARDS, ids=ids)
def test_a_branch_manager_waives_what_can_be_waived_and_nothing_else(
    case: Case, lacking: Guarded, cast: Cast, at: datetime
) -> None:
    desk = case.desk(cast, at)
    for guard in case.guards:
        if guard is not lacking:
            guard.meet(desk)
    if not lacking.waivable:
        with pytest.raises(RuleBroken) as refusal:
            desk.waive(case.to, lacking.name)
        assert refusal.value.code == "guard_not_waivable"
        assert not Waiver.objects.exists()
        return
    waiver = desk.waive(case.to, lacking.name)
    desk.step(case.to, case.actor(cast), reason=case.reason)  # type: ignore[arg-type]
    step = PartnershipStep.objects.get()
    assert list(step.waivers.all()) == [waiver]
    assert (waiver.given_by, waiver.because) == (cast.mei, "总行已同意")
    assert list(Waiver.objects.between(at, desk.at)) == [waiver]
    assert not Waiver.objects.between(desk.at, desk.at + DAY).exists()


@pytest.mark.parametrize("name", [name for name in SEE.split() if name != "mei"])
def test_nobody_else_waives(name: str, cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "onboarding")
    with pytest.raises(NotAllowed):
        desk.waive("pilot", "materials_photo", by=cast.named(name))


def test_the_system_waives_nothing(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        Desk(cast, at, "onboarding").waive("pilot", "materials_photo", by=SYSTEM)


@pytest.mark.parametrize(
    ("to", "guard", "because", "code"),
    [
        ("pilot", "materials_photo", "  ", "waiver_needs_reason"),
        ("pilot", "materials_photo", "a\0b", "waiver_needs_reason"),
        ("pilot", "roi_review", "总行已同意", "guard_unknown"),
        ("pilot", "nonsense", "总行已同意", "guard_unknown"),
        ("renewal", "roi_review", "总行已同意", "guard_unknown"),
    ],
)
def test_a_waiver_that_makes_no_sense_is_refused(
    to: str, guard: str, because: str, code: str, cast: Cast, at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Desk(cast, at, "onboarding").waive(to, guard, because)
    assert refusal.value.code == code
    assert not Waiver.objects.exists()


def test_a_waiver_comes_with_the_step_or_not_at_all(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "onboarding")
    for kind in ("training_record", "test_redemption"):
        desk.file(kind)
    waivers = {"materials_photo": "下周补", "published_rules": "已口头确认"}
    with pytest.raises(NotAllowed):
        desk.step("pilot", cast.ann, waivers=waivers)
    with pytest.raises(StageNotReachable):
        desk.step("pilot", cast.mei, waivers={"materials_photo": "下周补"})
    assert not Waiver.objects.exists(), "a refused step takes its waivers with it"
    desk.step("pilot", cast.mei, waivers=waivers)
    assert PartnershipStep.objects.get().waivers.count() == 2


def test_a_waiver_of_an_earlier_stage_does_not_count_again(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "onboarding")
    for guard in ("training_record", "test_redemption", "published_rules", "materials_photo"):
        desk.waive("pilot", guard)
    desk.step("pilot", cast.ann)
    desk.file("redesign_agreed")
    desk.step("onboarding", cast.ann)
    with pytest.raises(StageNotReachable):
        desk.step("pilot", cast.ann)


# --- renewal -------------------------------------------------------------------------------


def test_a_renewal_that_leaves_a_gap_is_not_approved(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "renewal")
    old_agreement(desk)
    end = desk.row.expires_on
    assert end is not None
    desk.file("roi_review")
    desk.file("licence_check")
    desk.agree(end + 2 * DAY, end + 300 * DAY)
    with pytest.raises(StageNotReachable) as refusal:
        desk.step("active", cast.mei)
    assert refusal.value.facts["missing"] == ["renewal_follows"]


@pytest.mark.parametrize("part", ["drafted", "signed off"])
def test_who_made_the_renewal_does_not_approve_it(part: str, cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, "renewal")
    old_agreement(desk)
    end = desk.row.expires_on
    assert end is not None
    desk.file("roi_review")
    desk.file("licence_check")
    if part == "drafted":
        desk.sign(desk.draft(end + DAY, end + 365 * DAY, by=cast.mei), by=cast.max)
    else:
        desk.sign(desk.draft(end + DAY, end + 365 * DAY), by=cast.mei)
    with pytest.raises(NotAllowed) as refusal:
        desk.step("active", cast.mei)
    assert refusal.value.code == "maker_is_checker"
    [way] = [
        one for one in partnerships.ways(desk.row, by=cast.mei, at=desk.at) if one.to == "active"
    ]
    assert not way.allowed


# --- the checklist -------------------------------------------------------------------------


def test_the_checklist_says_what_is_there_what_is_missing_and_who_may(
    cast: Cast, at: datetime
) -> None:
    desk = Desk(cast, at, "pilot")
    paper = desk.file("pilot_statement", open_difference_fen=0)
    waiver = desk.waive("active", "merchant_continues")
    ways = {way.to.value: way for way in partnerships.ways(desk.row, by=cast.mei, at=desk.at)}
    assert {to: (way.road.transition, way.allowed) for to, way in ways.items()} == {
        "active": ("T12", True),
        "onboarding": ("T13", True),
        "churned": ("T14", True),
        "suspended": ("T25", False),
    }
    checks = {check.guard.value: check for check in ways["active"].checks}
    assert checks["statement_reconciled"].evidence == (paper,)
    assert checks["merchant_continues"].waiver == waiver
    assert [check.guard for check in ways["active"].missing] == [
        "enough_redemptions",
        "review_with_lift",
    ]


def test_the_checklist_costs_the_same_however_much_is_filed(
    cast: Cast, at: datetime, same_queries: Callable[..., int]
) -> None:
    desk = Desk(cast, at, "renewal")
    old_agreement(desk)
    row = desk.row

    def grow() -> None:
        for _ in range(3):
            desk.file("roi_review")
            desk.file("licence_check")

    same_queries(lambda: partnerships.ways(row, by=cast.mei, at=desk.at), after=grow, at_most=6)


# --- beginnings and ends -------------------------------------------------------------------


def test_winning_a_merchant_back_waits_thirty_days_and_has_two_tries(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(cast, at, "churned", stage_entered_at=at)
    assert not partnership_facts.may_win_back(desk.row, at + 30 * DAY - timedelta(seconds=1))
    assert partnership_facts.may_win_back(desk.row, at + 30 * DAY)
    assert not partnership_facts.may_win_back(Desk(cast, at, "active").row, at + 90 * DAY)
    monkeypatch.setattr(partnership_facts, "_ATTEMPTS", [lambda row, since: 2])
    assert not partnership_facts.may_win_back(desk.row, at + 30 * DAY)
    monkeypatch.setattr(partnership_facts, "_ATTEMPTS", [lambda row, since: 1])
    assert partnership_facts.may_win_back(desk.row, at + 30 * DAY)


def test_a_supplied_history_of_health_stands_above_what_was_filed(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(cast, at, "wavering")
    filed_one = desk.file("health_record", health="80", days=20)

    def asked(answer: bool | None) -> bool:
        monkeypatch.setattr(partnership_facts, "_HEALTH", [lambda *_: answer])
        return partnership_facts.health_at_least(desk.row, 70, 14, at, on_file=[filed_one])

    assert (asked(None), asked(False), asked(True)) == (True, False, True)
