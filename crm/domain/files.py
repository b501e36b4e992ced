"""Files are taken in: known by their first bytes, limited in size, named safely, digested."""

import hashlib
import unicodedata
from collections.abc import Collection
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import access
from crm.errors import InvalidInput, NotFound
from crm.models import AccessKind, StoredFile, User

LARGEST = 20 * 1024 * 1024
LONGEST_NAME = 200

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

_BEGINS = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n", XLSX: b"PK\x03\x04"}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ENDINGS = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    XLSX: (".xlsx",),
    CSV: (".csv", ".txt"),
}
DOCUMENTS = (PDF, JPEG, PNG)
"""What evidence and signed papers come as."""
LISTS = (CSV, XLSX)
"""What lists of merchants come as."""


@command
def keep(
    name: str,
    content: bytes,
    *,
    kinds: Collection[str],
    by: Actor,
    at: datetime,
) -> StoredFile:
    """Take a file in. Its kind follows from its name, and its first bytes must agree.

    Raises InvalidInput for an empty, too large, wrongly named or disguised file.
    """
    name = safe_name(name)
    kind = _kind(name, content)
    if kind not in kinds:
        raise _refused(
            _("Only these kinds of file are taken: %(kinds)s.")
            % {"kinds": ", ".join(ending for one in kinds for ending in _ENDINGS[one])},
            "file_kind",
        )
    return StoredFile.objects.create(
        name=name,
        content_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        owner_id=user_id(by),
        created_at=at,
    )


@command
def fetch(file_id: UUID, *, by: User, at: datetime) -> StoredFile:
    """A file with its content. That somebody else's was read is written down.

    Raises NotFound if the person may not know of it, or it is no longer kept.
    """
    file = StoredFile.objects.visible_to(by).filter(pk=file_id).first()
    if file is None:
        raise NotFound(_("There is no such row."))
    refuse_forgotten(file)
    if file.owner_id != by.pk:
        access.record(
            AccessKind.DOWNLOADED,
            "file",
            file.pk,
            by=by,
            at=at,
            file=file.name,
            sha256=file.sha256,
        )
    return file


def refuse_forgotten(file: StoredFile) -> None:
    """Raise NotFound for a file of which only its name and its digest are kept."""
    if not file.content:
        raise NotFound(_("This file is no longer kept."), code="file_forgotten")


def forget(files: QuerySet[StoredFile]) -> int:
    """Let go of what files say; that they were here, and their digests, stay. Returns how many."""
    return files.exclude(content=b"").update(content=b"")


def safe_name(name: str) -> str:
    """The name without folders and control characters, short enough, its ending kept."""
    plain = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    path = PurePath(plain.replace("\\", "/"))
    ending = path.suffix[:10]
    return f"{path.stem[: LONGEST_NAME - len(ending)]}{ending}" or "file"


def _kind(name: str, content: bytes) -> str:
    if not content:
        raise _refused(_("The file is empty."), "file_empty")
    if len(content) > LARGEST:
        raise _refused(_("The file is larger than 20 MB."), "file_too_large")
    ending = PurePath(name).suffix.lower()
    kind = next((one for one, endings in _ENDINGS.items() if ending in endings), "")
    if kind == XLSX and content.startswith(_OLD_EXCEL):
        raise _refused(
            _("This workbook is of an old kind or has a password; save it again as .xlsx."),
            "file_is_old_excel",
        )
    begins = _BEGINS.get(kind)
    if begins is not None and not content.startswith(begins):
        raise _refused(_("The file is not what its name says."), "file_kind_mismatch")
    return kind


def _refused(sentence: object, code: str) -> InvalidInput:
    return InvalidInput(str(sentence), code=code, attr="file")
