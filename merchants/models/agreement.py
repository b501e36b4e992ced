"""Agreements: what bank and merchant signed, version by version."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User
from crm.models.files import shown_through
from merchants.models.partnership import Partnership

LONGEST_SETTLEMENT_DAYS = 60
LONGEST_NOTICE_DAYS = 365


class AgreementState(models.TextChoices):
    """What has become of one version of an agreement."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Signed")
    SUPERSEDED = "superseded", _("Superseded")
    ENDED = "ended", _("Ended early")


class SettlementBasis(models.TextChoices):
    """What the days of settlement are counted from."""

    STATEMENT = "statement", _("From the confirmed statement")
    INVOICE = "invoice", _("From receipt of the invoice")
    MONTH_END = "month_end", _("From the end of the month")


class AgreementQuerySet(RowQuerySet["Agreement"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(partnership__in=Partnership.objects.order_by().visible_to(user))


class Agreement(Row):
    """One agreement under one number. What it says stands in its versions."""

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="agreements",
        db_index=False,
    )
    number = models.CharField(_("number"), max_length=60)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["partnership", "-created_at", "-id"], name="agreement_of_partnership"
            ),
            models.Index(fields=["-created_at", "-id"], name="agreement_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                "number",
                name="agreement_number_once",
                violation_error_code="agreement_number_taken",
                violation_error_message=_("An agreement with this number exists already."),
            ),
            models.CheckConstraint(
                condition=~Q(number=""),
                name="agreement_has_a_number",
                violation_error_code="agreement_number_required",
                violation_error_message=_("An agreement needs a number."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AgreementVersionQuerySet(RowQuerySet["AgreementVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(partnership__in=Partnership.objects.order_by().visible_to(user))

    def drafts(self) -> Self:
        return self.filter(state=AgreementState.DRAFT)

    def live(self) -> Self:
        """Signed, and neither superseded nor ended early."""
        return self.filter(state=AgreementState.LIVE)

    def signed(self) -> Self:
        """Everything that was ever signed."""
        return self.exclude(state=AgreementState.DRAFT)

    def in_force(self, on: date) -> Self:
        """What was signed and covers a day."""
        return self.signed().filter(starts_on__lte=on, last_day__gte=on)


class AgreementVersion(Row):
    """What an agreement says from a day on. Once signed, the database refuses to change it.

    Only how long it applies can be cut: `last_day` is the end it was signed with until an
    amendment takes over or the agreement is ended early.
    """

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,
    )
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="agreement_versions",
        db_index=False,
    )
    """The agreement's partnership, here again so that the database can compare periods."""
    number = models.PositiveSmallIntegerField(_("version number"))
    state = models.CharField(
        _("state"), max_length=10, choices=AgreementState, default=AgreementState.DRAFT
    )
    terms = models.TextField(_("terms"), blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    last_day = models.DateField(_("applies until"))
    bank_signatory = models.CharField(_("signatory of the bank"), max_length=100, blank=True)
    merchant_signatory = models.CharField(
        _("signatory of the merchant"), max_length=100, blank=True
    )
    settlement_days = models.PositiveSmallIntegerField(_("days of settlement"), default=30)
    settlement_basis = models.CharField(
        _("settlement counted"),
        max_length=12,
        choices=SettlementBasis,
        default=SettlementBasis.STATEMENT,
    )
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=30)
    document = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("signed paper"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    document_sha256 = models.CharField(
        _("SHA-256 of the signed paper"), max_length=64, blank=True, editable=False
    )
    drafted_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("drafted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    signed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("signed off by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    signed_at = models.DateTimeField(_("signed off at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("superseded or ended at"), null=True, blank=True)
    closed_because = models.TextField(_("ended because"), blank=True)

    objects = AgreementVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement version")
        verbose_name_plural = _("agreement versions")
        ordering = ["-number", "-id"]
        indexes = [
            models.Index(fields=["partnership", "last_day"], name="agreement_version_last_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                "agreement",
                "number",
                name="agreement_version_number_once",
                violation_error_code="agreement_version_exists",
                violation_error_message=_("This version of the agreement exists already."),
            ),
            models.UniqueConstraint(
                "agreement",
                name="agreement_one_draft",
                condition=Q(state=AgreementState.DRAFT),
                violation_error_code="agreement_has_draft",
                violation_error_message=_("This agreement has a draft already."),
            ),
            ExclusionConstraint(
                name="agreement_periods_apart",
                expressions=[
                    (F("partnership"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("last_day"),
                            # [day, day) is empty: a version that never applied meets no other.
                            template="daterange(%(expressions)s + 1, '[)')",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(state=AgreementState.DRAFT),
                violation_error_code="agreement_overlaps",
                violation_error_message=_(
                    "Another signed agreement of this partnership covers part of this time."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="agreement_ends_after_start",
                violation_error_code="agreement_ends_before_start",
                violation_error_message=_("An agreement ends on or after the day it starts."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__lte=F("ends_on")),
                name="agreement_applies_within_term",
                violation_error_code="agreement_applies_too_long",
                violation_error_message=_("An agreement does not apply beyond its end."),
            ),
            models.CheckConstraint(
                condition=Q(settlement_days__lte=LONGEST_SETTLEMENT_DAYS),
                name="agreement_settles_in_60_days",
                violation_error_code="settlement_too_long",
                violation_error_message=_("Settlement takes 60 days at the most."),
            ),
            models.CheckConstraint(
                condition=Q(notice_days__lte=LONGEST_NOTICE_DAYS),
                name="agreement_notice_within_a_year",
                violation_error_code="notice_too_long",
                violation_error_message=_("Notice is 365 days at the most."),
            ),
            models.CheckConstraint(
                condition=Q(state=AgreementState.DRAFT, signed_at=None)
                | (
                    ~Q(state=AgreementState.DRAFT)
                    & Q(signed_at__isnull=False)
                    & ~Q(bank_signatory="")
                    & ~Q(merchant_signatory="")
                    & ~Q(document_sha256="")
                ),
                name="agreement_signed_is_whole",
                violation_error_code="agreement_not_whole",
                violation_error_message=_(
                    "A signed agreement names its signatories and has the signed paper."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} v{self.number}"


@shown_through
def signed_papers(user: User) -> models.QuerySet[AgreementVersion, object]:
    """The papers of the agreements that a person may know of."""
    return (
        AgreementVersion.objects.visible_to(user)
        .filter(document__isnull=False)
        .order_by()
        .values_list("document_id", flat=True)
    )
