"""Card fees by the day from which they apply."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User

MILLION = 1_000_000


class FeeScheduleQuerySet(RowQuerySet["FeeSchedule"]):
    def visible_to(self, user: User) -> Self:
        """Public prices: for everybody who has a role."""
        return self.all() if user.scope.known else self.none()

    def in_force(self, on: date) -> Self:
        """Those that had begun by a day, the one in force first."""
        return self.filter(effective_from__lte=on, withdrawn_at=None).order_by("-effective_from")


class FeeSchedule(Row):
    """The card fees in force from a day on, until the next schedule begins. Rates in millionths
    (0.45 % is 4,500), caps in fen a transaction. Before the first one, the regulated fees of 2016
    apply (`campaigns/domain/fees.py`)."""

    effective_from = models.DateField(_("in force from"))
    issuer_credit = models.PositiveIntegerField(_("issuer fee, credit cards"))
    issuer_debit = models.PositiveIntegerField(_("issuer fee, debit cards"))
    issuer_debit_cap_fen = models.PositiveIntegerField(_("cap of the issuer fee, debit cards"))
    network_each_side = models.PositiveIntegerField(_("network fee, each side"))
    network_cap_fen = models.PositiveIntegerField(_("cap of the network fee"))
    source = models.CharField(_("source"), max_length=200)
    """The notice or the price list that says so."""
    filed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    """Taken back before it began."""

    objects = FeeScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee schedule")
        verbose_name_plural = _("fee schedules")
        ordering = ["-effective_from", "-id"]
        indexes = [
            models.Index(fields=["-effective_from", "-id"], name="fee_schedule_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                "effective_from",
                name="fee_schedule_once_a_day",
                condition=Q(withdrawn_at=None),
                violation_error_code="fee_schedule_exists",
                violation_error_message=_("There is a fee schedule that begins on this day."),
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="fee_schedule_names_its_source",
                violation_error_code="source_required",
                violation_error_message=_("Say where the figures come from."),
            ),
            models.CheckConstraint(
                condition=Q(
                    issuer_credit__lte=MILLION // 10,
                    issuer_debit__lte=MILLION // 10,
                    network_each_side__lte=MILLION // 10,
                    issuer_credit__gt=models.F("network_each_side"),
                ),
                name="fee_schedule_rates",
                violation_error_code="fee_rate_out_of_range",
                violation_error_message=_(
                    "A fee is at most 10 %, and the issuer fee is above the network fee."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.effective_from.isoformat()
