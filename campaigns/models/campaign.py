"""Co-funded campaigns: who takes part, from when to when, and who pays which share."""

from datetime import date
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign_stages import AHEAD, LIVE, OVER, CampaignStage
from crm.models import Role, Row, RowQuerySet, User


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


class Objective(models.TextChoices):
    """What a campaign is for."""

    ACQUIRE = "acquire", pgettext_lazy("objective", "Win new cardholders")
    ACTIVATE = "activate", pgettext_lazy("objective", "Wake sleeping cards")
    FREQUENCY = "frequency", pgettext_lazy("objective", "More purchases")
    SPEND = "spend", pgettext_lazy("objective", "Larger purchases")


class Collection(models.TextChoices):
    """How a party's share of the discounts is collected."""

    NET_SETTLE = "net_settle", pgettext_lazy("collection", "Settled net")
    INVOICE = "invoice", pgettext_lazy("collection", "By invoice")
    PREPAID = "prepaid", pgettext_lazy("collection", "Paid in advance")
    DEDUCT = "deduct", pgettext_lazy("collection", "Deducted from settlement")


def read_for(user: User) -> frozenset[UUID]:
    """Units whose campaigns somebody reads: those below, and for reps and who leads them the whole
    branch."""
    scope = user.scope
    own = scope.branches if scope.holds(Role.REP, Role.TEAM_LEAD) else frozenset()
    return scope.seen | own


class CampaignQuerySet(RowQuerySet["Campaign"]):
    def visible_to(self, user: User) -> Self:
        """Those of one's own branch for reps and who leads them; everything below for those who
        oversee; and what concerns one's own merchants, or those below, wherever it is run."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        concerned = self.model.merchants.through.objects.filter(
            Q(merchant__owner=user) | Q(merchant__unit__any_of=scope.seen)
        )
        return self.filter(
            Q(unit__any_of=read_for(user)) | Q(pk__in=concerned.values("campaign_id"))
        )

    def in_stage(self, *stages: str) -> Self:
        return self.filter(stage__in=stages)

    def ahead(self) -> Self:
        """Agreed, and not yet begun."""
        return self.filter(stage__in=AHEAD)

    def live(self) -> Self:
        """Running, or only interrupted."""
        return self.filter(stage__in=LIVE)

    def went_live(self) -> Self:
        """All that ever ran: neither drafts, nor what is ahead, nor what was cancelled."""
        return self.filter(stage__in=(*LIVE, *OVER))

    def over(self) -> Self:
        return self.filter(stage__in=OVER)

    def running(self, on: date) -> Self:
        """Begun and not yet over on a day."""
        return self.went_live().filter(
            Q(ended_on=None) | Q(ended_on__gte=on), starts_on__lte=on, ends_on__gte=on
        )


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
        _("stage"), max_length=10, choices=CampaignStage, default=CampaignStage.DRAFT
    )
    stage_entered_at = models.DateTimeField(
        _("in this stage since"), default=timezone.now, editable=False
    )
    fund = models.ForeignKey(
        "campaigns.Fund",
        verbose_name=_("fund"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
    )
    """Whose money the bank's part is; a draft may not know yet."""
    planner = models.ForeignKey(
        "crm.User",
        verbose_name=_("planned by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """Who plans it, and so does not approve it. A draft of the system's has nobody yet."""
    objective = models.CharField(
        _("objective"), max_length=10, choices=Objective, default=Objective.FREQUENCY
    )
    outlets = models.ManyToManyField(
        "merchants.Outlet", verbose_name=_("outlets"), related_name="campaigns", blank=True
    )
    """Where it holds; none named means every outlet of its merchants."""
    refund_to_funder_first = models.BooleanField(
        _("refunds go to the funders first"),
        default=True,
        help_text=_("What a customer returns in part gives the discount back before the price."),
    )
    claim_days = models.PositiveSmallIntegerField(
        _("days for claims"),
        default=30,
        help_text=_("After the last day; what comes later is refused."),
    )
    version_number = models.PositiveSmallIntegerField(_("terms version"), default=0, editable=False)
    """The version of the terms that counts (or was submitted); 0 while it was never submitted."""
    ended_on = models.DateField(_("ended on"), null=True, editable=False)
    """The last day on which it ran, once it is over."""
    money_returned_at = models.DateTimeField(_("money returned at"), null=True, editable=False)
    """When what was left of its money went back."""
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
            models.Index(fields=["ends_on", "id"], name="campaign_ending"),
            models.Index(fields=["created_at", "id"], name="campaign_made"),
            models.Index(fields=["stage", "starts_on"], name="campaign_in_stage"),
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
            models.CheckConstraint(
                condition=Q(claim_days__lte=365),
                name="campaign_claims_within_a_year",
                violation_error_code="campaign_claim_days",
                violation_error_message=_("Claims come within a year of a campaign's end."),
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
    ceiling_fen = models.BigIntegerField(
        _("ceiling"), null=True, blank=True, help_text=_("In fen; none if there is none.")
    )
    """The most that the party pays in all."""
    fallback = models.CharField(
        _("beyond the ceiling"), max_length=20, choices=Party, blank=True, default=""
    )
    """Who pays what is above the ceiling; nobody means that the campaign pauses."""
    collection = models.CharField(
        _("collection"), max_length=10, choices=Collection, default=Collection.NET_SETTLE
    )

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
            models.CheckConstraint(
                condition=Q(ceiling_fen=None) | Q(ceiling_fen__gt=0),
                name="funding_share_ceiling_above_zero",
                violation_error_code="share_ceiling",
                violation_error_message=_("A ceiling is above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(fallback=F("party")),
                name="funding_share_falls_to_another",
                violation_error_code="share_fallback",
                violation_error_message=_("What is above a ceiling falls to another party."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_party_display()} {self.basis_points / 100:.2f} %"
