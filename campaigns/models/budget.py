"""Budgets: the counters of one pot of money. The ledger is the truth, the counters its sum."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, Party
from campaigns.models.fund import Fund
from crm.models import Row, RowQuerySet, User


class BudgetQuerySet(RowQuerySet["Budget"]):
    def visible_to(self, user: User) -> Self:
        """The pots of the funds and of the campaigns that one sees."""
        return self.filter(
            Q(fund__in=Fund.objects.order_by().visible_to(user))
            | Q(campaign__in=Campaign.objects.order_by().visible_to(user))
        )

    def of_funds(self) -> Self:
        return self.filter(fund__isnull=False)

    def of_campaigns(self) -> Self:
        return self.filter(campaign__isnull=False)

    def frozen(self) -> Self:
        """Those whose counters were found to differ from the ledger."""
        return self.filter(frozen_at__isnull=False)


class Budget(Row):
    """One pot: a fund's, or what one party gives to one campaign. Everything in fen.

    Only `campaigns/domain/ledger.py` changes the counters, in one transaction with the entry that
    says why. The database refuses to promise more than there is, whoever asks.
    """

    fund = models.OneToOneField(
        Fund,
        verbose_name=_("fund"),
        null=True,
        on_delete=models.PROTECT,
        related_name="budget",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        on_delete=models.PROTECT,
        related_name="budgets",
        db_index=False,
    )
    party = models.CharField(_("party"), max_length=20, choices=Party, blank=True)
    ceiling_fen = models.BigIntegerField(_("at most allocated"), null=True)
    """A fund's cap with its tolerance; none for a campaign's pot."""
    allocated_fen = models.BigIntegerField(_("allocated"), default=0)
    reserved_fen = models.BigIntegerField(_("reserved"), default=0)
    committed_fen = models.BigIntegerField(_("committed"), default=0)
    consumed_fen = models.BigIntegerField(_("consumed"), default=0)
    frozen_at = models.DateTimeField(_("frozen at"), null=True)
    restored_because = models.TextField(_("restored because"), blank=True)
    """What was found out when its counters were last taken from the ledger again."""
    reconciled_at = models.DateTimeField(_("reconciled at"), null=True)
    """When the counters were last compared with the ledger."""
    warned_percent = models.PositiveSmallIntegerField(_("last alert in per cent"), default=0)
    """How much of it was used when somebody was last told; each mark is told once."""

    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="budget_newest")]
        constraints = [
            models.UniqueConstraint(
                "campaign",
                "party",
                name="budget_once_per_party",
                violation_error_code="budget_exists",
                violation_error_message=_("This party has a budget in this campaign already."),
            ),
            models.CheckConstraint(
                condition=Q(fund__isnull=False, campaign=None, party="")
                | (Q(fund=None, campaign__isnull=False) & ~Q(party="")),
                name="budget_of_a_fund_or_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(
                    allocated_fen__gte=0,
                    reserved_fen__gte=0,
                    committed_fen__gte=0,
                    consumed_fen__gte=0,
                ),
                name="budget_counters_not_negative",
                violation_error_code="budget_exceeded",
                violation_error_message=_("There is not that much in this budget."),
            ),
            models.CheckConstraint(
                condition=Q(
                    allocated_fen__gte=F("reserved_fen") + F("committed_fen") + F("consumed_fen")
                ),
                name="budget_never_overspent",
                violation_error_code="budget_exceeded",
                violation_error_message=_("There is not that much left in this budget."),
            ),
            models.CheckConstraint(
                condition=Q(ceiling_fen=None) | Q(allocated_fen__lte=F("ceiling_fen")),
                name="budget_within_its_ceiling",
                violation_error_code="fund_cap",
                violation_error_message=_("This is more than the cap of the fund allows."),
            ),
        ]

    def __str__(self) -> str:
        if self.fund_id:
            return str(self.fund)
        return f"{self.campaign} · {self.get_party_display()}"

    @property
    def available_fen(self) -> int:
        """What is neither promised nor spent."""
        return self.allocated_fen - self.reserved_fen - self.committed_fen - self.consumed_fen

    @property
    def used_fen(self) -> int:
        """What is promised or spent."""
        return self.reserved_fen + self.committed_fen + self.consumed_fen
