"""Pains: the problems of a merchant, each with a nine-grid of its own."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, Row, RowQuerySet, User
from leads.models.grid_words import (
    COSTED,
    Cell,
    GridColumn,
    GridMode,
    PainEnd,
    PainStatus,
)
from merchants.models import Merchant

LARGEST_FEN = 10**13


class PainQuerySet(RowQuerySet["Pain"]):
    def visible_to(self, user: User) -> Self:
        """Whoever may know of the merchant may know of its pains."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(merchant__in=Merchant.objects.order_by().visible_to(user))

    def open(self) -> Self:
        """Pains that are still on the table."""
        return self.filter(closed_at=None)

    def on_the_rung(self, *statuses: str) -> Self:
        return self.filter(status__in=statuses)

    def as_of(self, at: datetime) -> Self:
        """The pains that were on the table at a moment, with `status_then` and `stuck_then`."""
        last = PainStep.objects.filter(pain=OuterRef("pk"), at__lt=at).order_by("-at", "-id")
        return self.filter(Q(closed_at=None) | Q(closed_at__gte=at), created_at__lt=at).annotate(
            status_then=Coalesce(
                Subquery(last.values("to_status")[:1]), Value(PainStatus.LATENT.value)
            ),
            stuck_then=Coalesce(
                Subquery(last.values("stuck_column")[:1]), Value(GridColumn.REASONS.value)
            ),
        )


