"""The roads between the stages of a partnership, as data: who may walk them, and what they ask for.

The numbers T11–T30 are those of the lifecycle table of the partnership method. Roads that end or
begin outside the partnership (winning back, release from being blocked) open a new lead and are
not steps here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from merchants.models.partnership_words import RUNNING, EvidenceKind, PartnershipStage

# Start values of the method.
PILOT_REDEMPTIONS = 30
RECOVERED_HEALTH = 70
RECOVERED_DAYS = 14
ALARMING_HEALTH = 60
SILENT_DAYS = 30
LONG_SILENT_DAYS = 90
DISPUTE_WORKING_DAYS = 15
RENEWAL_DAYS = 60
LICENCE_CHECK_DAYS = 90


class Who(Enum):
    """Who may walk a road."""

    WORKER = _("those who work with the merchant")
    MANAGER = _("the branch manager")
    APPROVER = _("a branch manager who neither drafted nor signed off the renewal")
    COMPLIANCE = _("compliance")
    SYSTEM = _("the product itself")


class Guard(StrEnum):
    """What a road asks for, as a checklist that a screen shows before the step is tried."""

    REASON = "reason"
    TRAINING_RECORD = "training_record"
    TEST_REDEMPTION = "test_redemption"
    PUBLISHED_RULES = "published_rules"
    MATERIALS_PHOTO = "materials_photo"
    ENOUGH_REDEMPTIONS = "enough_redemptions"
    STATEMENT_RECONCILED = "statement_reconciled"
    REVIEW_WITH_LIFT = "review_with_lift"
    MERCHANT_CONTINUES = "merchant_continues"
    REDESIGN_AGREED = "redesign_agreed"
    STOP_DECISION = "stop_decision"
    FINAL_SETTLEMENT = "final_settlement"
    AGREEMENT_ENDED = "agreement_ended"
    NOTHING_TO_SETTLE = "nothing_to_settle"
    RISK_RULE = "risk_rule"
    CAUSE_CLOSED = "cause_closed"
    HEALTH_RECOVERED = "health_recovered"
    EXPIRES_SOON = "expires_soon"
    RESCUE_PLAN = "rescue_plan"
    SETTLED_OR_SILENT = "settled_or_silent"
    SIGNED_RENEWAL = "signed_renewal"
    RENEWAL_FOLLOWS = "renewal_follows"
    ROI_REVIEW = "roi_review"
    LICENCE_RECHECKED = "licence_rechecked"
    RISK_CASE = "risk_case"
    STAGE_BEFORE = "stage_before"
    CLEARANCE_DOCUMENT = "clearance_document"
    DECISION_DOCUMENT = "decision_document"


@dataclass(frozen=True)
class Demand:
    """What a guard asks for: a sentence, the kinds of evidence that serve it, and whether a branch
    manager may let it pass. What regulation asks for, and what the record itself needs, never is
    let pass."""

    sentence: Sentence
    kinds: tuple[EvidenceKind, ...] = ()
    waivable: bool = True


DEMANDS: Mapping[Guard, Demand] = MappingProxyType(
    {
        Guard.REASON: Demand(_("Say for which reason."), waivable=False),
        Guard.TRAINING_RECORD: Demand(
            _("The record of the training is on file."), (EvidenceKind.TRAINING_RECORD,)
        ),
        Guard.TEST_REDEMPTION: Demand(
            _("A test redemption has passed."), (EvidenceKind.TEST_REDEMPTION,)
        ),
        Guard.PUBLISHED_RULES: Demand(
            _("The rules of the offer are published."), (EvidenceKind.PUBLISHED_RULES,)
        ),
        Guard.MATERIALS_PHOTO: Demand(
            _("A photo shows the materials in place."), (EvidenceKind.MATERIALS_PHOTO,)
        ),
        Guard.ENOUGH_REDEMPTIONS: Demand(
            _("The pilot has had at least 30 redemptions."), (EvidenceKind.PILOT_REDEMPTIONS,)
        ),
        Guard.STATEMENT_RECONCILED: Demand(
            _("The pilot's statement is reconciled with no open difference."),
            (EvidenceKind.PILOT_STATEMENT,),
        ),
        Guard.REVIEW_WITH_LIFT: Demand(
            _("A review note states the measured lift."), (EvidenceKind.PILOT_REVIEW,)
        ),
        Guard.MERCHANT_CONTINUES: Demand(
            _("The merchant has said “continue”."), (EvidenceKind.MERCHANT_CONTINUES,)
        ),
        Guard.REDESIGN_AGREED: Demand(
            _("A redesign is agreed with the merchant."), (EvidenceKind.REDESIGN_AGREED,)
        ),
        Guard.STOP_DECISION: Demand(
            _("The decision to stop is on file."), (EvidenceKind.STOP_DECISION,)
        ),
        Guard.FINAL_SETTLEMENT: Demand(
            _("The final settlement is on file."), (EvidenceKind.FINAL_SETTLEMENT,)
        ),
        Guard.AGREEMENT_ENDED: Demand(
            _("The agreement was ended before the launch."),
            (EvidenceKind.AGREEMENT_ENDED,),
            waivable=False,
        ),
        Guard.NOTHING_TO_SETTLE: Demand(
            _("Nothing is left to settle."), (EvidenceKind.NOTHING_TO_SETTLE,)
        ),
        Guard.RISK_RULE: Demand(
            _("What the reason says is on file or in the figures."),
            (
                EvidenceKind.SALES_STOPPED,
                EvidenceKind.DISPUTE_OPENED,
                EvidenceKind.COMPLAINT,
                EvidenceKind.SHARE_CUT,
                EvidenceKind.CLOSURE,
            ),
        ),
        Guard.CAUSE_CLOSED: Demand(
            _("The cause of the wavering is closed."), (EvidenceKind.CAUSE_CLOSED,)
        ),
        Guard.HEALTH_RECOVERED: Demand(
            _("The health score has been 70 or more for 14 days."), (EvidenceKind.HEALTH_RECORD,)
        ),
        Guard.EXPIRES_SOON: Demand(_("The agreement expires within 60 days."), waivable=False),
        Guard.RESCUE_PLAN: Demand(_("A rescue plan is on file."), (EvidenceKind.RESCUE_PLAN,)),
        Guard.SETTLED_OR_SILENT: Demand(
            _("The final statement is paid, or there was no sale for 90 days."),
            (EvidenceKind.FINAL_SETTLEMENT, EvidenceKind.SALES_STOPPED),
        ),
        Guard.SIGNED_RENEWAL: Demand(
            _("The renewal is signed."), (EvidenceKind.SIGNED_RENEWAL,), waivable=False
        ),
        Guard.RENEWAL_FOLLOWS: Demand(
            _("The renewal starts by the day after the old agreement ends."),
            (EvidenceKind.SIGNED_RENEWAL,),
        ),
        Guard.ROI_REVIEW: Demand(_("The ROI review is attached."), (EvidenceKind.ROI_REVIEW,)),
        Guard.LICENCE_RECHECKED: Demand(
            _("The licence was checked again, not more than 90 days ago."),
            (EvidenceKind.LICENCE_CHECK,),
        ),
        Guard.RISK_CASE: Demand(
            _("The risk case is on file."), (EvidenceKind.RISK_CASE,), waivable=False
        ),
        Guard.STAGE_BEFORE: Demand(
            _("A release leads back to the stage before the suspension."), waivable=False
        ),
        Guard.CLEARANCE_DOCUMENT: Demand(
            _("The clearance document is on file."),
            (EvidenceKind.CLEARANCE_DOCUMENT,),
            waivable=False,
        ),
        Guard.DECISION_DOCUMENT: Demand(
            _("The decision document is on file."),
            (EvidenceKind.DECISION_DOCUMENT,),
            waivable=False,
        ),
    }
)


@dataclass(frozen=True)
class Road:
    """One way from a stage to another."""

    transition: str
    """Its number in the lifecycle table."""
    who: Who
    guards: tuple[Guard, ...]


_SUSPEND = Road("T25", Who.COMPLIANCE, (Guard.REASON, Guard.RISK_CASE))
_RELEASE = Road("T26", Who.COMPLIANCE, (Guard.STAGE_BEFORE, Guard.CLEARANCE_DOCUMENT))
_CHURN = Road("T19", Who.MANAGER, (Guard.REASON, Guard.SETTLED_OR_SILENT))

ROADS: Mapping[PartnershipStage, Mapping[PartnershipStage, Road]] = MappingProxyType(
    {
        PartnershipStage.ONBOARDING: {
            PartnershipStage.PILOT: Road(
                "T11",
                Who.WORKER,
                (
                    Guard.TRAINING_RECORD,
                    Guard.TEST_REDEMPTION,
                    Guard.PUBLISHED_RULES,
                    Guard.MATERIALS_PHOTO,
                ),
            ),
            PartnershipStage.CHURNED: Road(
                "T30",
                Who.MANAGER,
                (Guard.REASON, Guard.AGREEMENT_ENDED, Guard.NOTHING_TO_SETTLE),
            ),
            PartnershipStage.SUSPENDED: _SUSPEND,
        },
        PartnershipStage.PILOT: {
            PartnershipStage.ACTIVE: Road(
                "T12",
                Who.MANAGER,
                (
                    Guard.ENOUGH_REDEMPTIONS,
                    Guard.STATEMENT_RECONCILED,
                    Guard.REVIEW_WITH_LIFT,
                    Guard.MERCHANT_CONTINUES,
                ),
            ),
            PartnershipStage.ONBOARDING: Road("T13", Who.WORKER, (Guard.REDESIGN_AGREED,)),
            PartnershipStage.CHURNED: Road(
                "T14",
                Who.MANAGER,
                (Guard.REASON, Guard.STOP_DECISION, Guard.FINAL_SETTLEMENT),
            ),
            PartnershipStage.SUSPENDED: _SUSPEND,
        },
        PartnershipStage.ACTIVE: {
            PartnershipStage.WAVERING: Road("T15", Who.WORKER, (Guard.REASON, Guard.RISK_RULE)),
            PartnershipStage.RENEWAL: Road("T17", Who.SYSTEM, (Guard.EXPIRES_SOON,)),
            PartnershipStage.SUSPENDED: _SUSPEND,
        },
        PartnershipStage.WAVERING: {
            PartnershipStage.ACTIVE: Road(
                "T16", Who.MANAGER, (Guard.CAUSE_CLOSED, Guard.HEALTH_RECOVERED)
            ),
            PartnershipStage.RENEWAL: Road(
                "T17", Who.SYSTEM, (Guard.EXPIRES_SOON, Guard.RESCUE_PLAN)
            ),
            PartnershipStage.CHURNED: _CHURN,
            PartnershipStage.SUSPENDED: _SUSPEND,
        },
        PartnershipStage.RENEWAL: {
            PartnershipStage.ACTIVE: Road(
                "T18",
                Who.APPROVER,
                (
                    Guard.SIGNED_RENEWAL,
                    Guard.RENEWAL_FOLLOWS,
                    Guard.ROI_REVIEW,
                    Guard.LICENCE_RECHECKED,
                ),
            ),
            PartnershipStage.CHURNED: _CHURN,
            PartnershipStage.SUSPENDED: _SUSPEND,
        },
        PartnershipStage.SUSPENDED: {
            **dict.fromkeys(RUNNING, _RELEASE),
            PartnershipStage.BLOCKED: Road(
                "T27", Who.COMPLIANCE, (Guard.REASON, Guard.DECISION_DOCUMENT)
            ),
        },
        PartnershipStage.CHURNED: {},
        PartnershipStage.BLOCKED: {},
    }
)
"""Whatever is not listed is refused."""
