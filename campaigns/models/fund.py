"""Funds: the bank's own money for campaigns, by unit and period."""

from typing import Self

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from crm.models import OrgUnit, Row, RowQuerySet, User


class FundQuerySet(RowQuerySet["Fund"]):
    def visible_to(self, user: User) -> Self:
        """Those of the units that one oversees, and those above them, which pay there as well."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        above = OrgUnit.objects.filter(pk__any_of=scope.seen).order_by()
        return self.filter(
            unit__in=above.annotate(above=Func(F("ancestors"), function="unnest")).values("above")
        )

    def open(self) -> Self:
        """Not closed yet."""
        return self.filter(closed_at=None)


class Fund(Row):
    """Money that a unit sets aside for campaigns in a period. What is left of it stands in its pot
    (`Budget`); its cap, with the tolerance, is the most that may ever be allocated."""

    name = models.CharField(_("name"), max_length=100)
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="funds",
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY", editable=False)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    cap_fen = models.BigIntegerField(_("cap"))
    tolerance_basis_points = models.PositiveIntegerField(
        _("tolerance in basis points"),
        default=0,
        help_text=_("How much more than the cap may be allocated."),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="fund_newest")]
        constraints = [
            models.UniqueConstraint(
                "unit",
                "name",
                name="fund_name_once_per_unit",
                violation_error_code="fund_name_taken",
                violation_error_message=_("This unit has a fund of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="fund_ends_after_it_starts",
                violation_error_code="fund_dates",
                violation_error_message=_("A fund cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(cap_fen__gt=0),
                name="fund_has_a_cap",
                violation_error_code="fund_cap_not_above_zero",
                violation_error_message=_("A fund needs a cap above zero."),
            ),
            models.CheckConstraint(
                condition=Q(tolerance_basis_points__lte=2000),
                name="fund_tolerance_is_small",
                violation_error_code="fund_tolerance",
                violation_error_message=_("A tolerance is at most 20 %."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ceiling_fen(self) -> int:
        """The most that may be allocated: the cap × (1 + tolerance), rounded down to the fen."""
        return self.cap_fen * (10_000 + self.tolerance_basis_points) // 10_000
