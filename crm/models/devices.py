"""Phones: each has its own token, is seen in a list, and can be shut out by itself."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet

if TYPE_CHECKING:
    from crm.models.people import User


class DeviceQuerySet(RowQuerySet["Device"]):
    def trusted(self, at: datetime) -> Self:
        """Neither revoked, nor idle for too long, nor too old."""
        return self.filter(revoked_at=None, idle_until__gt=at, expires_at__gt=at)

    def visible_to(self, user: "User") -> Self:
        return self.filter(user=user)


class Device(Row):
    """A phone that somebody signed in on. Only a digest of its token is kept."""

    user = models.ForeignKey(
        "crm.User",
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="devices",
    )
    name = models.CharField(_("name"), max_length=100)
    platform = models.CharField(_("platform"), max_length=30)
    token_digest = models.BinaryField(_("token digest"), max_length=32, editable=False)
    session_hash = models.CharField(_("session hash"), max_length=64, editable=False)
    """The user's session hash at sign-in: a changed password shuts every phone out at once."""
    last_seen_at = models.DateTimeField(_("last seen"))
    idle_until = models.DateTimeField(_("expires when idle at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        indexes = [models.Index(fields=["user", "-id"], name="device_of_user")]
        constraints = [
            models.UniqueConstraint("token_digest", name="device_token_once"),
        ]

    def __str__(self) -> str:
        return self.name
