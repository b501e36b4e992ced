"""How stages and due dates look: a word always, a colour beside it."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.admin.base import when
from leads.models import FollowUp, FollowUpState, Lead, Repeats, Stage
from leads.models.stages import FUNNEL

TONES = {
    Stage.WON: "good",
    Stage.LOST: "bad",
    Stage.BLOCKED: "bad",
    Stage.PARKED: "warn",
    Stage.NEW: "calm",
}


def stage_badge(lead: Lead) -> str:
    """The stage as a coloured word."""
    tone = TONES.get(Stage(lead.stage), "go")
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, lead.get_stage_display())


def steps(lead: Lead) -> list[dict[str, Any]]:
    """The funnel as steps: what is behind the lead, where it is, what is ahead."""
    here = FUNNEL.index(Stage(lead.stage)) if lead.stage in FUNNEL else -1
    return [
        {
            "label": stage.label,
            "tone": "here" if place == here else "past" if place < here else "ahead",
        }
        for place, stage in enumerate(FUNNEL)
    ]


def due(at: datetime | None, *, now: datetime, is_open: bool = True) -> str:
    """A due moment; one that has passed says so in a word and in colour."""
    if at is None:
        return "—"
    if not is_open or at >= now:
        return when(at)
    return format_html('<span class="crm-late">{} · {}</span>', when(at), _("overdue"))


def signing(lead: Lead, *, today: date) -> str:
    """The day on which the signature is expected; of an open lead, one that has passed says so."""
    day = lead.expected_signing_on
    if day is None:
        return "—"
    if not lead.is_open or day >= today:
        return day.isoformat()
    return format_html('<span class="crm-late">{} · {}</span>', day.isoformat(), _("overdue"))


def state_badge(follow_up: FollowUp) -> str:
    """Open, overdue, done or cancelled."""
    tone, words = "calm", follow_up.get_state_display()
    if follow_up.state == FollowUpState.DONE:
        tone = "good"
    elif follow_up.state == FollowUpState.OPEN:
        late = follow_up.due_at < timezone.now()
        tone, words = ("bad", _("Overdue")) if late else ("go", words)
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)


WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def recurrence(follow_up: FollowUp) -> str:
    """How a follow-up comes back, in words; nothing if it does not."""
    number = follow_up.repeat_number or 0
    match follow_up.repeats:
        case Repeats.WORKING_DAYS:
            words = ngettext(
                "every %(number)s working day", "every %(number)s working days", number
            ) % {"number": number}
        case Repeats.WEEKLY:
            words = _("weekly on %(weekday)s") % {"weekday": WEEKDAYS[number - 1]}
        case Repeats.MONTHLY:
            words = _("monthly on day %(number)s") % {"number": number}
        case _other:
            return ""
    if follow_up.repeat_until:
        return _("%(how)s, until %(day)s") % {"how": words, "day": follow_up.repeat_until}
    if follow_up.repeats_left is not None:
        left = follow_up.repeats_left
        return _("%(how)s, %(left)s more to come") % {"how": words, "left": left}
    return words
