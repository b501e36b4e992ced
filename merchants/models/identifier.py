"""Merchant identifiers: the numbers under which an acquirer knows the till of an outlet."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class MerchantIdentifierQuerySet(RowQuerySet["MerchantIdentifier"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.outlet import Outlet

        return self.filter(outlet__in=Outlet.objects.visible_to(user))


class Days(Func):
    """From a day to a day, both included; no end is for ever."""

    function = "daterange"
    output_field = DateRangeField()


class MerchantIdentifier(Row):
    """A merchant number (MID), with a terminal's or for all of them, valid from day to day."""

    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        on_delete=models.CASCADE,
        related_name="identifiers",
        db_index=False,
    )
    acquirer = models.CharField(_("acquirer or network"), max_length=50)
    mid = models.CharField(_("merchant number"), max_length=15)
    terminal = models.CharField(_("terminal"), max_length=8, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = MerchantIdentifierQuerySet.as_manager()

    class Meta:
        verbose_name = _("merchant identifier")
        verbose_name_plural = _("merchant identifiers")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["outlet", "-created_at", "-id"], name="identifier_of_outlet"),
            models.Index(fields=["mid"], name="identifier_by_mid"),
        ]
        constraints = [
            ExclusionConstraint(
                name="identifier_once_at_a_time",
                expressions=[
                    ("acquirer", RangeOperators.EQUAL),
                    ("mid", RangeOperators.EQUAL),
                    ("terminal", RangeOperators.EQUAL),
                    (
                        Days(
                            "valid_from",
                            "valid_to",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_code="identifier_overlaps",
                violation_error_message=_(
                    "This number is registered already for some of these days."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="identifier_ends_after_it_begins",
                violation_error_code="validity_backwards",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.acquirer} {self.mid}"
