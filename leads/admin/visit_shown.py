"""How visits look: a word for the state, and words instead of a map."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from leads.models import Visit, VisitState

TONES = {
    VisitState.PLANNED: "calm",
    VisitState.CHECKED_IN: "go",
    VisitState.CHECKED_OUT: "good",
    VisitState.MISSED: "bad",
    VisitState.CANCELLED: "warn",
}


def state_badge(visit: Visit) -> str:
    """The state as a coloured word."""
    tone = TONES[VisitState(visit.state)]
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, visit.get_state_display())


def far(metres: int | None) -> str:
    """A distance as people say it."""
    if metres is None:
        return ""
    if metres < 1000:
        return _("%(metres)d m") % {"metres": metres}
    return _("%(kilometres)s km") % {"kilometres": f"{metres / 1000:.1f}"}


def distance(visit: Visit) -> str:
    """How far from the outlet somebody checked in, and whether that is there."""
    if visit.distance_m is None or visit.radius_m is None:
        return "—"
    if visit.distance_m <= visit.radius_m:
        return _("%(distance)s from the outlet") % {"distance": far(visit.distance_m)}
    return _("%(distance)s from the outlet, outside of %(radius)s: %(because)s") % {
        "distance": far(visit.distance_m),
        "radius": far(visit.radius_m),
        "because": visit.outside_reason,
    }


def position(visit: Visit) -> str:
    """The coarse point in words; it is rounded, and says so."""
    if visit.latitude is None or visit.longitude is None:
        return "—"
    words = _("about %(latitude)s° N, %(longitude)s° E (rounded to 100 m)") % {
        "latitude": visit.latitude,
        "longitude": visit.longitude,
    }
    return f"{words} ± {far(visit.accuracy_m)}" if visit.accuracy_m is not None else words


def stayed(visit: Visit) -> str:
    """How long a visit took."""
    if visit.arrived_at is None or visit.left_at is None:
        return "—"
    minutes = round((visit.left_at - visit.arrived_at).total_seconds() / 60)
    return _("%(minutes)d min") % {"minutes": minutes}
