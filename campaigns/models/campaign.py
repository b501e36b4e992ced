"""Co-funded campaigns: who takes part, from when to when, and who pays which share."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User


class Party(models.TextChoices):
    """Who pays a share of the discount. The listed order breaks ties when fen are split."""

    BANK = "bank", _("Bank")
    MERCHANT = "merchant", _("Merchant")
    SCHEME = "scheme", _("Card scheme")
    PLATFORM = "platform", _("Platform")
    GOVERNMENT = "government", _("Government")


class Mechanic(models.TextChoices):
    """What the customer gets, and how it is reckoned (`campaigns/domain/offers.py`)."""

    THRESHOLD_OFF = "threshold_off", _("Money off from a threshold")
    RATE_OFF = "rate_off", _("Percentage off")
    ONE_YUAN = "one_yuan", _("For one yuan")
    CASH_BACK = "cash_back", _("Cash back")
    POINTS = "points", _("Pay with points")
    INSTALMENT = "instalment", _("Interest-free instalments")
    LOTTERY = "lottery", _("Prize draw")


class CampaignStage(models.TextChoices):
    """Whether a campaign still waits for somebody to plan it."""

    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    PLANNED = "planned", pgettext_lazy("campaign", "Planned")


class CampaignQuerySet(RowQuerySet["Campaign"]):
    def visible_to(self, user: User) -> Self:
        """Those of one's own branch for reps; everything below for those who oversee."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(unit__any_of=scope.seen | scope.pool)

    def planned(self) -> Self:
        """All but the drafts, which nobody has taken on yet."""
        return self.filter(stage=CampaignStage.PLANNED)

    def running(self, on: date) -> Self:
        """Planned, begun and not yet ended on a day."""
        return self.planned().filter(starts_on__lte=on, ends_on__gte=on)


class Campaign(Row):
    """An offer to cardholders at one or many merchants, paid for together."""

    name = models.CharField(_("name"), max_length=200)
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="campaigns",
    )
    merchants = models.ManyToManyField(
        "merchants.Merchant", verbose_name=_("merchants"), related_name="campaigns"
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    budget_fen = models.BigIntegerField(_("budget"), help_text=_("In fen, all parties together."))
    stage = models.CharField(
        _("stage"), max_length=10, choices=CampaignStage, default=CampaignStage.PLANNED
    )
    origin_id = models.UUIDField(_("drafted from"), null=True, editable=False)
    """The lead whose won proposal it was drafted from. Leads stand to the left: no foreign key."""
    mechanic = models.CharField(_("mechanic"), max_length=20, choices=Mechanic, blank=True)
    terms = models.JSONField(_("offer terms"), default=dict, blank=True)
    """The numbers of the mechanic, as `campaigns/domain/offers.py` reads them; money in fen."""
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    """Windows and caps, as `campaigns/domain/limits.py` reads them; money in fen."""

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["-starts_on", "-id"], name="campaign_newest"),
            models.Index(fields=["unit", "ends_on"], name="campaign_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_code="campaign_dates",
                violation_error_message=_("A campaign cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(budget_fen__gt=0),
                name="campaign_has_a_budget",
                violation_error_code="campaign_budget",
                violation_error_message=_("A campaign needs a budget above zero."),
            ),
            models.UniqueConstraint(
                "origin_id",
                name="campaign_once_per_origin",
                violation_error_code="campaign_drafted_already",
                violation_error_message=_("The campaign of this proposal was drafted already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FundingShareQuerySet(RowQuerySet["FundingShare"]):
    pass


class FundingShare(Row):
    """One party's share of every discount. All shares of a campaign make 10,000 basis points;
    a deferred trigger in the database refuses anything else at commit."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        related_name="shares",
    )
    party = models.CharField(_("party"), max_length=20, choices=Party)
    basis_points = models.PositiveIntegerField(_("share in basis points"))

    objects = FundingShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("funding share")
        verbose_name_plural = _("funding shares")
        constraints = [
            models.UniqueConstraint(
                "campaign",
                "party",
                name="funding_share_once_per_party",
                violation_error_code="share_twice",
                violation_error_message=_("Each party has one share."),
            ),
            models.CheckConstraint(
                condition=Q(basis_points__gt=0, basis_points__lte=10_000),
                name="funding_share_within_whole",
                violation_error_code="share_out_of_range",
                violation_error_message=_("A share is more than 0 % and at most 100 %."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_party_display()} {self.basis_points / 100:.2f} %"
