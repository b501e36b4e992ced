"""When an active partnership wavers: each rule says for which partnerships its cause holds.

One list serves both ways into the stage: the tick moves whoever a rule names, and a colleague who
says the same by hand is asked for the same rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from crm.domain import calendar as calendars
from merchants.models import Evidence, EvidenceKind, Partnership, StepReason
from merchants.models.partnership import PartnershipQuerySet
from merchants.models.partnership_numbers import ALARMING_HEALTH, DISPUTE_WORKING_DAYS, SILENT_DAYS

FRESH = timedelta(days=7)
"""A daily score that is older alarms nobody: the figures have stopped coming (a start value)."""

type Due = Callable[[PartnershipQuerySet, datetime], PartnershipQuerySet]


@dataclass(frozen=True)
class WaveringRule:
    """A cause, and the partnerships (of those given) that waver by it at a moment."""

    cause: StepReason
    due: Due


WAVERING_RULES: list[WaveringRule] = []


def wavering_rule(cause: StepReason) -> Callable[[Due], Due]:
    """Let a room add a rule. Two rules may name the same cause; either is enough."""

    def add(due: Due) -> Due:
        WAVERING_RULES.append(WaveringRule(cause, due))
        return due

    return add


def causes(partnership: Partnership, at: datetime) -> set[StepReason]:
    """Every cause that holds for one partnership now."""
    one = Partnership.objects.filter(pk=partnership.pk).order_by()
    return {rule.cause for rule in WAVERING_RULES if rule.due(one, at).exists()}


def _filed(kind: EvidenceKind, **conditions: object) -> Exists:
    """Evidence of a kind, filed since the partnership entered its stage."""
    return Exists(
        Evidence.objects.order_by().filter(
            partnership=OuterRef("pk"), kind=kind, at__gt=OuterRef("evidence_since"), **conditions
        )
    )


@wavering_rule(StepReason.NO_SALES)
def without_sales(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    return rows.filter(_filed(EvidenceKind.SALES_STOPPED, numbers__days__gte=SILENT_DAYS.value))


@wavering_rule(StepReason.HEALTH_LOW)
def unhealthy(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    """By the daily score, if it was computed after the partnership entered its stage."""
    return rows.filter(
        health__lt=ALARMING_HEALTH.value,
        health_computed_on__gte=timezone.localdate(at) - FRESH,
    ).filter(health_computed_on__gt=F("evidence_since__date"))


@wavering_rule(StepReason.DISPUTE)
def in_long_dispute(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    """A dispute that was opened more than 15 working days ago and not settled since."""
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    last = calendars.load().before(tomorrow, DISPUTE_WORKING_DAYS.value + 1)
    settled = Evidence.objects.order_by().filter(
        partnership=OuterRef("partnership"),
        kind=EvidenceKind.DISPUTE_SETTLED,
        at__gt=OuterRef("at"),
    )
    unsettled = Evidence.objects.order_by().filter(
        ~Exists(settled),
        partnership=OuterRef("pk"),
        kind=EvidenceKind.DISPUTE_OPENED,
        at__gt=OuterRef("evidence_since"),
        happened_on__lt=last,
    )
    return rows.filter(Exists(unsettled))


@wavering_rule(StepReason.COMPLAINT)
def complained(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    return rows.filter(_filed(EvidenceKind.COMPLAINT))


@wavering_rule(StepReason.SHARE_CUT)
def share_cut(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    return rows.filter(_filed(EvidenceKind.SHARE_CUT))


@wavering_rule(StepReason.CLOSING)
def closing(rows: PartnershipQuerySet, at: datetime) -> PartnershipQuerySet:
    return rows.filter(_filed(EvidenceKind.CLOSURE))
