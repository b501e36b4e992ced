"""Evidence for the steps of a lead, and the waivers given where some is missing."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Fact, RowQuerySet, User
from crm.models.files import shown_through
from leads.models.lead import Lead
from leads.models.lead_words import LeadEvidenceKind
from leads.models.stages import Stage


class LeadEvidenceQuerySet(RowQuerySet["LeadEvidence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.order_by().visible_to(user))

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)


class LeadEvidence(Fact):
    """One piece of evidence about a lead. The database refuses to change or delete it."""

    lead = models.ForeignKey(
        Lead,
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        related_name="evidence",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=LeadEvidenceKind)
    said = models.TextField(_("notes"), blank=True)
    happened_on = models.DateField(_("date"))
    """The day that the evidence speaks of; never after the day on which it was filed."""
    numbers = models.JSONField(_("figures"), default=dict)
    """Figures by name, whole numbers or decimals as text; which ones depends on the kind."""
    document = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("document"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    filed_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("filed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("filed at"))

    objects = LeadEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of a lead")
        verbose_name_plural = _("evidence of leads")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-at", "-id"], name="lead_evidence_of_lead"),
            models.Index(fields=["-at", "-id"], name="lead_evidence_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LeadEvidenceKind.values),
                name="lead_evidence_kind_is_known",
                violation_error_code="evidence_unknown",
                violation_error_message=_("There is no such kind of evidence."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.happened_on}"


class LeadWaiverQuerySet(RowQuerySet["LeadWaiver"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.order_by().visible_to(user))

    def between(self, start: datetime, end: datetime) -> Self:
        """Waivers given in a span of time, as the report lists them."""
        return self.filter(at__gte=start, at__lt=end)


class LeadWaiver(Fact):
    """A guard that a leader let pass for one step of a lead, with the reason in writing.

    The database refuses to change or delete it.
    """

    lead = models.ForeignKey(
        Lead,
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        related_name="waivers",
        db_index=False,
    )
    to_stage = models.CharField(_("for the step to"), max_length=10, choices=Stage)
    guard = models.CharField(_("guard"), max_length=30)
    because = models.TextField(_("because"))
    given_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    objects = LeadWaiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver of a lead")
        verbose_name_plural = _("waivers of leads")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-at", "-id"], name="lead_waiver_of_lead"),
            models.Index(fields=["-at", "-id"], name="lead_waiver_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(because=""),
                name="lead_waiver_says_why",
                violation_error_code="waiver_needs_reason",
                violation_error_message=_("A waiver needs a written reason."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.guard} · {self.to_stage}"


@shown_through
def lead_documents(user: User) -> models.QuerySet[LeadEvidence, object]:
    """The documents of the evidence about leads that a person may know of."""
    return (
        LeadEvidence.objects.visible_to(user)
        .filter(document__isnull=False)
        .order_by()
        .values_list("document_id", flat=True)
    )
