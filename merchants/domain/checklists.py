"""The checklist of a partnership: which guard of a road is met, by which evidence, and what lacks.

It only reads. A screen shows it before a step is tried; the step itself asks the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from merchants.domain import partnership_facts, wavering
from merchants.models import (
    AgreementVersion,
    Evidence,
    EvidenceKind,
    Partnership,
    PartnershipStage,
    StepReason,
    Waiver,
)
from merchants.models.partnership_numbers import (
    LICENCE_CHECK_DAYS,
    LONG_SILENT_DAYS,
    PILOT_REDEMPTIONS,
    RECOVERED_DAYS,
    RECOVERED_HEALTH,
    RENEWAL_DAYS,
)
from merchants.models.partnership_roads import DEMANDS, Demand, Guard, Road
from merchants.models.partnership_words import REASONS

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Check:
    """One guard of a road as it stands: met by evidence, let pass by a waiver, or missing."""

    guard: Guard
    met: bool
    evidence: tuple[Evidence, ...] = ()
    waiver: Waiver | None = None

    @property
    def demand(self) -> Demand:
        return DEMANDS[self.guard]

    @property
    def passes(self) -> bool:
        return self.met or self.waiver is not None


@dataclass(frozen=True)
class Question:
    """What is asked: whether a guard is met for a step to a stage, for the reason that is given."""

    guard: Guard
    to: PartnershipStage
    reason: str


@dataclass
class CaseFile:
    """What lies on the desk for a partnership's next step: everything that counts at a moment."""

    partnership: Partnership
    at: datetime
    given: tuple[Waiver, ...] = field(default=())
    """Waivers that come with the step itself."""

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @cached_property
    def since(self) -> datetime:
        """Evidence filed after this moment counts."""
        one = self.partnership
        stopped = one.stage in (PartnershipStage.SUSPENDED, PartnershipStage.BLOCKED)
        return one.stage_entered_at if stopped else one.evidence_since

    @cached_property
    def evidence(self) -> list[Evidence]:
        """What counts, the newest first. What a step has rested on serves no second one: after a
        release, the risk case of the suspension is closed."""
        return list(
            self.partnership.evidence.filter(at__gt=self.since, at__lte=self.at, steps=None)
            .select_related("filed_by", "document")
            .defer("document__content")
            .order_by("-at", "-pk")
        )

    @cached_property
    def waivers(self) -> list[Waiver]:
        """What was let pass since, the newest first."""
        return [
            *self.given,
            *self.partnership.waivers.filter(at__gt=self.since, at__lte=self.at)
            .select_related("given_by")
            .order_by("-at", "-pk"),
        ]

    @cached_property
    def versions(self) -> list[AgreementVersion]:
        """Every signed version that covers at least a day, the first to start first."""
        signed = self.partnership.agreement_versions.signed().order_by("starts_on", "pk")
        return [one for one in signed if one.last_day >= one.starts_on]

    @cached_property
    def renewal(self) -> AgreementVersion | None:
        """What was signed since the renewal began and lasts beyond what was signed before."""
        newer = [one for one in self.versions if one.signed_at and one.signed_at > self.since]
        old_end = self.old_end
        lasting = [one for one in newer if old_end is None or one.ends_on > old_end]
        return lasting[-1] if lasting else None

    @cached_property
    def old_end(self) -> date | None:
        """The last day covered by what was signed before the renewal began."""
        days = [
            one.last_day for one in self.versions if one.signed_at and one.signed_at <= self.since
        ]
        return max(days, default=None)

    @cached_property
    def causes(self) -> set[StepReason]:
        return wavering.causes(self.partnership, self.at)

    def of(self, *kinds: EvidenceKind) -> tuple[Evidence, ...]:
        return tuple(one for one in self.evidence if one.kind in kinds)

    def newest(self, kind: EvidenceKind) -> tuple[Evidence, ...]:
        """The newest of a kind: a later figure corrects an earlier one."""
        return self.of(kind)[:1]

    def checks(self, road: Road, *, to: PartnershipStage, reason: str = "") -> tuple[Check, ...]:
        """How every guard of a road stands, for a step to a stage with a reason."""
        return tuple(self._check(Question(guard, to, reason)) for guard in road.guards)

    def _check(self, asked: Question) -> Check:
        met, evidence = _CHECKS.get(asked.guard, _on_file)(self, asked)
        waiver = None
        if not met and DEMANDS[asked.guard].waivable:
            waiver = next(
                (
                    one
                    for one in self.waivers
                    if one.guard == asked.guard and one.to_stage == asked.to
                ),
                None,
            )
        return Check(asked.guard, met, evidence, waiver)


type Finding = tuple[bool, tuple[Evidence, ...]]
type Checking = Callable[[CaseFile, Question], Finding]


