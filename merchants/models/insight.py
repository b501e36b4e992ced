"""Insights: what is known of a merchant, by whom, and what is still to be found out."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Fact, Row, RowQuerySet, User
from crm.models.files import shown_through
from merchants.models.quadrants import PEERS_AT_LEAST, InsightKind, MoveThrough, Quadrant

_UNKNOWN = Q(known_to_merchant=False, known_to_bank=False)
_HIDDEN = Q(known_to_merchant=True, known_to_bank=False)
_BLIND = Q(known_to_merchant=False, known_to_bank=True)


class InsightQuerySet(RowQuerySet["Insight"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))

    def in_quadrant(self, *quadrants: Quadrant) -> Self:
        return self.filter(quadrant__in=quadrants)

    def with_quadrants_at(self, start: datetime, end: datetime) -> Self:
        """With the quadrants in which an insight stood just before two moments (`quadrant_before`,
        `quadrant_after`); none where it was not yet written down."""
        moves = InsightMove.objects.filter(insight=OuterRef("pk")).order_by("-at", "-pk")
        latest = moves.values("to_quadrant")
        return self.annotate(
            quadrant_before=Subquery(latest.filter(at__lt=start)[:1]),
            quadrant_after=Subquery(latest.filter(at__lt=end)[:1]),
        )


class Insight(Row):
    """A fact, need, fear or number about a merchant.

    Who knows of it is stored; the quadrant follows from that, and the database computes it.
    """

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="insights",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=InsightKind)
    statement = models.CharField(_("statement"), max_length=500)
    known_to_merchant = models.BooleanField(_("known to the merchant"), default=False)
    known_to_merchant_on = models.DateField(_("known to the merchant since"), null=True, blank=True)
    known_to_bank = models.BooleanField(_("known to the bank"), default=False)
    known_to_bank_on = models.DateField(_("known to the bank since"), null=True, blank=True)
    quadrant = models.GeneratedField(
        verbose_name=_("quadrant"),
        expression=Case(
            When(_UNKNOWN, then=Value(Quadrant.UNKNOWN.value)),
            When(_HIDDEN, then=Value(Quadrant.HIDDEN.value)),
            When(_BLIND, then=Value(Quadrant.BLIND.value)),
            default=Value(Quadrant.OPEN.value),
        ),
        output_field=models.CharField(max_length=10, choices=Quadrant),
        choices=Quadrant,
        db_persist=True,
    )
    is_hypothesis = models.BooleanField(_("hypothesis"), default=False)
    experiment = models.CharField(
        _("how to find out"), max_length=500, blank=True, help_text=_("A pilot, a survey …")
    )
    could_tell = models.CharField(_("who could tell us"), max_length=200, blank=True)
    data_source = models.CharField(_("data source"), max_length=200, blank=True)
    peers = models.PositiveIntegerField(
        _("peer merchants"),
        null=True,
        blank=True,
        help_text=_("How many merchants the evidence aggregates."),
    )
    evidence = models.CharField(_("evidence"), max_length=2000, blank=True)
    file = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    shared_at = models.DateTimeField(_("told at"), null=True, editable=False)
    names_no_other_merchant = models.BooleanField(
        _("names no other merchant and no cardholder"), default=False, editable=False
    )

    objects = InsightQuerySet.as_manager()

    class Meta:
        verbose_name = _("insight")
        verbose_name_plural = _("insights")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="insight_of_merchant"),
            models.Index(fields=["quadrant", "-created_at", "-id"], name="insight_of_quadrant"),
            models.Index(fields=["-created_at", "-id"], name="insight_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(statement=""),
                name="insight_says_something",
                violation_error_code="statement_required",
                violation_error_message=_("Say what the insight is."),
            ),
            models.CheckConstraint(
                condition=Q(known_to_merchant=True, known_to_merchant_on__isnull=False)
                | Q(known_to_merchant=False, known_to_merchant_on__isnull=True),
                name="insight_merchant_since",
                violation_error_code="known_since_mismatch",
                violation_error_message=_("A day belongs to what is known, and to nothing else."),
            ),
            models.CheckConstraint(
                condition=Q(known_to_bank=True, known_to_bank_on__isnull=False)
                | Q(known_to_bank=False, known_to_bank_on__isnull=True),
                name="insight_bank_since",
                violation_error_code="known_since_mismatch",
                violation_error_message=_("A day belongs to what is known, and to nothing else."),
            ),
            models.CheckConstraint(
                condition=~_UNKNOWN | (Q(is_hypothesis=True) & ~Q(experiment="")),
                name="insight_unknown_is_a_hypothesis",
                violation_error_code="hypothesis_required",
                violation_error_message=_(
                    "What nobody knows yet is a hypothesis: mark it so and say how to find out."
                ),
            ),
            models.CheckConstraint(
                condition=~_HIDDEN | ~Q(could_tell=""),
                name="insight_hidden_has_somebody_who_tells",
                violation_error_code="could_tell_required",
                violation_error_message=_("Say who at the merchant could tell us."),
            ),
            models.CheckConstraint(
                # A comparison with null is neither true nor false, and a check takes that for true.
                condition=~_BLIND | (~Q(data_source="") & Q(peers__isnull=False, peers__gte=1)),
                name="insight_blind_has_a_source",
                violation_error_code="data_source_required",
                violation_error_message=_(
                    "Say where the data come from and how many peer merchants they aggregate."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_hypothesis=False) | Q(known_to_bank=False),
                name="insight_known_is_no_hypothesis",
                violation_error_code="hypothesis_is_known",
                violation_error_message=_("What the bank knows is not a hypothesis any more."),
            ),
            models.CheckConstraint(
                condition=Q(shared_at=None) | Q(peers__isnull=False, peers__gte=PEERS_AT_LEAST),
                name="insight_told_from_enough_peers",
                violation_error_code="peers_too_few",
                violation_error_message=_(
                    "Only what aggregates at least 5 peer merchants may be told."
                ),
            ),
            models.CheckConstraint(
                condition=Q(shared_at=None) | Q(names_no_other_merchant=True),
                name="insight_told_without_names",
                violation_error_code="names_not_checked",
                violation_error_message=_(
                    "Confirm that it names no other merchant and tells of no single cardholder."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.statement


class InsightMoveQuerySet(RowQuerySet["InsightMove"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(insight__in=Insight.objects.visible_to(user))


class InsightMove(Fact):
    """One move of an insight between quadrants; the first one brings it into the window."""

    insight = models.ForeignKey(
        "merchants.Insight",
        verbose_name=_("insight"),
        on_delete=models.CASCADE,
        related_name="moves",
        db_index=False,
    )
    from_quadrant = models.CharField(
        pgettext_lazy("quadrant", "from"), max_length=10, choices=Quadrant, blank=True, default=""
    )
    to_quadrant = models.CharField(pgettext_lazy("quadrant", "to"), max_length=10, choices=Quadrant)
    through = models.CharField(_("through"), max_length=20, choices=MoveThrough, blank=True)
    because = models.CharField(_("because"), max_length=500, blank=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = InsightMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move of an insight")
        verbose_name_plural = _("moves of insights")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["insight", "-at", "-id"], name="move_of_insight")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_quadrant=F("to_quadrant")), name="insight_move_goes_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(from_quadrant="", through="") | (~Q(from_quadrant="") & ~Q(through="")),
                name="insight_move_has_a_way",
            ),
            models.CheckConstraint(
                condition=~Q(through=MoveThrough.CORRECTION) | ~Q(because=""),
                name="insight_correction_says_why",
                violation_error_code="because_required",
                violation_error_message=_("A correction says why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quadrant} → {self.to_quadrant}"


@shown_through
def _evidence_of(user: User) -> models.QuerySet[Any, Any]:
    """Whoever sees an insight sees its file."""
    hung = Insight.objects.visible_to(user).filter(file__isnull=False)
    return hung.order_by().values_list("file_id")
