"""The checklist of a lead: which guard of a road is met, by what, and what lacks.

It only reads. A screen shows it before a step is tried; the step itself asks the same.
"""

from dataclasses import dataclass
from enum import StrEnum

from crm.errors import Sentence
from leads.domain.lead_file import LeadFile, Step
from leads.domain.lead_findings import CHECKS, Finding
from leads.models import LeadWaiver
from leads.models.lead_guards import DEMANDS, Demand
from leads.models.stages import Guard, Road

SAID_WITH_THE_STEP = frozenset(
    {
        Guard.REASON,
        Guard.REVISIT_DATE,
        Guard.LOST_REASON,
        Guard.AGREEMENT,
        Guard.CLAUSES,
        Guard.REFUSED_OR_WITHDRAWN,
    }
)
"""What nobody can prepare: the step itself says it."""


ROWS_ALONE = frozenset(
    {
        Guard.CRITICAL_PAIN,
        Guard.FRESH_PAIN,
        Guard.VISION,
        Guard.ENTRY_POINT,
        Guard.NEGATIVE_LIST,
        Guard.APPROVAL_TIER,
    }
)
"""Guards of which the rows alone say whether they are met, today; what was filed when they became
so goes with the step."""


class CheckState(StrEnum):
    """How a guard stands."""

    MET = "met"
    WAIVED = "waived"
    ASKED = "asked"
    MISSING = "missing"


CHECK_STATES = [(str(one), str(one)) for one in CheckState]


@dataclass(frozen=True)
class Check:
    """One guard of a road as it stands."""

    guard: Guard
    found: Finding
    waiver: LeadWaiver | None = None

    @property
    def demand(self) -> Demand:
        return DEMANDS[self.guard]

    @property
    def passes(self) -> bool:
        return self.found.met or self.waiver is not None

    @property
    def state(self) -> CheckState:
        if self.found.met:
            return CheckState.MET
        if self.waiver:
            return CheckState.WAIVED
        return CheckState.ASKED if self.guard in SAID_WITH_THE_STEP else CheckState.MISSING

    @property
    def said(self) -> Sentence:
        """By what the guard is met, or why it is let pass."""
        return self.waiver.because if self.waiver and not self.found.met else self.found.said


def checks(file: LeadFile, road: Road, step: Step) -> tuple[Check, ...]:
    """How every guard of a road stands, for a step."""
    asked = list(road.guards)
    if road.at_first and not file.was_qualified:
        asked += [guard for guard in road.at_first if guard not in asked]
    return tuple(_check(file, guard, step) for guard in asked)


def _check(file: LeadFile, guard: Guard, step: Step) -> Check:
    found = CHECKS[guard](file, step)
    if not found.evidence and (evidence := file.of(*DEMANDS[guard].kinds)):
        if found.met:
            found = Finding(True, found.said, evidence)
        elif guard not in ROWS_ALONE:
            found = Finding(True, str(evidence[0]), evidence)
    waiver = None
    if not found.met and DEMANDS[guard].waivable:
        waiver = file.waiver(guard, step.to)
    return Check(guard, found, waiver)
