"""Card figures: what the card system says of a day, of a cohort of cards and of the cards in force.

What is filed at a unit is what was booked at that unit and at none below it, and what one source
says no other source says again: a unit's figures are the sum over everything below it and over all
sources. Lines with a merchant or a campaign are parts of the unit's line without either, and are
never added to it.
"""

from typing import Any, ClassVar, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Job, Row, RowQuerySet, User
from crm.models.jobs import JobQuerySet

CARD_FIGURES = "card_figures"
"""The kind of job that takes a file of card figures in."""


class FigureKind(models.TextChoices):
    """What a file or a batch of card figures speaks of."""

    DAILY = "daily", _("Figures of a day")
    COHORT = "cohort", _("Cohorts of cards")
    SNAPSHOT = "snapshot", _("Cards in force")


def key_of(*parts: object) -> UUID:
    """One key for what a line speaks of, so that a line that is filed twice is one line.

    It is made once and stays when merchants are merged: both keep their days.
    """
    return uuid5(NAMESPACE_OID, "|".join("" if part is None else str(part) for part in parts))


def _count(label: Any) -> Any:
    return models.BigIntegerField(label, default=0)


class FiledQuerySet[M: models.Model](RowQuerySet[M]):
    """Lines that the card system filed."""

    def visible_to(self, user: User) -> Self:
        """Those of one's own branch, and of every unit that one has to do with."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(unit__any_of=scope.known)


class SplitQuerySet[M: models.Model](FiledQuerySet[M]):
    """Lines of a unit as a whole, of its merchants and of its campaigns."""

    def visible_to(self, user: User) -> Self:
        """All of the units that one oversees; for reps those of their branch, and of merchants
        their own only."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        whole = Q(unit__any_of=scope.seen)
        if scope.pool:
            whole |= Q(unit__any_of=scope.pool) & (Q(merchant=None) | Q(merchant__owner_id=user.pk))
        return self.filter(whole)

    def of_whole_units(self) -> Self:
        """The lines that stand for all cards of a unit."""
        return self.filter(merchant=None, campaign=None)


