"""Who looked at what: reads that matter are written down, and stay written."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, RowQuerySet
from crm.models.people import Role, User


class AccessKind(models.TextChoices):
    UNMASKED = "unmasked", _("Personal data shown")
    EXPORTED = "exported", _("List exported")
    DOWNLOADED = "downloaded", _("File downloaded")


class UnmaskReason(models.TextChoices):
    """Why somebody had to read personal data in plain."""

    CALL = "call", _("To call or write to the person")
    VISIT = "visit", _("To prepare a visit")
    CORRECTION = "correction", _("To correct the data")
    COMPLAINT = "complaint", _("A complaint or a request of the person")
    OTHER = "other", _("Another reason")


class AccessRecordQuerySet(RowQuerySet["AccessRecord"]):
    def visible_to(self, user: User) -> Self:
        """Auditors, compliance and administrators read the log; everybody their own part."""
        watching = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)
        return self.all() if user.scope.holds(*watching) else self.filter(user=user)


class AccessRecord(Fact):
    """One reading of something protected. The database refuses to change or delete it."""

    at = models.DateTimeField(_("at"))
    user = models.ForeignKey(
        "crm.User",
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=AccessKind)
    noun = models.CharField(_("noun"), max_length=50)
    """What was read: `contact`, `merchant`, `file` …"""
    subject_id = models.UUIDField(_("subject"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    """For an export: filter, number of rows, digest of the file."""

    objects = AccessRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("access record")
        verbose_name_plural = _("access log")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_newest"),
            models.Index(fields=["user", "kind", "-at", "-id"], name="access_of_user"),
            models.Index(fields=["subject_id", "-at", "-id"], name="access_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.noun}"
