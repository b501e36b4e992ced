"""How a budget looks: its figures, how much is used, its latest movements."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.domain.budget_alerts import marks
from campaigns.models import Budget, EntryKind, LedgerEntry
from crm.presentation import NO_DATA, money

LATEST = 10
_TONES = {
    EntryKind.ALLOCATE: "good",
    EntryKind.CONSUME: "go",
    EntryKind.REVERSE: "warn",
    EntryKind.ADJUST: "warn",
}


def figures(budget: Budget) -> list[tuple[str, str]]:
    """Name and sum of every counter, the available last."""
    return [
        (_("Allocated"), money(budget.allocated_fen)),
        (_("Reserved"), money(budget.reserved_fen)),
        (_("Committed"), money(budget.committed_fen)),
        (_("Consumed"), money(budget.consumed_fen)),
        (_("Available"), money(budget.available_fen)),
    ]


def per_cent(budget: Budget) -> int | None:
    """How much of it is promised or spent, rounded down; none without money."""
    return budget.used_fen * 100 // budget.allocated_fen if budget.allocated_fen else None


def burn(budget: Budget) -> str:
    """How much of it is used, as a coloured word."""
    used = per_cent(budget)
    if used is None:
        return NO_DATA
    passed = sum(used >= mark for mark in marks())
    tone = ("calm", "warn", "bad", "bad")[passed]
    return format_html('<span class="crm-badge crm-{}">{} %</span>', tone, used)


def state_badge(budget: Budget, *, closed: bool = False) -> str:
    """Whether money can move in it."""
    if budget.frozen_at:
        return _badge("bad", _("Frozen"))
    return _closed() if closed else _badge("good", pgettext("fund", "Open"))


def _closed() -> str:
    return _badge("calm", pgettext("fund", "Closed"))


def kind_badge(entry: LedgerEntry) -> str:
    """Why money moved."""
    return _badge(_TONES.get(EntryKind(entry.kind), "calm"), entry.get_kind_display())


def latest(**narrowed: Any) -> Sequence[tuple[LedgerEntry, str, str]]:
    """The newest movements of a budget or campaign: entry, its kind, its sum."""
    entries = (
        LedgerEntry.objects.filter(**narrowed)
        .select_related("actor", "campaign", "budget__fund", "budget__campaign")
        .order_by("-at", "-id")[:LATEST]
    )
    return [(one, kind_badge(one), money(one.amount_fen)) for one in entries]


def _badge(tone: str, words: str) -> str:
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)
