"""What is known of a partnership in numbers: sales by day, figures by month.

The bank's card systems give sums, never a card: how much was sold, how many sales counted for a
campaign, how many offers were redeemed. What no system reports yet is filed by hand, with the
source in words.
"""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User

LARGEST_SALES_FEN = 10**13
LARGEST_COUNT = 10**8
HIGHEST_RETURN = 10**7
"""A return of a thousand times the money, in basis points: beyond it, somebody mistyped."""


class SalesDayQuerySet(RowQuerySet["SalesDay"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.partnership import Partnership

        return self.filter(partnership__in=Partnership.objects.visible_to(user))

    def between(self, first: date, last: date) -> Self:
        """Days from the first to the last, both included."""
        return self.filter(day__gte=first, day__lte=last)


class SalesDay(Row):
    """What was sold with our cards at a partner on one day. A day without a row had no sales."""

    partnership = models.ForeignKey(
        "merchants.Partnership",
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="sales_days",
        db_index=False,
    )
    day = models.DateField(_("day"))
    sales_fen = models.BigIntegerField(_("sales"))
    qualifying_sales = models.PositiveIntegerField(_("qualifying sales"))
    """Sales that count for a campaign."""
    redemptions = models.PositiveIntegerField(_("redemptions"))

    objects = SalesDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales day")
        verbose_name_plural = _("sales days")
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["partnership", "-day", "-id"], name="sales_day_of_partnership"),
        ]
        constraints = [
            models.UniqueConstraint(
                "partnership",
                "day",
                name="sales_day_once",
                violation_error_code="sales_day_exists",
                violation_error_message=_("The sales of this day are filed already."),
            ),
            models.CheckConstraint(
                condition=Q(sales_fen__gte=0, sales_fen__lte=LARGEST_SALES_FEN),
                name="sales_day_sum",
                violation_error_code="sales_out_of_range",
                violation_error_message=_("Sales are between zero and 100 billion yuan."),
            ),
            models.CheckConstraint(
                condition=Q(qualifying_sales__lte=LARGEST_COUNT, redemptions__lte=LARGEST_COUNT),
                name="sales_day_counts",
                violation_error_code="count_out_of_range",
                violation_error_message=_("A count is between zero and 100 million."),
            ),
        ]

    def __str__(self) -> str:
        return self.day.isoformat()


class BankProduct(models.TextChoices):
    """What else the merchant takes from the bank."""

    ACQUIRING = "acquiring", _("Acquiring")
    SETTLEMENT_ACCOUNT = "settlement_account", _("Settlement account")
    INSTALMENT = "instalment", _("Instalment")
    PAYROLL = "payroll", _("Payroll")
    LOAN = "loan", _("Loan")


