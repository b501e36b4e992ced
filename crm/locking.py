"""Taking one row to change it: locked, seen by the actor, and still what the actor read."""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.errors import NotFound, Stale
from crm.models import Row, RowQuerySet


def take[M: Row](
    rows: RowQuerySet[M], pk: UUID, *, version: int | None = None, attr: str | None = None
) -> M:
    """Lock the row for change.

    `rows` is what the actor may know of: anything else is NotFound, in the same words as a row that
    does not exist. With a version, Stale if somebody changed the row since; the row as it now is
    comes with the error. `attr` names the field that the id came in, if it is not the row that was
    asked for.
    """
    row = rows.for_change().filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such row."), attr=attr)
    if version is not None and row.version != version:
        raise Stale(
            _("Somebody changed this since you read it. Look at the current state and try again."),
            current=row,
        )
    return row


def known[M: models.Model](rows: models.QuerySet[M], pk: UUID, *, attr: str) -> M:
    """A row that another one is to point at, if the actor may know of it.

    Raises NotFound naming the field, in the same words whether it is hidden or missing.
    """
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such row."), attr=attr)
    return row
