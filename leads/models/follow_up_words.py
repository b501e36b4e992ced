"""The words of follow-ups: what came of one, how pressing it is, how it comes back."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FollowUpOutcome(models.TextChoices):
    """What came of a follow-up, so that it can be counted."""

    AGREED = "agreed", _("Next step agreed")
    TALKED = "talked", _("Talked, nothing agreed")
    SENT = "sent", _("Material sent")
    NOT_REACHED = "not_reached", _("Not reached")
    NOT_NEEDED = "not_needed", _("No longer needed")
    MERCHANT_GONE = "merchant_gone", _("The merchant has closed or moved")
    OTHER = "other", _("Other")


OUTCOMES_OF_DONE = (
    FollowUpOutcome.AGREED,
    FollowUpOutcome.TALKED,
    FollowUpOutcome.SENT,
    FollowUpOutcome.NOT_REACHED,
    FollowUpOutcome.OTHER,
)
OUTCOMES_OF_CANCELLED = (
    FollowUpOutcome.NOT_NEEDED,
    FollowUpOutcome.MERCHANT_GONE,
    FollowUpOutcome.OTHER,
)


class FollowUpPriority(models.TextChoices):
    NORMAL = "normal", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")


class Repeats(models.TextChoices):
    """By what a follow-up comes back once it is done. Its number says which."""

    WORKING_DAYS = "working_days", _("Every so many working days")
    WEEKLY = "weekly", _("Weekly, on a weekday")
    MONTHLY = "monthly", _("Monthly, on a day")


LARGEST_NUMBER = {Repeats.WORKING_DAYS: 250, Repeats.WEEKLY: 7, Repeats.MONTHLY: 31}
"""Working days in between; the weekday from Monday, 1, to Sunday, 7; the day of the month."""
MOST_TIMES = 250
