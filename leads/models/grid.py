"""The nine-grid needs interview: one grid for each pain of a merchant."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, Row, RowQuerySet, User
from crm.models.files import shown_through
from leads.models.grid_words import (
    CONFIRM_CELLS,
    COSTED,
    AgreedVia,
    Cell,
    CellStatus,
    GridColumn,
    GridMode,
    NumberPeriod,
    NumberUnit,
    PainEnd,
    PainStatus,
    QuestionSet,
)
from merchants.models import Merchant

LARGEST_FEN = 10**13
LARGEST_VALUE = 10**12


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


class _Bilingual(Row):
    """A text that leaders keep in both languages."""

    text_en = models.CharField(_("English text"), max_length=500)
    text_zh = models.CharField(_("Chinese text"), max_length=500)
    active = models.BooleanField(pgettext_lazy("wording", "active"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """In the reader's language."""
        return self.text_en if get_language() == "en" else self.text_zh


class WordingQuerySet[M: _Bilingual](RowQuerySet[M]):
    """Questions and templates: everybody reads them."""

    def visible_to(self, user: User) -> Self:
        return self.all()

    def active(self) -> Self:
        return self.filter(active=True)

    def written_for(self, *sets: str) -> Self:
        return self.filter(question_set__in=sets)


class GridQuestion(_Bilingual):
    """A question for one cell, written for one kind of shop."""

    question_set = models.CharField(_("kind of shop"), max_length=20, choices=QuestionSet)
    cell = models.CharField(pgettext_lazy("nine-grid", "cell"), max_length=2, choices=Cell)
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"), default=1)

    objects = WordingQuerySet["GridQuestion"].as_manager()

    class Meta:
        verbose_name = _("interview question")
        verbose_name_plural = _("interview questions")
        ordering = ["question_set", "cell", "position"]
        indexes = [models.Index(fields=["created_at", "id"], name="grid_question_oldest")]
        constraints = [
            models.UniqueConstraint(
                "question_set",
                "cell",
                "position",
                name="grid_question_has_its_place",
                violation_error_code="question_exists",
                violation_error_message=_("There is a question at this place already."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_zh=""),
                name="grid_question_in_both_languages",
                violation_error_code="text_required",
                violation_error_message=_("Write it in both languages."),
            ),
            models.CheckConstraint(
                condition=Q(
                    question_set__in=QuestionSet.values, cell__in=Cell.values, position__gte=1
                ),
                name="grid_question_words_are_known",
                violation_error_code="word_unknown",
                violation_error_message=_("There is no such word in the nine-grid interview."),
            ),
        ]


class CapabilityTemplate(_Bilingual):
    """A capability that shops of a kind usually want, for merchants who have named none yet."""

    question_set = models.CharField(_("kind of shop"), max_length=20, choices=QuestionSet)
    position = models.PositiveSmallIntegerField(pgettext_lazy("order", "position"), default=1)
    covered = models.BooleanField(_("we can cover it"), default=False)

    objects = WordingQuerySet["CapabilityTemplate"].as_manager()

    class Meta:
        verbose_name = _("usual capability")
        verbose_name_plural = _("usual capabilities")
        ordering = ["question_set", "position"]
        indexes = [models.Index(fields=["created_at", "id"], name="capability_template_oldest")]
        constraints = [
            models.UniqueConstraint(
                "question_set",
                "position",
                name="capability_template_has_its_place",
                violation_error_code="capability_exists",
                violation_error_message=_("There is a capability at this place already."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_zh="") & Q(position__gte=1),
                name="capability_template_in_both_languages",
                violation_error_code="text_required",
                violation_error_message=_("Write it in both languages."),
            ),
        ]


@shown_through
def _documents_of_cells(user: User) -> models.QuerySet[Any, Any]:
    """Whoever sees a grid sees the documents that were hung on its cells."""
    hung = GridCell.documents.through._default_manager
    return hung.filter(
        gridcell__in=GridCell.objects.order_by().visible_to(user).values("pk")
    ).values_list("storedfile_id")
