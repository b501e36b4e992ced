"""SWOT: our package against a named rival, for a category group or for one merchant."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User
from merchants.models.reference import CategoryGroup

if TYPE_CHECKING:
    from merchants.models.merchant import Merchant


class SwotFactKind(models.TextChoices):
    """What comes from outside."""

    OPPORTUNITY = "opportunity", pgettext_lazy("swot", "Opportunity")
    THREAT = "threat", pgettext_lazy("swot", "Threat")


class SwotAnalysisQuerySet(RowQuerySet["SwotAnalysis"]):
    def visible_to(self, user: User) -> Self:
        """Those of a category group are for everybody with a role, those of a merchant for whoever
        sees the merchant."""
        from merchants.models.merchant import Merchant

        if not user.scope.below:
            return self.none()
        return self.filter(Q(merchant=None) | Q(merchant__in=Merchant.objects.visible_to(user)))

    def about(self, merchant: "Merchant") -> Self:
        """Those of this merchant, and those of its category group."""
        found = Q(merchant=merchant)
        if merchant.category_group:
            found |= Q(category_group=merchant.category_group)
        return self.filter(found)


class SwotAnalysis(Row):
    """How our package stands against one rival."""

    rival = models.ForeignKey(
        "merchants.Rival",
        verbose_name=_("rival"),
        on_delete=models.PROTECT,
        related_name="analyses",
        db_index=False,
    )
    category_group = models.CharField(
        _("category group"), max_length=20, choices=CategoryGroup, blank=True
    )
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="analyses",
    )
    package = models.CharField(
        _("our package"), max_length=200, help_text=_("What we would offer, in a few words.")
    )

    objects = SwotAnalysisQuerySet.as_manager()

    class Meta:
        verbose_name = _("SWOT analysis")
        verbose_name_plural = _("SWOT analyses")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="swot_newest"),
            models.Index(fields=["rival", "-created_at", "-id"], name="swot_of_rival"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(category_group="") & Q(merchant=None))
                | (Q(category_group="") & Q(merchant__isnull=False)),
                name="swot_has_one_subject",
                violation_error_code="one_subject",
                violation_error_message=_(
                    "An analysis is about a category group or about one merchant."
                ),
            ),
            models.UniqueConstraint(
                fields=["rival", "category_group", "merchant"],
                name="swot_once_per_rival_and_subject",
                nulls_distinct=False,
                violation_error_code="analysis_exists",
                violation_error_message=_(
                    "There is an analysis of this against this rival already."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(package=""),
                name="swot_has_a_package",
                violation_error_code="package_required",
                violation_error_message=_("Say which package of ours is compared."),
            ),
        ]

    def __str__(self) -> str:
        return self.package


class SwotPartQuerySet[M: Row](RowQuerySet[M]):
    def visible_to(self, user: User) -> Self:
        return self.filter(analysis__in=SwotAnalysis.objects.visible_to(user))

    def current(self) -> Self:
        """Without those that were taken out."""
        return self.filter(removed_at=None)


class SwotFeatureQuerySet(SwotPartQuerySet["SwotFeature"]):
    pass


class SwotFactQuerySet(SwotPartQuerySet["SwotFact"]):
    pass


class SwotFeature(Row):
    """One feature of our package beside the rival's: how much better, how much it matters."""

    analysis = models.ForeignKey(
        "merchants.SwotAnalysis",
        verbose_name=_("SWOT analysis"),
        on_delete=models.CASCADE,
        related_name="features",
        db_index=False,
    )
    name = models.CharField(_("feature"), max_length=100)
    difference = models.SmallIntegerField(
        _("difference"), help_text=_("From −2, much worse, to +2, much better.")
    )
    importance = models.SmallIntegerField(
        _("importance"), help_text=_("To the merchant, from 1 to 5.")
    )
    score = models.GeneratedField(
        verbose_name=_("score"),
        expression=F("difference") * F("importance"),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    answers = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("answers"),
        default=list,
        blank=True,
        help_text=_("Which capabilities the merchant asked for it answers."),
    )
    removed_at = models.DateTimeField(_("taken out at"), null=True, editable=False)

    objects = SwotFeatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("SWOT feature")
        verbose_name_plural = _("SWOT features")
        ordering = ["analysis", "-score", "name"]
        constraints = [
            models.UniqueConstraint(
                "analysis",
                "name",
                name="swot_feature_once",
                condition=Q(removed_at=None),
                violation_error_code="feature_exists",
                violation_error_message=_("This feature is in the analysis already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="swot_feature_has_a_name",
                violation_error_code="name_required",
                violation_error_message=_("A feature has a name."),
            ),
            models.CheckConstraint(
                condition=Q(difference__range=(-2, 2)),
                name="swot_difference_in_range",
                violation_error_code="difference_out_of_range",
                violation_error_message=_("The difference is between −2 and +2."),
            ),
            models.CheckConstraint(
                condition=Q(importance__range=(1, 5)),
                name="swot_importance_in_range",
                violation_error_code="importance_out_of_range",
                violation_error_message=_("The importance is between 1 and 5."),
            ),
        ]
        indexes = [models.Index(fields=["analysis", "name"], name="swot_feature_of_analysis")]

    def __str__(self) -> str:
        return self.name


class SwotFact(Row):
    """Something outside the two packages, with its day and where it is known from."""

    analysis = models.ForeignKey(
        "merchants.SwotAnalysis",
        verbose_name=_("SWOT analysis"),
        on_delete=models.CASCADE,
        related_name="facts",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=SwotFactKind)
    statement = models.CharField(_("statement"), max_length=200)
    dated = models.DateField(_("day"))
    source = models.CharField(_("source"), max_length=200)
    weight = models.SmallIntegerField(_("weight"), help_text=_("From 1 to 5."))
    removed_at = models.DateTimeField(_("taken out at"), null=True, editable=False)

    objects = SwotFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("SWOT fact")
        verbose_name_plural = _("SWOT facts")
        ordering = ["analysis", "-dated", "statement"]
        constraints = [
            models.UniqueConstraint(
                "analysis",
                "statement",
                name="swot_fact_once",
                condition=Q(removed_at=None),
                violation_error_code="fact_exists",
                violation_error_message=_("This fact is in the analysis already."),
            ),
            models.CheckConstraint(
                condition=~Q(statement="") & ~Q(source=""),
                name="swot_fact_has_a_source",
                violation_error_code="source_required",
                violation_error_message=_("Say what happened and where we know it from."),
            ),
            models.CheckConstraint(
                condition=Q(weight__range=(1, 5)),
                name="swot_weight_in_range",
                violation_error_code="weight_out_of_range",
                violation_error_message=_("The weight is between 1 and 5."),
            ),
        ]
        indexes = [models.Index(fields=["analysis", "-dated"], name="swot_fact_of_analysis")]

    def __str__(self) -> str:
        return self.statement
