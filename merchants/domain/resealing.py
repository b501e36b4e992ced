"""New keys: what was sealed under older ones is sealed anew, batch by batch."""

from dataclasses import dataclass
from uuid import UUID

from crm import sealing
from crm.command import command
from merchants.domain import personal
from merchants.models import Contact

BATCH = 500


@dataclass(frozen=True)
class Resealed:
    """What one batch came to."""

    done: int
    unreadable: tuple[UUID, ...]
    """People whose data no present key opens: they stay as they are."""
    last: UUID | None
    """Where the next batch goes on; none when there is nothing left."""


def left() -> int:
    """How many people's data are under other keys than those of today."""
    return Contact.objects.sealed_before(sealing.generation()).count()


@command
def reseal(*, after: UUID | None = None, limit: int = BATCH) -> Resealed:
    """Seal and index a batch under the first key and the index key of today.

    A rotation that was stopped goes on where it is begun again: rows that are done are not found.
    What people read does not change, so neither do the rows' versions.
    """
    rows = Contact.objects.sealed_before(sealing.generation()).for_change()
    if after is not None:
        rows = rows.filter(pk__gt=after)
    batch = list(rows[:limit])
    unreadable = []
    done = []
    columns: dict[str, object] = {}
    for contact in batch:
        try:
            columns = personal.sealed_anew(contact)
        except sealing.CannotOpen:
            unreadable.append(contact.pk)
            continue
        for name, value in columns.items():
            setattr(contact, name, value)
        done.append(contact)
    if done:
        Contact.objects.bulk_update(done, list(columns))
    return Resealed(len(done), tuple(unreadable), batch[-1].pk if batch else None)
