"""Redemptions: an offer used at a till, who paid which part of it, and what was given back.

A redemption is what a purchase has come to; its events are what the source reported, one by one,
and never change. Cards are known by an opaque hash: no card number is ever stored.
"""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign, Party
from campaigns.models.party_parts import PART_COLUMNS, PartyParts, sum_to
from crm.models import Fact, Row, RowQuerySet, User

LARGEST_FEN = 10**13
LONGEST_REFERENCE = 64
LONGEST_SOURCE = 40
CARD_NUMBER = r"^([0-9][ -]?){12,18}[0-9]$"
"""13 to 19 digits, with or without blanks: what looks like the number of a card."""


class RedemptionState(models.TextChoices):
    RESERVED = "reserved", pgettext_lazy("redemption", "Authorised")
    REDEEMED = "redeemed", pgettext_lazy("redemption", "Redeemed")
    PARTIALLY_REVERSED = "partially_reversed", _("Refunded in part")
    REVERSED = "reversed", _("Refunded in full")
    EXPIRED = "expired", pgettext_lazy("redemption", "Expired")
    RELEASED = "released", pgettext_lazy("redemption", "Released")


USED = (
    RedemptionState.RESERVED,
    RedemptionState.REDEEMED,
    RedemptionState.PARTIALLY_REVERSED,
    RedemptionState.REVERSED,
)
"""The states that count as a use: a customer does not regain by a refund what was used."""


class RedemptionEventKind(models.TextChoices):
    """What a source reports of a purchase."""

    AUTHORISED = "authorised", pgettext_lazy("redemption", "Authorised")
    CLEARED = "cleared", _("Cleared")
    REFUNDED = "refunded", _("Refunded")
    REVERSED = "reversed", _("Reversed")


class IntakeKind(models.TextChoices):
    """How events come in."""

    FILE = "file", _("File")
    API = "api", _("Interface")


