"""Pots of money as they stood at a moment: the counters of today without what moved since."""

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from campaigns.models import Account, Budget, LedgerEntry

USED = (Account.RESERVED, Account.COMMITTED, Account.CONSUMED)


def pots_then(pots: QuerySet[Budget], end: datetime) -> Any:
    """Pots with `allocated_then` and `used_then`. The ledger is the truth and the counters are its
    sum, so that only the movements since have to be looked at."""
    since = LedgerEntry.objects.filter(budget=OuterRef("pk"), at__gte=end).order_by()
    into = Q(debit_account__in=USED) & ~Q(credit_account__in=USED)
    out_of = Q(credit_account__in=USED) & ~Q(debit_account__in=USED)
    return pots.annotate(
        allocated_then=F("allocated_fen")
        - _moved(since, Q(credit_account=Account.FUNDING), Q(debit_account=Account.FUNDING)),
        used_then=F("reserved_fen")
        + F("committed_fen")
        + F("consumed_fen")
        - _moved(since, into, out_of),
    )


def _moved(entries: Any, into: Q, out_of: Q) -> Any:
    amount = Case(
        When(into, then=F("amount_fen")),
        When(out_of, then=-F("amount_fen")),
        default=0,
        output_field=BigIntegerField(),
    )
    moved = entries.values("budget").annotate(moved=Sum(amount)).values("moved")
    return Coalesce(Subquery(moved), 0, output_field=BigIntegerField())


def spent_in(pots: QuerySet[Budget], start: datetime, end: datetime) -> QuerySet[LedgerEntry]:
    """The movements by which money was spent out of some pots in a span of time, or came back."""
    consumed = Q(debit_account=Account.CONSUMED) | Q(credit_account=Account.CONSUMED)
    return LedgerEntry.objects.filter(
        consumed, budget__in=pots.order_by().values("pk"), at__gte=start, at__lt=end
    ).order_by()


def spent_between(pots: QuerySet[Budget], start: datetime, end: datetime) -> int:
    """What was spent out of some pots in a span of time, less what came back."""
    entries = spent_in(pots, start, end)
    spent = Case(
        When(debit_account=Account.CONSUMED, then=F("amount_fen")),
        When(credit_account=Account.CONSUMED, then=-F("amount_fen")),
        default=0,
        output_field=BigIntegerField(),
    )
    found: int | None = entries.aggregate(sum=Sum(spent))["sum"]
    return found or 0
