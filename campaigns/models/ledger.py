"""The ledger: every movement of campaign money, written once."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.budget import Budget
from campaigns.models.campaign import Campaign
from crm.models import Fact, RowQuerySet, User


class EntryKind(models.TextChoices):
    """Why money moved."""

    ALLOCATE = "allocate", pgettext_lazy("ledger", "Allocated")
    RESERVE = "reserve", pgettext_lazy("ledger", "Reserved")
    COMMIT = "commit", pgettext_lazy("ledger", "Committed")
    CONSUME = "consume", pgettext_lazy("ledger", "Consumed")
    RELEASE = "release", pgettext_lazy("ledger", "Released")
    EXPIRE = "expire", pgettext_lazy("ledger", "Expired")
    REVERSE = "reverse", pgettext_lazy("ledger", "Reversed")
    ADJUST = "adjust", pgettext_lazy("ledger", "Adjusted")


class Account(models.TextChoices):
    """Where money of a pot stands: outside of it, free, promised or spent."""

    FUNDING = "funding", pgettext_lazy("account", "Outside the budget")
    AVAILABLE = "available", pgettext_lazy("account", "Available")
    RESERVED = "reserved", pgettext_lazy("account", "Reserved")
    COMMITTED = "committed", pgettext_lazy("account", "Committed")
    CONSUMED = "consumed", pgettext_lazy("account", "Consumed")


class LedgerEntryQuerySet(RowQuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(budget__in=Budget.objects.order_by().visible_to(user))


class LedgerEntry(Fact):
    """One movement within one pot, balanced by construction: the amount leaves the credit account
    and arrives in the debit account. The database refuses to change, delete or truncate it;
    what was wrong is put right by another entry."""

    budget = models.ForeignKey(
        Budget,
        verbose_name=_("budget"),
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    debit_account = models.CharField(_("debit account"), max_length=10, choices=Account)
    """Where the amount arrives."""
    credit_account = models.CharField(_("credit account"), max_length=10, choices=Account)
    """Where the amount leaves."""
    amount_fen = models.BigIntegerField(_("amount"))
    key = models.CharField(_("key"), max_length=200)
    """Named by what caused it: the same cause posts once, however often it is sent."""
    reverses = models.OneToOneField(
        "self",
        verbose_name=_("reverses"),
        null=True,
        on_delete=models.PROTECT,
        related_name="reversed_by",
        # A trigger looks at the reversed entry when this one is written; entries never go away. A
        # foreign key would need the right to lock rows, which nobody has here.
        db_constraint=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        on_delete=models.PROTECT,
        related_name="ledger_entries",
        db_index=False,
    )
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"))

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="ledger_newest"),
            models.Index(fields=["budget", "-at", "-id"], name="ledger_of_budget"),
            models.Index(
                fields=["campaign", "-at", "-id"],
                name="ledger_of_campaign",
                condition=Q(campaign__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "key",
                name="ledger_key_once",
                violation_error_code="ledger_key_used",
                violation_error_message=_("This movement was written already."),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="ledger_amount_above_zero",
                violation_error_code="amount_not_above_zero",
                violation_error_message=_("An amount is above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")),
                name="ledger_between_two_accounts",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EntryKind.values)
                & Q(debit_account__in=Account.values)
                & Q(credit_account__in=Account.values),
                name="ledger_words_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.key
