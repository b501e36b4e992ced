"""Files: what is taken in, under which name, and who gets it back."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from crm.api.rendering import PROBLEM
from crm.domain import access, files
from crm.errors import InvalidInput
from crm.models import AccessKind, AccessRecord, StoredFile
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

SOUND = {
    "协议.pdf": b"%PDF-1.7 ...",
    "photo.JPG": b"\xff\xd8\xff\xe0....",
    "shop.png": b"\x89PNG\r\n\x1a\n....",
    "list.csv": "名称\n海底捞".encode(),
    "list.xlsx": b"PK\x03\x04....",
}
REFUSED = {
    "empty": ("a.pdf", b"", "file_empty"),
    "disguised": ("a.pdf", b"MZ\x90", "file_kind_mismatch"),
    "program": ("a.exe", b"MZ\x90", "file_kind"),
    "page": ("a.html", b"<script>", "file_kind"),
    "nameless ending": ("pdf", b"%PDF-", "file_kind"),
    "too large": ("a.pdf", b"%PDF-" + bytes(files.LARGEST), "file_too_large"),
}
EVERY_KIND = (*files.DOCUMENTS, *files.LISTS)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_kept_with_its_digest(name: str, cast: Cast, at: Any) -> None:
    kept = files.keep(name, SOUND[name], kinds=EVERY_KIND, by=cast.ann, at=at)
    again = StoredFile.objects.get(pk=kept.pk)
    assert (again.name, bytes(again.content), again.size) == (name, SOUND[name], len(SOUND[name]))
    assert len(again.sha256) == 64


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_is_refused_and_nothing_kept(case: str, cast: Cast, at: Any) -> None:
    name, content, code = REFUSED[case]
    with pytest.raises(InvalidInput) as refused:
        files.keep(name, content, kinds=EVERY_KIND, by=cast.ann, at=at)
    assert refused.value.code == code
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/协议.pdf", "协议.pdf"),
        ("C:\\Users\\ann\\协议.pdf", "协议.pdf"),
        ("协\u202e议\n.pdf", "协议.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_a_name_has_no_folders_and_no_control_characters(given: str, kept: str) -> None:
    assert files.safe_name(given) == kept


def sent(phone: Phone, name: str, content: bytes) -> Any:
    return Client().post(
        "/api/v1/files/",
        data=content,
        content_type="application/pdf",
        headers={
            **phone.headers,
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        },
    )


def test_a_phone_sends_a_file_and_gets_it_back_byte_for_byte(cast: Cast) -> None:
    phone = Phone(cast.ann)
    answer = sent(phone, "%E5%8D%8F%E8%AE%AE.pdf", b"%PDF-1.7 \x00\xff")
    assert answer.status_code == 201, answer.content
    assert answer.json()["name"] == "协议.pdf"
    got = phone.get(f"files/{answer.json()['id']}/content/")
    assert got.content == b"%PDF-1.7 \x00\xff"
    assert got["Content-Disposition"].startswith("attachment;")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert Phone(cast.bo).get(f"files/{answer.json()['id']}/content/").status_code == 404


def test_a_file_that_is_too_large_is_413(cast: Cast) -> None:
    answer = sent(Phone(cast.ann), "a.pdf", b"%PDF-" + bytes(files.LARGEST))
    assert answer.status_code == 413
    assert answer["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    "statement", ["UPDATE crm_accessrecord SET reason = ''", "DELETE FROM crm_accessrecord"]
)
def test_nobody_changes_the_access_log(statement: str, cast: Cast, at: Any) -> None:
    access.record(AccessKind.UNMASKED, "contact", cast.ann.pk, by=cast.ann, at=at, reason="call")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AccessRecord.objects.count() == 1
