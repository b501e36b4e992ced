"""Systems of the bank that are told what happens, by HTTP (Standard Webhooks)."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet
from crm.models.delivery import Delivery, DeliveryState
from crm.models.people import Role, User
from crm.models.sealed import SealedField


class WebhookEndpointQuerySet(RowQuerySet["WebhookEndpoint"]):
    def listening(self) -> Self:
        return self.filter(disabled_at=None)

    def failing(self) -> Self:
        """Listening, with a message that was refused and will be tried again."""
        waiting = Delivery.objects.filter(endpoint=models.OuterRef("pk"), state=DeliveryState.RETRY)
        return self.listening().filter(models.Exists(waiting))

    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=user.scope.below.get(Role.ADMINISTRATOR, frozenset()))


class WebhookEndpoint(Row):
    """One system that listens: where, to what, below which unit, and with which secret it checks
    that it was us."""

    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="webhooks",
    )
    """It hears of what happens at this unit and below it."""
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("kinds"), default=list)
    """Kinds of events it asked for; none means all."""
    secret = SealedField(_("secret"))
    old_secret = SealedField(_("old secret"), null=True, blank=True)
    old_secret_until = models.DateTimeField(_("old secret until"), null=True, blank=True)
    """Until then messages are signed with both, so that the other side can change over."""
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)
    disabled_because = models.CharField(_("disabled because"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("created by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            models.Index(
                fields=["unit"], name="webhook_listening", condition=models.Q(disabled_at=None)
            ),
            models.Index(fields=["-created_at", "-id"], name="webhook_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                "unit",
                "url",
                name="webhook_once_per_unit",
                violation_error_code="webhook_exists",
                violation_error_message=_("This address listens at this unit already."),
            ),
            models.CheckConstraint(
                condition=models.Q(disabled_at=None) | ~models.Q(disabled_because=""),
                name="webhook_disabled_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url
