"""What pages show of a statement."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns import policies
from campaigns.domain import matching
from campaigns.models import (
    Discrepancy,
    MatchClass,
    MerchantRow,
    Party,
    Statement,
    StatementFile,
    StatementLine,
    StatementState,
)
from campaigns.models.settlement_words import COMPARABLE, OWED, WRITABLE
from crm.admin.jobs import state_badge as job_badge
from crm.models import JobState, User
from crm.presentation import exact

STATES = StatementState
TONES = {
    STATES.DRAFT: "calm",
    STATES.SENT: "go",
    STATES.DISPUTED: "bad",
    STATES.MERCHANT_CONFIRMED: "go",
    STATES.APPROVED: "go",
    STATES.INVOICED: "go",
    STATES.PAID: "good",
    STATES.CLOSED: "calm",
}
WAY: list[StatementState] = [one for one in STATES if one != STATES.DISPUTED]
"""The way of a statement; a dispute leads back to its sending."""
MOST_FILES = 8
MOST_ADJUSTMENTS = 50


def state_badge(row: Statement) -> SafeString:
    tone = TONES[STATES(row.state)]
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, row.get_state_display())


def is_late(row: Statement, today: date) -> bool:
    """Whether it should have been paid."""
    return row.state in OWED and row.due_on is not None and row.due_on < today


def context(row: Statement, user: User, today: date) -> dict[str, Any]:
    """Everything that a statement's page shows, in a constant number of statements."""
    settles = policies.may_settle_statements(user, row.merchant.unit_id)
    approves = policies.may_approve_settlement(user, row.merchant.unit_id)
    unpaid = row.state == STATES.INVOICED
    owes = row.state == STATES.APPROVED and row.payable_fen < 0
    adjustments = list(
        row.lines.adjustments()
        .select_related("entered_by", "approved_by")
        .order_by("number")[:MOST_ADJUSTMENTS]
    )
    return {
        "statement": row,
        "badge": state_badge(row),
        "late": is_late(row, today),
        "steps": _steps(row),
        "payable": exact(row.payable_fen),
        "still_open": exact(row.open_fen),
        "totals": _totals(row),
        "classes": classes(row, ""),
        "open_differences": Discrepancy.objects.open().filter(statement_id=row.pk).count(),
        "adjustments": [
            (
                one,
                exact(one.payable_fen),
                one.approved_at is None and approves and one.entered_by_id != user.pk,
                one.approved_at is None and (settles or approves),
            )
            for one in adjustments
        ],
        "invoices": [
            (one, exact(one.net_fen), exact(one.tax_fen), exact(one.gross_fen))
            for one in row.invoices.order_by("-created_at")[:MOST_FILES]
        ],
        "payments": [
            (one, exact(one.amount_fen)) for one in row.payments.order_by("-created_at")[:50]
        ],
        "files": [_file(one) for one in _files(row)],
        "history": row.steps.select_related("actor").order_by("at", "id")[:50],
        "may_redraft": settles and row.state == STATES.DRAFT,
        "may_send": settles and row.state in WRITABLE,
        "may_adjust": settles and row.state in WRITABLE,
        "may_compare": settles and row.state in COMPARABLE,
        "may_confirm": settles and row.state == STATES.SENT,
        "may_dispute": settles and row.state in (STATES.SENT, STATES.MERCHANT_CONFIRMED),
        "may_approve": approves
        and row.state == STATES.MERCHANT_CONFIRMED
        and row.drafted_by_id != user.pk,
        "may_invoice": settles and row.state == STATES.APPROVED and row.payable_fen > 0,
        "may_void": settles and unpaid and not row.paid_fen,
        "may_pay": settles and (unpaid or owes),
        "may_close": settles
        and (row.state == STATES.PAID or (row.state == STATES.APPROVED and row.payable_fen == 0)),
    }


def line(one: StatementLine) -> dict[str, Any]:
    """A line as the table shows it."""
    return {
        "row": one,
        "amount": exact(one.amount_fen),
        "discount": exact(one.discount_fen),
        "bank": exact(one.bank_fen),
        "merchant": exact(one.merchant_fen),
        "others": exact(one.scheme_fen + one.platform_fen + one.government_fen),
        "payable": exact(one.payable_fen),
    }


def classes(row: Statement, chosen: str) -> list[dict[str, Any]]:
    """How many rows there are of each class; nothing before a list was compared."""
    found = matching.counts(row)
    return [
        {
            "value": str(one),
            "label": one.label,
            "count": found[one],
            "chosen": one == chosen,
            "bad": one != MatchClass.MATCHED and found[one] > 0,
        }
        for one in MatchClass
        if found
    ]


def first_difference(row: Statement) -> str:
    """The first class of differences that has rows; without any, what agrees."""
    found = matching.counts(row)
    differing = [one for one in MatchClass if one != MatchClass.MATCHED and found.get(one)]
    return str(differing[0] if differing else MatchClass.MATCHED)


def differences(row: Statement, kind: str, after: int, most: int) -> list[dict[str, Any]]:
    """Rows of one class: of the bank's side where the merchant has none, else of the merchant's."""
    if kind == MatchClass.BANK_ONLY:
        lines = row.lines.filter(match=kind, number__gt=after).select_related("outlet")
        return [
            {
                "number": one.number,
                "reference": one.reference,
                "day": one.day,
                "store": str(one.outlet or one.mid),
                "bank": exact(one.discount_fen),
                "merchant": "—",
            }
            for one in lines.order_by("number")[:most]
        ]
    theirs = MerchantRow.objects.filter(statement=row, number__gt=after)
    if kind in MatchClass.values:
        theirs = theirs.filter(match=kind)
    return [
        {
            "number": one.number,
            "reference": one.reference,
            "day": one.day,
            "store": one.store,
            "bank": exact(one.line.discount_fen) if one.line else "—",
            "merchant": exact(one.discount_fen),
        }
        for one in theirs.select_related("line").order_by("number")[:most]
    ]


def file_of(user: User, job_pk: UUID) -> UUID | None:
    """The file that a job made or was given for a statement one may know of."""
    found = StatementFile.objects.visible_to(user).filter(job=job_pk)
    pair = found.values_list("job__result", "job__source").first()
    return (pair[0] or pair[1]) if pair else None


def _steps(row: Statement) -> list[dict[str, Any]]:
    here = WAY.index(STATES.SENT if row.state == STATES.DISPUTED else STATES(row.state))
    return [
        {
            "label": one.label,
            "tone": "past" if place < here else "here" if place == here else "next",
        }
        for place, one in enumerate(WAY)
    ]


def _totals(row: Statement) -> list[tuple[str, str]]:
    return [
        (str(party.label), exact(fen)) for party in Party if (fen := getattr(row, f"{party}_fen"))
    ]


def _files(row: Statement) -> Any:
    files = row.files.select_related("job", "job__source", "job__result", "job__owner")
    return files.defer("job__source__content", "job__result__content").order_by("-created_at")[
        :MOST_FILES
    ]


def _file(one: StatementFile) -> dict[str, Any]:
    job = one.job
    content = job.result or job.source
    return {
        "row": one,
        "badge": job_badge(job),
        "name": content.name if content else "",
        "ready": content is not None,
        "done": job.state == JobState.DONE,
        "failure": job.failure,
        "owner": job.owner,
    }


def intro(row: Statement) -> str:
    """Whose statement it is, of which period, and what is payable."""
    return f"{row.merchant} · {row.first_day} – {row.last_day} · {exact(row.payable_fen)}"
