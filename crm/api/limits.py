"""How much one person may ask of one process: a fair share, counted per minute."""

import time

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api.problems import Refused
from crm.models import User

_counts: dict[tuple[object, int], int] = {}


def limit_of(request: Request) -> None:
    """Count this request. 429 with Retry-After when the minute's share is used up."""
    allowed = settings.REQUESTS_PER_MINUTE
    if not isinstance(request.user, User):
        return
    wait = seconds_to_wait(request.user.pk, allowed)
    if wait:
        raise Refused(
            429,
            "too_many_requests",
            _("Too many requests. Please wait a moment."),
            retry_after=wait,
        )


def seconds_to_wait(who: object, allowed: int) -> int:
    """Count one more of somebody's; how long until the next share, 0 while there is some left."""
    now = time.time()
    mine = (who, int(now // 60))
    if mine not in _counts and len(_counts) > 10_000:
        _counts.clear()
    _counts[mine] = _counts.get(mine, 0) + 1
    return 60 - int(now % 60) if _counts[mine] > allowed else 0
