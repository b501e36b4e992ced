"""The roads between the stages of a partnership, as data: who may walk them, and what they ask for.

The numbers T11–T30 are those of the lifecycle table of the partnership method. Roads that end or
begin outside the partnership (winning back, release from being blocked) open a new lead and are
not steps here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.parameters import told
from merchants.models.partnership_numbers import (
    LICENCE_CHECK_DAYS,
    LONG_SILENT_DAYS,
    PILOT_REDEMPTIONS,
    RECOVERED_DAYS,
    RECOVERED_HEALTH,
    RENEWAL_DAYS,
)
from merchants.models.partnership_words import RUNNING, EvidenceKind, PartnershipStage


class Who(Enum):
    """Who may walk a road."""

    WORKER = _("those who work with the merchant")
    MANAGER = _("the branch manager")
    APPROVER = _("a branch manager who neither drafted nor signed off the renewal")
    COMPLIANCE = _("compliance")
    SYSTEM = _("the product itself")


class Guard(models.TextChoices):
    """What a road asks for, as a checklist that a screen shows before the step is tried."""

    REASON = "reason", _("Say for which reason.")
    TRAINING_RECORD = "training_record", _("The record of the training is on file.")
    TEST_REDEMPTION = "test_redemption", _("A test redemption has passed.")
    PUBLISHED_RULES = "published_rules", _("The rules of the offer are published.")
    MATERIALS_PHOTO = "materials_photo", _("A photo shows the materials in place.")
    ENOUGH_REDEMPTIONS = (
        "enough_redemptions",
        told(_("The pilot has had at least %(count)s redemptions."), count=PILOT_REDEMPTIONS),
    )
    STATEMENT_RECONCILED = (
        "statement_reconciled",
        _("The pilot's statement is reconciled with no open difference."),
    )
    REVIEW_WITH_LIFT = "review_with_lift", _("A review note states the measured lift.")
    MERCHANT_CONTINUES = "merchant_continues", _("The merchant has said “continue”.")
    REDESIGN_AGREED = "redesign_agreed", _("A redesign is agreed with the merchant.")
    STOP_DECISION = "stop_decision", _("The decision to stop is on file.")
    FINAL_SETTLEMENT = "final_settlement", _("The final settlement is on file.")
    AGREEMENT_ENDED = "agreement_ended", _("The agreement was ended before the launch.")
    NOTHING_TO_SETTLE = "nothing_to_settle", _("Nothing is left to settle.")
    RISK_RULE = "risk_rule", _("What the reason says is on file or in the figures.")
    CAUSE_CLOSED = "cause_closed", _("The cause of the wavering is closed.")
    HEALTH_RECOVERED = (
        "health_recovered",
        told(
            _("The health score has been %(health)s or more for %(days)s days."),
            health=RECOVERED_HEALTH,
            days=RECOVERED_DAYS,
        ),
    )
    EXPIRES_SOON = (
        "expires_soon",
        told(_("The agreement expires within %(days)s days."), days=RENEWAL_DAYS),
    )
    RESCUE_PLAN = "rescue_plan", _("A rescue plan is on file.")
    SETTLED_OR_SILENT = (
        "settled_or_silent",
        told(
            _("The final statement is paid, or there was no sale for %(days)s days."),
            days=LONG_SILENT_DAYS,
        ),
    )
    SIGNED_RENEWAL = "signed_renewal", _("The renewal is signed.")
    RENEWAL_FOLLOWS = (
        "renewal_follows",
        _("The renewal starts by the day after the old agreement ends."),
    )
    ROI_REVIEW = "roi_review", _("The ROI review is attached.")
    LICENCE_RECHECKED = (
        "licence_rechecked",
        told(
            _("The licence was checked again, not more than %(days)s days ago."),
            days=LICENCE_CHECK_DAYS,
        ),
    )
    RISK_CASE = "risk_case", _("The risk case is on file.")
    STAGE_BEFORE = "stage_before", _("A release leads back to the stage before the suspension.")
    CLEARANCE_DOCUMENT = "clearance_document", _("The clearance document is on file.")
    DECISION_DOCUMENT = "decision_document", _("The decision document is on file.")


@dataclass(frozen=True)
class Demand:
    """What serves a guard: kinds of evidence, and whether a branch manager may let it pass. What
    regulation asks for, and what the record itself needs, never is let pass."""

    kinds: tuple[EvidenceKind, ...] = ()
    waivable: bool = True


DEMANDS: Mapping[Guard, Demand] = MappingProxyType(
    {
        Guard.REASON: Demand(waivable=False),
        Guard.TRAINING_RECORD: Demand((EvidenceKind.TRAINING_RECORD,)),
        Guard.TEST_REDEMPTION: Demand((EvidenceKind.TEST_REDEMPTION,)),
        Guard.PUBLISHED_RULES: Demand((EvidenceKind.PUBLISHED_RULES,)),
        Guard.MATERIALS_PHOTO: Demand((EvidenceKind.MATERIALS_PHOTO,)),
        Guard.ENOUGH_REDEMPTIONS: Demand((EvidenceKind.PILOT_REDEMPTIONS,)),
        Guard.STATEMENT_RECONCILED: Demand(
            (EvidenceKind.PILOT_STATEMENT,),
        ),
        Guard.REVIEW_WITH_LIFT: Demand((EvidenceKind.PILOT_REVIEW,)),
        Guard.MERCHANT_CONTINUES: Demand((EvidenceKind.MERCHANT_CONTINUES,)),
        Guard.REDESIGN_AGREED: Demand((EvidenceKind.REDESIGN_AGREED,)),
        Guard.STOP_DECISION: Demand((EvidenceKind.STOP_DECISION,)),
        Guard.FINAL_SETTLEMENT: Demand((EvidenceKind.FINAL_SETTLEMENT,)),
        Guard.AGREEMENT_ENDED: Demand(
            (EvidenceKind.AGREEMENT_ENDED,),
            waivable=False,
        ),
        Guard.NOTHING_TO_SETTLE: Demand((EvidenceKind.NOTHING_TO_SETTLE,)),
        Guard.RISK_RULE: Demand(
            (
                EvidenceKind.SALES_STOPPED,
                EvidenceKind.DISPUTE_OPENED,
                EvidenceKind.COMPLAINT,
                EvidenceKind.SHARE_CUT,
                EvidenceKind.CLOSURE,
            ),
        ),
        Guard.CAUSE_CLOSED: Demand((EvidenceKind.CAUSE_CLOSED,)),
        Guard.HEALTH_RECOVERED: Demand((EvidenceKind.HEALTH_RECORD,)),
        Guard.EXPIRES_SOON: Demand(waivable=False),
        Guard.RESCUE_PLAN: Demand((EvidenceKind.RESCUE_PLAN,)),
        Guard.SETTLED_OR_SILENT: Demand(
            (EvidenceKind.FINAL_SETTLEMENT, EvidenceKind.SALES_STOPPED),
        ),
        Guard.SIGNED_RENEWAL: Demand((EvidenceKind.SIGNED_RENEWAL,), waivable=False),
        Guard.RENEWAL_FOLLOWS: Demand(
            (EvidenceKind.SIGNED_RENEWAL,),
        ),
        Guard.ROI_REVIEW: Demand((EvidenceKind.ROI_REVIEW,)),
        Guard.LICENCE_RECHECKED: Demand(
            (EvidenceKind.LICENCE_CHECK,),
        ),
        Guard.RISK_CASE: Demand((EvidenceKind.RISK_CASE,), waivable=False),
        Guard.STAGE_BEFORE: Demand(waivable=False),
        Guard.CLEARANCE_DOCUMENT: Demand(
            (EvidenceKind.CLEARANCE_DOCUMENT,),
            waivable=False,
        ),
        Guard.DECISION_DOCUMENT: Demand(
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
