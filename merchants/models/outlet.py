"""Outlets: the shops of a merchant, where cardholders stand at the till."""

from typing import Self

from django.db import models
from django.db.models import Q
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
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    """A point in WGS-84 degrees. Chinese maps shift theirs (GCJ-02): it is set right before."""
    opening_hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    """Weekday 1 (Monday) to 7 → spans `["10:00", "22:00"]`; a day that is not named is closed."""

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
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="outlet_point_is_whole",
                violation_error_code="point_incomplete",
                violation_error_message=_("Give both latitude and longitude, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(latitude=None)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="outlet_point_is_on_earth",
                violation_error_code="point_out_of_range",
                violation_error_message=_(
                    "Latitude is from −90 to 90 degrees, longitude from −180 to 180."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
