"""Whom settlement reminds of what: who drafted a statement hears of it before it is due."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.domain import settlement_parameters as numbers
from campaigns.models import Statement
from crm.domain import reminders
from crm.presentation import yuan

DUE = reminders.kind(
    "statement_due",
    group=_("Campaign money"),
    label=_("Statement due"),
    subject=_("To be paid by %(due_on)s: %(merchant)s"),
    text=_(
        "The statement %(number)s of %(merchant)s, %(amount)s yuan, is to be paid by %(due_on)s."
    ),
)
_MORNING = time(9)


def key(statement: Statement) -> str:
    return f"statement:{statement.pk}:due"


def plan(statement: Statement, *, at: datetime) -> None:
    """Remind finance some days before a statement is due, or move the reminder."""
    person = statement.drafted_by
    if person is None or statement.due_on is None or statement.payable_fen <= 0:
        return
    day = statement.due_on - timedelta(days=numbers.REMINDED_DAYS_BEFORE.value)
    reminders.plan(
        key(statement),
        recipient=person,
        kind=DUE,
        facts={
            "number": statement.number,
            "merchant": str(statement.merchant),
            "amount": yuan(statement.payable_fen),
            "due_on": statement.due_on.isoformat(),
        },
        link=reverse("admin:campaigns_statement_change", args=[statement.pk]),
        due_at=max(datetime.combine(day, _MORNING, ZoneInfo(person.time_zone)), at),
        at=at,
    )


def take_back(statement: Statement, *, at: datetime) -> None:
    """It is paid, or not agreed any more."""
    reminders.cancel(key(statement), at=at)
