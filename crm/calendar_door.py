"""The door through which calendar programs come: no session, only the address itself."""

import hashlib

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import calendar_file, error_pages
from crm.api.limits import seconds_to_wait
from crm.domain import agenda, calendar_feeds
from crm.models import CalendarFeed


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever made this address; 404 for any other address, and once its person
    has left."""
    feed = calendar_feeds.known(token)
    if feed is None:
        return _unlogged(error_pages.unknown(request, Http404()))
    wait = seconds_to_wait(("calendar", feed.pk), settings.CALENDAR_READS_PER_MINUTE)
    if wait:
        return _unlogged(HttpResponse(status=429, headers={"Retry-After": str(wait)}))
    calendar_feeds.note_read(feed, at=timezone.now())
    content = _content(feed)
    tag = quote_etag(hashlib.sha256(content).hexdigest())
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in [one.removeprefix("W/") for one in asked] or "*" in asked:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(content, content_type=calendar_file.CONTENT_TYPE)
        answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer["ETag"] = tag
    answer["Referrer-Policy"] = "no-referrer"
    patch_cache_control(answer, private=True, max_age=0, must_revalidate=True)
    return answer


def _unlogged(answer: HttpResponse) -> HttpResponse:
    """Django writes refused addresses into the log; this one is a secret."""
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def address(token: str) -> str:
    """The whole address, as a calendar program takes it."""
    return f"{settings.PUBLIC_URL}{reverse('calendar-feed', args=[token])}"


def _content(feed: CalendarFeed) -> bytes:
    person = feed.user
    with translation.override(person.language):
        return calendar_file.written(
            agenda.of(person, at=timezone.now()),
            name=_("CRM: %(name)s") % {"name": person.full_name},
            time_zone=person.time_zone,
            tells_details=feed.tells_details,
        )
