"""Contacts: the people at a merchant. Everything about them is personal data."""

from typing import Self
from uuid import UUID

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class LawfulBasis(models.TextChoices):
    """Why we may hold a person's data (PIPL Art. 13)."""

    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract with the person")
    LEGAL_DUTY = "legal_duty", _("Legal duty")
    PUBLIC = "public", _("Lawfully public")


class ContactQuerySet(RowQuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.merchant import Merchant

        return self.filter(merchant__in=Merchant.objects.visible_to(user))

    def with_phone(self, phone: str) -> Self:
        """Whose phone is this one (E.164, or a hotline's digits)."""
        return self.annotate(backwards=Reverse("phone")).filter(backwards=phone[::-1])

    def sharing_a_phone_with(self, merchant_id: UUID) -> Self:
        """Contacts at other merchants whose phone a contact of this merchant has as well."""
        own = self.model.objects.filter(merchant=merchant_id).exclude(phone="")
        return (
            self.annotate(backwards=Reverse("phone"))
            .filter(backwards__in=own.values_list(Reverse("phone")))
            .exclude(merchant=merchant_id)
        )

    def with_phone_tail(self, digits: str) -> Self:
        """Whose phone ends with these digits (four or more)."""
        return self.annotate(backwards=Reverse("phone")).filter(backwards__startswith=digits[::-1])


class Contact(Row):
    """One person at a merchant. Phone and e-mail leave the product masked."""

    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="contacts",
        db_index=False,
    )
    full_name = models.CharField(_("full name"), max_length=100)
    position = models.CharField(_("position"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    masked_phone = models.CharField(_("phone"), max_length=20, blank=True, editable=False)
    """What everybody reads; written with the phone, so that no list ever touches the phone."""
    lawful_basis = models.CharField(_("lawful basis"), max_length=20, choices=LawfulBasis)
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    retain_until = models.DateField(_("keep until"))

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="contact_of_merchant"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            models.Index(
                OpClass(Reverse("phone"), name="text_pattern_ops"),
                name="contact_phone_tail",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lawful_basis__in=LawfulBasis.values),
                name="contact_has_a_lawful_basis",
                violation_error_code="lawful_basis_required",
                violation_error_message=_("Say on which lawful basis this person's data is held."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name
