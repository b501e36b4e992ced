"""Discrepancies: rows that could not be taken as they came, and figures that two sides see
differently. Each has a code, somebody who looks after it and a day; none is ever dropped."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign
from campaigns.models.redemption import LONGEST_REFERENCE, LONGEST_SOURCE, RedemptionIntake
from crm.models import Row, RowQuerySet, User

REASON_LENGTH = 500


class DiscrepancyCode(models.TextChoices):
    """What is wrong. The first are the refusals of an offer, in the order in which it asks."""

    WINDOW = "window", _("Outside the days or hours")
    CARD = "card", _("Card not in the offer")
    STORE = "store", _("Shop not in the offer")
    THRESHOLD = "threshold", _("Purchase too small")
    CUSTOMER_DAY = "customer_day", _("Customer's uses of the day used up")
    CUSTOMER_WEEK = "customer_week", _("Customer's uses of the week used up")
    CUSTOMER_MONTH = "customer_month", _("Customer's uses of the month used up")
    CUSTOMER_TOTAL = "customer_total", _("Customer's uses used up")
    DAY_QUOTA = "day_quota", _("Uses of the day used up")
    TOTAL_QUOTA = "total_quota", _("All uses used up")
    DAY_BUDGET = "day_budget", _("Budget of the day used up")
    TOTAL_BUDGET = "total_budget", _("Budget used up")
    PARTY_BUDGET = "party_budget", _("Money of one party used up")
    ROW_UNREADABLE = "row_unreadable", _("Row cannot be read")
    CARD_NUMBER = "card_number", _("Card number instead of a hash")
    MID_UNKNOWN = "mid_unknown", _("Merchant number unknown")
    CAMPAIGN_UNKNOWN = "campaign_unknown", _("No campaign fits")
    CAMPAIGN_AMBIGUOUS = "campaign_ambiguous", _("Several campaigns fit")
    CAMPAIGN_NOT_LIVE = "campaign_not_live", _("Campaign was not live")
    IN_FUTURE = "in_future", _("Lies in the future")
    LATE = "late", _("Came after the last day for claims")
    DUPLICATE = "duplicate", _("Known with other contents")
    ORIGINAL_MISSING = "original_missing", _("Original purchase unknown")
    NOT_CLEARED = "not_cleared", _("Original purchase not cleared")
    RESERVATION_GONE = "reservation_gone", _("Reservation released or expired")
    ALREADY_REVERSED = "already_reversed", _("Refunded in full already")
    REFUND_ABOVE_ORIGINAL = "refund_above_original", _("Refund above the original")
    DISCOUNT_DIFFERS = "discount_differs", _("Discount differs")
    BUDGET_FROZEN = "budget_frozen", _("Budget is frozen")
    BANK_ONLY = "bank_only", _("Missing at the merchant")
    MERCHANT_ONLY = "merchant_only", _("Missing at the bank")
    AMOUNT_DIFFERS = "amount_differs", _("Amount differs")
    DATE_DIFFERS = "date_differs", _("Date differs")


class DiscrepancyState(models.TextChoices):
    OPEN = "open", pgettext_lazy("discrepancy", "Open")
    RESOLVED = "resolved", pgettext_lazy("discrepancy", "Resolved")
    DISMISSED = "dismissed", pgettext_lazy("discrepancy", "Dismissed")


class DiscrepancyResolution(models.TextChoices):
    """How it came to its end."""

    TAKEN_IN = "taken_in", _("Taken in after all")
    CORRECTED = "corrected", _("Corrected at the source")
    BANK_RIGHT = "bank_right", _("The bank's figure holds")
    MERCHANT_RIGHT = "merchant_right", _("The merchant's figure holds")
    WRITTEN_OFF = "written_off", _("Written off")
    NOT_OURS = "not_ours", _("Not ours to pay")


class DiscrepancyQuerySet(RowQuerySet["Discrepancy"]):
    def visible_to(self, user: User) -> Self:
        """Those of units whose campaigns one reads, those at one's own merchants or at those below,
        and one's own."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(
            Q(owner=user)
            | Q(merchant__owner=user)
            | Q(unit__any_of=scope.seen)
            | Q(merchant__unit__any_of=scope.seen)
        )

    def open(self) -> Self:
        return self.filter(state=DiscrepancyState.OPEN)

    def overdue(self, on: date) -> Self:
        """Open, and the day by which it should have been looked at is over."""
        return self.open().filter(due_on__lt=on)


