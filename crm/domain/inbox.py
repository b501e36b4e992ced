"""Reading one's inbox."""

from datetime import datetime
from uuid import UUID

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