class RedemptionQuerySet(RowQuerySet["Redemption"]):
    def visible_to(self, user: User) -> Self:
        """Those of campaigns and of merchants that one oversees, and those at one's own merchants.
        A colleague of the branch knows of the campaign, not of what others' merchants sold."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(
            Q(campaign__unit__any_of=scope.seen)
            | Q(merchant__unit__any_of=scope.seen)
            | Q(merchant__owner=user)
        )

    def used(self) -> Self:
        """Those that count as a use of the offer."""
        return self.filter(state__in=USED)

    def between(self, first: date, last: date) -> Self:
        """Days from the first to the last, both included."""
        return self.filter(day__gte=first, day__lte=last)


class Redemption(Row, PartyParts):
    """One purchase in which the offer of a campaign was used."""

    source = models.CharField(_("source"), max_length=LONGEST_SOURCE)
    """The system that reports it; a reference is unique within it."""
    reference = models.CharField(_("transaction reference"), max_length=LONGEST_REFERENCE)
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="redemptions",
        db_index=False,
    )
    version_number = models.PositiveIntegerField(_("version of the terms"), default=1)
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="redemptions",
        db_index=False,
    )
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    mid = models.CharField(_("merchant number"), max_length=15)
    card_hash = models.CharField(_("card"), max_length=64)
    """An opaque hash, made before it reaches us; never a card number."""
    identities = ArrayField(models.CharField(max_length=64), verbose_name=_("identities"))
    """The card's hash and those of account, person, phone and device, as far as they came: any one
    in common makes two purchases the same customer's."""
    occurred_at = models.DateTimeField(_("occurred at"))
    day = models.DateField(_("day"))
    amount_fen = models.BigIntegerField(_("amount"))
    discount_fen = models.BigIntegerField(_("discount"))
    refunded_fen = models.BigIntegerField(_("refunded"), default=0)
    """How much of the purchase was refunded, whoever got it."""
    returned_fen = models.BigIntegerField(_("discount returned"), default=0)
    returned_bank_fen = models.BigIntegerField(_("returned to the bank"), default=0)
    returned_merchant_fen = models.BigIntegerField(_("returned to the merchant"), default=0)
    returned_scheme_fen = models.BigIntegerField(_("returned to the card scheme"), default=0)
    returned_platform_fen = models.BigIntegerField(_("returned to the platform"), default=0)
    returned_government_fen = models.BigIntegerField(_("returned to the government"), default=0)
    state = models.CharField(_("state"), max_length=20, choices=RedemptionState)
    cleared_at = models.DateTimeField(_("cleared at"), null=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = pgettext_lazy("noun", "redemptions")
        ordering = ["-occurred_at", "-id"]
        indexes = [
            models.Index(fields=["-occurred_at", "-id"], name="redemption_newest"),
            models.Index(fields=["campaign", "-occurred_at", "-id"], name="redemption_of_campaign"),
            models.Index(fields=["merchant", "-occurred_at", "-id"], name="redemption_of_merchant"),
            models.Index(
                fields=["created_at", "id"],
                name="redemption_reserved",
                condition=Q(state=RedemptionState.RESERVED),
            ),
            # Kept up with every row: an intake asks it at once, thousands of times.
            GinIndex(fields=["identities"], name="redemption_by_identity", fastupdate=False),
        ]
        constraints = [
            models.UniqueConstraint(
                "source",
                "reference",
                name="redemption_once_per_reference",
                violation_error_code="redemption_known",
                violation_error_message=_("A redemption of this reference is known already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_fen__gt=0,
                    amount_fen__lte=LARGEST_FEN,
                    discount_fen__gt=0,
                ),
                name="redemption_sums_above_zero",
                violation_error_code="amount_out_of_range",
                violation_error_message=_("Amount and discount are above zero."),
            ),
            models.CheckConstraint(
                condition=Q(**{f"{column}__gte": 0 for column in PART_COLUMNS})
                & sum_to("discount_fen"),
                name="redemption_parts_make_the_discount",
                violation_error_code="parts_not_whole",
                violation_error_message=_("The parts of all parties sum to the discount."),
            ),
            models.CheckConstraint(
                condition=sum_to("returned_fen", "returned_"),
                name="redemption_returned_parts_make_the_sum",
                violation_error_code="parts_not_whole",
                violation_error_message=_("The parts of all parties sum to the discount."),
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_fen__gte=0,
                    **{f"returned_{column}__gte": 0 for column in PART_COLUMNS},
                    **{f"returned_{column}__lte": F(column) for column in PART_COLUMNS},
                ),
                name="redemption_returns_what_was_given",
                violation_error_code="returned_above_given",
                violation_error_message=_("A party never gets back more than it gave."),
            ),
            models.CheckConstraint(
                condition=Q(refunded_fen__lte=F("amount_fen")),
                name="redemption_refunds_what_was_paid",
                violation_error_code="refund_above_original",
                violation_error_message=_("The refund is above what is left of the purchase."),
            ),
            models.CheckConstraint(
                condition=~Q(card_hash__regex=CARD_NUMBER) & ~Q(card_hash=""),
                name="redemption_keeps_no_card_number",
                violation_error_code="card_number",
                violation_error_message=_("Card numbers are not taken; send an opaque hash."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def returned_parts(self) -> dict[str, int]:
        """Party → fen that came back to it."""
        listed = {str(party): getattr(self, f"returned_{party}_fen") for party in Party}
        return {party: fen for party, fen in listed.items() if fen}

    @property
    def net_discount_fen(self) -> int:
        """What of the discount was not returned."""
        return self.discount_fen - self.returned_fen


class RedemptionIntakeQuerySet(RowQuerySet["RedemptionIntake"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those for units whose campaigns one reads."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(Q(brought_by=user) | Q(unit__any_of=scope.seen))


class RedemptionIntake(Row):
    """Events that came in together: a file, or one call of another system."""

    kind = models.CharField(_("kind"), max_length=10, choices=IntakeKind)
    source = models.CharField(_("source"), max_length=LONGEST_SOURCE)
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """The unit below which campaigns are looked for."""
    brought_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("brought by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    job = models.OneToOneField(
        "crm.Job",
        verbose_name=_("job"),
        null=True,
        on_delete=models.PROTECT,
        related_name="redemption_intake",
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    replaced_at = models.DateTimeField(_("brought again at"), null=True, editable=False)
    """When the same file was brought once more, because this intake did not come to its end."""
    rows = models.PositiveIntegerField(_("rows"), default=0)
    landed = models.PositiveIntegerField(_("taken in"), default=0)
    repeated = models.PositiveIntegerField(_("known already"), default=0)
    queued = models.PositiveIntegerField(_("discrepancies"), default=0)

    objects = RedemptionIntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake of redemptions")
        verbose_name_plural = _("intakes of redemptions")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="intake_newest"),
            models.Index(fields=["unit", "-created_at", "-id"], name="intake_of_unit"),
            models.Index(fields=["brought_by", "-created_at", "-id"], name="intake_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                "source",
                "sha256",
                name="intake_of_a_file_once",
                condition=Q(kind=IntakeKind.FILE, replaced_at=None),
                violation_error_code="intake_known",
                violation_error_message=_("This file was taken in already."),
            ),
            models.CheckConstraint(
                condition=Q(kind=IntakeKind.API) | ~Q(sha256=""),
                name="intake_of_a_file_has_a_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.source


class RedemptionEventQuerySet(RowQuerySet["RedemptionEvent"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(redemption__in=Redemption.objects.visible_to(user))

    def settling(self) -> Self:
        """Those that move money: an authorisation alone does not."""
        return self.exclude(kind=RedemptionEventKind.AUTHORISED).exclude(discount_fen=0)


class RedemptionEvent(Fact, PartyParts):
    """What a source reported of a purchase, written once.

    The sums are signed: what was cleared is above zero, what came back is below it, so that adding
    up the events of a redemption gives what it came to. An authorisation, and the release of one,
    moves no money: all its sums are zero.
    """

    redemption = models.ForeignKey(
        Redemption,
        verbose_name=_("redemption"),
        on_delete=models.PROTECT,
        related_name="events",
    )
    source = models.CharField(_("source"), max_length=LONGEST_SOURCE)
    reference = models.CharField(_("transaction reference"), max_length=LONGEST_REFERENCE)
    key = models.CharField(_("event"), max_length=LONGEST_REFERENCE)
    """Tells the events of one reference apart: the kind, and for refunds the source's number."""
    kind = models.CharField(_("kind"), max_length=10, choices=RedemptionEventKind)
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    day = models.DateField(_("day"))
    amount_fen = models.BigIntegerField(_("amount"))
    discount_fen = models.BigIntegerField(_("discount"))
    digest = models.CharField(max_length=64)
    """Of the row as it was reported: tells a repeated row from one that says something else."""
    intake = models.ForeignKey(
        RedemptionIntake,
        verbose_name=_("intake"),
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
    )
    """None where the product itself lets a reservation go."""
    at = models.DateTimeField(_("taken in at"))

    objects = RedemptionEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption event")
        verbose_name_plural = _("redemption events")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "day", "id"], name="event_of_merchant_by_day"),
            models.Index(fields=["campaign", "day", "id"], name="event_of_campaign_by_day"),
            models.Index(fields=["-at", "-id"], name="event_newest"),
        ]
        constraints = [
            models.UniqueConstraint("source", "reference", "key", name="redemption_event_once"),
            models.CheckConstraint(
                condition=sum_to("discount_fen"),
                name="redemption_event_parts_make_the_discount",
                violation_error_code="parts_not_whole",
                violation_error_message=_("The parts of all parties sum to the discount."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"


class RedemptionDay(PartyParts):
    """What the redemptions of one campaign at one outlet came to on one day: the counters by which
    quotas and day budgets are judged, and what the campaign's page shows.

    Uses and given sums count on the day of the purchase and stay; returned sums are counted beside
    them, on the day of the purchase as well. The parts are net: given less returned.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="redemption_days", db_index=False
    )
    outlet = models.ForeignKey("merchants.Outlet", on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    uses = models.IntegerField(_("redemptions"), default=0)
    amount_fen = models.BigIntegerField(_("amount"), default=0)
    discount_fen = models.BigIntegerField(_("discount"), default=0)
    returned_fen = models.BigIntegerField(_("discount returned"), default=0)

    objects: models.Manager["RedemptionDay"] = models.Manager()

    class Meta:
        verbose_name = _("day of redemptions")
        verbose_name_plural = _("days of redemptions")
        constraints = [
            models.UniqueConstraint("campaign", "day", "outlet", name="redemption_day_once"),
            models.CheckConstraint(
                condition=Q(
                    uses__gte=0,
                    amount_fen__gte=0,
                    discount_fen__gte=F("returned_fen"),
                    returned_fen__gte=0,
                ),
                name="redemption_day_counts",
            ),
        ]

    def __str__(self) -> str:
        return str(self.day)