class Discrepancy(Row):
    """One thing that somebody has to look at."""

    code = models.CharField(_("reason"), max_length=30, choices=DiscrepancyCode)
    detail = models.CharField(_("detail"), max_length=REASON_LENGTH, blank=True)
    """In words, where the code does not say everything."""
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        on_delete=models.PROTECT,
        related_name="discrepancies",
        db_index=False,
    )
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    intake = models.ForeignKey(
        RedemptionIntake,
        verbose_name=_("intake"),
        null=True,
        on_delete=models.PROTECT,
        related_name="discrepancies",
        db_index=False,
    )
    statement_id = models.UUIDField(_("statement"), null=True)
    """The statement whose matching found it."""
    source = models.CharField(_("source"), max_length=LONGEST_SOURCE, blank=True)
    reference = models.CharField(
        _("transaction reference"), max_length=LONGEST_REFERENCE, blank=True
    )
    row_number = models.PositiveIntegerField(_("row"), null=True)
    row = models.JSONField(_("row as it came"), default=dict)
    """Without card numbers: where one stood, only that it did."""
    row_digest = models.CharField(max_length=64, blank=True)
    """The same faulty row is queued once, however often it comes."""
    bank_fen = models.BigIntegerField(_("the bank's figure"), null=True)
    merchant_fen = models.BigIntegerField(_("the merchant's figure"), null=True)
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=10, choices=DiscrepancyState, default=DiscrepancyState.OPEN
    )
    resolution = models.CharField(
        _("resolution"), max_length=20, choices=DiscrepancyResolution, blank=True
    )
    note = models.CharField(_("note"), max_length=REASON_LENGTH, blank=True)
    closed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("closed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name = _("discrepancy")
        verbose_name_plural = _("discrepancies")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="discrepancy_by_day"),
            models.Index(fields=["state", "due_on", "id"], name="discrepancy_by_state"),
            models.Index(fields=["unit", "state", "due_on", "id"], name="discrepancy_of_unit"),
            models.Index(fields=["owner", "state", "due_on", "id"], name="discrepancy_of_owner"),
            models.Index(fields=["campaign", "due_on", "id"], name="discrepancy_of_campaign"),
            models.Index(fields=["merchant", "due_on", "id"], name="discrepancy_of_merchant"),
            models.Index(fields=["intake", "row_number"], name="discrepancy_of_intake"),
            models.Index(
                fields=["statement_id"],
                name="discrepancy_of_statement",
                condition=Q(statement_id__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "source",
                "row_digest",
                name="discrepancy_once_per_row",
                condition=~Q(row_digest=""),
                violation_error_code="discrepancy_known",
                violation_error_message=_("This row is in the queue already."),
            ),
            models.CheckConstraint(
                condition=Q(state=DiscrepancyState.OPEN, resolution="", closed_at=None)
                | (
                    ~Q(state=DiscrepancyState.OPEN) & ~Q(resolution="") & Q(closed_at__isnull=False)
                ),
                name="discrepancy_closed_says_how",
                violation_error_code="resolution_required",
                violation_error_message=_("Say how it was resolved."),
            ),
            models.CheckConstraint(
                condition=~Q(state=DiscrepancyState.DISMISSED) | ~Q(note=""),
                name="discrepancy_dismissed_says_why",
                violation_error_code="note_required",
                violation_error_message=_("Say why it is dismissed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.reference}".strip()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.state == DiscrepancyState.OPEN
