"""Through which channels a person hears of what: one's own choice, or that of one's role."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet
from crm.models.delivery import PUSHED, Channel
from crm.models.people import Role, User

_CHOOSABLE = [one.value for one in PUSHED]
"""Channels that one can do without; the inbox keeps everything."""
_INBOX_STAYS = _("The inbox gets every message; only the other channels can be chosen.")


class RoleChannelQuerySet(RowQuerySet["RoleChannel"]):
    def visible_to(self, user: User) -> Self:
        return self.all() if user.scope.holds(Role.ADMINISTRATOR) else self.none()


class RoleChannel(Row):
    """What people of a role get by default, where it differs from the kind's own default."""

    role = models.CharField(_("role"), max_length=20, choices=Role)
    kind = models.CharField(_("kind"), max_length=50)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    is_wanted = models.BooleanField(_("is wanted"))

    objects = RoleChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("default of a role")
        verbose_name_plural = _("defaults of roles")
        constraints = [
            models.UniqueConstraint("role", "kind", "channel", name="role_channel_once"),
            models.CheckConstraint(
                condition=Q(channel__in=_CHOOSABLE),
                name="role_channel_is_a_choice",
                violation_error_code="inbox_stays",
                violation_error_message=_INBOX_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} · {self.kind} · {self.channel}"


class PersonalChannelQuerySet(RowQuerySet["PersonalChannel"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


class PersonalChannel(Row):
    """What one person chose for a kind and a channel."""

    user = models.ForeignKey(
        "crm.User",
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="personal_channels",
    )
    kind = models.CharField(_("kind"), max_length=50)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    is_wanted = models.BooleanField(_("is wanted"))

    objects = PersonalChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal choice")
        verbose_name_plural = _("personal choices")
        constraints = [
            models.UniqueConstraint("user", "kind", "channel", name="personal_channel_once"),
            models.CheckConstraint(
                condition=Q(channel__in=_CHOOSABLE),
                name="personal_channel_is_a_choice",
                violation_error_code="inbox_stays",
                violation_error_message=_INBOX_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.kind} · {self.channel}"
