"""The go-live checklist: what must be so in every shop before the first customer comes."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from crm.models import Row, RowQuerySet, User
from crm.models.files import shown_through


class GoLiveKind(models.TextChoices):
    """One thing to be done before a campaign starts in a shop."""

    MID_VERIFIED = "mid_verified", _("Merchant number verified")
    MATERIAL_PHOTO = "material_photo", _("Material on display, with a photo")
    STAFF_TRAINED = "staff_trained", _("Staff trained")
    TEST_REDEMPTION = "test_redemption", _("Test redemption done")


class GoLiveItemQuerySet(RowQuerySet["GoLiveItem"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(campaign__in=Campaign.objects.order_by().visible_to(user))

    def open(self) -> Self:
        """Not done yet."""
        return self.filter(done_at=None)

    def done(self) -> Self:
        return self.exclude(done_at=None)


class GoLiveItem(Row):
    """One thing to be done for one shop, or for a merchant that has no shop on record."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        related_name="go_live",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=GoLiveKind)
    merchant = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    outlet = models.ForeignKey(
        "merchants.Outlet",
        verbose_name=_("outlet"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    file = models.ForeignKey(
        "crm.StoredFile",
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    done_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("done by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    done_at = models.DateTimeField(_("done at"), null=True)

    objects = GoLiveItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("go-live item")
        verbose_name_plural = _("go-live items")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["campaign", "created_at", "id"], name="go_live_of_campaign"),
        ]
        constraints = [
            models.UniqueConstraint(
                "campaign",
                "kind",
                "outlet",
                name="go_live_once_per_outlet",
                condition=Q(outlet__isnull=False),
                violation_error_code="go_live_twice",
                violation_error_message=_("This is on the checklist already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.outlet or self.merchant}"


@shown_through
def files_of_go_live(user: User) -> models.QuerySet[GoLiveItem, object]:
    """Photos of the checklist are seen by whoever sees the campaign."""
    return GoLiveItem.objects.visible_to(user).exclude(file=None).values_list("file_id", flat=True)
