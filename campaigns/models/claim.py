"""Claims: what a merchant wants back of a campaign beyond its redemptions, with proof."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign
from crm.models import Fact, Row, RowQuerySet, User
from crm.models.files import shown_through
from merchants.models import Merchant

LARGEST_CLAIM_FEN = 10**13
TIME_TO_CORRECT = timedelta(days=7)
"""For so long the money stays for a claim that was sent back, so that it can be extended."""


class ClaimState(models.TextChoices):
    """Where a claim stands."""

    DRAFT = "draft", pgettext_lazy("claim", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("claim", "Submitted")
    RETURNED = "returned", pgettext_lazy("claim", "Returned")
    APPROVED = "approved", pgettext_lazy("claim", "Approved")
    PARTLY_APPROVED = "partly_approved", pgettext_lazy("claim", "Partly approved")
    REJECTED = "rejected", pgettext_lazy("claim", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")
    PAID = "paid", pgettext_lazy("claim", "Paid")
    CLAWED_BACK = "clawed_back", pgettext_lazy("claim", "Clawed back")


_STATES = ClaimState
ROADS: dict[str, tuple[ClaimState, ...]] = {
    _STATES.DRAFT: (_STATES.SUBMITTED, _STATES.WITHDRAWN),
    _STATES.RETURNED: (_STATES.SUBMITTED, _STATES.WITHDRAWN),
    _STATES.SUBMITTED: (
        _STATES.RETURNED,
        _STATES.APPROVED,
        _STATES.PARTLY_APPROVED,
        _STATES.REJECTED,
        _STATES.WITHDRAWN,
    ),
    _STATES.APPROVED: (_STATES.PAID,),
    _STATES.PARTLY_APPROVED: (_STATES.PAID,),
    _STATES.PAID: (_STATES.CLAWED_BACK,),
    _STATES.REJECTED: (),
    _STATES.WITHDRAWN: (),
    _STATES.CLAWED_BACK: (),
}
"""Where a claim may go from where it stands; nowhere else."""

WRITABLE = (ClaimState.DRAFT, ClaimState.RETURNED)
UNPAID = (ClaimState.APPROVED, ClaimState.PARTLY_APPROVED)
GRANTED = (
    *UNPAID,
    ClaimState.PAID,
    ClaimState.CLAWED_BACK,
)


class ClaimEvidenceKind(models.TextChoices):
    """What proves a claim."""

    PHOTO = "photo", _("Photo")
    RECEIPT = "receipt", _("Receipt")
    INVOICE = "invoice", _("Invoice")
    REPORT = "report", _("Report")


class ClaimQuerySet(RowQuerySet["Claim"]):
    def visible_to(self, user: User) -> Self:
        """Of campaigns that one may know of and merchants that one looks after or oversees, and
        what one claims oneself; a merchant that is only seen in the pool shows no claims."""
        if user.scope.sees_everything:
            return self.all()
        # Told by the merchant's columns: a list of a branch's merchants would be read anew for
        # every claim.
        looked_after = Q(merchant__owner=user) | Q(merchant__unit__any_of=user.scope.seen)
        seen = Merchant.objects.order_by().visible_to(user)
        return self.filter(
            looked_after | Q(claimant=user, merchant__in=seen),
            campaign__in=Campaign.objects.order_by().visible_to(user),
        )

    def waiting(self) -> Self:
        """Submitted, and not decided yet."""
        return self.filter(state=ClaimState.SUBMITTED)

    def keeping_money(self, at: datetime) -> Self:
        """Those for which the money of their campaign stays: they came in time and are not decided,
        or may still come because they were extended, or were sent back just now."""
        return self.filter(
            Q(state=ClaimState.SUBMITTED)
            | Q(state__in=WRITABLE, extended_to__gte=timezone.localdate(at))
            | Q(state=ClaimState.RETURNED, updated_at__gte=at - TIME_TO_CORRECT)
        )

    def unanswered(self, at: datetime) -> Self:
        """Those that somebody waits for: money may still be granted, or was and is not paid."""
        return self.keeping_money(at) | self.filter(
            Q(state__in=UNPAID) | Q(state__in=WRITABLE, last_day__gte=timezone.localdate(at))
        )

    def missed(self, on: date) -> Self:
        """Still to be submitted although the last day for it is over."""
        return self.filter(state__in=WRITABLE, last_day__lt=on)

    def overdue(self, on: date, *, submitted_before: datetime) -> Self:
        """Missed by whoever claims, or waiting for a decision since before a moment."""
        waiting = Q(state=ClaimState.SUBMITTED, submitted_at__lt=submitted_before)
        return self.filter(Q(state__in=WRITABLE, last_day__lt=on) | waiting)


class Claim(Row):
    """One claim of a merchant against the money of a campaign (material, prizes, training: what no
    redemption pays for)."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="claims",
        db_index=False,
    )
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="claims",
        db_index=False,
    )
    said = models.TextField(_("what for"))
    amount_claimed_fen = models.BigIntegerField(_("amount claimed"))
    amount_approved_fen = models.BigIntegerField(_("amount approved"), null=True)
    state = models.CharField(
        _("state"), max_length=20, choices=ClaimState, default=ClaimState.DRAFT
    )
    deadline = models.DateField(_("deadline"))
    """The last day on which it can be submitted, by the campaign's terms."""
    extended_to = models.DateField(_("extended to"), null=True)
    last_day = models.DateField(_("last day"), editable=False)
    """The deadline, or the day that it was extended to."""
    claimant = models.ForeignKey(
        "crm.User",
        verbose_name=_("claimant"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """Who claims for the merchant."""
    submitted_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("submitted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    decided_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("decided by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    payment_reference = models.CharField(_("payment reference"), max_length=100, blank=True)
    keep_until = models.DateField(_("proof kept until"))
    """Until this day the database lets nobody empty the files that prove it."""

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="claim_newest"),
            models.Index(fields=["campaign", "-created_at", "-id"], name="claim_of_campaign"),
            models.Index(fields=["merchant", "-created_at", "-id"], name="claim_of_merchant"),
            models.Index(fields=["last_day", "id"], name="claim_by_last_day"),
            models.Index(fields=["state", "submitted_at"], name="claim_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_claimed_fen__gt=0, amount_claimed_fen__lte=LARGEST_CLAIM_FEN),
                name="claim_above_zero",
                violation_error_code="claim_amount",
                violation_error_message=_("A claim is above zero."),
            ),
            models.CheckConstraint(
                condition=Q(amount_approved_fen=None)
                | Q(amount_approved_fen__gt=0, amount_approved_fen__lte=F("amount_claimed_fen")),
                name="claim_approved_within_claimed",
                violation_error_code="claim_approved_amount",
                violation_error_message=_(
                    "What is approved is above zero and at most what was claimed."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GRANTED) | Q(amount_approved_fen__isnull=False),
                name="claim_granted_has_amount",
                violation_error_code="claim_approved_amount",
                violation_error_message=_(
                    "What is approved is above zero and at most what was claimed."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    (Q(decided_by=None) | Q(claimant=None) | ~Q(decided_by=F("claimant")))
                    & (Q(decided_by=None) | Q(submitted_by=None) | ~Q(decided_by=F("submitted_by")))
                ),
                name="claim_decided_by_another",
                violation_error_code="self_approval",
                violation_error_message=_("Nobody decides on a claim of their own."),
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=F("deadline")),
                name="claim_extension_is_later",
                violation_error_code="claim_extension",
                violation_error_message=_("An extension ends after the deadline."),
            ),
            models.CheckConstraint(
                condition=~Q(said=""),
                name="claim_says_what_for",
                violation_error_code="claim_what_for",
                violation_error_message=_("Say what the claim is for."),
            ),
            models.UniqueConstraint(
                "payment_reference",
                name="claim_payment_once",
                condition=~Q(payment_reference=""),
                violation_error_code="payment_exists",
                violation_error_message=_("This payment was filed for another claim already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.campaign}"

    @property
    def is_writable(self) -> bool:
        """Whether whoever claims may still change it."""
        return self.state in WRITABLE


class ClaimEvidenceQuerySet(RowQuerySet["ClaimEvidence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(claim__in=Claim.objects.order_by().visible_to(user))


class ClaimEvidence(Fact):
    """One proof of a claim, known by the digest of the file. The same file may prove something
    else as well (a photo of a visit), and proves one claim once."""

    claim = models.ForeignKey(
        Claim,
        verbose_name=_("claim"),
        on_delete=models.PROTECT,
        related_name="evidence",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ClaimEvidenceKind)
    document = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    said = models.CharField(_("notes"), max_length=500, blank=True)
    filed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("filed at"))

    objects = ClaimEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof of a claim")
        verbose_name_plural = _("proofs of claims")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["claim", "-at", "-id"], name="claim_evidence_of_claim"),
            models.Index(fields=["sha256"], name="claim_evidence_by_digest"),
        ]
        constraints = [
            models.UniqueConstraint(
                "claim",
                "sha256",
                name="claim_evidence_once",
                violation_error_code="evidence_twice",
                violation_error_message=_("This file proves the claim already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ClaimEvidenceKind.values),
                name="claim_evidence_kind_is_known",
                violation_error_code="evidence_unknown",
                violation_error_message=_("There is no such kind of evidence."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.sha256[:8]}"


class ClaimStepQuerySet(RowQuerySet["ClaimStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(claim__in=Claim.objects.order_by().visible_to(user))


class ClaimStep(Fact):
    """One step of a claim's life; an extension of its deadline is one, too. Nothing changes it."""

    claim = models.ForeignKey(
        Claim,
        verbose_name=_("claim"),
        on_delete=models.PROTECT,
        related_name="steps",
        db_index=False,
    )
    from_state = models.CharField(_("from"), max_length=20, choices=ClaimState)
    to_state = models.CharField(_("to"), max_length=20, choices=ClaimState)
    amount_fen = models.BigIntegerField(_("amount"), null=True)
    extended_from = models.DateField(_("last day until then"), null=True)
    extended_to = models.DateField(_("extended to"), null=True)
    because = models.TextField(_("because"), blank=True)
    by = models.ForeignKey(
        "crm.User",
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    objects = ClaimStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a claim")
        verbose_name_plural = _("steps of claims")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["claim", "-at", "-id"], name="claim_step_of_claim")]

    def __str__(self) -> str:
        return f"{self.get_from_state_display()} → {self.get_to_state_display()}"


@shown_through
def claim_documents(user: User) -> models.QuerySet[ClaimEvidence, object]:
    """The proofs of the claims that a person may know of."""
    return ClaimEvidence.objects.visible_to(user).order_by().values_list("document_id", flat=True)
