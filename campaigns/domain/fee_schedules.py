"""Which card fees apply on a day, and who says so."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain.fees import REGULATED, FeeTable
from campaigns.models import FeeSchedule
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import take
from crm.policies import require

REGULATED_SINCE = date(2016, 9, 6)


def table_on(day: date) -> FeeTable:
    """The card fees in force on a day: of the newest schedule that had begun, else those that are
    regulated since 6 September 2016."""
    found = FeeSchedule.objects.in_force(day).first()
    return table_of(found) if found else REGULATED


def table_of(schedule: FeeSchedule) -> FeeTable:
    """A schedule as the arithmetic takes it."""
    return FeeTable(
        issuer_credit=schedule.issuer_credit,
        issuer_debit=schedule.issuer_debit,
        issuer_debit_cap_fen=schedule.issuer_debit_cap_fen,
        network_each_side=schedule.network_each_side,
        network_cap_fen=schedule.network_cap_fen,
    )


@command
def announce(
    schedule_id: UUID,
    *,
    effective_from: date,
    table: FeeTable,
    source: str,
    by: Actor,
    at: datetime,
) -> FeeSchedule:
    """File the card fees that apply from a day on. What was concluded keeps the fees it was
    reckoned with.

    Raises NotAllowed, InvalidInput for a day before the regulation, RuleBroken with code
    `fee_schedule_exists`, `source_required`, `fee_rate_out_of_range`.
    """
    require(
        policies.may_keep_fees(by),
        _("Finance of the head office and administrators file card fees."),
    )
    if effective_from < REGULATED_SINCE:
        raise InvalidInput(
            _("The regulated fees begin on 6 September 2016; file nothing before."),
            code="fee_schedule_too_early",
            attr="effective_from",
        )
    return FeeSchedule.objects.create(
        pk=schedule_id,
        effective_from=effective_from,
        issuer_credit=table.issuer_credit,
        issuer_debit=table.issuer_debit,
        issuer_debit_cap_fen=table.issuer_debit_cap_fen,
        network_each_side=table.network_each_side,
        network_cap_fen=table.network_cap_fen,
        source=source.strip(),
        filed_by_id=user_id(by),
        created_at=at,
        updated_at=at,
    )


@command
def withdraw(schedule_id: UUID, *, by: Actor, at: datetime) -> FeeSchedule:
    """Take back a schedule that has not begun yet.

    Raises NotFound, NotAllowed, RuleBroken with code `fee_schedule_in_force`.
    """
    schedule = take(FeeSchedule.objects.seen_by(by), schedule_id)
    require(
        policies.may_keep_fees(by),
        _("Finance of the head office and administrators file card fees."),
    )
    if schedule.effective_from <= timezone.localdate(at):
        raise RuleBroken(
            _("These fees are in force; file the next ones instead."),
            code="fee_schedule_in_force",
        )
    if schedule.withdrawn_at is not None:
        return schedule
    return schedule.change(at=at, withdrawn_at=at)
