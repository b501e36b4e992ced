"""Rivals: other banks and platforms, and what they offer at our merchants."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User

WHOLE_BASIS_POINTS = 10_000


class RivalKind(models.TextChoices):
    BANK = "bank", _("Bank")
    PLATFORM = "platform", _("Platform")


class RivalQuerySet(RowQuerySet["Rival"]):
    def visible_to(self, user: User) -> Self:
        """Everybody who holds a role: rivals are the same for the whole bank."""
        return self.all() if user.scope.below else self.none()


class Rival(Row):
    """Another bank, or a platform, that courts the same merchants."""

    name = models.CharField(_("name"), max_length=100)
    short_name = models.CharField(_("short name"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=RivalKind, default=RivalKind.BANK)

    objects = RivalQuerySet.as_manager()

    class Meta:
        verbose_name = _("rival")
        verbose_name_plural = _("rivals")
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["name", "id"], name="rival_by_name"),
            models.Index(fields=["-created_at", "-id"], name="rival_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="rival_name_once",
                violation_error_code="rival_exists",
                violation_error_message=_("A rival of this name exists already."),
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(short_name=""),
                name="rival_has_names",
                violation_error_code="name_required",
                violation_error_message=_("A rival has a name and a short name."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


DAYS = Func(
    "starts_on", "ends_on", Value("[]"), function="DATERANGE", output_field=DateRangeField()
)
"""The days of an offer, both ends included; an open end goes on."""


class RivalOfferQuerySet(RowQuerySet["RivalOffer"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))

    def running(self, on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)

    def expired(self, on: date) -> Self:
        return self.filter(ends_on__lt=on)

    def coming(self, on: date) -> Self:
        return self.filter(starts_on__gt=on)

    def exclusive_now(self, on: date) -> Self:
        """Running offers that forbid the merchant to run ours beside them."""
        return self.running(on).filter(exclusive=True)


class RivalOffer(Row):
    """What a rival offers its cardholders at one of our merchants, as far as we have seen."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="rival_offers",
        db_index=False,
    )
    rival = models.ForeignKey(
        "merchants.Rival",
        verbose_name=_("rival"),
        on_delete=models.PROTECT,
        related_name="offers",
        db_index=False,
    )
    mechanic = models.CharField(_("mechanic"), max_length=200)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    exclusive = models.BooleanField(_("exclusive"), default=False)
    paid_by_rival_basis_points = models.PositiveIntegerField(
        _("paid by the rival (basis points)"), null=True, blank=True
    )
    """The rival's share of every discount; none if nobody knows."""
    source = models.CharField(_("source"), max_length=200)
    seen_on = models.DateField(_("seen on"))

    objects = RivalOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("rival offer")
        verbose_name_plural = _("rival offers")
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-starts_on", "-id"], name="rival_offer_of_merchant"),
            models.Index(fields=["rival", "-starts_on", "-id"], name="rival_offer_of_rival"),
            models.Index(fields=["-starts_on", "-id"], name="rival_offer_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(mechanic="") & ~Q(source=""),
                name="rival_offer_says_what_and_whence",
                violation_error_code="mechanic_and_source_required",
                violation_error_message=_("Say what is offered and where we know it from."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="rival_offer_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message=_("An offer does not end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(paid_by_rival_basis_points=None)
                | Q(paid_by_rival_basis_points__lte=WHOLE_BASIS_POINTS),
                name="rival_pays_at_most_all",
                violation_error_code="share_out_of_range",
                violation_error_message=_("A share is between 0 and 100 %."),
            ),
            ExclusionConstraint(
                name="rival_offer_one_exclusive_at_a_time",
                expressions=[
                    ("merchant", RangeOperators.EQUAL),
                    ("rival", RangeOperators.NOT_EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(exclusive=True),
                violation_error_code="exclusive_overlaps",
                violation_error_message=_(
                    "Another rival's exclusive offer runs at this merchant in these days: "
                    "one of the two is wrong."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.mechanic
