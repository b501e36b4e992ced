"""Mails that came back, and addresses that are written to no more."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, Row, RowQuerySet
from crm.models.delivery import Delivery
from crm.models.people import Role, User


class BounceKind(models.TextChoices):
    HARD = "hard", _("For good")
    SOFT = "soft", _("For now")


class BounceQuerySet(models.QuerySet["Bounce"]):
    def of(self, address: str) -> Self:
        return self.alias(lower=Lower("address")).filter(lower=Lower(Value(address)))

    def soft_since(self, at: datetime) -> Self:
        """Came back for now, after a moment."""
        return self.filter(kind=BounceKind.SOFT, at__gt=at)


class Bounce(Fact):
    """One mail that came back, as its report said."""

    delivery = models.ForeignKey(
        Delivery,
        verbose_name=_("delivery"),
        on_delete=models.CASCADE,
        related_name="bounces",
    )
    address = models.EmailField(_("address"))
    kind = models.CharField(_("kind"), max_length=4, choices=BounceKind)
    at = models.DateTimeField(_("at"))
    text = models.CharField(_("text"), max_length=500, blank=True)

    objects = BounceQuerySet.as_manager()

    class Meta:
        verbose_name = _("returned mail")
        verbose_name_plural = _("returned mails")
        indexes = [models.Index(Lower("address"), F("at").desc(), name="bounce_of_address")]
        constraints = [
            models.UniqueConstraint(
                "delivery", Lower("address"), "kind", name="bounce_once_per_delivery"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.kind}"


class SuppressedAddressQuerySet(RowQuerySet["SuppressedAddress"]):
    def standing(self) -> Self:
        return self.filter(lifted_at=None)

    def of(self, address: str) -> Self:
        return self.alias(lower=Lower("address")).filter(lower=Lower(Value(address)))

    def visible_to(self, user: User) -> Self:
        return self.all() if user.scope.holds(Role.ADMINISTRATOR) else self.none()


class SuppressedAddress(Row):
    """An address that no mail goes to until somebody lifts it."""

    address = models.EmailField(_("address"))
    because = models.CharField(_("because"), max_length=500)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("lifted by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )

    objects = SuppressedAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        indexes = [models.Index(fields=["-created_at", "-id"], name="suppressed_newest")]
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                condition=Q(lifted_at=None),
                name="suppressed_address_once",
            )
        ]

    def __str__(self) -> str:
        return self.address
