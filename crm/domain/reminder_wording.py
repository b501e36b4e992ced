"""What a reminder says to whoever reads it, in that person's language and zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.domain.notification_kinds import KINDS
from crm.domain.wall_clock import zone_of
from crm.models import Reminder, User

log = structlog.get_logger()

LONGEST_SUBJECT = 300


def sentences(reminder: Reminder, reader: User) -> tuple[str, str]:
    """Subject and text for one reader.

    A reminder whose kind or facts no longer fit is still sent, in the plainest words and with its
    link, rather than holding up the others.
    """
    with translation.override(reader.language):
        try:
            facts = _quoted(reminder, reader) if reminder.escalates_to else reminder.facts
            subject, text = _worded(reminder.kind, facts, reader)
        except Exception:
            log.exception("reminder_not_worded", key=reminder.key, kind=reminder.kind)
            subject = _plainly(reminder.kind)
            text = _("Something that you wanted to be reminded of is due.")
    # A line break would be another header of the mail; the database takes no NUL.
    subject = " ".join(subject.replace("\0", "").split())[:LONGEST_SUBJECT]
    return subject, text.replace("\0", "")


def _worded(kind: str, facts: Mapping[str, Any], reader: User) -> tuple[str, str]:
    shown = {
        name: _moment(value, reader) if name.endswith("_at") else value
        for name, value in facts.items()
    }
    known = KINDS[kind]
    return str(known.subject) % shown, str(known.text) % shown


def _quoted(reminder: Reminder, reader: User) -> dict[str, str]:
    """What an escalation is filled in with: whose it is, what it is, since when."""
    about = str(reminder.facts["kind"])
    try:
        subject, _text = _worded(about, reminder.facts["facts"], reader)
    except Exception:
        log.exception("reminder_not_worded", key=reminder.key, kind=about)
        subject = _plainly(about)
    return {
        "subject": subject,
        "colleague": reminder.recipient.full_name,
        "since_at": reminder.facts["since_at"],
    }


def _plainly(kind: str) -> str:
    known = KINDS.get(kind)
    return str(known.label) if known else _("Reminder")


def _moment(value: str, reader: User) -> str:
    local = timezone.localtime(datetime.fromisoformat(value), zone_of(reader.time_zone))
    return local.strftime("%Y-%m-%d %H:%M")