def _on_file(case: CaseFile, asked: Question) -> Finding:
    """Met as soon as evidence of its kind is on file."""
    evidence = case.of(*DEMANDS[asked.guard].kinds)
    return bool(evidence), evidence


def _reason(case: CaseFile, asked: Question) -> Finding:
    return asked.reason in REASONS.get(asked.to, ()), ()


def _figures(kind: EvidenceKind, enough: Callable[[Evidence], bool]) -> Checking:
    def check(case: CaseFile, asked: Question) -> Finding:
        evidence = case.newest(kind)
        return bool(evidence) and enough(evidence[0]), evidence

    return check


def _agreement_ended(case: CaseFile, asked: Question) -> Finding:
    """The end is on file, and no signed agreement reaches beyond today."""
    evidence = case.of(EvidenceKind.AGREEMENT_ENDED)
    over = all(one.last_day <= case.today for one in case.versions)
    return bool(evidence) and over, evidence


def _risk_rule(case: CaseFile, asked: Question) -> Finding:
    evidence = case.of(*DEMANDS[asked.guard].kinds)
    if asked.reason:
        return asked.reason in case.causes, evidence
    return bool(case.causes), evidence


def _enough_redemptions(case: CaseFile, asked: Question) -> Finding:
    evidence = case.newest(EvidenceKind.PILOT_REDEMPTIONS)
    met = partnership_facts.redeemed_at_least(
        case.partnership, PILOT_REDEMPTIONS.value, case.at, on_file=evidence
    )
    return met, evidence


def _health_recovered(case: CaseFile, asked: Question) -> Finding:
    evidence = case.newest(EvidenceKind.HEALTH_RECORD)
    met = partnership_facts.health_at_least(
        case.partnership, RECOVERED_HEALTH.value, RECOVERED_DAYS.value, case.at, on_file=evidence
    )
    return met, evidence


def _expires_soon(case: CaseFile, asked: Question) -> Finding:
    expires_on = case.partnership.expires_on
    soon = expires_on is not None and expires_on - case.today <= RENEWAL_DAYS.value * _DAY
    return soon, ()


def _settled_or_silent(case: CaseFile, asked: Question) -> Finding:
    silent = case.newest(EvidenceKind.SALES_STOPPED)
    evidence = (*case.of(EvidenceKind.FINAL_SETTLEMENT), *silent)
    met = bool(case.of(EvidenceKind.FINAL_SETTLEMENT)) or partnership_facts.silent_for(
        case.partnership, LONG_SILENT_DAYS.value, case.at, on_file=silent
    )
    return met, evidence


def _signed_renewal(case: CaseFile, asked: Question) -> Finding:
    return case.renewal is not None, case.of(EvidenceKind.SIGNED_RENEWAL)


def _renewal_follows(case: CaseFile, asked: Question) -> Finding:
    """The first day of what is new comes no later than the day after the last of what is old."""
    evidence = case.of(EvidenceKind.SIGNED_RENEWAL)
    if case.renewal is None:
        return False, evidence
    newer = [one for one in case.versions if one.signed_at and one.signed_at > case.since]
    start = min(one.starts_on for one in newer)
    return case.old_end is None or start <= case.old_end + _DAY, evidence


def _licence_rechecked(case: CaseFile, asked: Question) -> Finding:
    evidence = case.newest(EvidenceKind.LICENCE_CHECK)
    oldest = case.today - LICENCE_CHECK_DAYS.value * _DAY
    return bool(evidence) and evidence[0].happened_on >= oldest, evidence


def _stage_before(case: CaseFile, asked: Question) -> Finding:
    return asked.to == case.partnership.stage_before, ()


_CHECKS: dict[Guard, Checking] = {
    Guard.REASON: _reason,
    Guard.ENOUGH_REDEMPTIONS: _enough_redemptions,
    Guard.STATEMENT_RECONCILED: _figures(
        EvidenceKind.PILOT_STATEMENT, lambda one: one.numbers["open_difference_fen"] == 0
    ),
    Guard.REVIEW_WITH_LIFT: _figures(
        EvidenceKind.PILOT_REVIEW,
        lambda one: Decimal(one.numbers["lift_percent"]).is_finite(),
    ),
    Guard.AGREEMENT_ENDED: _agreement_ended,
    Guard.RISK_RULE: _risk_rule,
    Guard.HEALTH_RECOVERED: _health_recovered,
    Guard.EXPIRES_SOON: _expires_soon,
    Guard.SETTLED_OR_SILENT: _settled_or_silent,
    Guard.SIGNED_RENEWAL: _signed_renewal,
    Guard.RENEWAL_FOLLOWS: _renewal_follows,
    Guard.LICENCE_RECHECKED: _licence_rechecked,
    Guard.STAGE_BEFORE: _stage_before,
}
