"""The stages of a lead and the roads between them, as data.

Source: `docs/words.md` for the words; the lifecycle table of the partnership method, of which these
nine stages are the pursuit of one merchant from first name to signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence


class Stage(models.TextChoices):
    NEW = "new", _("New")
    QUALIFIED = "qualified", _("Qualified")
    DISCOVERY = "discovery", _("Discovery")
    PROPOSAL = "proposal", _("Proposal")
    APPROVAL = "approval", _("Approval")
    PARKED = "parked", _("Parked")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    BLOCKED = "blocked", _("Blocked")


FUNNEL = (
    Stage.NEW,
    Stage.QUALIFIED,
    Stage.DISCOVERY,
    Stage.PROPOSAL,
    Stage.APPROVAL,
    Stage.WON,
)
"""The way forward, in order."""

OPEN_STAGES = (*FUNNEL[:-1], Stage.PARKED)
"""Stages in which a lead is being pursued. A merchant has one such lead at the most."""

STAGE_LIMITS: Mapping[Stage, int] = MappingProxyType(
    {
        Stage.NEW: 5,
        Stage.QUALIFIED: 10,
        Stage.DISCOVERY: 20,
        Stage.PROPOSAL: 10,
        Stage.APPROVAL: 15,
    }
)
"""Working days that a lead is expected to stay; beyond it, without activity, it is stale."""

REOPEN_DAYS = 90
"""A lost lead can be reopened for this many days."""


class LostReason(models.TextChoices):
    """Why a merchant refused: the three reasons of the training, and whatever else."""

    UNAWARE = "unaware", _("Does not see the need")
    NOT_URGENT = "not_urgent", _("Not urgent, not important")
    POINT_MISSED = "point_missed", _("We missed the pain point")
    RIVAL = "rival", _("Signed with a rival bank")
    CLOSED_DOWN = "closed_down", _("Closed down")
    OTHER = "other", _("Other")


class Who(Enum):
    """Who may walk a road."""

    WORKER = _("the owner or a leader of the unit")
    APPROVER = _("a leader of the unit who does not own the lead")
    LEADER = _("a leader of the unit")
    COMPLIANCE = _("compliance")


class Guard(StrEnum):
    """What a road asks for, as a checklist that a screen can show before the step is tried."""

    OWNER = "owner"
    REASON = "reason"
    REVISIT_DATE = "revisit_date"
    LOST_REASON = "lost_reason"
    RECENTLY_LOST = "recently_lost"


GUARD_SENTENCES: Mapping[Guard, Sentence] = MappingProxyType(
    {
        Guard.OWNER: _("The lead needs an owner."),
        Guard.REASON: _("Say why."),
        Guard.REVISIT_DATE: _("Say when to come back."),
        Guard.LOST_REASON: _("Say why the merchant was lost."),
        Guard.RECENTLY_LOST: _("A lead can be reopened within 90 days after it was lost."),
    }
)


@dataclass(frozen=True)
class Road:
    """One way from a stage to another."""

    who: Who
    guards: tuple[Guard, ...] = ()


_FORWARD = Road(Who.WORKER, (Guard.OWNER,))
_PARK = Road(Who.WORKER, (Guard.REASON, Guard.REVISIT_DATE))
_LOSE = Road(Who.WORKER, (Guard.LOST_REASON,))
_BLOCK = Road(Who.COMPLIANCE, (Guard.REASON,))

ROADS: Mapping[Stage, Mapping[Stage, Road]] = MappingProxyType(
    {
        Stage.NEW: {
            Stage.QUALIFIED: _FORWARD,
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.QUALIFIED: {
            Stage.DISCOVERY: _FORWARD,
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.DISCOVERY: {
            Stage.PROPOSAL: _FORWARD,
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.PROPOSAL: {
            Stage.APPROVAL: _FORWARD,
            Stage.DISCOVERY: Road(Who.WORKER, (Guard.REASON,)),
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.APPROVAL: {
            Stage.WON: Road(Who.APPROVER, (Guard.OWNER,)),
            Stage.PROPOSAL: Road(Who.APPROVER, (Guard.REASON,)),
            Stage.PARKED: Road(Who.APPROVER, (Guard.REASON, Guard.REVISIT_DATE)),
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.PARKED: {
            Stage.QUALIFIED: _FORWARD,
            Stage.LOST: _LOSE,
        },
        Stage.WON: {},
        Stage.LOST: {
            Stage.QUALIFIED: Road(Who.LEADER, (Guard.REASON, Guard.RECENTLY_LOST)),
        },
        Stage.BLOCKED: {
            Stage.NEW: Road(Who.COMPLIANCE, (Guard.REASON,)),
        },
    }
)