class Pain(Row):
    """A problem of a merchant, and how far the interview about it has come.

    What follows from the cells (status, completeness, stuck column, next cell, monthly impact) is
    written by the verbs of `leads.domain.interviews` with every change of a cell.
    """

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="pains",
        db_index=False,
    )
    lead = models.ForeignKey(
        "leads.Lead",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pains",
        db_index=False,
    )
    title = models.CharField(_("pain point"), max_length=200)
    mode = models.CharField(_("order of the interview"), max_length=12, choices=GridMode)
    trigger = models.CharField(_("what makes it pressing"), max_length=200, blank=True)
    trigger_on = models.DateField(_("pressing on"), null=True, blank=True)
    opened_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("opened by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    status = models.CharField(
        pgettext_lazy("nine-grid", "status"),
        max_length=10,
        choices=PainStatus,
        default=PainStatus.LATENT,
    )
    raw_completeness = models.DecimalField(
        _("completeness"), max_digits=5, decimal_places=4, default=0
    )
    gated_completeness = models.DecimalField(
        _("completeness in order"), max_digits=5, decimal_places=4, default=0
    )
    stuck_column = models.CharField(
        _("stuck in"), max_length=1, choices=GridColumn, blank=True, default=GridColumn.REASONS
    )
    next_cell = models.CharField(_("next cell"), max_length=2, choices=Cell, blank=True)
    monthly_impact_fen = models.BigIntegerField(_("monthly impact"), null=True, blank=True)
    monthly_impact_hours = models.DecimalField(
        _("hours lost a month"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    monthly_impact_guests = models.DecimalField(
        _("guests lost a month"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    critical_at = models.DateTimeField(_("critical since"), null=True, blank=True)

    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_as = models.CharField(_("closed as"), max_length=10, choices=PainEnd, blank=True)
    closed_because = models.CharField(_("because"), max_length=500, blank=True)

    objects = PainQuerySet.as_manager()

    class Meta:
        verbose_name = _("pain point")
        verbose_name_plural = _("pain points")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="pain_newest"),
            models.Index(fields=["-updated_at", "-id"], name="pain_by_change"),
            models.Index(fields=["merchant", "-created_at", "-id"], name="pain_of_merchant"),
            models.Index(fields=["lead", "-created_at", "-id"], name="pain_of_lead"),
            models.Index(fields=["status", "-created_at", "-id"], name="pain_on_rung"),
            models.Index(fields=["stuck_column", "-created_at", "-id"], name="pain_stuck"),
            models.Index(
                fields=["critical_at"],
                name="pain_critical_when",
                condition=Q(critical_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="pain_has_a_title",
                violation_error_code="title_required",
                violation_error_message=_("Say what the pain is."),
            ),
            models.CheckConstraint(
                condition=Q(
                    mode__in=GridMode.values,
                    status__in=PainStatus.values,
                    stuck_column__in=["", *GridColumn.values],
                    next_cell__in=["", *Cell.values],
                ),
                name="pain_words_are_known",
                violation_error_code="word_unknown",
                violation_error_message=_("There is no such word in the nine-grid interview."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=COSTED)
                | Q(monthly_impact_fen__isnull=False)
                | Q(monthly_impact_hours__isnull=False)
                | Q(monthly_impact_guests__isnull=False),
                name="pain_critical_has_a_cost",
                violation_error_code="monthly_impact_required",
                violation_error_message=_("A critical pain says what it costs a month."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=COSTED, critical_at__isnull=False)
                | (~Q(status__in=COSTED) & Q(critical_at=None)),
                name="pain_critical_since",
                violation_error_code="critical_since_mismatch",
                violation_error_message=_("A critical pain says since when."),
            ),
            models.CheckConstraint(
                condition=(
                    (Q(monthly_impact_fen=None) | Q(monthly_impact_fen__range=(1, LARGEST_FEN)))
                    & (Q(monthly_impact_hours=None) | Q(monthly_impact_hours__gt=0))
                    & (Q(monthly_impact_guests=None) | Q(monthly_impact_guests__gt=0))
                ),
                name="pain_impact_is_sound",
                violation_error_code="impact_out_of_range",
                violation_error_message=_(
                    "The monthly impact is above zero and at the most 100 billion yuan."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    raw_completeness__lte=1,
                    gated_completeness__gte=0,
                    gated_completeness__lte=models.F("raw_completeness"),
                ),
                name="pain_completeness_is_a_share",
                violation_error_code="completeness_out_of_range",
                violation_error_message=_("Completeness is between 0 and 1."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_as="")
                | Q(closed_at__isnull=False, closed_as__in=PainEnd.values),
                name="pain_closed_says_how",
                violation_error_code="end_required",
                violation_error_message=_("A closed pain says how it ended."),
            ),
            models.CheckConstraint(
                condition=~Q(closed_as=PainEnd.ABANDONED) | ~Q(closed_because=""),
                name="pain_abandoned_says_why",
                violation_error_code="because_required",
                violation_error_message=_("Say why this pain is not pursued any more."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class PainStepQuerySet(RowQuerySet["PainStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(pain__in=Pain.objects.order_by().visible_to(user))

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)


class PainStep(Fact):
    """A pain came to another rung, or got stuck in another column: what reports look back on."""

    pain = models.ForeignKey(
        Pain,
        verbose_name=_("pain point"),
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,
    )
    from_status = models.CharField(_("from"), max_length=10, choices=PainStatus, blank=True)
    """Empty for the first: the pain was put on the table."""
    to_status = models.CharField(_("to"), max_length=10, choices=PainStatus)
    stuck_column = models.CharField(_("stuck in"), max_length=1, choices=GridColumn, blank=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = PainStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a pain")
        verbose_name_plural = _("steps of pains")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["pain", "-at", "-id"], name="pain_step_of_pain"),
            models.Index(fields=["at", "to_status"], name="pain_step_when"),
        ]

    def __str__(self) -> str:
        return f"{self.from_status or '·'} → {self.to_status}"


class NamedCapability(models.Model):
    """Something the merchant would need to be able to do, and whether our plays cover it."""

    pain = models.ForeignKey(
        Pain,
        verbose_name=_("pain point"),
        on_delete=models.CASCADE,
        related_name="capabilities",
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"))
    name = models.CharField(_("capability"), max_length=200)
    covered = models.BooleanField(_("we can cover it"), default=False)

    class Meta:
        verbose_name = _("named capability")
        verbose_name_plural = _("named capabilities")
        ordering = ["pain", "position"]
        constraints = [
            models.UniqueConstraint("pain", "position", name="capability_has_its_place"),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="capability_has_a_name",
                violation_error_code="capability_required",
                violation_error_message=_("Say what the merchant needs to be able to do."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
