"""The numbers of activities and visits that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_GROUP = _("Activities and visits")

RADIUS_M = parameters.number(
    "leads.visits.radius_m",
    _("Metres from the outlet that count as being there"),
    500,
    least=50,
    most=5000,
    group=_GROUP,
)
POSITION_DAYS = parameters.number(
    "leads.visits.position_days",
    _("Days that a position is kept"),
    90,
    least=1,
    most=90,
    group=_GROUP,
)
MOOD_MONTHS = parameters.number(
    "leads.activities.mood_months",
    _("Months that a mood is kept"),
    12,
    least=1,
    most=12,
    group=_GROUP,
)
CORRECTION_HOURS = parameters.number(
    "leads.activities.correction_hours",
    _("Hours in which an activity may be corrected"),
    24,
    least=0,
    most=168,
    group=_GROUP,
)
"""Position and mood can be kept for a shorter time than was promised, never for a longer one."""