class Filed(Row):
    """A line that the card system filed: by which source, at which unit, through which file."""

    key = models.UUIDField(unique=True, editable=False)
    source = models.CharField(_("source"), max_length=40)
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    intake = models.ForeignKey(
        "crm.Job",
        verbose_name=_("file"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    """The file that it came with last; none if it came through the API."""

    class Meta:
        abstract = True


class OfPart(Filed):
    """A line of a unit, or of a merchant or a campaign of it."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        abstract = True


class CardFigure(OfPart):
    """What happened with cards on one day."""

    day = models.DateField(_("day"))
    cards_issued = _count(_("new cards issued"))
    """Approved and produced; no replacements, no renewals."""
    cards_attributed = _count(_("attributed new cards"))
    cards_activated = _count(_("cards activated"))
    transactions = _count(_("transactions"))
    spend_fen = _count(_("spend"))
    reversed_fen = _count(_("spend reversed"))
    offers_issued = _count(_("offers issued"))
    offers_claimed = _count(_("offers claimed"))
    offers_redeemed = _count(_("offers redeemed"))
    offers_reversed = _count(_("redemptions reversed"))

    COUNTS: ClassVar[tuple[str, ...]] = (
        "cards_issued",
        "cards_attributed",
        "cards_activated",
        "transactions",
        "spend_fen",
        "reversed_fen",
        "offers_issued",
        "offers_claimed",
        "offers_redeemed",
        "offers_reversed",
    )

    objects = SplitQuerySet["CardFigure"].as_manager()

    class Meta:
        verbose_name = _("card figure")
        verbose_name_plural = _("card figures")
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["-day", "-id"], name="card_figure_newest"),
            models.Index(fields=["unit", "-day", "-id"], name="card_figure_of_unit"),
            models.Index(
                fields=["unit", "day"],
                name="card_figure_of_whole_unit",
                condition=Q(merchant=None, campaign=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    cards_issued__gte=0,
                    cards_attributed__gte=0,
                    cards_activated__gte=0,
                    transactions__gte=0,
                    spend_fen__gte=0,
                    reversed_fen__gte=0,
                    offers_issued__gte=0,
                    offers_claimed__gte=0,
                    offers_redeemed__gte=0,
                    offers_reversed__gte=0,
                ),
                name="card_figure_is_never_negative",
                violation_error_code="figure_negative",
                violation_error_message=_("A card figure is never below zero."),
            ),
            models.CheckConstraint(
                condition=Q(cards_attributed__lte=F("cards_issued")),
                name="card_figure_attributes_what_was_issued",
                violation_error_code="attributed_above_issued",
                violation_error_message=_("No more cards can be attributed than were issued."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.day}"


class CardCohort(OfPart):
    """The cards approved on one day, and how many of them were used since, as known on a day."""

    approved_on = models.DateField(_("approved on"))
    as_of = models.DateField(_("as of"))
    """The last day that these counts cover. An older state never replaces a newer one."""
    cards = _count(_("cards"))
    activated = _count(_("activated"))
    swiped_30 = _count(_("first purchase within 30 days"))
    swiped_60 = _count(_("first purchase within 60 days"))
    swiped_90 = _count(_("first purchase within 90 days"))

    COUNTS: ClassVar[tuple[str, ...]] = (
        "as_of",
        "cards",
        "activated",
        "swiped_30",
        "swiped_60",
        "swiped_90",
    )

    objects = SplitQuerySet["CardCohort"].as_manager()

    class Meta:
        verbose_name = _("cohort of cards")
        verbose_name_plural = _("cohorts of cards")
        ordering = ["-approved_on", "-id"]
        indexes = [
            models.Index(fields=["-approved_on", "-id"], name="card_cohort_newest"),
            models.Index(fields=["unit", "-approved_on", "-id"], name="card_cohort_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cards__gte=0, activated__gte=0, activated__lte=F("cards")),
                name="card_cohort_activates_its_own_cards",
                violation_error_code="activated_above_cards",
                violation_error_message=_("A cohort has no more activated cards than cards."),
            ),
            models.CheckConstraint(
                condition=Q(
                    swiped_30__gte=0,
                    swiped_60__gte=F("swiped_30"),
                    swiped_90__gte=F("swiped_60"),
                    cards__gte=F("swiped_90"),
                ),
                name="card_cohort_swipes_only_grow",
                violation_error_code="swipes_do_not_grow",
                violation_error_message=_(
                    "First purchases only grow from 30 to 60 to 90 days, up to the cohort's cards."
                ),
            ),
            models.CheckConstraint(
                condition=Q(as_of__gte=F("approved_on")),
                name="card_cohort_known_after_approval",
                violation_error_code="as_of_before_approval",
                violation_error_message=_("A cohort is known from the day of its approval on."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.approved_on}"


class CardSnapshot(Filed):
    """The cards of a unit at the end of one day."""

    day = models.DateField(_("day"))
    cards_issued = _count(_("cards issued in total"))
    policy_cards = _count(_("policy-function cards"))
    """Among the cards issued in total; left out of the sleeping-card rate."""
    cards_in_force = _count(_("cards in force"))
    active_1 = _count(_("active within 1 month"))
    active_3 = _count(_("active within 3 months"))
    active_6 = _count(_("active within 6 months"))
    active_12 = _count(_("active within 12 months"))
    accounts_in_force = _count(_("accounts in force"))
    active_accounts = _count(_("active accounts"))
    sleeping_cards = _count(_("sleeping cards"))
    """18 months or more without a transaction of the customer's own, nothing owed, nothing
    overpaid; policy-function cards are not among them."""

    COUNTS: ClassVar[tuple[str, ...]] = (
        "cards_issued",
        "policy_cards",
        "cards_in_force",
        "active_1",
        "active_3",
        "active_6",
        "active_12",
        "accounts_in_force",
        "active_accounts",
        "sleeping_cards",
    )

    objects = FiledQuerySet["CardSnapshot"].as_manager()

    class Meta:
        verbose_name = _("cards in force of a day")
        verbose_name_plural = _("cards in force by day")
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["-day", "-id"], name="card_snapshot_newest"),
            models.Index(fields=["unit", "source", "-day"], name="card_snapshot_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    policy_cards__gte=0,
                    sleeping_cards__gte=0,
                    cards_issued__gte=F("policy_cards") + F("sleeping_cards"),
                ),
                name="card_snapshot_sleepers_were_issued",
                violation_error_code="sleeping_above_issued",
                violation_error_message=_(
                    "Sleeping and policy-function cards together are no more than the cards issued."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    active_1__gte=0,
                    active_3__gte=F("active_1"),
                    active_6__gte=F("active_3"),
                    active_12__gte=F("active_6"),
                    cards_in_force__gte=F("active_12"),
                    cards_issued__gte=F("cards_in_force"),
                ),
                name="card_snapshot_active_only_grow",
                violation_error_code="active_do_not_grow",
                violation_error_message=_(
                    "Active cards only grow from 1 to 3, 6 and 12 months, up to the cards in force."
                ),
            ),
            models.CheckConstraint(
                condition=Q(active_accounts__gte=0, accounts_in_force__gte=F("active_accounts")),
                name="card_snapshot_active_accounts",
                violation_error_code="active_accounts_above_accounts",
                violation_error_message=_("No more accounts can be active than are in force."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.day}"


class FigureIntakeManager(models.Manager.from_queryset(JobQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> JobQuerySet:
        rows: JobQuerySet = super().get_queryset().of_kind(CARD_FIGURES)
        return rows


class FigureIntake(Job):
    """The files of card figures, as lists of their own."""

    objects: ClassVar[JobQuerySet] = FigureIntakeManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        verbose_name = _("file of card figures")
        verbose_name_plural = _("files of card figures")
        ordering = ["-created_at", "-id"]
