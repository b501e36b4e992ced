"""The partnership: the long relationship with one merchant, and the steps of its life."""

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, Row, RowQuerySet, User
from merchants.models.merchant import Merchant
from merchants.models.partnership_words import REASONS, PartnershipStage, StepReason


class PartnershipQuerySet(RowQuerySet["Partnership"]):
    def visible_to(self, user: User) -> Self:
        """Whoever may know of the merchant may know of the partnership."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(merchant__in=Merchant.objects.order_by().visible_to(user))

    def living(self) -> Self:
        """Partnerships that have not ended."""
        return self.exclude(stage=PartnershipStage.CHURNED)

    def in_stage(self, *stages: str) -> Self:
        return self.filter(stage__in=stages)

    def expiring_before(self, day: date) -> Self:
        """Whose agreement runs out before a day."""
        return self.filter(expires_on__lt=day)

    def matching(self, text: str) -> Self:
        """Partnerships whose merchant the search box finds."""
        return self.filter(
            merchant__any_of=ArraySubquery(Merchant.objects.order_by().matching(text).values("pk"))
        )


class Partnership(Row):
    """One merchant, from the signature on. Its stage is changed by verbs of its lifecycle only."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="partnerships",
        db_index=False,
    )
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="partnerships",
        db_index=False,
    )
    stage = models.CharField(
        _("stage"),
        max_length=12,
        choices=PartnershipStage,
        default=PartnershipStage.ONBOARDING,
    )
    stage_entered_at = models.DateTimeField(_("in this stage since"))
    stage_before = models.CharField(
        _("stage before"), max_length=12, choices=PartnershipStage, blank=True
    )
    """While suspended: the stage that a release leads back to."""
    evidence_since = models.DateTimeField(_("evidence counts since"))
    """Evidence filed earlier belongs to a stage that is over. A suspension interrupts a stage and
    does not end it, so it leaves this moment as it is."""
    expires_on = models.DateField(_("agreement expires on"), null=True, blank=True)
    """The last day that a signed agreement covers; none while nothing is signed."""

    # Reckoned from the figures: the score daily, the maturity monthly.
    health = models.DecimalField(
        _("health score"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    health_computed_on = models.DateField(_("health computed on"), null=True, blank=True)
    maturity = models.PositiveSmallIntegerField(_("maturity"), default=0)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="partnership_newest"),
            models.Index(fields=["stage", "-created_at", "-id"], name="partnership_in_stage"),
            models.Index(
                fields=["unit", "stage", "-created_at", "-id"], name="partnership_of_unit_stage"
            ),
            models.Index(fields=["merchant", "-created_at", "-id"], name="partnership_of_merchant"),
            models.Index(fields=["expires_on", "id"], name="partnership_by_expiry"),
            models.Index(fields=["stage", "expires_on", "id"], name="partnership_stage_expiry"),
            models.Index(fields=["health", "id"], name="partnership_by_health"),
            models.Index(fields=["stage", "health", "id"], name="partnership_stage_health"),
            models.Index(fields=["-updated_at", "-id"], name="partnership_by_change"),
            models.Index(fields=["-stage_entered_at", "-id"], name="partnership_by_stage_entry"),
        ]
        constraints = [
            models.UniqueConstraint(
                "merchant",
                name="partnership_one_living_per_merchant",
                condition=~Q(stage=PartnershipStage.CHURNED),
                violation_error_code="partnership_exists",
                violation_error_message=_("This merchant already has a partnership."),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=PartnershipStage.values),
                name="partnership_stage_is_known",
                violation_error_code="stage_unknown",
                violation_error_message=_("There is no such stage."),
            ),
            models.CheckConstraint(
                condition=Q(stage=PartnershipStage.SUSPENDED, stage_before__gt="")
                | (~Q(stage=PartnershipStage.SUSPENDED) & Q(stage_before="")),
                name="partnership_suspended_remembers",
                violation_error_code="stage_before_required",
                violation_error_message=_(
                    "A suspended partnership remembers the stage that it came from."
                ),
            ),
            models.CheckConstraint(
                condition=Q(health=None) | Q(health__gte=0, health__lte=100),
                name="partnership_health_of_100",
                violation_error_code="health_out_of_range",
                violation_error_message=_("A health score is between 0 and 100."),
            ),
            models.CheckConstraint(
                condition=Q(maturity__lte=4),
                name="partnership_maturity_to_4",
                violation_error_code="maturity_out_of_range",
                violation_error_message=_("Maturity is between 0 and 4."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.get_stage_display()}"


class PartnershipStepQuerySet(RowQuerySet["PartnershipStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(partnership__in=Partnership.objects.order_by().visible_to(user))

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)


class PartnershipStep(Fact):
    """One step: who moved the partnership, when, from where to where, why, and on what evidence.

    The database refuses to change or delete it.
    """

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="steps",
        db_index=False,
    )
    from_stage = models.CharField(_("from"), max_length=12, choices=PartnershipStage, blank=True)
    """Empty for the first: the partnership came into being."""
    to_stage = models.CharField(_("to"), max_length=12, choices=PartnershipStage)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=20, choices=StepReason, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    working_days = models.PositiveIntegerField(_("working days in the stage before"), default=0)
    key = models.CharField(_("key"), max_length=100, blank=True)
    """What the step was taken for, where it may be asked for twice: it is taken once."""
    evidence = models.ManyToManyField(
        "merchants.Evidence", verbose_name=_("evidence"), related_name="steps"
    )
    waivers = models.ManyToManyField(
        "merchants.Waiver", verbose_name=_("waivers"), related_name="steps"
    )

    objects = PartnershipStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("partnership step")
        verbose_name_plural = _("partnership steps")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["partnership", "-at", "-id"], name="partnership_step_of"),
            models.Index(fields=["at", "to_stage"], name="partnership_step_when"),
        ]
        constraints = [
            models.UniqueConstraint(
                "key",
                name="partnership_step_once_per_key",
                condition=~Q(key=""),
                violation_error_code="step_taken",
                violation_error_message=_("This step has been taken already."),
            ),
            models.CheckConstraint(
                # A release leads back into wavering without a new cause.
                condition=Q(reason="")
                & (
                    ~Q(to_stage__in=list(REASONS))
                    | Q(
                        from_stage=PartnershipStage.SUSPENDED,
                        to_stage=PartnershipStage.WAVERING,
                    )
                )
                | Q(
                    *(
                        Q(to_stage=stage, reason__in=list(reasons))
                        for stage, reasons in REASONS.items()
                    ),
                    _connector=Q.OR,
                ),
                name="partnership_step_says_why",
                violation_error_code="reason_required",
                violation_error_message=_("This step names one of the reasons given for it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage or '·'} → {self.to_stage}"
