"""What a proposal says: the offer, who pays, and what all three get out of it."""

from collections.abc import Mapping
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from campaigns.models import Mechanic, Party
from crm.models import Row, RowQuerySet, User
from leads.models.grid_words import Cell
from leads.models.proposal import Proposal, ProposalState

WHOLE = 10_000
"""100 % in basis points."""


class ProposalVersionQuerySet(RowQuerySet["ProposalVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(proposal__in=Proposal.objects.order_by().visible_to(user))

    def drafts(self) -> Self:
        return self.filter(state=ProposalState.DRAFT)

    def standing(self) -> Self:
        """Neither withdrawn nor overtaken by a later one."""
        return self.filter(state__in=(ProposalState.DRAFT, ProposalState.SUBMITTED))

    def submitted(self) -> Self:
        """The one that was sent to approval and that no later one has overtaken."""
        return self.filter(state=ProposalState.SUBMITTED)


def _not_below_zero(*names: str) -> Q:
    sound = Q()
    for name in names:
        sound &= Q(**{name: None}) | Q(**{f"{name}__gte": 0})
    return sound


def _above_zero(*names: str) -> Q:
    sound = Q()
    for name in names:
        sound &= Q(**{name: None}) | Q(**{f"{name}__gt": 0})
    return sound


_SHARES_SUM = (
    F("bank_share")
    + F("merchant_share")
    + F("scheme_share")
    + F("platform_share")
    + F("government_share")
)


class ProposalVersion(Row):
    """What a proposal says. Once submitted, the database refuses to change it.

    Money is fen. A number that nobody has said yet is null; what is missing before the version can
    be submitted, `leads/domain/proposals.py` tells.
    """

    proposal = models.ForeignKey(
        Proposal,
        verbose_name=_("proposal"),
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,
    )
    number = models.PositiveSmallIntegerField(_("version number"))
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.DRAFT
    )
    author = models.ForeignKey(
        "crm.User",
        verbose_name=_("author"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    # The entry point.
    entry_pain = models.ForeignKey(
        "leads.Pain",
        verbose_name=_("entry point"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    entry_cell = models.CharField(_("entry cell"), max_length=2, choices=Cell, blank=True)
    pain_words = models.TextField(_("pain in the merchant's words"), blank=True)
    monthly_impact_fen = models.BigIntegerField(
        _("cost of the pain a month"), null=True, blank=True
    )

    # The offer.
    title = models.CharField(_("name of the offer"), max_length=100, blank=True)
    mechanic = models.CharField(_("mechanic"), max_length=20, choices=Mechanic, blank=True)
    terms = models.JSONField(_("offer terms"), default=dict, blank=True)
    """The numbers of the mechanic, as `campaigns/domain/offers.py` reads them; money in fen."""
    next_steps = models.TextField(_("next steps"), blank=True)

    # When, and how often.
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("weekdays"), default=list, blank=True
    )
    """1 = Monday … 7 = Sunday; none means every day."""
    opens_at = models.TimeField(_("from"), null=True, blank=True)
    closes_at = models.TimeField(_("until"), null=True, blank=True)
    uses_per_customer_day = models.PositiveIntegerField(
        _("uses per customer a day"), null=True, blank=True
    )
    uses_per_customer_month = models.PositiveIntegerField(
        _("uses per customer a month"), null=True, blank=True
    )
    uses_per_customer = models.PositiveIntegerField(
        _("uses per customer in all"), null=True, blank=True
    )
    uses_per_day = models.PositiveIntegerField(_("uses a day"), null=True, blank=True)
    uses_in_total = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)

    # Who pays.
    bank_share = models.PositiveIntegerField(_("share of the bank"), default=0)
    merchant_share = models.PositiveIntegerField(_("share of the merchant"), default=0)
    scheme_share = models.PositiveIntegerField(_("share of the card scheme"), default=0)
    platform_share = models.PositiveIntegerField(_("share of the platform"), default=0)
    government_share = models.PositiveIntegerField(_("share of the government"), default=0)
    budget_fen = models.BigIntegerField(
        _("budget"), null=True, blank=True, help_text=_("In fen, all parties together.")
    )
    day_budget_fen = models.BigIntegerField(_("budget a day"), null=True, blank=True)
    operating_cost_fen = models.BigIntegerField(_("operating cost of the bank"), default=0)

    # What the forecast is reckoned from.
    redemptions = models.PositiveIntegerField(_("redemptions expected"), null=True, blank=True)
    purchases_without = models.PositiveIntegerField(
        _("purchases that would come anyway"), null=True, blank=True
    )
    ticket_fen = models.BigIntegerField(_("average purchase"), null=True, blank=True)
    first_swipe_cards = models.PositiveIntegerField(
        _("cards used for the first time"), null=True, blank=True
    )
    reactivated_cards = models.PositiveIntegerField(_("cards woken up"), null=True, blank=True)
    card_contribution_fen = models.BigIntegerField(
        _("contribution of an activated card in 12 months"), null=True, blank=True
    )
    gross_margin = models.PositiveIntegerField(
        _("gross margin of the merchant in basis points"), null=True, blank=True
    )
    merchant_rate = models.PositiveIntegerField(
        _("merchant discount rate in millionths"), default=6000
    )

    # What comes of it; the verbs keep it in step with the numbers above.
    forecast = models.JSONField(_("forecast"), null=True, blank=True, editable=False)
    bank_net_fen = models.BigIntegerField(_("net gain of the bank"), null=True, editable=False)
    merchant_net_fen = models.BigIntegerField(
        _("net gain of the merchant"), null=True, editable=False
    )
    customer_benefit_fen = models.BigIntegerField(
        _("benefit of the customers"), null=True, editable=False
    )
    forecast_waiver = models.TextField(_("forecast waived because"), blank=True)
    waived_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("waived by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    waived_at = models.DateTimeField(_("waived at"), null=True, blank=True)
    is_complete = models.BooleanField(_("complete"), default=False, editable=False)

    submitted_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("submitted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("superseded or withdrawn at"), null=True, blank=True)
    closed_because = models.TextField(_("withdrawn because"), blank=True)

    objects = ProposalVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal version")
        verbose_name_plural = _("proposal versions")
        ordering = ["-number", "-id"]
        constraints = [
            models.UniqueConstraint(
                "proposal",
                "number",
                name="proposal_version_number_once",
                violation_error_code="proposal_version_exists",
                violation_error_message=_("This version of the proposal exists already."),
            ),
            models.UniqueConstraint(
                "proposal",
                name="proposal_one_draft",
                condition=Q(state=ProposalState.DRAFT),
                violation_error_code="proposal_has_draft",
                violation_error_message=_("This proposal has a draft already."),
            ),
            models.UniqueConstraint(
                "proposal",
                name="proposal_one_submitted",
                condition=Q(state=ProposalState.SUBMITTED),
                violation_error_code="proposal_submitted_already",
                violation_error_message=_("A version of this proposal is submitted already."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.SUBMITTED)
                | Q(is_complete=True, submitted_at__isnull=False),
                name="proposal_submitted_is_complete",
                violation_error_code="proposal_incomplete",
                violation_error_message=_("A proposal is complete before it is submitted."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="proposal_ends_after_start",
                violation_error_code="proposal_ends_before_start",
                violation_error_message=_("The offer ends on or after the day it starts."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None, closes_at=None)
                | Q(opens_at__isnull=False, closes_at__isnull=False, closes_at__gt=F("opens_at")),
                name="proposal_hours_end_after_start",
                violation_error_code="hours_end_before_start",
                violation_error_message=_("The hours end after they begin; give both or neither."),
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="proposal_weekdays_exist",
                violation_error_code="weekday_unknown",
                violation_error_message=_("Weekdays run from 1, Monday, to 7, Sunday."),
            ),
            models.CheckConstraint(
                condition=Q(In(_SHARES_SUM, (0, WHOLE))),
                name="proposal_shares_make_the_whole",
                violation_error_code="shares_not_whole",
                violation_error_message=_("The funding shares must sum to exactly 100 %."),
            ),
            models.CheckConstraint(
                condition=_above_zero("budget_fen", "day_budget_fen"),
                name="proposal_budget_above_zero",
                violation_error_code="budget_not_above_zero",
                violation_error_message=_("A budget is above zero."),
            ),
            models.CheckConstraint(
                condition=Q(day_budget_fen=None)
                | Q(budget_fen=None)
                | Q(day_budget_fen__lte=F("budget_fen")),
                name="proposal_day_within_budget",
                violation_error_code="day_budget_above_budget",
                violation_error_message=_("The budget of a day is within the whole budget."),
            ),
            models.CheckConstraint(
                condition=_above_zero(
                    "uses_per_customer_day",
                    "uses_per_customer_month",
                    "uses_per_customer",
                    "uses_per_day",
                    "uses_in_total",
                    "ticket_fen",
                ),
                name="proposal_caps_above_zero",
                violation_error_code="cap_not_above_zero",
                violation_error_message=_(
                    "A cap or an average purchase is above zero; leave empty what there is not."
                ),
            ),
            models.CheckConstraint(
                condition=_not_below_zero(
                    "monthly_impact_fen", "operating_cost_fen", "card_contribution_fen"
                ),
                name="proposal_money_not_negative",
                violation_error_code="money_negative",
                violation_error_message=_("Sums of money are not below zero."),
            ),
            models.CheckConstraint(
                condition=(Q(gross_margin=None) | Q(gross_margin__lte=WHOLE))
                & Q(merchant_rate__lte=100_000),
                name="proposal_rates_in_range",
                violation_error_code="rate_out_of_range",
                violation_error_message=_(
                    "A margin is at most 100 %, a merchant discount rate at most 10 %."
                ),
            ),
            models.CheckConstraint(
                condition=Q(forecast_waiver="", waived_at=None)
                | (~Q(forecast_waiver="") & Q(waived_at__isnull=False)),
                name="proposal_waiver_says_why",
                violation_error_code="waiver_needs_reason",
                violation_error_message=_("A waiver says why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.proposal} v{self.number}"

    @property
    def shares(self) -> Mapping[str, int]:
        """Party → basis points, in the order that breaks ties; only those who pay anything."""
        listed: dict[str, Any] = {
            str(party): getattr(self, f"{party.value}_share") for party in Party
        }
        return {party: share for party, share in listed.items() if share}
