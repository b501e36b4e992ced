"""Leads that the sweep could not deal with, kept where people see them until it can."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from crm.errors import DomainError
from leads.models import Lead, RecyclingFailure

log = structlog.get_logger()


def write_down(lead_id: UUID, failed: Exception, today: date, at: datetime) -> None:
    """Keep what stood in the way where people see it, and look at the lead again tomorrow."""
    refused = isinstance(failed, DomainError)
    if not refused:
        log.error("lead_not_recycled", lead=str(lead_id), exc_info=failed)
    code = failed.code if isinstance(failed, DomainError) else "unexpected"
    words = str(failed) if refused else f"{type(failed).__name__}: {failed}"
    with transaction.atomic():
        failure, made = RecyclingFailure.objects.get_or_create(
            lead_id=lead_id,
            defaults={
                "code": code,
                "failure": words.replace("\0", "")[:500],
                "created_at": at,
                "updated_at": at,
            },
        )
        if not made:
            failure.change(
                at=at,
                code=code,
                failure=words.replace("\0", "")[:500],
                times=failure.times + 1,
            )
        Lead.objects.filter(pk=lead_id).update(recycle_check_on=today + timedelta(days=1))


def forget(lead_ids: Sequence[UUID]) -> None:
    """These could be dealt with."""
    if lead_ids:
        RecyclingFailure.objects.filter(lead__any_of=lead_ids).delete()