class PeriodFiguresQuerySet(RowQuerySet["PeriodFigures"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.partnership import Partnership

        return self.filter(partnership__in=Partnership.objects.visible_to(user))


class PeriodFigures(Row):
    """The figures of a partnership for one month. What is null was not filed, which is not zero.

    Rates, shares and returns are in basis points (1 % = 100).
    """

    partnership = models.ForeignKey(
        "merchants.Partnership",
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="figures",
        db_index=False,
    )
    month = models.DateField(_("month"))
    """By its first day."""
    source = models.CharField(_("source"), max_length=200)
    """Where the figures come from, in words."""
    filed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    planned_redemptions = models.PositiveIntegerField(_("planned redemptions"), null=True)
    statements = models.PositiveSmallIntegerField(_("statements"), null=True)
    """How many of the last six statements there are."""
    statements_overdue = models.PositiveSmallIntegerField(_("overdue statements"), null=True)
    live_offers = models.PositiveIntegerField(_("live offers"), null=True)
    new_cards = models.PositiveIntegerField(_("attributed new cards"), null=True)
    first_swipe = models.PositiveSmallIntegerField(_("30-day first-swipe rate"), null=True)
    lifted_campaigns = models.PositiveSmallIntegerField(
        _("campaigns with positive lift"), null=True
    )
    segmented_campaigns = models.PositiveSmallIntegerField(
        _("of those, aimed at a segment"), null=True
    )
    bank_roi = models.IntegerField(_("bank's return on the latest campaign"), null=True)
    further_products = ArrayField(
        models.CharField(max_length=20, choices=BankProduct),
        verbose_name=_("further bank products"),
        null=True,
    )
    joint_plan = models.BooleanField(_("joint annual plan"), null=True)
    merchant_share = models.PositiveSmallIntegerField(_("merchant's funding share"), null=True)
    bank_side = models.PositiveSmallIntegerField(_("bank: smart tools"), null=True)
    merchant_side = models.PositiveSmallIntegerField(_("merchant: use of the scenario"), null=True)
    customer_side = models.PositiveSmallIntegerField(_("customer: mobile experience"), null=True)

    objects = PeriodFiguresQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly figures")
        verbose_name_plural = _("monthly figures")
        ordering = ["-month", "-id"]
        indexes = [
            models.Index(fields=["partnership", "-month", "-id"], name="figures_of_partnership"),
        ]
        constraints = [
            models.UniqueConstraint(
                "partnership",
                "month",
                name="figures_once_a_month",
                violation_error_code="figures_exist",
                violation_error_message=_("The figures of this month are filed already."),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="figures_by_first_day",
                violation_error_code="month_invalid",
                violation_error_message=_("A month is named by its first day."),
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="figures_name_their_source",
                violation_error_code="source_required",
                violation_error_message=_("Say where the figures come from."),
            ),
            models.CheckConstraint(
                condition=Q(statements__isnull=True, statements_overdue__isnull=True)
                | Q(
                    statements__isnull=False,
                    statements_overdue__isnull=False,
                    statements__lte=6,
                    statements_overdue__lte=F("statements"),
                ),
                name="figures_statements",
                violation_error_code="statements_invalid",
                violation_error_message=_(
                    "Of at most six statements, no more can be overdue than there are."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    Q(segmented_campaigns__isnull=True)
                    | Q(
                        lifted_campaigns__isnull=False,
                        segmented_campaigns__lte=F("lifted_campaigns"),
                    )
                )
                & (Q(lifted_campaigns__isnull=True) | Q(lifted_campaigns__lte=1000)),
                name="figures_campaigns",
                violation_error_code="campaigns_invalid",
                violation_error_message=_(
                    "Campaigns aimed at a segment are part of those with positive lift."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(first_swipe__isnull=True) | Q(first_swipe__lte=10_000))
                & (Q(merchant_share__isnull=True) | Q(merchant_share__lte=10_000)),
                name="figures_rates",
                violation_error_code="rate_out_of_range",
                violation_error_message=_("A rate or a share is between 0 % and 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(bank_roi__isnull=True)
                | Q(bank_roi__gte=-HIGHEST_RETURN, bank_roi__lte=HIGHEST_RETURN),
                name="figures_return",
                violation_error_code="return_out_of_range",
                violation_error_message=_("A return is between −100,000 % and 100,000 %."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(planned_redemptions__isnull=True) | Q(planned_redemptions__lte=LARGEST_COUNT)
                )
                & (Q(live_offers__isnull=True) | Q(live_offers__lte=LARGEST_COUNT))
                & (Q(new_cards__isnull=True) | Q(new_cards__lte=LARGEST_COUNT)),
                name="figures_counts",
                violation_error_code="count_out_of_range",
                violation_error_message=_("A count is between zero and 100 million."),
            ),
            models.CheckConstraint(
                condition=(Q(bank_side__isnull=True) | Q(bank_side__lte=2))
                & (Q(merchant_side__isnull=True) | Q(merchant_side__lte=2))
                & (Q(customer_side__isnull=True) | Q(customer_side__lte=2)),
                name="figures_sides",
                violation_error_code="side_out_of_range",
                violation_error_message=_("Each side is judged 0, 1 or 2."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
