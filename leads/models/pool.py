"""The lead pool 公海: where leads without an owner lie, and by which rules leads go back to it."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Membership, Role, Row, RowQuerySet, User
from leads.models.lead import Lead, LeadQuerySet
from merchants.models import CategoryGroup, MerchantTier

HAND_OVER = "hand_over"
"""The kind of job that moves a leaver's work."""

SELLERS = (Role.REP, Role.TEAM_LEAD, Role.BRANCH_MANAGER)

LONGEST = 3650
"""Days: nobody means more than ten years."""


class PoolQuerySet(RowQuerySet["Pool"]):
    def visible_to(self, user: User) -> Self:
        """The pools of one's branch, those at or above a unit that one sells at, and all below what
        one oversees."""
        scope = user.scope
        if scope.oversees_everything:
            return self.all()
        units = scope.pool | scope.overseen | scope.below.get(Role.COMPLIANCE, frozenset())
        return self.filter(Q(unit__any_of=units) | Q(_at_or_above(user)))

    def active(self) -> Self:
        return self.filter(is_active=True)

    def claimable_by(self, user: User) -> Self:
        """The pools at a unit that one works at, above it, or below it as its leader."""
        scope = user.scope
        selling = scope.under(frozenset(SELLERS))
        return self.active().filter(Q(unit__any_of=selling) | Q(_at_or_above(user)))


def _at_or_above(user: User) -> Exists:
    """Whether a pool's unit is one that somebody sells at, or stands above one."""
    selling = Membership.objects.of(user).filter(role__in=SELLERS)
    return Exists(selling.filter(unit__ancestors__contains=[OuterRef("unit_id")]).order_by())


class Pool(Row):
    """A pool of a unit. Of several that would take a lead, the most particular one does."""

    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="pools",
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=100)
    category_groups = ArrayField(
        models.CharField(max_length=20, choices=CategoryGroup),
        verbose_name=_("category groups"),
        default=list,
        blank=True,
    )
    """Which merchants it takes; empty means all."""
    divisions = ArrayField(
        models.CharField(max_length=12),
        verbose_name=_("districts"),
        default=list,
        blank=True,
    )
    """GB/T 2260 codes or their beginnings; empty means all."""
    is_active = models.BooleanField(_("active"), default=True)
    claims_a_day = models.PositiveIntegerField(_("claims a day"), default=10)
    """How many leads a colleague may claim on one day."""
    holding_cap = models.PositiveIntegerField(_("open leads a colleague may hold"), default=50)
    cooldown_days = models.PositiveIntegerField(
        _("days before a former owner may claim again"), default=15
    )

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead pool")
        verbose_name_plural = _("lead pools")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"], name="pool_by_name")]
        constraints = [
            models.UniqueConstraint(
                "unit",
                "name",
                name="pool_name_once_per_unit",
                violation_error_code="pool_name_taken",
                violation_error_message=_("This unit has a pool of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="pool_has_a_name",
                violation_error_code="name_required",
                violation_error_message=_("A pool needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(
                    claims_a_day__range=(1, 1000),
                    holding_cap__range=(1, 10000),
                    cooldown_days__range=(0, LONGEST),
                ),
                name="pool_limits_make_sense",
                violation_error_code="pool_limits_out_of_range",
                violation_error_message=_(
                    "Claims a day are 1 to 1000, leads held 1 to 10000, cooldown 0 to 3650 days."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def takes(self, *, category_group: str, division: str | None) -> bool:
        """Whether a merchant of this kind and place belongs into it."""
        if self.category_groups and category_group not in self.category_groups:
            return False
        return not self.divisions or any((division or "").startswith(d) for d in self.divisions)


class PoolRuleQuerySet(RowQuerySet["PoolRule"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(pool__in=Pool.objects.visible_to(user))


class PoolRule(Row):
    """When leads of one tier of merchants go back to a pool. An empty limit does not hold."""

    pool = models.ForeignKey(
        Pool, verbose_name=_("lead pool"), on_delete=models.CASCADE, related_name="rules"
    )
    tier = models.CharField(_("tier"), max_length=1, choices=MerchantTier, blank=True)
    """Empty: merchants without a tier."""
    quiet_working_days = models.PositiveIntegerField(
        _("working days without follow-up"), null=True, blank=True
    )
    resting_days = models.PositiveIntegerField(
        _("days without progress in the stages"), null=True, blank=True
    )
    warning_days = models.PositiveIntegerField(_("warned so many days before"), default=3)
    protection_days = models.PositiveIntegerField(
        _("days that a lead just received is safe"), default=7
    )
    spares_partners = models.BooleanField(_("spares merchants with a partnership"), default=True)

    objects = PoolRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool rule")
        verbose_name_plural = _("pool rules")
        ordering = ["pool", "tier"]
        constraints = [
            models.UniqueConstraint(
                "pool",
                "tier",
                name="pool_rule_once_per_tier",
                violation_error_code="pool_rule_exists",
                violation_error_message=_("This pool has a rule for this tier already."),
            ),
            models.CheckConstraint(
                condition=(Q(quiet_working_days=None) | Q(quiet_working_days__range=(1, 1000)))
                & (Q(resting_days=None) | Q(resting_days__range=(1, LONGEST)))
                & Q(warning_days__range=(0, 60), protection_days__range=(0, 365)),
                name="pool_rule_limits_make_sense",
                violation_error_code="pool_rule_out_of_range",
                violation_error_message=_(
                    "Working days without follow-up are 1 to 1000, days without progress 1 to "
                    "3650, the warning 0 to 60 days, the protection 0 to 365 days."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} · {self.get_tier_display() or _('No tier')}"


class RecyclingFailureQuerySet(RowQuerySet["RecyclingFailure"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.visible_to(user))


class RecyclingFailure(Row):
    """A lead that the rules of the pool could not be applied to, and what stood in the way. It goes
    away by itself when the next look at the lead succeeds."""

    lead = models.OneToOneField(
        Lead, verbose_name=_("lead"), on_delete=models.CASCADE, related_name="recycling_failure"
    )
    code = models.CharField(_("failure code"), max_length=50)
    failure = models.CharField(_("failure"), max_length=500)
    times = models.PositiveIntegerField(_("times"), default=1)

    objects = RecyclingFailureQuerySet.as_manager()

    class Meta:
        verbose_name = _("failed return to the pool")
        verbose_name_plural = _("failed returns to the pool")
        ordering = ["-updated_at", "-id"]
        indexes = [models.Index(fields=["-updated_at", "-id"], name="recycling_failure_newest")]

    def __str__(self) -> str:
        return f"{self.lead}: {self.failure}"


class PooledLeadManager(models.Manager.from_queryset(LeadQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> LeadQuerySet:
        rows: LeadQuerySet = super().get_queryset()
        return rows.in_pool()


class PooledLead(Lead):
    """The leads that lie in the pool, as a list of their own."""

    objects: ClassVar[LeadQuerySet] = PooledLeadManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        verbose_name = _("lead in the pool")
        verbose_name_plural = _("leads in the pool")
        ordering = ["-pooled_at", "-id"]

    def __str__(self) -> str:
        return str(self.merchant)
