"""The outcome of a campaign: which periods and which control group, the figures, the result."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from crm.models import Row, RowQuerySet, User

LARGEST_FIGURE = 10**15
LONGEST_DAYS = 1_100
"""Three years: longer periods compare nothing."""

COUNTS = ("test_before", "test_after", "control_before", "control_after")
SUMS = ("test_before_fen", "test_after_fen", "control_before_fen", "control_after_fen")
FIGURES = (*COUNTS, *SUMS)
VALUES = (
    "operating_cost_fen",
    "first_swipe_cards",
    "reactivated_cards",
    "card_contribution_fen",
    "gross_margin",
    "merchant_rate",
    "approved_customers",
    "monthly_revenue_fen",
)
"""What is filed beside the groups' figures, each a number."""
MOST_MONTHS = 120


class OutcomeMethod(models.TextChoices):
    """How it is known what would have come without the campaign."""

    CONTROL_GROUP = "control_group", _("Control group")
    NO_CONTROL = "no_control", _("No control")
    NO_DATA = "no_data", _("No data yet")


class OutcomePart(models.TextChoices):
    """What an outcome rests on; what was not filed is named, and never counts as zero."""

    REDEMPTIONS = "redemptions", _("Redemptions of the campaign")
    TEST_FIGURES = (
        "test_figures",
        _("Sales of the campaign's merchants, before and during the campaign"),
    )
    CONTROL_FIGURES = (
        "control_figures",
        _("Sales of a control group; without one, the effect is overstated"),
    )
    OPERATING_COST = "operating_cost_fen", _("What running the campaign cost the bank")
    FIRST_SWIPE = "first_swipe_cards", _("First-swipe cards")
    REACTIVATED = "reactivated_cards", _("Re-activated cards")
    CONTRIBUTION = (
        "card_contribution_fen",
        _("What an activated card contributes in twelve months"),
    )
    MARGIN = "gross_margin", _("The merchants' gross margin")
    MERCHANT_RATE = "merchant_rate", _("The merchant discount rate")


def _not_below_zero(*names: str) -> Q:
    condition = Q()
    for name in names:
        condition &= Q(**{name: None}) | Q(**{f"{name}__gte": 0, f"{name}__lte": LARGEST_FIGURE})
    return condition


class CampaignOutcomeQuerySet(RowQuerySet["CampaignOutcome"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(campaign__in=Campaign.objects.order_by().visible_to(user))

    def open(self) -> Self:
        """Those whose figures still come in."""
        return self.filter(concluded_at=None)

    def reckoned_before(self, day: date) -> Self:
        """Open ones whose result is older than a day."""
        return self.open().filter(Q(reckoned_on=None) | Q(reckoned_on__lt=day))


class CampaignOutcome(Row):
    """What a campaign brought, reckoned from its redemptions and from what was filed.

    `result` is the reckoning of the day; once concluded, it and the figures stay as they are.
    """

    campaign = models.OneToOneField(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="outcome",
    )
    baseline_first = models.DateField(_("first day before"))
    baseline_last = models.DateField(_("last day before"))
    measured_first = models.DateField(_("first day measured"))
    measured_last = models.DateField(_("last day measured"))
    controls = models.ManyToManyField(
        "merchants.Merchant",
        verbose_name=_("control group"),
        related_name="controls_of",
        blank=True,
    )
    control_because = models.TextField(_("why this control group"), blank=True)
    test_before = models.BigIntegerField(_("purchases before"), null=True)
    test_after = models.BigIntegerField(_("purchases during"), null=True)
    control_before = models.BigIntegerField(_("control group: purchases before"), null=True)
    control_after = models.BigIntegerField(_("control group: purchases during"), null=True)
    test_before_fen = models.BigIntegerField(_("sales before"), null=True)
    test_after_fen = models.BigIntegerField(_("sales during"), null=True)
    control_before_fen = models.BigIntegerField(_("control group: sales before"), null=True)
    control_after_fen = models.BigIntegerField(_("control group: sales during"), null=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    """Where the figures come from, in words."""
    operating_cost_fen = models.BigIntegerField(_("operating cost"), null=True)
    first_swipe_cards = models.BigIntegerField(_("first-swipe cards"), null=True)
    reactivated_cards = models.BigIntegerField(_("re-activated cards"), null=True)
    card_contribution_fen = models.BigIntegerField(
        _("contribution of an activated card in twelve months"), null=True
    )
    gross_margin = models.PositiveIntegerField(_("merchants' gross margin"), null=True)
    """In basis points."""
    merchant_rate = models.PositiveIntegerField(_("merchant discount rate"), null=True)
    """In millionths: 0.60 % is 6,000."""
    approved_customers = models.BigIntegerField(_("approved new customers"), null=True)
    monthly_revenue_fen = models.BigIntegerField(_("revenue per customer a month"), null=True)
    monthly_contributions_fen = ArrayField(
        models.BigIntegerField(),
        verbose_name=_("contribution per customer, month by month"),
        default=list,
        blank=True,
    )
    """Of an average new customer, from the first month on; empty as long as nobody knows."""
    method = models.CharField(
        _("method"), max_length=20, choices=OutcomeMethod, default=OutcomeMethod.NO_DATA
    )
    result = models.JSONField(_("result"), default=dict)
    """The reckoning as the interface answers it: sums in yuan as text."""
    everybody_wins = models.BooleanField(_("everybody wins"), null=True)
    bank_net_fen = models.BigIntegerField(_("bank: net"), null=True)
    merchant_net_fen = models.BigIntegerField(_("merchant: net"), null=True)
    lift = models.BigIntegerField(_("lift"), null=True)
    """In basis points."""
    reckoned_on = models.DateField(_("reckoned on"), null=True)
    concluded_at = models.DateTimeField(_("concluded at"), null=True)
    concluded_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("concluded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    conclusion = models.TextField(_("conclusion"), blank=True)
    """What follows from it, in the words of whoever concludes."""

    objects = CampaignOutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="outcome_newest"),
            models.Index(fields=["-measured_last", "-id"], name="outcome_by_last_day"),
            models.Index(
                fields=["reckoned_on"],
                name="outcome_to_reckon",
                condition=Q(concluded_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    baseline_last__gte=F("baseline_first"),
                    measured_last__gte=F("measured_first"),
                    measured_first__gt=F("baseline_last"),
                ),
                name="outcome_periods_in_order",
                violation_error_code="outcome_periods",
                violation_error_message=_(
                    "A period ends after it begins; the one before is over when the other begins."
                ),
            ),
            models.CheckConstraint(
                condition=_not_below_zero(
                    *FIGURES,
                    "operating_cost_fen",
                    "first_swipe_cards",
                    "reactivated_cards",
                    "card_contribution_fen",
                    "approved_customers",
                    "monthly_revenue_fen",
                ),
                name="outcome_figures_in_range",
                violation_error_code="figure_out_of_range",
                violation_error_message=_("A figure is not below zero, and not beyond all reason."),
            ),
            models.CheckConstraint(
                condition=(Q(gross_margin=None) | Q(gross_margin__lte=10_000))
                & (Q(merchant_rate=None) | Q(merchant_rate__lte=100_000)),
                name="outcome_rates_in_range",
                violation_error_code="rate_out_of_range",
                violation_error_message=_(
                    "A margin is at most 100 %, a merchant discount rate at most 10 %."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def days_before(self) -> int:
        """How many days the period before has."""
        return (self.baseline_last - self.baseline_first).days + 1

    @property
    def days_after(self) -> int:
        """How many days are measured."""
        return (self.measured_last - self.measured_first).days + 1
