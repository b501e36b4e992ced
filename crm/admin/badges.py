"""The counts in the sidebar. They are on every page, so each is asked for now and then only."""

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest

from crm.admin.site import viewer
from crm.models import Notification, User

REMEMBERED_SECONDS = 20
MOST = 99


def remembered(name: str, user: User, count: Callable[[], int]) -> str:
    """A count as a badge shows it; nothing for none."""
    key = f"badge:{name}:{user.pk}"
    found = cache.get(key)
    if found is None:
        found = count()
        cache.set(key, found, REMEMBERED_SECONDS)
    if not found:
        return ""
    return f"{MOST}+" if found > MOST else str(found)


def forget(user: User) -> None:
    """Count anew on the next page, because the person has just changed what is counted."""
    cache.delete_many([f"badge:{name}:{user.pk}" for name in ("unread", "overdue")])


def unread(request: HttpRequest) -> str:
    """Unread lines of one's inbox."""
    user = viewer(request)
    lines = Notification.objects.visible_to(user).unread()
    return remembered("unread", user, lambda: lines[: MOST + 1].count())
