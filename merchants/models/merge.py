"""Duplicates and merges: two rows for one merchant, made one, and two again if that was wrong."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Row, RowQuerySet, User


class DuplicateKind(models.TextChoices):
    """What two merchants have in common."""

    CREDIT_CODE = "credit_code", _("Same credit code")
    NAME_AND_DISTRICT = "name_and_district", _("Same name and district")
    PHONE = "phone", _("Same phone")
    SIMILAR_NAME = "similar_name", _("Similar name")


class MergeSide(models.TextChoices):
    """Whose value a field has after a merge."""

    KEPT = "kept", _("The merchant that is kept")
    OTHER = "other", _("The other merchant")


class MerchantMergeQuerySet(RowQuerySet["MerchantMerge"]):
    def visible_to(self, user: User) -> Self:
        """Those whose kept merchant one may know of; once they are undone, only with the other."""
        from merchants.models.merchant import Merchant

        known = Merchant.objects.visible_to(user)
        return self.filter(kept__in=known).filter(
            Q(undone_at=None) | Q(merged_id__in=known.values("pk"))
        )

    def standing(self) -> Self:
        """Merges that were not undone."""
        return self.filter(undone_at=None)


class MerchantMerge(Row):
    """One merge: what was chosen, and all that is needed to take it back.

    The snapshots are the two rows as PostgreSQL had them (`to_jsonb`), so that undoing restores
    every column that there is, whoever added it.
    """

    kept = models.ForeignKey(
        "merchants.Merchant",
        verbose_name=_("kept merchant"),
        on_delete=models.PROTECT,
        related_name="merges",
        db_index=False,
    )
    merged_id = models.UUIDField(_("merged merchant"))
    """The id that is gone while the merge stands; no foreign key, for nothing is there."""
    kept_name = models.CharField(_("kept merchant"), max_length=200)
    merged_name = models.CharField(_("merged merchant"), max_length=200)
    choices = models.JSONField(_("choices"), default=dict)
    """Field → whose value it has now."""
    kept_before = models.JSONField(default=dict, editable=False)
    kept_after = models.JSONField(default=dict, editable=False)
    merged_before = models.JSONField(default=dict, editable=False)
    moved = models.JSONField(default=list, editable=False)
    """[{table, column, rows: [[id, version or null]]}], the rows that pointed at the other."""
    renamed = models.JSONField(default=dict, editable=False)
    """Outlets that had to take another name: id → the name before."""
    dropped = models.JSONField(default=list, editable=False)
    """[{table, row}], links that both had, whole."""
    by = models.ForeignKey(
        "crm.User",
        verbose_name=_("merged by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("merged at"))
    undone_by = models.ForeignKey(
        "crm.User",
        verbose_name=_("undone by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    objects = MerchantMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="merge_newest"),
            models.Index(fields=["kept", "-at", "-id"], name="merge_of_kept"),
        ]
        constraints = [
            models.UniqueConstraint(
                "merged_id",
                name="merge_standing_once",
                condition=Q(undone_at=None),
                violation_error_code="merged_already",
                violation_error_message=_("This merchant was merged into another one already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_name} → {self.kept_name}"
