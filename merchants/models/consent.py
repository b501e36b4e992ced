"""Consents: what a person agreed to, by which text, when, and whether they took it back."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class ConsentPurpose(models.TextChoices):
    """What the person agreed to. Each purpose is asked for on its own (PIPL Art. 14, 23)."""

    COOPERATION = "cooperation", _("Talks about a co-operation")
    MARKETING = "marketing", _("Marketing messages")
    SHARING = "sharing", _("Passing the data on to a partner")


class ConsentChannel(models.TextChoices):
    """How the person said so."""

    IN_PERSON = "in_person", _("In person")
    PAPER = "paper", _("Signed paper")
    PHONE = "phone", _("By phone")
    MESSAGE = "message", _("By message or e-mail")
    ONLINE = "online", _("Online form")
    NOT_STATED = "not_stated", _("Not stated")


class ConsentQuerySet(RowQuerySet["Consent"]):
    def visible_to(self, user: User) -> Self:
        from merchants.models.contact import Contact

        return self.filter(contact__in=Contact.objects.visible_to(user))

    def living(self) -> Self:
        """Given, and not taken back."""
        return self.filter(withdrawn_at=None)


class Consent(Row):
    """One consent of one person. Taken back it stays, as the proof of what was agreed and until
    when."""

    contact = models.ForeignKey(
        "merchants.Contact",
        verbose_name=_("contact"),
        on_delete=models.CASCADE,
        related_name="consents",
        db_index=False,
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentPurpose)
    text_version = models.CharField(_("version of the text"), max_length=50, blank=True)
    channel = models.CharField(_("channel"), max_length=12, choices=ConsentChannel)
    words = models.CharField(_("in their words"), max_length=300, blank=True)
    given_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["contact", "-created_at", "-id"], name="consent_of_contact"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose"],
                condition=Q(withdrawn_at=None),
                name="consent_once_per_purpose",
                violation_error_code="consent_exists",
                violation_error_message=_("The person has agreed to this already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after_given",
                violation_error_code="withdrawn_before_given",
                violation_error_message=_("A consent is withdrawn after it was given."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_purpose_display())
