"""A person's own calendar as an address that a calendar program subscribes to."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet
from crm.models.people import User


class CalendarFeedQuerySet(RowQuerySet["CalendarFeed"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


class CalendarFeed(Row):
    """One person's feed. Whoever knows the address reads it; of the address only a digest is kept,
    and a new one makes the old one useless."""

    user = models.OneToOneField(
        "crm.User",
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="calendar_feed",
    )
    token_digest = models.CharField(_("digest of the address"), max_length=64, unique=True)
    tells_details = models.BooleanField(
        _("tells details"),
        default=False,
        help_text=_("With the words of the follow-ups, and not only the merchants' names."),
    )
    read_at = models.DateTimeField(_("last read at"), null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user)
