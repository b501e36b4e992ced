"""The stages of a lead and the roads between them, as data.

Source: `docs/words.md` for the words; the lifecycle table of the partnership method (its numbers
are T1–T29), of which these nine stages are the pursuit of one merchant from name to signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.parameters import told
from leads.models.lead_numbers import FAILED_ATTEMPTS, LICENCE_DAYS, PAIN_DAYS, REOPEN_WITHIN


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


class Guard(models.TextChoices):
    """What a road asks for, as a checklist that a screen can show before the step is tried.

    What serves a guard, and what to do about it, stands in `lead_guards`.
    """

    OWNER = "owner", _("The lead has an owner.")
    CREDIT_CODE = "credit_code", _("The credit code is valid, or accepted in writing.")
    LICENCE_CHECKED = "licence_checked", _("The licence was checked, with date and source.")
    LICENCE_IN_FORCE = (
        "licence_in_force",
        _("The licence is not closed, revoked or in liquidation."),
    )
    LICENCE_FRESH = (
        "licence_fresh",
        told(
            _("The licence was checked again, not more than %(days)s days ago."), days=LICENCE_DAYS
        ),
    )
    PREMISES = "premises", _("Premises and scope of business were checked.")
    CATEGORY_ALLOWED = "category_allowed", _("The category is known, and not a prohibited one.")
    NEGATIVE_LIST = "negative_list", _("The merchant is not on the negative list.")
    NOT_BLOCKED = "not_blocked", _("The merchant is not blocked.")
    CONTACT = "contact", _("A contact has a lawful basis and was given the notice.")
    CONVERSATION = "conversation", _("There was a two-way conversation.")
    CRITICAL_PAIN = "critical_pain", _("A pain is critical: reasons, impact and amount agreed.")
    FRESH_PAIN = (
        "fresh_pain",
        told(_("A pain became critical in the last %(days)s days."), days=PAIN_DAYS),
    )
    DECISION_MAKER = "decision_maker", _("The decision maker is known.")
    ENTRY_POINT = "entry_point", _("The entry point is chosen.")
    ATTEMPTS_OR_REFUSAL = (
        "attempts_or_refusal",
        told(
            _("There were %(count)s failed attempts on different days, or a refusal."),
            count=FAILED_ATTEMPTS,
        ),
    )
    OBJECTION_OPEN = "objection_open", _("An objection is unresolved, or deferred to a day.")
    POINT_MISSED = "point_missed", _("An objection says that we missed the pain point.")
    VISION = "vision", _("The merchant has confirmed the capability it needs.")
    PROPOSAL_COMPLETE = "proposal_complete", _("A complete proposal is submitted.")
    FORECAST = (
        "forecast",
        _("The forecast is above zero for bank, merchant and customer, or waived in writing."),
    )
    APPROVAL_TIER = "approval_tier", _("The amount is within what the approver may approve.")
    NOT_MAKER = "not_maker", _("Who approves neither owns the lead nor drafted the proposal.")
    AGREEMENT = "agreement", _("The agreement is signed: number, dates, signatories, paper.")
    CLAUSES = "clauses", _("The agreement has its clauses on data and on settlement.")
    REFUSED_OR_WITHDRAWN = (
        "refused_or_withdrawn",
        _("The approval was refused, or the merchant withdrew."),
    )
    CAUSE_ADDRESSED = (
        "cause_addressed",
        _("What the partnership ended over is addressed."),
    )
    PROHIBITED_HIT = "prohibited_hit", _("The document of the hit is on file.")
    RELEASE_DOCUMENT = "release_document", _("The release document of compliance is on file.")
    REASON = "reason", _("The reason is given.")
    REVISIT_DATE = "revisit_date", _("The day to come back is given.")
    REVISIT_REACHED = "revisit_reached", _("The day to come back has been reached.")
    LOST_REASON = "lost_reason", _("The reason of the loss is given.")
    RECENTLY_LOST = (
        "recently_lost",
        told(_("The lead was lost not more than %(days)s days ago."), days=REOPEN_WITHIN),
    )


@dataclass(frozen=True)
class Road:
    """One way from a stage to another."""

    transition: str
    """Its number in the lifecycle table; empty for what the table does not number."""
    who: Who
    guards: tuple[Guard, ...] = ()
    at_first: tuple[Guard, ...] = ()
    """Asked as well of a lead that was never qualified before."""


ADMISSION = (
    Guard.OWNER,
    Guard.NOT_BLOCKED,
    Guard.CREDIT_CODE,
    Guard.LICENCE_CHECKED,
    Guard.LICENCE_IN_FORCE,
    Guard.PREMISES,
    Guard.CATEGORY_ALLOWED,
    Guard.NEGATIVE_LIST,
)
"""What T1 asks of a merchant before it is worked."""

_RELEASED = (Guard.OWNER, Guard.NOT_BLOCKED)
_PARK_EARLY = Road("T3", Who.WORKER, (Guard.ATTEMPTS_OR_REFUSAL, Guard.REASON, Guard.REVISIT_DATE))
_PARK = Road("T6", Who.WORKER, (Guard.OBJECTION_OPEN, Guard.REASON, Guard.REVISIT_DATE))
_LOSE = Road("", Who.WORKER, (Guard.LOST_REASON,))
_BLOCK = Road("T2", Who.COMPLIANCE, (Guard.PROHIBITED_HIT, Guard.REASON))
_LAST_CHECKS = (*_RELEASED, Guard.LICENCE_IN_FORCE, Guard.CATEGORY_ALLOWED)

ROADS: Mapping[Stage, Mapping[Stage, Road]] = MappingProxyType(
    {
        Stage.NEW: {
            Stage.QUALIFIED: Road("T1", Who.WORKER, ADMISSION),
            Stage.PARKED: _PARK_EARLY,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.QUALIFIED: {
            Stage.DISCOVERY: Road(
                "T4", Who.WORKER, (*_RELEASED, Guard.CONTACT, Guard.CONVERSATION)
            ),
            Stage.PARKED: _PARK_EARLY,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.DISCOVERY: {
            Stage.PROPOSAL: Road(
                "T5",
                Who.WORKER,
                (*_RELEASED, Guard.CRITICAL_PAIN, Guard.DECISION_MAKER, Guard.ENTRY_POINT),
            ),
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.PROPOSAL: {
            Stage.APPROVAL: Road(
                "T7",
                Who.WORKER,
                (*_RELEASED, Guard.VISION, Guard.PROPOSAL_COMPLETE, Guard.FORECAST),
            ),
            Stage.DISCOVERY: Road("T8", Who.WORKER, (Guard.POINT_MISSED,)),
            Stage.PARKED: _PARK,
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.APPROVAL: {
            Stage.WON: Road(
                "T9",
                Who.APPROVER,
                (
                    *_LAST_CHECKS,
                    Guard.NOT_MAKER,
                    Guard.APPROVAL_TIER,
                    Guard.AGREEMENT,
                    Guard.CLAUSES,
                ),
            ),
            Stage.PROPOSAL: Road("T10", Who.APPROVER, (Guard.REASON,)),
            Stage.PARKED: Road(
                "T29",
                Who.APPROVER,
                (Guard.REFUSED_OR_WITHDRAWN, Guard.REVISIT_DATE),
            ),
            Stage.BLOCKED: _BLOCK,
            Stage.LOST: _LOSE,
        },
        Stage.PARKED: {
            Stage.QUALIFIED: Road(
                "T24",
                Who.WORKER,
                (
                    *_RELEASED,
                    Guard.REVISIT_REACHED,
                    Guard.LICENCE_FRESH,
                    Guard.LICENCE_IN_FORCE,
                ),
                at_first=ADMISSION,
            ),
            Stage.LOST: _LOSE,
        },
        Stage.WON: {},
        Stage.LOST: {
            Stage.QUALIFIED: Road(
                "",
                Who.LEADER,
                (*_RELEASED, Guard.RECENTLY_LOST, Guard.REASON),
                at_first=ADMISSION,
            ),
        },
        Stage.BLOCKED: {
            Stage.NEW: Road("T28", Who.COMPLIANCE, (Guard.RELEASE_DOCUMENT, Guard.REASON)),
        },
    }
)
"""Whatever is not listed is refused."""

_BACK = (*_LAST_CHECKS, Guard.CREDIT_CODE, Guard.NEGATIVE_LIST, Guard.LICENCE_FRESH,
         Guard.CAUSE_ADDRESSED, Guard.CONTACT, Guard.CONVERSATION)  # fmt: skip
_STRAIGHT_TO_PROPOSAL = Road(
    "T22", Who.WORKER, (*_BACK, Guard.FRESH_PAIN, Guard.DECISION_MAKER, Guard.ENTRY_POINT)
)

WIN_BACK_ROADS: Mapping[Stage, Mapping[Stage, Road]] = MappingProxyType(
    {
        Stage.NEW: {
            Stage.DISCOVERY: Road("T21", Who.WORKER, _BACK),
            Stage.PROPOSAL: _STRAIGHT_TO_PROPOSAL,
        },
        Stage.QUALIFIED: {Stage.PROPOSAL: _STRAIGHT_TO_PROPOSAL},
    }
)
"""Further roads of a lead that wins a former partner back: what was learned then still counts."""


def roads_from(stage: Stage, *, win_back: bool = False) -> Mapping[Stage, Road]:
    """Every road out of a stage."""
    return {**ROADS[stage], **(WIN_BACK_ROADS.get(stage, {}) if win_back else {})}
