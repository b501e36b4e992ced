"""The nine cells of a grid: what the merchant said, in words and figures, and who agreed."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User
from crm.models.files import shown_through
from leads.models.grid_words import (
    CONFIRM_CELLS,
    AgreedVia,
    Cell,
    CellStatus,
    NumberPeriod,
    NumberUnit,
)
from leads.models.pain import LARGEST_FEN, Pain

LARGEST_VALUE = 10**12


class GridCellQuerySet(RowQuerySet["GridCell"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(pain__in=Pain.objects.order_by().visible_to(user))


class GridCell(Row):
    """One cell of a grid: the merchant's own words, and for a confirm cell who agreed to them."""

    pain = models.ForeignKey(
        Pain,
        verbose_name=_("pain point"),
        on_delete=models.CASCADE,
        related_name="cells",
        db_index=False,
    )
    cell = models.CharField(pgettext_lazy("nine-grid", "cell"), max_length=2, choices=Cell)
    status = models.CharField(
        pgettext_lazy("nine-grid", "status"),
        max_length=10,
        choices=CellStatus,
        default=CellStatus.EMPTY,
    )
    merchant_words = models.TextField(_("in the merchant's words"), blank=True)
    agreed_by = models.ForeignKey(
        "merchants.Contact",
        verbose_name=_("agreed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    agreed_via = models.CharField(_("agreed in"), max_length=10, choices=AgreedVia, blank=True)
    insight = models.ForeignKey(
        "merchants.Insight",
        verbose_name=_("insight"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """The insight that the agreement made open to both sides."""
    documents = models.ManyToManyField(
        "crm.StoredFile", verbose_name=_("documents"), related_name="+", blank=True
    )
    filled_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filled by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    filled_at = models.DateTimeField(_("filled at"), null=True, blank=True)

    objects = GridCellQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("nine-grid", "cell")
        verbose_name_plural = pgettext_lazy("nine-grid", "cells")
        ordering = ["pain", "cell"]
        constraints = [
            models.UniqueConstraint(
                "pain",
                "cell",
                name="grid_cell_once",
                violation_error_code="cell_exists",
                violation_error_message=_("A grid has each cell once."),
            ),
            models.CheckConstraint(
                condition=Q(cell__in=Cell.values, status__in=CellStatus.values),
                name="grid_cell_words_are_known",
                violation_error_code="word_unknown",
                violation_error_message=_("There is no such word in the nine-grid interview."),
            ),
            models.CheckConstraint(
                condition=~Q(status=CellStatus.COMPLETE, cell__in=CONFIRM_CELLS)
                | Q(
                    agreed_by__isnull=False,
                    agreed_at__isnull=False,
                    agreed_via__in=AgreedVia.values,
                ),
                name="grid_confirm_cell_was_agreed",
                violation_error_code="agreement_required",
                violation_error_message=_(
                    "A confirm cell is complete when somebody at the merchant agreed: say who, "
                    "when and how."
                ),
            ),
            models.CheckConstraint(
                condition=Q(status=CellStatus.COMPLETE, cell__in=CONFIRM_CELLS)
                | Q(agreed_by=None, agreed_at=None, agreed_via=""),
                name="grid_only_confirmed_is_agreed",
                violation_error_code="agreement_elsewhere",
                violation_error_message=_("Only a complete confirm cell says who agreed."),
            ),
            models.CheckConstraint(
                condition=~Q(status=CellStatus.COMPLETE) | ~Q(merchant_words=""),
                name="grid_complete_cell_says_something",
                violation_error_code="words_required",
                violation_error_message=_("Write down what the merchant said."),
            ),
            models.CheckConstraint(
                condition=Q(insight=None) | Q(cell__in=CONFIRM_CELLS),
                name="grid_insight_hangs_on_confirm_cell",
                violation_error_code="insight_elsewhere",
                violation_error_message=_("An insight belongs to a confirm cell."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell} · {self.get_status_display()}"


class CellNumber(models.Model):
    """A figure that the merchant named: what it counts, how much, in which unit, how often."""

    cell = models.ForeignKey(
        GridCell,
        verbose_name=pgettext_lazy("nine-grid", "cell"),
        on_delete=models.CASCADE,
        related_name="numbers",
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"))
    label = models.CharField(_("what it is"), max_length=100)
    amount_fen = models.BigIntegerField(_("amount (fen)"), null=True, blank=True)
    """Money, in fen; everything else is in `value`."""
    value = models.DecimalField(
        pgettext_lazy("nine-grid", "value"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    unit = models.CharField(pgettext_lazy("nine-grid", "unit"), max_length=10, choices=NumberUnit)
    period = models.CharField(
        pgettext_lazy("figure", "period"), max_length=10, choices=NumberPeriod
    )

    class Meta:
        verbose_name = _("figure of a cell")
        verbose_name_plural = _("figures of a cell")
        ordering = ["cell", "position"]
        constraints = [
            models.UniqueConstraint("cell", "position", name="cell_number_has_its_place"),
            models.CheckConstraint(
                condition=Q(unit=NumberUnit.YUAN, amount_fen__isnull=False, value=None)
                | (
                    Q(unit__in=[unit for unit in NumberUnit.values if unit != NumberUnit.YUAN])
                    & Q(amount_fen=None, value__isnull=False)
                ),
                name="cell_number_follows_its_unit",
                violation_error_code="number_unit_mismatch",
                violation_error_message=_("Money is in fen, everything else is a plain number."),
            ),
            models.CheckConstraint(
                condition=(Q(amount_fen=None) | Q(amount_fen__range=(0, LARGEST_FEN)))
                & (Q(value=None) | Q(value__range=(0, LARGEST_VALUE))),
                name="cell_number_is_sound",
                violation_error_code="number_out_of_range",
                violation_error_message=_("A figure is zero or above, and not beyond all measure."),
            ),
            models.CheckConstraint(
                condition=~Q(label="") & Q(period__in=NumberPeriod.values),
                name="cell_number_says_what_it_is",
                violation_error_code="number_label_required",
                violation_error_message=_("Say what each figure is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.amount_fen if self.value is None else self.value} {self.unit}"


@shown_through
def _documents_of_cells(user: User) -> models.QuerySet[Any, Any]:
    """Whoever sees a grid sees the documents that were hung on its cells."""
    hung = GridCell.documents.through._default_manager
    return hung.filter(
        gridcell__in=GridCell.objects.order_by().visible_to(user).values("pk")
    ).values_list("storedfile_id")
