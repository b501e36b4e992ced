"""Writing down who looked at something protected."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm.models import AccessKind, AccessRecord, User


def record(
    kind: AccessKind,
    noun: str,
    subject_id: UUID,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    **facts: Any,
) -> AccessRecord:
    """Write it down, in the transaction in which it is shown."""
    return AccessRecord.objects.create(
        kind=kind, noun=noun, subject_id=subject_id, user=by, at=at, reason=reason, facts=facts
    )


def count_since(kind: AccessKind, *, by: User, since: datetime) -> int:
    """How often a person has done this since a moment."""
    return AccessRecord.objects.filter(user=by, kind=kind, at__gte=since).count()
