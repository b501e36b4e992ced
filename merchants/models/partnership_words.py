"""The words of a partnership's life: its stages, and the reasons that some steps must name."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartnershipStage(models.TextChoices):
    """Where a partnership stands, from the signature to the parting."""

    ONBOARDING = "onboarding", _("Onboarding")
    PILOT = "pilot", _("Pilot")
    ACTIVE = "active", _("Active partnership")
    WAVERING = "wavering", _("Wavering")
    RENEWAL = "renewal", _("Renewal")
    SUSPENDED = "suspended", _("Suspended")
    CHURNED = "churned", _("Churned")
    BLOCKED = "blocked", _("Blocked")


RUNNING = (
    PartnershipStage.ONBOARDING,
    PartnershipStage.PILOT,
    PartnershipStage.ACTIVE,
    PartnershipStage.WAVERING,
    PartnershipStage.RENEWAL,
)
"""Stages in which bank and merchant work together; from each of them one can be suspended."""

STAGE_DAYS: Mapping[PartnershipStage, int] = MappingProxyType(
    {
        PartnershipStage.ONBOARDING: 10,
        PartnershipStage.PILOT: 30,
        PartnershipStage.WAVERING: 20,
        PartnershipStage.RENEWAL: 45,
        PartnershipStage.SUSPENDED: 10,
    }
)
"""Working days that a partnership is expected to stay in a stage (start values)."""


class StepReason(models.TextChoices):
    """Why a partnership wavers, ends, is suspended or blocked."""

    NO_SALES = "no_sales", _("No qualifying sale for too long")
    HEALTH_LOW = "health_low", _("Health score too low")
    DISPUTE = "dispute", _("Dispute open for too long")
    COMPLAINT = "complaint", _("Complaint")
    SHARE_CUT = "share_cut", _("The merchant cuts its share")
    CLOSING = "closing", _("The merchant closes")

    CLOSED_DOWN = "closed_down", _("Closed down")
    RIVAL = "rival", _("Went to a rival bank")
    RESULTS = "results", _("Results too poor")
    TERMS = "terms", _("No agreement on terms")
    LONG_SILENT = "long_silent", _("No sale for a long time")
    NOT_LAUNCHED = "not_launched", _("Never launched")
    OTHER = "other", _("Another reason")

    RISK_HIT = "risk_hit", _("Risk signal")
    FRAUD_SUSPECTED = "fraud_suspected", _("Suspected fraud")
    LICENCE_PROBLEM = "licence_problem", _("Problem with the licence")
    COMPLIANCE_REVIEW = "compliance_review", _("Compliance review")

    NEGATIVE_LIST = "negative_list", _("On the negative list")
    PROHIBITED_TYPE = "prohibited_type", _("Prohibited type of merchant")
    FRAUD_CONFIRMED = "fraud_confirmed", _("Confirmed fraud")
    LICENCE_LOST = "licence_lost", _("Licence revoked")


REASONS: Mapping[PartnershipStage, tuple[StepReason, ...]] = MappingProxyType(
    {
        PartnershipStage.WAVERING: (
            StepReason.NO_SALES,
            StepReason.HEALTH_LOW,
            StepReason.DISPUTE,
            StepReason.COMPLAINT,
            StepReason.SHARE_CUT,
            StepReason.CLOSING,
        ),
        PartnershipStage.CHURNED: (
            StepReason.CLOSED_DOWN,
            StepReason.RIVAL,
            StepReason.RESULTS,
            StepReason.TERMS,
            StepReason.LONG_SILENT,
            StepReason.NOT_LAUNCHED,
            StepReason.OTHER,
        ),
        PartnershipStage.SUSPENDED: (
            StepReason.RISK_HIT,
            StepReason.FRAUD_SUSPECTED,
            StepReason.LICENCE_PROBLEM,
            StepReason.COMPLIANCE_REVIEW,
        ),
        PartnershipStage.BLOCKED: (
            StepReason.NEGATIVE_LIST,
            StepReason.PROHIBITED_TYPE,
            StepReason.FRAUD_CONFIRMED,
            StepReason.LICENCE_LOST,
        ),
    }
)
"""The reason codes that a step into a stage must choose from. Other steps name none."""


class EvidenceKind(models.TextChoices):
    """What can be put on file for a step of a partnership."""

    TRAINING_RECORD = "training_record", _("Training record")
    TEST_REDEMPTION = "test_redemption", _("Test redemption")
    PUBLISHED_RULES = "published_rules", _("Published rules")
    MATERIALS_PHOTO = "materials_photo", _("Photo of the materials in place")
    PILOT_REDEMPTIONS = "pilot_redemptions", _("Redemptions of the pilot")
    PILOT_STATEMENT = "pilot_statement", _("Pilot statement, reconciled")
    PILOT_REVIEW = "pilot_review", _("Review note with measured lift")
    MERCHANT_CONTINUES = "merchant_continues", _("The merchant's “continue”")
    REDESIGN_AGREED = "redesign_agreed", _("Redesign agreed")
    STOP_DECISION = "stop_decision", _("Decision to stop")
    FINAL_SETTLEMENT = "final_settlement", _("Final settlement")
    NOTHING_TO_SETTLE = "nothing_to_settle", _("Nothing left to settle")
    AGREEMENT_ENDED = "agreement_ended", _("Agreement ended")
    COMPLAINT = "complaint", _("Complaint received")
    SHARE_CUT = "share_cut", _("Merchant cut its share")
    DISPUTE_OPENED = "dispute_opened", _("Dispute opened")
    DISPUTE_SETTLED = "dispute_settled", _("Dispute settled")
    SALES_STOPPED = "sales_stopped", _("Sales stopped")
    CLOSURE = "closure", _("Closure of the merchant")
    CAUSE_CLOSED = "cause_closed", _("Cause of wavering closed")
    HEALTH_RECORD = "health_record", _("Record of the health score")
    RESCUE_PLAN = "rescue_plan", _("Rescue plan")
    SIGNED_RENEWAL = "signed_renewal", _("Signed renewal")
    ROI_REVIEW = "roi_review", _("ROI review")
    LICENCE_CHECK = "licence_check", _("Licence check")
    RISK_CASE = "risk_case", _("Risk case")
    CLEARANCE_DOCUMENT = "clearance_document", _("Clearance document")
    DECISION_DOCUMENT = "decision_document", _("Decision document")
    RELEASE_DOCUMENT = "release_document", _("Compliance release document")
