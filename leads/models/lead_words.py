"""The words of a lead's steps: the kinds of evidence, and the reasons that some steps must name."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.stages import Stage


class LeadEvidenceKind(models.TextChoices):
    """What a step of a lead can rest on, where no other row says it."""

    PREMISES_CHECK = "premises_check", _("Premises and scope of business checked")
    NEGATIVE_LIST_CHECK = "negative_list_check", _("Negative list checked, no hit")
    MERCHANT_REFUSED = "merchant_refused", _("The merchant refused")
    CONVERSATION = "conversation", _("Two-way conversation")
    DECISION_MAKER = "decision_maker", _("Decision maker identified")
    CRITICAL_PAIN = "critical_pain", _("A critical pain")
    VISION = "vision", _("The merchant sees the capability it needs")
    ENTRY_POINT = "entry_point", _("Entry point chosen")
    APPROVAL = "approval", _("Approval document")
    APPROVAL_REFUSED = "approval_refused", _("Approval refused")
    MERCHANT_WITHDREW = "merchant_withdrew", _("The merchant withdrew")
    CONTRACT_SIGNED = "contract_signed", _("Contract signed")
    CAUSE_ADDRESSED = "cause_addressed", _("What the partnership ended over is addressed")
    PROHIBITED_HIT = "prohibited_hit", _("Hit on a prohibited type or the negative list")
    RELEASE_DOCUMENT = "release_document", _("Compliance release document")


class LeadStepReason(models.TextChoices):
    """Why a lead is parked or blocked."""

    NO_ANSWER = "no_answer", _("Nobody could be reached")
    REFUSED = "refused", _("Refused for now")
    DEFERRED = "deferred", _("Put off by the merchant")
    APPROVAL_REFUSED = "approval_refused", _("Approval refused")
    MERCHANT_WITHDREW = "merchant_withdrew", _("The merchant withdrew")

    PROHIBITED_TYPE = "prohibited_type", _("Prohibited type of business")
    NEGATIVE_LIST = "negative_list", _("On the negative list")
    LICENCE_LOST = "licence_lost", _("Licence lost")

    OTHER = "other", _("Another reason")


LEAD_REASONS: Mapping[Stage, tuple[LeadStepReason, ...]] = MappingProxyType(
    {
        Stage.PARKED: (
            LeadStepReason.NO_ANSWER,
            LeadStepReason.REFUSED,
            LeadStepReason.DEFERRED,
            LeadStepReason.APPROVAL_REFUSED,
            LeadStepReason.MERCHANT_WITHDREW,
            LeadStepReason.OTHER,
        ),
        Stage.BLOCKED: (
            LeadStepReason.PROHIBITED_TYPE,
            LeadStepReason.NEGATIVE_LIST,
            LeadStepReason.LICENCE_LOST,
            LeadStepReason.OTHER,
        ),
    }
)
"""Steps that name one of these; without a code, a written reason counts as another one."""
