"""KPI schemes: by what the people of a unit are judged, and how much each part weighs."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User

WHOLE = 10_000
"""100 % in basis points."""


class KpiSchemeQuerySet(RowQuerySet["KpiScheme"]):
    def visible_to(self, user: User) -> Self:
        """Those of one's own branch, and of every unit that one has to do with."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(unit__any_of=scope.known)

    def running(self, on: date) -> Self:
        """In force on a day."""
        return self.filter(first_day__lte=on, last_day__gte=on)


class KpiScheme(Row):
    """A scheme that stood its check: volume is neither its sole nor its main indicator.

    The weights are kept beside the parts, so that the database refuses a scheme that the law does.
    """

    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="kpi_schemes",
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=100)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    items = models.JSONField(_("indicators"), default=list)
    """A list of {indicator, label, group, counts_volume, weight (basis points)}."""
    whole_weight = models.PositiveIntegerField(_("weight of all"), editable=False)
    volume_weight = models.PositiveIntegerField(_("weight of volume"), editable=False)
    largest_other_weight = models.PositiveIntegerField(
        _("weight of the largest other group"), editable=False
    )

    objects = KpiSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("KPI scheme")
        verbose_name_plural = _("KPI schemes")
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["-first_day", "-id"], name="kpi_scheme_newest"),
            models.Index(fields=["unit", "first_day", "last_day"], name="kpi_scheme_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                "unit",
                "name",
                "first_day",
                name="kpi_scheme_name_once",
                violation_error_code="scheme_exists",
                violation_error_message=_("This unit has a scheme of this name from that day."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="kpi_scheme_ends_after_it_begins",
                violation_error_code="scheme_period",
                violation_error_message=_("A period cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(whole_weight=WHOLE),
                name="kpi_scheme_makes_the_whole",
                violation_error_code="weights_not_whole",
                violation_error_message=_("The weights must sum to exactly 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(volume_weight__lt=WHOLE // 2),
                name="kpi_scheme_volume_below_half",
                violation_error_code="volume_half",
                violation_error_message=_(
                    "Issuance, customer numbers, market share and rank must weigh less than 50 % "
                    "together."
                ),
            ),
            models.CheckConstraint(
                condition=Q(volume_weight=0) | Q(volume_weight__lt=F("largest_other_weight")),
                name="kpi_scheme_volume_is_not_the_main_thing",
                violation_error_code="volume_largest",
                violation_error_message=_("Volume must not be the group that weighs most."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
