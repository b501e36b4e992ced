"""The words of objections: three reasons of the training and the rest, sub-reasons, states, roads.

Source: the merchant training's three reasons to refuse. “Mainly”, it says; hence the fourth.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ObjectionReason(models.TextChoices):
    """Why a merchant hesitates."""

    UNAWARE = "unaware", _("Does not see the need")
    NOT_URGENT = "not_urgent", _("Not urgent, not important")
    POINT_MISSED = "point_missed", _("We missed the pain point")
    OTHER = "other", _("Other constraint")


class SubReason(models.TextChoices):
    """What is behind the reason. The letter says which reason it belongs to."""

    U1 = "U1", _("No problem felt")
    U2 = "U2", _("Sees no link to cards")
    U3 = "U3", _("Thinks it is a terminal sale")
    U4 = "U4", _("Platform is enough")
    N1 = "N1", _("Bad timing")
    N2 = "N2", _("Low priority")
    N3 = "N3", _("Doubts the gain")
    N4 = "N4", _("No trigger")
    P1 = "P1", _("Wrong pain")
    P2 = "P2", _("Wrong mechanic")
    P3 = "P3", _("Wrong share")
    P4 = "P4", _("Wrong audience")
    O1 = "O1", _("Authority")
    O2 = "O2", _("Exclusive contract")
    O3 = "O3", _("Bad experience")
    O4 = "O4", _("Operational load")
    O5 = "O5", _("Ineligible")

    @property
    def reason(self) -> ObjectionReason:
        """The reason that it belongs to."""
        return REASON_OF_LETTER[self.value[0]]


REASON_OF_LETTER: Mapping[str, ObjectionReason] = MappingProxyType(
    {
        "U": ObjectionReason.UNAWARE,
        "N": ObjectionReason.NOT_URGENT,
        "P": ObjectionReason.POINT_MISSED,
        "O": ObjectionReason.OTHER,
    }
)


def sub_reasons_of(reason: str) -> list[SubReason]:
    """The sub-reasons that a reason has."""
    return [one for one in SubReason if one.reason == reason]


class ObjectionState(models.TextChoices):
    """How far we are with an objection."""

    RAISED = "raised", _("Raised")
    DIAGNOSED = "diagnosed", _("Diagnosed")
    HANDLED = "handled", _("Handled")
    RESOLVED = "resolved", _("Resolved")
    DEFERRED = "deferred", _("Deferred")
    UNRESOLVED = "unresolved", _("Unresolved")
    REOPENED = "reopened", _("Reopened")


OPEN_STATES = (
    ObjectionState.RAISED,
    ObjectionState.DIAGNOSED,
    ObjectionState.HANDLED,
    ObjectionState.REOPENED,
)
"""States in which somebody has to do something about it now."""

STATE_ROADS: Mapping[ObjectionState, tuple[ObjectionState, ...]] = MappingProxyType(
    {
        ObjectionState.RAISED: (ObjectionState.DIAGNOSED,),
        ObjectionState.DIAGNOSED: (ObjectionState.DIAGNOSED, ObjectionState.HANDLED),
        ObjectionState.HANDLED: (
            ObjectionState.HANDLED,
            ObjectionState.DIAGNOSED,
            ObjectionState.RESOLVED,
            ObjectionState.DEFERRED,
            ObjectionState.UNRESOLVED,
        ),
        ObjectionState.RESOLVED: (ObjectionState.REOPENED,),
        ObjectionState.DEFERRED: (ObjectionState.REOPENED,),
        ObjectionState.UNRESOLVED: (ObjectionState.REOPENED,),
        ObjectionState.REOPENED: (ObjectionState.DIAGNOSED, ObjectionState.HANDLED),
    }
)
"""Where an objection can go from each state. A diagnosis can be corrected, a second play tried."""


class SuggestedBecause(models.TextChoices):
    """What the suggested reason rests on."""

    STUCK_R = "stuck_r", _("The causes are not agreed yet (column R)")
    STUCK_I = "stuck_i", _("The impact is not agreed yet (column I)")
    STUCK_C = "stuck_c", _("The solution is not agreed yet (column C)")
    OTHER_PROBLEM = "other_problem", _("The merchant named a different problem")
    EARLY_PROPOSAL = "early_proposal", _("We proposed before causes and impact were agreed")


class AttemptOutcome(models.TextChoices):
    """What a play achieved. Only what resolved the objection counts as success."""

    RESOLVED = "resolved", _("Resolved")
    HELPED = "helped", _("Helped")
    NO_EFFECT = "no_effect", _("No effect")
    MADE_WORSE = "made_worse", _("Made it worse")


def belongs(reason: str) -> Q:
    """A sub-reason, where there is one, begins with its reason's letter."""
    return (
        Q(sub_reason="")
        | Q(**{reason: ObjectionReason.UNAWARE}, sub_reason__startswith="U")
        | Q(**{reason: ObjectionReason.NOT_URGENT}, sub_reason__startswith="N")
        | Q(**{reason: ObjectionReason.POINT_MISSED}, sub_reason__startswith="P")
        | Q(**{reason: ObjectionReason.OTHER}, sub_reason__startswith="O")
    )
