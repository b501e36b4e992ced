"""Outlets: the shops of a merchant, where cardholders stand at the till."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class OutletQuerySet(RowQuerySet["Outlet"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))


class Outlet(Row):
    """One shop."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="outlets",
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=200)
    division = models.ForeignKey(
        "merchants.Division",
        verbose_name=_("district"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    address = models.CharField(_("address"), max_length=300, blank=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="outlet_of_merchant"),
            models.Index(fields=["-created_at", "-id"], name="outlet_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                "merchant",
                "name",
                name="outlet_name_once_per_merchant",
                violation_error_code="outlet_exists",
                violation_error_message=_("This merchant has an outlet of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
