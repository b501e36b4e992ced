"""Moving a statement: it is taken, the road is looked up, the step is written down."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.models import Discrepancy, Statement, StatementState, StatementStep
from campaigns.models.settlement_words import STATEMENT_ROADS
from crm.actors import Actor, user_id
from crm.errors import InvalidInput, RuleBroken, StageNotReachable
from crm.locking import take
from crm.policies import require
from merchants.domain import timeline

STEPPED = timeline.kind(
    "statement.stepped",
    _("Statement moved on"),
    _("The statement %(number)s is now “%(to)s”."),
    to=StatementState,
)
STEPPED_BECAUSE = timeline.kind(
    "statement.stepped_because",
    _("Statement moved on, with a reason"),
    _("The statement %(number)s is now “%(to)s”: %(because)s"),
    to=StatementState,
)


def taken(statement_id: UUID, *, by: Actor, version: int | None = None) -> Statement:
    """Lock a statement for somebody who settles there. Raises NotFound, Stale, NotAllowed."""
    statement = take(Statement.objects.seen_by(by), statement_id, version=version)
    require(
        policies.may_settle_statements(by, statement.merchant.unit_id),
        _("Finance of this unit settles with the merchant."),
    )
    return statement


def move(
    statement: Statement,
    to: StatementState,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    **values: Any,
) -> Statement:
    """Go one road, with the lock held, and write the step and the timeline.

    Raises StageNotReachable with code `statement_state`.
    """
    if to not in STATEMENT_ROADS[statement.state]:
        raise StageNotReachable(
            _("A statement that is “%(from)s” cannot become “%(to)s”.")
            % {"from": StatementState(statement.state).label, "to": to.label},
            code="statement_state",
            state=statement.state,
        )
    step(statement, to, by=by, at=at, because=because)
    return statement.change(at=at, state=to, **values)


def step(
    statement: Statement, to: StatementState, *, by: Actor, at: datetime, because: str = ""
) -> None:
    """Write down that a statement comes to a state."""
    StatementStep.objects.create(
        statement=statement,
        from_state="" if to == StatementState.DRAFT else statement.state,
        to_state=to,
        because=because,
        actor_id=user_id(by),
        at=at,
    )
    facts: dict[str, str | int] = {"number": statement.number, "to": str(to)}
    timeline.record(
        STEPPED_BECAUSE if because else STEPPED,
        merchant_id=statement.merchant_id,
        subject_id=statement.pk,
        by=by,
        at=at,
        **facts | ({"because": because} if because else {}),
    )


def require_state(statement: Statement, *states: str) -> None:
    """Raise RuleBroken with code `statement_state` in any other state."""
    if statement.state not in states:
        raise RuleBroken(
            _("That cannot be done: the statement is “%(state)s”.")
            % {"state": StatementState(statement.state).label},
            code="statement_state",
            state=statement.state,
        )


def require_settled(statement: Statement) -> None:
    """Raise RuleBroken while a difference is open (code `differences_open`) or an adjustment waits
    for its approval (code `adjustments_open`)."""
    differences = Discrepancy.objects.open().filter(statement_id=statement.pk).count()
    if differences:
        raise RuleBroken(
            _("%(count)d differences from the merchant's list are still open.")
            % {"count": differences},
            code="differences_open",
            differences=differences,
        )
    if waiting := statement.lines.unapproved().count():
        raise RuleBroken(
            _("%(count)d adjustments still wait for somebody's approval.") % {"count": waiting},
            code="adjustments_open",
            adjustments=waiting,
        )


def said(because: str, attr: str = "because") -> str:
    """The reason. Raises InvalidInput without one."""
    reason = because.strip()
    if not reason:
        raise InvalidInput(_("Say why."), code="reason_required", attr=attr)
    return reason[:2000]


def not_after(day: date, at: datetime, attr: str) -> None:
    """Raise InvalidInput with code `in_future` for a day that is still to come."""
    if day > timezone.localdate(at):
        raise InvalidInput(_("This day is still to come."), code="in_future", attr=attr)
