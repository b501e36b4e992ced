"""Evidence for the steps of a partnership, and the waivers given where some is missing."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import RowQuerySet, User
from crm.models.files import shown_through
from merchants.models.filed import FiledEvidence, GivenWaiver, WaiverRows
from merchants.models.partnership import Partnership
from merchants.models.partnership_words import EvidenceKind, PartnershipStage


class EvidenceQuerySet(RowQuerySet["Evidence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(partnership__in=Partnership.objects.order_by().visible_to(user))

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def filed_since(self, at: datetime) -> Self:
        return self.filter(at__gte=at)


class Evidence(FiledEvidence):
    """One piece of evidence on file. The database refuses to change or delete it."""

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="evidence",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind)

    objects = EvidenceQuerySet.as_manager()

    class Meta(FiledEvidence.Meta):
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            models.Index(fields=["partnership", "-at", "-id"], name="evidence_of_partnership"),
            models.Index(fields=["kind", "-at", "-id"], name="evidence_of_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EvidenceKind.values),
                name="evidence_kind_is_known",
                violation_error_code="evidence_unknown",
                violation_error_message=_("There is no such kind of evidence."),
            )
        ]


class WaiverQuerySet(WaiverRows["Waiver"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(partnership__in=Partnership.objects.order_by().visible_to(user))


class Waiver(GivenWaiver):
    """A guard that a branch manager let pass for one step, with the reason in writing.

    The database refuses to change or delete it.
    """

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("partnership"),
        on_delete=models.PROTECT,
        related_name="waivers",
        db_index=False,
    )
    to_stage = models.CharField(_("for the step to"), max_length=12, choices=PartnershipStage)

    objects = WaiverQuerySet.as_manager()

    class Meta(GivenWaiver.Meta):
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        indexes = [
            models.Index(fields=["partnership", "-at", "-id"], name="waiver_of_partnership"),
            models.Index(fields=["-at", "-id"], name="waiver_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(because=""),
                name="waiver_says_why",
                violation_error_code="waiver_needs_reason",
                violation_error_message=_("A waiver needs a written reason."),
            )
        ]


@shown_through
def evidence_documents(user: User) -> models.QuerySet[Evidence, object]:
    """The documents of the evidence that a person may know of."""
    return (
        Evidence.objects.visible_to(user)
        .filter(document__isnull=False)
        .order_by()
        .values_list("document_id", flat=True)
    )
