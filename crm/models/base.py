"""What every row of the product has: an id, a version, when it was made and last changed."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.errors import Problem
from crm.ids import uuid7

if TYPE_CHECKING:
    from crm.actors import Actor
    from crm.models.people import User


class RowQuerySet[M: models.Model](models.QuerySet[M]):
    """The adjectives that every noun has."""

    def for_change(self) -> Self:
        """Lock the rows, in a fixed order, without blocking inserts that point at them."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def visible_to(self, user: "User") -> Self:
        """What this person may know of. Deny by default: each noun says who sees it."""
        return self.none()

    def seen_by(self, actor: "Actor") -> Self:
        """What the actor may know of; the system knows everything."""
        return self.all() if actor.pk is None else self.visible_to(actor)


class Row(models.Model):
    """A mutable row. `version` grows by one with every change; clients send it back (If-Match)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    notices: tuple[Problem, ...] = ()
    """What the verb that just ran has to say about its result, though it did not refuse."""

    class Meta:
        abstract = True

    def change(self, *, at: datetime, **values: Any) -> Self:
        """Set these values and write only them, as the next version of the row."""
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        self.updated_at = at
        self.save(update_fields=[*values, "version", "updated_at"])
        return self


class Fact(models.Model):
    """A row that is written once and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
