"""One's calendar at a secret address, which a calendar program subscribes to.

Whoever knows the address reads the calendar, so it is shown once and only its digest is kept. A new
address makes the old one useless.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.errors import RuleBroken
from crm.models import CalendarFeed, User

TOKEN_BYTES = 32
LONGEST_TOKEN = 100
NOTED_EVERY = timedelta(hours=1)
"""Calendar programs come every few minutes; that they came is written down once an hour."""


@command
def renew(*, tells_details: bool, by: User, at: datetime) -> tuple[CalendarFeed, str]:
    """Give oneself a calendar address, in place of the one before; returns it, this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    # The person's row is locked, so that of two new addresses at once one is the last.
    User.objects.for_change().get(pk=by.pk)
    values = {"token_digest": _digest(token), "tells_details": tells_details, "read_at": None}
    feed = of(by)
    if feed is None:
        made = CalendarFeed.objects.create(user=by, created_at=at, updated_at=at, **values)
        return made, token
    return feed.change(at=at, **values), token


@command
def tell_details(tells_details: bool, *, by: User, at: datetime) -> CalendarFeed:
    """Let one's calendar say what was typed in freely, or not. Raises RuleBroken without one."""
    feed = CalendarFeed.objects.visible_to(by).for_change().first()
    if feed is None:
        raise RuleBroken(_("You have no calendar address yet."), code="no_calendar_feed")
    return feed.change(at=at, tells_details=tells_details)


@command
def revoke(*, by: User, at: datetime) -> None:
    """Make one's calendar address useless; without one, nothing happens."""
    CalendarFeed.objects.visible_to(by).delete()


def of(user: User) -> CalendarFeed | None:
    """Somebody's own feed."""
    return CalendarFeed.objects.visible_to(user).first()


def known(token: str) -> CalendarFeed | None:
    """The feed of an address, as long as its person works here."""
    if len(token) > LONGEST_TOKEN:
        return None
    feeds = CalendarFeed.objects.select_related("user")
    return feeds.filter(token_digest=_digest(token), user__is_active=True).first()


def note_read(feed: CalendarFeed, *, at: datetime) -> bool:
    """Note that a feed is read, now and then. True if it was noted."""
    if feed.read_at is not None and feed.read_at > at - NOTED_EVERY:
        return False
    # One of several programs that come at the same moment notes it.
    stale = Q(read_at=None) | Q(read_at__lte=at - NOTED_EVERY)
    return bool(CalendarFeed.objects.filter(stale, pk=feed.pk).update(read_at=at))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
