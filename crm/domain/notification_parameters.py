"""When people may be disturbed, what is too late to be pushed, and when others are told."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from crm import parameters
from crm.domain.lateness import Patience
from crm.domain.quiet_hours import QuietHours

NOTIFICATIONS = _("Reminders and notifications")
LAST_MINUTE = 24 * 60 - 1

QUIET_FROM = parameters.number(
    "crm.quiet_hours.from", _("Quiet hours begin (minutes after midnight)"), 21 * 60,
    least=0, most=LAST_MINUTE, group=NOTIFICATIONS,
)  # fmt: skip
QUIET_UNTIL = parameters.number(
    "crm.quiet_hours.until", _("Quiet hours end (minutes after midnight)"), 8 * 60 + 30,
    least=0, most=LAST_MINUTE, group=NOTIFICATIONS,
)  # fmt: skip
DIGEST_AT = parameters.number(
    "crm.quiet_hours.digest",
    _("What was held comes as one message (minutes after midnight)"), 8 * 60 + 45,
    least=0, most=LAST_MINUTE, group=NOTIFICATIONS,
)  # fmt: skip
LATE_HOURS = parameters.number(
    "crm.lateness.digest", _("Hours after which late reminders come as one message"), 2,
    least=1, most=48, group=NOTIFICATIONS,
)  # fmt: skip
TOO_LATE_HOURS = parameters.number(
    "crm.lateness.inbox_only", _("Hours after which a late reminder only reaches the inbox"), 48,
    least=1, most=24 * 30, group=NOTIFICATIONS,
)  # fmt: skip
TEAM_LEAD_DAYS = parameters.number(
    "crm.escalation.team_lead",
    _("Working days after which the team lead is told of something overdue"), 1,
    least=1, most=60, group=NOTIFICATIONS,
)  # fmt: skip
BRANCH_MANAGER_DAYS = parameters.number(
    "crm.escalation.branch_manager",
    _("Working days after which the branch manager is told of something overdue"), 3,
    least=1, most=60, group=NOTIFICATIONS,
)  # fmt: skip


def quiet_hours() -> QuietHours:
    """The quiet hours as they stand."""
    return QuietHours(QUIET_FROM.value, QUIET_UNTIL.value, DIGEST_AT.value)


def patience() -> Patience:
    """From when on a reminder is late, and too late, as it stands."""
    return Patience(timedelta(hours=LATE_HOURS.value), timedelta(hours=TOO_LATE_HOURS.value))
