"""Photos of a visit: at most six, each once, and without what the camera wrote into them."""

import hashlib
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.domain import files
from crm.errors import NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import StoredFile, User
from crm.policies import require
from leads import policies
from leads.domain import photo_privacy, visits
from leads.models import Visit, VisitPhoto, VisitState
from leads.models.visit import MOST_PHOTOS
from merchants.domain import timeline

ADDED = timeline.kind("visit.photo", _("Photo added"), _("A photo of the visit was added."))
REMOVED = timeline.kind(
    "visit.photo_removed", _("Photo removed"), _("A photo of the visit was taken away.")
)
PICTURES = (files.JPEG, files.PNG)


@command
def add(visit_id: UUID, *, name: str, content: bytes, by: User, at: datetime) -> VisitPhoto:
    """Keep a photo of a visit that has begun. The same picture again is the photo that is there.

    Raises NotFound, NotAllowed, RuleBroken with code `too_many_photos` for a seventh or
    `not_checked_in`, InvalidInput for what is no photo (`file_kind`, `file_kind_mismatch`,
    `photo_broken`).
    """
    visit = visits.taken(visit_id, by)
    require(policies.may_make(by, visit), _("Only who makes the visit can do this."))
    if visit.state not in (VisitState.CHECKED_IN, VisitState.CHECKED_OUT):
        raise RuleBroken(_("Photos belong to a visit that has begun."), code="not_checked_in")
    digest = hashlib.sha256(content).hexdigest()
    there = {photo.sha256: photo for photo in VisitPhoto.objects.filter(visit=visit)}
    if digest in there:
        return there[digest]
    free = set(range(1, MOST_PHOTOS + 1)) - {photo.place for photo in there.values()}
    kept = files.keep(
        name,
        _picture(name, content),
        kinds=PICTURES,
        by=by,
        at=at,
    )
    photo = VisitPhoto.objects.create(
        pk=uuid7(),
        visit=visit,
        file=kept,
        sha256=digest,
        place=min(free, default=MOST_PHOTOS + 1),
        added_at=at,
    )
    _tell(ADDED, photo, by=by, at=at)
    visit.change(at=at)
    return photo


def _picture(name: str, content: bytes) -> bytes:
    """The picture without its metadata; what is none by its first bytes is left to be refused."""
    broken = _("This photo cannot be read.")
    if (
        content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        and len(content) <= files.LARGEST
    ):
        return photo_privacy.without_metadata(content, broken)
    return content


@command
def remove(photo_id: UUID, *, by: User, at: datetime) -> Visit:
    """Take a photo away, and its file with it unless it has become evidence of something.

    Raises NotFound, NotAllowed.
    """
    of_visit = VisitPhoto.objects.seen_by(by).filter(pk=photo_id).values_list("visit", flat=True)
    visit = visits.taken(of_visit.first() or photo_id, by)
    require(policies.may_make(by, visit), _("Only who makes the visit can do this."))
    photo = VisitPhoto.objects.filter(pk=photo_id, visit=visit).first()
    if photo is None:
        raise NotFound(_("There is no such row."))
    _tell(REMOVED, photo, by=by, at=at)
    file_id = photo.file_id
    photo.delete()
    with suppress(ProtectedError):
        StoredFile.objects.filter(pk=file_id).delete()
    return visit.change(at=at)


def _tell(kind: timeline.Kind, photo: VisitPhoto, *, by: Actor, at: datetime) -> None:
    timeline.record(
        kind, merchant_id=photo.visit.merchant_id, subject_id=photo.visit_id, by=by, at=at
    )
