"""Who must agree to a campaign: tiers by amount and role, kept as data."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Membership, Role, Row, RowQuerySet, User

MOST_STEPS = 5

_AMOUNTS = Func("from_fen", "up_to_fen", function="int8range", output_field=BigIntegerRangeField())
"""From the first amount up to, but without, the second; without a second, without an end."""


class ApprovalTierQuerySet(RowQuerySet["ApprovalTier"]):
    def visible_to(self, user: User) -> Self:
        """The tiers at, above and below the units that one has to do with."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        mine = Membership.objects.of(user).filter(unit__ancestors__contains=[OuterRef("unit_id")])
        return self.filter(Q(unit__any_of=scope.known) | Q(Exists(mine.order_by())))

    def active(self) -> Self:
        return self.filter(is_active=True)


class ApprovalTier(Row):
    """For campaigns of one amount in one part of the organisation: the roles that must agree, in
    their order. The tier of the nearest unit holds."""

    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="approval_tiers",
        help_text=_("The tier holds for this unit and all below it that have none of their own."),
    )
    from_fen = models.BigIntegerField(_("from"), default=0)
    """In fen, the budget of all parties together; the amount itself belongs to the tier."""
    up_to_fen = models.BigIntegerField(_("below"), null=True, blank=True)
    """In fen; the amount itself belongs to the next tier. None: there is no upper end."""
    steps = ArrayField(
        models.CharField(max_length=20, choices=Role), verbose_name=_("approved by, in order")
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ApprovalTierQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval tier")
        verbose_name_plural = _("approval tiers")
        ordering = ["from_fen", "id"]
        indexes = [
            models.Index(fields=["from_fen", "id"], name="approval_tier_by_amount"),
            models.Index(fields=["created_at", "id"], name="approval_tier_oldest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_fen__gte=0) & (Q(up_to_fen=None) | Q(up_to_fen__gt=F("from_fen"))),
                name="approval_tier_amounts_make_sense",
                violation_error_code="tier_amounts",
                violation_error_message=_(
                    "A tier begins at zero or above, and ends above its beginning."
                ),
            ),
            models.CheckConstraint(
                condition=Q(steps__len__gte=1, steps__len__lte=MOST_STEPS),
                name="approval_tier_has_steps",
                violation_error_code="tier_empty",
                violation_error_message=_("A tier names one to five roles that approve."),
            ),
            ExclusionConstraint(
                name="approval_tier_one_per_amount",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (_AMOUNTS, RangeOperators.OVERLAPS),
                ],
                condition=Q(is_active=True),
                violation_error_code="tier_overlaps",
                violation_error_message=_(
                    "This unit has a tier for some of these amounts already."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.from_fen / 100:.2f}"

    @property
    def roles(self) -> list[Role]:
        """The roles of the steps, in their order."""
        return [Role(one) for one in self.steps]
