"""Files that people bring or fetch: agreements, evidence, lists of merchants.

They lie in the database: one backup holds everything, a file and the row that speaks of it are
written together or not at all, and there is no folder that somebody could serve by mistake.
"""

from collections.abc import Callable
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Fact, RowQuerySet
from crm.models.people import User

type Showing = Callable[[User], models.QuerySet[Any, Any]]

_SHOWN_THROUGH: list[Showing] = []


def shown_through(showing: Showing) -> Showing:
    """Let a room say which files a person sees because of a row they hang on.

    It is given the person and returns the ids of those files, as a `values_list`.
    """
    _SHOWN_THROUGH.append(showing)
    return showing


class StoredFileQuerySet(RowQuerySet["StoredFile"]):
    def visible_to(self, user: User) -> Self:
        """What one brought oneself, and what hangs on a row that one may know of."""
        mine = Q(owner=user)
        for showing in _SHOWN_THROUGH:
            mine |= Q(pk__in=showing(user))
        return self.filter(mine)

    def without_content(self) -> Self:
        return self.defer("content")


class StoredFile(Fact):
    """One file, with what it was called and the digest that proves it unchanged."""

    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.BinaryField(_("content"))
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """Who brought it, or for whom it was made; none is the system."""
    created_at = models.DateTimeField(_("created at"))

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="file_of_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="file_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
