"""Reading one's inbox."""

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.command import command
from crm.errors import NotFound
from crm.models import Notification, User


@command
def read(notification_id: UUID, *, by: User, at: datetime) -> Notification:
    """Mark a line as read; reading it twice changes nothing."""
    line = Notification.objects.visible_to(by).for_change().filter(pk=notification_id).first()
    if line is None:
        raise NotFound(_("There is no such notification."))
    return line if line.read_at else line.change(at=at, read_at=at)


@command
def read_all(*, by: User, at: datetime, until: datetime | None = None) -> int:
    """Mark every line as read; returns how many were not.

    With `until`, only what had come by then: what came after the list was shown stays unread.
    """
    unread = Notification.objects.visible_to(by).unread()
    if until is not None:
        unread = unread.filter(created_at__lte=until)
    return Notification.objects.filter(pk__in=unread.for_change().values("pk")).update(
        read_at=at, updated_at=at, version=F("version") + 1
    )
