"""Zones by name; a name that nobody knows any more must not stop what is due."""

from zoneinfo import ZoneInfo

import structlog
from django.utils import timezone

log = structlog.get_logger()


def zone_or_ours(name: str) -> ZoneInfo:
    """The zone of a name; the bank's own where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        log.warning("zone_unknown", name=name)
        return ZoneInfo(timezone.get_default_timezone_name())
