"""The organisation: head office → branch → sub-branch → team."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet

if TYPE_CHECKING:
    from crm.models.people import User


class UnitKind(models.TextChoices):
    HEAD_OFFICE = "head_office", _("Head office")
    BRANCH = "branch", _("Branch")
    SUB_BRANCH = "sub_branch", _("Sub-branch")
    TEAM = "team", _("Team")


class OrgUnitQuerySet(RowQuerySet["OrgUnit"]):
    def under(self, nodes: Iterable[UUID]) -> Self:
        """The nodes and everything below them."""
        return self.filter(ancestors__overlap=list(nodes))

    def visible_to(self, user: "User") -> Self:
        return self.filter(pk__in=user.scope.known)


class OrgUnit(Row):
    """A node of the organisation tree. `ancestors` runs from the root to the node itself."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    ancestors = ArrayField(models.UUIDField(), editable=False, default=list)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name", "id"]
        indexes = [GinIndex(fields=["ancestors"], name="orgunit_ancestors")]
        constraints = [
            models.UniqueConstraint(
                "parent",
                "name",
                nulls_distinct=False,
                name="orgunit_name_once_per_parent",
                violation_error_code="unit_name_taken",
                violation_error_message=_("There is a unit of this name at this place."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
