"""What became of a campaign: its steps from stage to stage, and every version of its terms."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign
from campaigns.models.campaign_stages import CampaignStage
from crm.models import Fact, Row, RowQuerySet, User


class VersionState(models.TextChoices):
    """What has become of a version of the terms."""

    DRAFT = "draft", pgettext_lazy("terms version", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("terms version", "Submitted")
    IN_FORCE = "in_force", pgettext_lazy("terms version", "In force")
    SUPERSEDED = "superseded", pgettext_lazy("terms version", "Superseded")
    REFUSED = "refused", pgettext_lazy("terms version", "Not approved")


OPEN_VERSIONS = (VersionState.DRAFT, VersionState.SUBMITTED)
AGREED_VERSIONS = (VersionState.IN_FORCE, VersionState.SUPERSEDED)


class CampaignVersionQuerySet(RowQuerySet["CampaignVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(campaign__in=Campaign.objects.order_by().visible_to(user))

    def open(self) -> Self:
        """Written, and not decided upon."""
        return self.filter(state__in=OPEN_VERSIONS)

    def agreed(self) -> Self:
        """In force, or once in force."""
        return self.filter(state__in=AGREED_VERSIONS)

    def agreed_by(self, moment: datetime) -> Self:
        """Those that had taken effect by a moment."""
        return self.agreed().filter(effective_from__lte=moment)


class CampaignVersion(Row):
    """The terms of a campaign as they were written down; the database refuses to change them."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,
    )
    number = models.PositiveSmallIntegerField(_("version number"))
    parent = models.ForeignKey(
        "self",
        verbose_name=_("written from"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    terms = models.JSONField(_("terms"))
    """As `campaigns/domain/campaign_terms.py` writes and reads them; money in fen."""
    digest = models.CharField(_("SHA-256"), max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    effective_from = models.DateTimeField(_("in force from"), null=True)
    created_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("written by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    said = models.TextField(_("reason"), blank=True)
    """Why the terms are to change, in the planner's words."""

    objects = CampaignVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["campaign", "-created_at", "-id"], name="campaign_version_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                "campaign",
                "number",
                name="campaign_version_number_once",
                violation_error_code="version_twice",
                violation_error_message=_("Somebody else wrote this version just now."),
            ),
            models.UniqueConstraint(
                "campaign",
                name="campaign_version_one_open",
                condition=Q(state__in=OPEN_VERSIONS),
                violation_error_code="version_open",
                violation_error_message=_("A new version of these terms is waiting already."),
            ),
            models.UniqueConstraint(
                "campaign",
                name="campaign_version_one_in_force",
                condition=Q(state=VersionState.IN_FORCE),
                violation_error_code="version_in_force_twice",
                violation_error_message=_("Only one version of the terms is in force."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=AGREED_VERSIONS) | Q(effective_from__isnull=False),
                name="campaign_version_in_force_from",
                violation_error_code="version_without_moment",
                violation_error_message=_("What is in force says from when."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} v{self.number}"


class CampaignStepQuerySet(RowQuerySet["CampaignStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(campaign__in=Campaign.objects.order_by().visible_to(user))


class CampaignStep(Fact):
    """One step of a campaign from a stage to the next. Never changed."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="steps",
        db_index=False,
    )
    from_stage = models.CharField(_("from"), max_length=10, choices=CampaignStage, blank=True)
    to_stage = models.CharField(_("to"), max_length=10, choices=CampaignStage)
    version_number = models.PositiveSmallIntegerField(_("terms version"), default=0)
    actor = models.ForeignKey(
        "crm.User",
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """None is the product itself."""
    because = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"))

    objects = CampaignStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign step")
        verbose_name_plural = _("campaign steps")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["campaign", "-at", "-id"], name="campaign_step_of")]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"
