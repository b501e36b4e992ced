"""Statements: what the funders owe a merchant for a period, line by line, until it is paid."""

from datetime import date
from typing import Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.party_parts import PartyParts, sum_to
from campaigns.models.settlement_words import AGREED, OWED, StatementFileKind, StatementState
from crm.models import Fact, Row, RowQuerySet, User
from crm.models.files import shown_through
from merchants.models import Merchant, SettlementBasis

LONGEST_DAYS = 60
"""The law's longest time to pay, from the day on which both sides agree on the amount."""


class StatementQuerySet(RowQuerySet["Statement"]):
    def visible_to(self, user: User) -> Self:
        """Whoever looks after the merchant or oversees it; the pool shows no statements."""
        if user.scope.sees_everything:
            return self.all()
        return self.filter(merchant__in=Merchant.objects.order_by().looked_after_by(user))

    def owed(self) -> Self:
        """Agreed upon, and not paid yet."""
        return self.filter(state__in=OWED)

    def overdue(self, on: date) -> Self:
        """Whose last day to pay is over."""
        return self.owed().filter(due_on__lt=on)

    def agreed(self) -> Self:
        return self.filter(state__in=AGREED)

    def of_campaign(self, campaign_id: UUID) -> Self:
        """With a line of a campaign."""
        lines = apps.get_model("campaigns", "StatementLine")._default_manager
        own = lines.filter(campaign=campaign_id, statement=models.OuterRef("pk"))
        return self.filter(models.Exists(own))


