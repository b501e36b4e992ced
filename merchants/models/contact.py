"""Contacts: the people at a merchant. Everything about them is personal data."""

from datetime import date
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import sealing
from crm.models import Row, RowQuerySet, SealedField, User

SHORTEST_TAIL = 4


class LawfulBasis(models.TextChoices):
    """Why we may hold a person's data (PIPL Art. 13)."""

    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract with the person")
    LEGAL_DUTY = "legal_duty", _("Legal duty")
    PUBLIC = "public", _("Lawfully public")


class ContactRole(models.TextChoices):
    """What somebody is at the merchant."""

    OWNER = "owner", pgettext_lazy("contact", "Owner")
    LEGAL_REPRESENTATIVE = "legal_representative", _("Legal representative")
    STORE_MANAGER = "store_manager", _("Store manager")
    FINANCE = "finance", _("Finance")
    MARKETING = "marketing", _("Marketing")
    OPERATIONS = "operations", pgettext_lazy("contact", "Operations")
    OTHER = "other", _("Other")


class DecisionPower(models.TextChoices):
    """How much a person has to say about a co-operation."""

    DECIDES = "decides", _("Decides")
    INFLUENCES = "influences", _("Influences")
    USES = "uses", _("Uses")
    UNKNOWN = "unknown", _("Not known")


class ContactState(models.TextChoices):
    """Used, then only stored, then gone (PIPL Art. 47). There is no way back from erased."""

    ACTIVE = "active", pgettext_lazy("contact", "Active")
    RESTRICTED = "restricted", _("Restricted")
    ERASED = "erased", _("Erased")


class RestrictionReason(models.TextChoices):
    """Why a person's data are only stored any more."""

    CONSENT_WITHDRAWN = "consent_withdrawn", _("Consent withdrawn")
    REQUESTED = "requested", _("The person asked for it")
    NO_LONGER_NEEDED = "no_longer_needed", _("No longer needed")
    RETENTION = "retention", _("Kept by law only")
    OTHER = "other", _("Another reason")


def blind_phone(phone: str) -> bytes:
    """The digest that finds a stored phone again."""
    return sealing.blind(phone, purpose="contact.phone")


def blind_email(email: str) -> bytes:
    """The digest that finds a stored e-mail address again."""
    return sealing.blind(email, purpose="contact.email")


def blind_tail(digits: str) -> int:
    """The digest of the end of a phone."""
    return sealing.blind_number(digits, purpose="contact.phone_tail")


class ContactQuerySet(RowQuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))

    def with_phone(self, phone: str) -> Self:
        """Whose phone is this one, in the form in which phones are stored."""
        return self.filter(phone_index=blind_phone(phone))

    def with_email(self, email: str) -> Self:
        """Whose e-mail address is this one."""
        return self.filter(email_index=blind_email(email.strip().lower()))

    def sharing_a_phone_with(self, merchant_id: UUID) -> Self:
        """Contacts at other merchants whose phone a contact of this merchant has as well."""
        own = self.model.objects.filter(merchant=merchant_id, phone_index__isnull=False)
        return self.filter(phone_index__in=own.order_by().values("phone_index")).exclude(
            merchant=merchant_id
        )

    def with_phone_tail(self, digits: str) -> Self:
        """Whose phone ends with these digits (four or more)."""
        # Said to be a bigint: Django would send a bare number as four bytes, cut off.
        tail = Value(blind_tail(digits), output_field=models.BigIntegerField())
        return self.filter(phone_tails__contains=[tail])

    def beyond_retention(self, today: date) -> Self:
        """Held longer than was promised."""
        return self.exclude(state=ContactState.ERASED).filter(retain_until__lt=today)

    def sealed_before(self, generation: str) -> Self:
        """Sealed under other keys than those of today."""
        return self.exclude(state=ContactState.ERASED).exclude(sealed_under=generation)


