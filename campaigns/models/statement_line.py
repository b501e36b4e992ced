"""The lines of a statement, and the rows of the merchant's own list beside them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.party_parts import PartyParts, sum_to
from campaigns.models.settlement_words import LineKind, MatchClass
from campaigns.models.statement import Statement, StatementFile
from crm.models import Fact, RowQuerySet, User


class StatementLineQuerySet(RowQuerySet["StatementLine"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))

    def events(self) -> Self:
        """What happened at the till, as against adjustments."""
        return self.exclude(kind=LineKind.ADJUSTMENT)

    def adjustments(self) -> Self:
        return self.filter(kind=LineKind.ADJUSTMENT)

    def unapproved(self) -> Self:
        """Adjustments that nobody has approved yet: they do not count."""
        return self.adjustments().filter(approved_at__isnull=True)


class StatementLine(Fact, PartyParts):
    """One redemption, refund or reversal with every party's part; or an adjustment.

    Amounts of refunds and reversals are below zero. An event stands on one statement only. An
    adjustment counts once somebody else than who entered it has approved it.
    """

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=12, choices=LineKind)
    event = models.OneToOneField(
        "campaigns.RedemptionEvent",
        verbose_name=_("event"),
        null=True,
        on_delete=models.PROTECT,
        related_name="statement_line",
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        verbose_name=_("campaign"),
        null=True,
        on_delete=models.PROTECT,
        related_name="statement_lines",
        db_index=False,
    )
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        null=True,
        on_delete=models.PROTECT,
        related_name="statement_lines",
        db_index=False,
    )
    mid = models.CharField(_("MID"), max_length=40, blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    day = models.DateField(_("day"))
    amount_fen = models.BigIntegerField(_("sales"), default=0)
    discount_fen = models.BigIntegerField(_("discount"), default=0)
    payable_fen = models.BigIntegerField(_("payable to the merchant"))
    match = models.CharField(_("comparison"), max_length=15, choices=MatchClass, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    entered_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("entered by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    approved_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("approved by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["statement", "number"]
        indexes = [
            models.Index(fields=["statement", "match", "number"], name="statement_line_compared"),
            models.Index(
                fields=["campaign", "statement"],
                name="statement_line_of_campaign",
                condition=Q(campaign__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "statement",
                "number",
                name="statement_line_number_once",
                violation_error_code="line_number_taken",
                violation_error_message=_("Two people wrote lines at once. Please try again."),
            ),
            models.CheckConstraint(
                condition=Q(kind=LineKind.ADJUSTMENT, event__isnull=True)
                | (~Q(kind=LineKind.ADJUSTMENT) & Q(event__isnull=False)),
                name="statement_line_is_event_or_adjustment",
            ),
            models.CheckConstraint(
                condition=~Q(kind=LineKind.ADJUSTMENT) | (~Q(reason="") & ~Q(payable_fen=0)),
                name="adjustment_says_why",
                violation_error_code="reason_required",
                violation_error_message=_("An adjustment has an amount and says why."),
            ),
            models.CheckConstraint(
                condition=Q(kind=LineKind.ADJUSTMENT, discount_fen=0)
                | Q(payable_fen=F("discount_fen") - F("merchant_fen")),
                name="statement_line_payable_is_reckoned",
            ),
            models.CheckConstraint(
                condition=sum_to("discount_fen"),
                name="statement_line_parts_make_the_discount",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(approved_by=F("entered_by")),
                name="adjustment_approved_by_another",
                violation_error_code="self_approval",
                violation_error_message=_("Nobody approves what they entered themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.reference or self.reason}"


class MerchantRowQuerySet(RowQuerySet["MerchantRow"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))


class MerchantRow(Fact):
    """One row of the list that the merchant brought, and what it was found to match."""

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        related_name="merchant_rows",
        db_index=False,
    )
    file = models.ForeignKey(
        StatementFile,
        verbose_name=_("file"),
        on_delete=models.CASCADE,
        related_name="rows",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("row"))
    reference = models.CharField(_("reference"), max_length=100)
    store = models.CharField(_("store"), max_length=200)
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """The outlet that the store's number or name means, if it is one of the merchant's."""
    day = models.DateField(_("day"))
    amount_fen = models.BigIntegerField(_("sales"), null=True)
    discount_fen = models.BigIntegerField(_("discount"))
    match = models.CharField(_("comparison"), max_length=15, choices=MatchClass, blank=True)
    line = models.OneToOneField(
        StatementLine,
        verbose_name=_("line"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="merchant_row",
    )

    objects = MerchantRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a merchant's list")
        verbose_name_plural = _("rows of merchants' lists")
        ordering = ["statement", "number"]
        indexes = [
            models.Index(fields=["statement", "match", "number"], name="merchant_row_compared"),
            models.Index(fields=["file"], name="merchant_row_of_file"),
        ]
        constraints = [
            models.UniqueConstraint(
                "statement",
                "number",
                name="merchant_row_number_once",
            ),
            models.CheckConstraint(
                condition=Q(match="")
                | Q(match=MatchClass.MERCHANT_ONLY, line__isnull=True)
                | ~Q(match=MatchClass.MERCHANT_ONLY),
                name="merchant_row_alone_has_no_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.reference}"