class Statement(Row, PartyParts):
    """What bank, scheme, platform and government owe one merchant for a period.

    The totals are those of its lines: discount = sum of all parties' parts; payable = discount −
    merchant's own part + adjustments. The bank pays what the other funders bear as well, and does
    not wait for them.
    """

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="statements",
        db_index=False,
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(
        _("state"), max_length=20, choices=StatementState, default=StatementState.DRAFT
    )
    redemption_count = models.PositiveIntegerField(_("redemptions"), default=0)
    return_count = models.PositiveIntegerField(_("refunds and reversals"), default=0)
    amount_fen = models.BigIntegerField(_("sales"), default=0)
    discount_fen = models.BigIntegerField(_("discount"), default=0)
    adjustment_fen = models.BigIntegerField(_("adjustments"), default=0)
    payable_fen = models.BigIntegerField(_("payable to the merchant"), default=0)
    drafted_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("drafted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    sent_on = models.DateField(_("sent on"), null=True)
    received_on = models.DateField(_("merchant's own list received on"), null=True)
    """When the merchant first handed in what it reckons: from then on a bank that is slow to
    answer starts the clock all the same."""
    disputed_because = models.TextField(_("disputed because"), blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True)
    confirmed_by_name = models.CharField(_("confirmed for the merchant by"), max_length=100)
    agreed_days = models.PositiveSmallIntegerField(_("agreed days"), null=True)
    settlement_basis = models.CharField(
        _("settlement counted"), max_length=12, choices=SettlementBasis, blank=True
    )
    clock_from = models.DateField(_("time to pay runs from"), null=True)
    due_on = models.DateField(_("due on"), null=True)
    approved_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("approved by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    invoiced_fen = models.BigIntegerField(_("invoiced"), null=True)
    paid_fen = models.BigIntegerField(_("paid"), default=0)
    """To the merchant above zero, from the merchant below."""
    paid_on = models.DateField(_("paid on"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("settlement", "statement")
        verbose_name_plural = pgettext_lazy("settlement", "statements")
        ordering = ["-last_day", "-id"]
        indexes = [
            models.Index(fields=["-last_day", "-id"], name="statement_by_period"),
            models.Index(fields=["-created_at", "-id"], name="statement_newest"),
            models.Index(fields=["merchant", "-last_day", "-id"], name="statement_of_merchant"),
            models.Index(
                fields=["due_on", "id"], name="statement_owed", condition=Q(state__in=OWED)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="statement_ends_after_it_begins",
                violation_error_code="statement_period",
                violation_error_message=_("The period of a statement cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=sum_to("discount_fen"),
                name="statement_parts_make_the_discount",
                violation_error_code="statement_parts",
                violation_error_message=_("The parts of all parties must sum to the discount."),
            ),
            models.CheckConstraint(
                condition=Q(
                    payable_fen=F("discount_fen") - F("merchant_fen") + F("adjustment_fen")
                ),
                name="statement_payable_is_reckoned",
                violation_error_code="statement_payable",
                violation_error_message=_(
                    "What is payable is the discount without the merchant's own part, and the "
                    "adjustments."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=AGREED)
                | Q(confirmed_on__isnull=False, agreed_days__isnull=False, due_on__isnull=False),
                name="statement_agreed_has_a_due_date",
                violation_error_code="statement_due_date",
                violation_error_message=_("A confirmed statement says by when it is paid."),
            ),
            models.CheckConstraint(
                condition=Q(agreed_days__isnull=True) | Q(agreed_days__lte=LONGEST_DAYS),
                name="statement_paid_within_sixty_days",
                violation_error_code="statement_days",
                violation_error_message=_("A merchant is paid within 60 days."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(approved_by=F("drafted_by")),
                name="statement_approved_by_another",
                violation_error_code="self_approval",
                violation_error_message=_("Nobody approves what they drafted themselves."),
            ),
            models.CheckConstraint(
                condition=Q(invoiced_fen__isnull=True) | Q(invoiced_fen=F("payable_fen")),
                name="statement_invoice_equals_payable",
                violation_error_code="invoice_differs",
                violation_error_message=_(
                    "The invoice must be for exactly what is payable, tax included."
                ),
            ),
            models.CheckConstraint(
                condition=Q(paid_fen__gte=0, paid_fen__lte=F("payable_fen"))
                | Q(paid_fen__lte=0, paid_fen__gte=F("payable_fen")),
                name="statement_not_overpaid",
                violation_error_code="overpaid",
                violation_error_message=_("This is more than what is still to be paid."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(StatementState.PAID, StatementState.CLOSED))
                | Q(paid_fen=F("payable_fen")),
                name="statement_paid_means_in_full",
                violation_error_code="not_paid",
                violation_error_message=_("The statement is not paid in full yet."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.merchant}"

    @property
    def number(self) -> str:
        """What people call it: the last day of its period and the end of its id."""
        return f"{self.last_day:%Y%m%d}-{self.pk.hex[-8:].upper()}"

    @property
    def open_fen(self) -> int:
        """What is still to be paid."""
        return self.payable_fen - self.paid_fen

    @property
    def is_writable(self) -> bool:
        return self.state in (StatementState.DRAFT, StatementState.DISPUTED)


class StatementStepQuerySet(RowQuerySet["StatementStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))


class StatementStep(Fact):
    """One move of a statement: who, when, from where to where, and why."""

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,
    )
    from_state = models.CharField(_("from"), max_length=20, choices=StatementState, blank=True)
    to_state = models.CharField(_("to"), max_length=20, choices=StatementState)
    because = models.TextField(_("because"), blank=True)
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    objects = StatementStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a statement")
        verbose_name_plural = _("steps of statements")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["statement", "at", "id"], name="statement_step_in_order")]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class StatementFileQuerySet(RowQuerySet["StatementFile"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(statement__in=Statement.objects.order_by().visible_to(user))


class StatementFile(Fact):
    """A file of a statement, and the job that writes it or takes it in."""

    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        related_name="files",
        db_index=False,
    )
    job = models.OneToOneField(
        "crm.Job", verbose_name=_("job"), on_delete=models.CASCADE, related_name="statement_file"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=StatementFileKind)
    created_at = models.DateTimeField(_("created at"))

    objects = StatementFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a statement")
        verbose_name_plural = _("files of statements")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["statement", "-created_at", "-id"], name="statement_file_newest")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


@shown_through
def _files_of_statements(user: User) -> models.QuerySet[StatementFile, object]:
    """Whoever may know of a statement reads the files made of it, and the lists brought for it."""
    rows = StatementFile.objects.visible_to(user)
    made = rows.filter(job__result__isnull=False).values_list("job__result", flat=True)
    return made.union(rows.filter(job__source__isnull=False).values_list("job__source", flat=True))
