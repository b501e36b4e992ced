"""Which reason for an objection we suggest, and from where to where it can go. Pure rules.

The suggestion follows from the column in which the nine-grid interview is stuck: causes not
agreed, the merchant does not see the need; cost not agreed, it is not urgent; solution not agreed,
we missed the point. A merchant who names a different problem in the same conversation, or to whom
we proposed something before causes and impact were agreed, tells us the last, wherever the
interview is stuck. A person always confirms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from leads.models.objection_words import (
    STATE_ROADS,
    ObjectionReason,
    ObjectionState,
    SuggestedBecause,
)

STUCK: Mapping[str, tuple[ObjectionReason, SuggestedBecause]] = MappingProxyType(
    {
        "R": (ObjectionReason.UNAWARE, SuggestedBecause.STUCK_R),
        "I": (ObjectionReason.NOT_URGENT, SuggestedBecause.STUCK_I),
        "C": (ObjectionReason.POINT_MISSED, SuggestedBecause.STUCK_C),
    }
)
"""Column → the reason that it suggests."""


@dataclass(frozen=True)
class Suggestion:
    """The reason that the rule suggests, and what it rests on; nothing if it has nothing to say."""

    reason: ObjectionReason | None
    because: SuggestedBecause | None

    def differs_from(self, declared: str) -> bool:
        """Whether a person declared another reason than the one that is suggested."""
        return self.reason is not None and self.reason != declared


def suggested(
    stuck_column: str, *, names_other_problem: bool = False, proposed_early: bool = False
) -> Suggestion:
    """The reason that the state of the interview suggests.

    `stuck_column` is R, I, C, or empty where all is agreed; a merchant without an interview is
    stuck in R. `proposed_early`: something was proposed; it counts as early while R or I is open.
    """
    if names_other_problem:
        return Suggestion(ObjectionReason.POINT_MISSED, SuggestedBecause.OTHER_PROBLEM)
    if proposed_early and stuck_column in ("R", "I"):
        return Suggestion(ObjectionReason.POINT_MISSED, SuggestedBecause.EARLY_PROPOSAL)
    return Suggestion(*STUCK.get(stuck_column, (None, None)))


def reachable(state: str) -> tuple[ObjectionState, ...]:
    """The states to which an objection can go from here."""
    return STATE_ROADS[ObjectionState(state)]
