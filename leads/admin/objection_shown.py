"""How objections look: a word always, a colour beside it."""

from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from leads.models import Activity, AttemptOutcome, Objection, ObjectionState, PlayAttempt

_TONES = {
    ObjectionState.RAISED: "warn",
    ObjectionState.DIAGNOSED: "go",
    ObjectionState.HANDLED: "go",
    ObjectionState.RESOLVED: "good",
    ObjectionState.DEFERRED: "calm",
    ObjectionState.UNRESOLVED: "bad",
    ObjectionState.REOPENED: "warn",
}
_OUTCOME_TONES = {
    AttemptOutcome.RESOLVED: "good",
    AttemptOutcome.HELPED: "go",
    AttemptOutcome.NO_EFFECT: "calm",
    AttemptOutcome.MADE_WORSE: "bad",
}


def state_badge(objection: Objection) -> str:
    """The state as a coloured word."""
    tone = _TONES[ObjectionState(objection.state)]
    return format_html(
        '<span class="crm-badge crm-{}">{}</span>', tone, objection.get_state_display()
    )


def outcome_badge(attempt: PlayAttempt) -> str:
    """What a try achieved; a word also where nobody has said it yet."""
    tone = _OUTCOME_TONES[AttemptOutcome(attempt.outcome)] if attempt.outcome else "warn"
    words = attempt.get_outcome_display() or _("no outcome yet")
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)


def told(activity: Activity) -> str:
    """A conversation in one line."""
    moment = timezone.localtime(activity.occurred_at)
    return f"{moment:%Y-%m-%d %H:%M} · {activity.get_kind_display()}: {activity.summary[:40]}"


def percent(rate: Decimal | None) -> str:
    """A rate for people; without data it says so."""
    return _("no data") if rate is None else f"{rate} %"
