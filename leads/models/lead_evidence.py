"""Evidence for the steps of a lead, and the waivers given where some is missing."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import RowQuerySet, User
from crm.models.files import shown_through
from leads.models.lead import Lead
from leads.models.lead_words import LeadEvidenceKind
from leads.models.stages import Stage
from merchants.models.filed import FiledEvidence, GivenWaiver, WaiverRows


class LeadEvidenceQuerySet(RowQuerySet["LeadEvidence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.order_by().visible_to(user))

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)


class LeadEvidence(FiledEvidence):
    """One piece of evidence about a lead. The database refuses to change or delete it."""

    lead = models.ForeignKey(
        Lead,
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        related_name="evidence",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=LeadEvidenceKind)

    objects = LeadEvidenceQuerySet.as_manager()

    class Meta(FiledEvidence.Meta):
        verbose_name = _("evidence of a lead")
        verbose_name_plural = _("evidence of leads")
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


class LeadWaiverQuerySet(WaiverRows["LeadWaiver"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(lead__in=Lead.objects.order_by().visible_to(user))


class LeadWaiver(GivenWaiver):
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

    objects = LeadWaiverQuerySet.as_manager()

    class Meta(GivenWaiver.Meta):
        verbose_name = _("waiver of a lead")
        verbose_name_plural = _("waivers of leads")
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


@shown_through
def lead_documents(user: User) -> models.QuerySet[LeadEvidence, object]:
    """The documents of the evidence about leads that a person may know of."""
    return (
        LeadEvidence.objects.visible_to(user)
        .filter(document__isnull=False)
        .order_by()
        .values_list("document_id", flat=True)
    )
