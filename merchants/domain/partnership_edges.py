"""The steps that a partnership takes by itself: into renewal, and into wavering.

Each partnership has a transaction of its own; one that is refused or fails is written into the log
and holds up no other. A step changes the stage that it was found by, so a second run finds nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef
from django.utils import timezone

from crm.actors import SYSTEM
from crm.errors import DomainError
from merchants.domain import partnerships, wavering
from merchants.models import Evidence, EvidenceKind, Partnership, PartnershipStage, StepReason
from merchants.models.partnership import PartnershipQuerySet
from merchants.models.partnership_numbers import RENEWAL_DAYS

log = structlog.get_logger()

BATCH = 200
"""Partnerships that one tick moves by one rule at the most; the next tick takes the rest."""


def take_due_steps(*, at: datetime, batch: int = BATCH) -> int:
    """Take every step that is due; returns how many were taken."""
    return sum(
        _take(pk, to, reason, at)
        for pk, to, reason in [*_to_renewal(at, batch), *_to_wavering(at, batch)]
    )


def due_for_renewal(at: datetime) -> PartnershipQuerySet:
    """Active partnerships whose agreement expires within 60 days, and wavering ones of these for
    which a rescue plan is on file."""
    rescue = Evidence.objects.order_by().filter(
        partnership=OuterRef("pk"),
        kind=EvidenceKind.RESCUE_PLAN,
        at__gt=OuterRef("evidence_since"),
    )
    soon = Partnership.objects.filter(
        expires_on__lte=timezone.localdate(at) + timedelta(days=RENEWAL_DAYS.value)
    )
    return soon.in_stage(PartnershipStage.ACTIVE) | soon.in_stage(PartnershipStage.WAVERING).filter(
        Exists(rescue)
    )


type _Step = tuple[UUID, PartnershipStage, str]


def _to_renewal(at: datetime, batch: int) -> Iterator[_Step]:
    due = due_for_renewal(at).order_by("expires_on", "pk").values_list("pk", flat=True)
    for pk in due[:batch]:
        yield pk, PartnershipStage.RENEWAL, ""


def _to_wavering(at: datetime, batch: int) -> Iterator[_Step]:
    active = Partnership.objects.in_stage(PartnershipStage.ACTIVE)
    for rule in wavering.WAVERING_RULES:
        due = rule.due(active, at).order_by("pk").values_list("pk", flat=True)
        for pk in due[:batch]:
            yield pk, PartnershipStage.WAVERING, StepReason(rule.cause)


def _take(pk: UUID, to: PartnershipStage, reason: str, at: datetime) -> bool:
    try:
        partnerships.advance(pk, to=to, reason=reason, by=SYSTEM, at=at)
    except DomainError as refusal:
        # Somebody else moved it meanwhile, or an earlier rule of this round did.
        log.info("partnership_step_refused", partnership=str(pk), to=to, code=refusal.code)
        return False
    except Exception:
        log.exception("partnership_step_failed", partnership=str(pk), to=to)
        return False
    return True
