"""Proposals: what we offer a merchant to win it. What they say stands in their versions."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User
from leads.models.lead import Lead


class ProposalState(models.TextChoices):
    """What has become of one version of a proposal."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", pgettext_lazy("proposal", "Submitted")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "Withdrawn")


class ProposalPart(models.TextChoices):
    """What a proposal needs before it can be submitted."""

    PAIN = "pain", _("The merchant's pain, in the merchant's own words.")
    TITLE = "title", _("The name of the offer.")
    OFFER = "offer", _("The mechanic with its numbers.")
    DATES = "dates", _("The first and the last day.")
    SHARES = "shares", _("Who pays which share of the discount.")
    BUDGET = "budget", _("The budget.")
    FORECAST = "forecast", _("The numbers of the forecast.")
    WIN_WIN = "win_win", _("A gain for bank, merchant and customer, or a leader's written waiver.")


class ProposalQuerySet(RowQuerySet["Proposal"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.order_by().visible_to(user))


class Proposal(Row):
    """The proposal of one lead. What it says stands in its versions."""

    lead = models.OneToOneField(
        "leads.Lead",
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        related_name="proposal",
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="proposal_newest"),
            models.Index(fields=["-updated_at", "-id"], name="proposal_by_change"),
        ]

    def __str__(self) -> str:
        return str(self.lead.merchant)