class Contact(Row):
    """One person at a merchant. Name, phone and e-mail leave the product masked; phone and e-mail
    are sealed in the database too."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="contacts",
        db_index=False,
    )
    full_name = models.CharField(_("full name"), max_length=100, blank=True)
    masked_name = models.CharField(_("full name"), max_length=10, default="", editable=False)
    """What everybody reads: 张*. Written with the name, like the others that are masked."""
    role = models.CharField(
        _("role"), max_length=20, choices=ContactRole, default=ContactRole.OTHER
    )
    position = models.CharField(_("position"), max_length=100, blank=True)
    phone_sealed = SealedField(_("phone"), null=True, editable=False)
    phone_index = models.BinaryField(null=True, editable=False)
    phone_tails = ArrayField(models.BigIntegerField(), default=list, editable=False)
    masked_phone = models.CharField(_("phone"), max_length=20, blank=True, editable=False)
    email_sealed = SealedField(_("e-mail"), null=True, editable=False)
    email_index = models.BinaryField(null=True, editable=False)
    masked_email = models.CharField(_("e-mail"), max_length=260, blank=True, editable=False)
    sealed_under = models.CharField(max_length=40, blank=True, editable=False)
    """The generation of keys that sealed and indexed the row."""
    decision_power = models.CharField(
        _("decision power"), max_length=12, choices=DecisionPower, default=DecisionPower.UNKNOWN
    )
    best_from = models.TimeField(_("best reached from"), null=True, blank=True)
    best_until = models.TimeField(_("best reached until"), null=True, blank=True)
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    lawful_basis = models.CharField(_("lawful basis"), max_length=20, choices=LawfulBasis)
    notice_version = models.CharField(_("version of the notice"), max_length=50, blank=True)
    notice_given_at = models.DateTimeField(_("notice given at"), null=True, blank=True)
    retain_until = models.DateField(_("keep until"))
    state = models.CharField(
        _("state"), max_length=12, choices=ContactState, default=ContactState.ACTIVE
    )
    restricted_because = models.CharField(
        _("restricted because"),
        max_length=20,
        choices=RestrictionReason,
        blank=True,
        editable=False,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="contact_of_merchant"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            GinIndex(fields=["phone_tails"], name="contact_phone_tails"),
            models.Index(
                fields=["phone_index"],
                name="contact_by_phone",
                condition=Q(phone_index__isnull=False),
            ),
            models.Index(
                fields=["email_index"],
                name="contact_by_email",
                condition=Q(email_index__isnull=False),
            ),
            models.Index(
                fields=["retain_until", "id"],
                name="contact_by_retention",
                condition=~Q(state="erased"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lawful_basis__in=LawfulBasis.values),
                name="contact_has_a_lawful_basis",
                violation_error_code="lawful_basis_required",
                violation_error_message=_("Say on which lawful basis this person's data is held."),
            ),
            models.CheckConstraint(
                condition=Q(state=ContactState.ERASED) | ~Q(full_name=""),
                name="contact_has_a_name",
                violation_error_code="name_required",
                violation_error_message=_("A contact needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(best_from__isnull=True, best_until__isnull=True)
                | Q(best_from__isnull=False, best_until__isnull=False),
                name="contact_window_is_whole",
                violation_error_code="best_time_incomplete",
                violation_error_message=_("Say both from when and until when, or neither."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ContactState.ERASED)
                | Q(
                    full_name="",
                    position="",
                    phone_sealed=None,
                    phone_index=None,
                    phone_tails=[],
                    masked_phone="",
                    email_sealed=None,
                    email_index=None,
                    masked_email="",
                ),
                name="contact_erased_holds_nothing",
                violation_error_code="contact_erased",
                violation_error_message=_("This person's data were erased."),
            ),
        ]

    def __str__(self) -> str:
        return self.masked_name

    def open_phone(self) -> str:
        """The phone in plain. For verbs that may; lists read `masked_phone`."""
        return _sealed("phone_sealed").opened(self.phone_sealed, self.pk)

    def open_email(self) -> str:
        """The e-mail address in plain. For verbs that may; lists read `masked_email`."""
        return _sealed("email_sealed").opened(self.email_sealed, self.pk)


def _sealed(name: str) -> SealedField:
    column = Contact._meta.get_field(name)
    assert isinstance(column, SealedField)
    return column
