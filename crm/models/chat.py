"""Where a colleague's chat messages go: the address of a robot in WeCom, DingTalk, Feishu or
another chat."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet
from crm.models.delivery import CHATS, Channel, Delivery
from crm.models.people import User
from crm.models.sealed import SealedField


class ChatAddressQuerySet(RowQuerySet["ChatAddress"]):
    def active(self) -> Self:
        return self.filter(stopped_at=None)

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


class ChatAddress(Row):
    """One colleague's robot in one chat. Its address lets anybody write there: it is sealed."""

    user = models.ForeignKey(
        "crm.User",
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="chat_addresses",
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=[(one.value, one.label) for one in CHATS]
    )
    address = SealedField(_("address"))
    host = models.CharField(_("host"), max_length=253)
    """The only part of the address that is shown."""
    secret = SealedField(_("signing secret"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)

    last_message: Delivery | None
    """What became of the last message to it, where somebody asked for it."""

    objects = ChatAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat address")
        verbose_name_plural = _("chat addresses")
        constraints = [
            models.UniqueConstraint(
                "user",
                "channel",
                name="chat_address_once",
                violation_error_code="chat_address_exists",
                violation_error_message=_("You have set this chat up already: change it there."),
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[one.value for one in CHATS]), name="chat_address_is_a_chat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {Channel(self.channel).label}"
