"""Photos of a visit: pictures only, each once, six at the most, and nothing of who took them."""

from typing import Any

import pytest

from crm.domain import files
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import StoredFile
from leads.domain import photo_privacy, visit_photos
from leads.domain.photo_privacy import BrokenPicture
from leads.models import Visit, VisitPhoto
from merchants.domain import evidence
from tests import factories
from tests.api import Phone
from tests.conftest import Cast
from tests.leads.pictures import HEADER, PNG, chunk, exif, jpeg, png, segment
from tests.leads.visiting import Round

GPS = b"GPS 31.195312 121.436874"


# --- without the camera's notes ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "clean"),
    [
        (jpeg(exif(1)), jpeg()),
        (jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + GPS)), jpeg()),
        (jpeg(segment(0xED, GPS)), jpeg()),
        (jpeg(segment(0xFE, GPS)), jpeg()),
        (jpeg(segment(0xE2, b"MPF\0" + GPS)), jpeg()),
        (jpeg(after=GPS), jpeg()),
        (jpeg(segment(0xE0, b"JFIF\0"), exif(1)), jpeg(segment(0xE0, b"JFIF\0"))),
        (jpeg(segment(0xE2, b"ICC_PROFILE\0")), jpeg(segment(0xE2, b"ICC_PROFILE\0"))),
        (png(7, chunk(b"eXIf", GPS)), png(7)),
        (png(7, chunk(b"tEXt", GPS), chunk(b"tIME", bytes(7))), png(7)),
        (png(7, chunk(b"gAMA", bytes(4))), png(7, chunk(b"gAMA", bytes(4)))),
        (png(7) + GPS, png(7)),
    ],
    ids=["exif", "xmp", "iptc", "comment", "second picture", "behind the end", "jfif stays",
         "colours stay", "png exif", "png text", "png gamma stays", "behind a png"],
)  # fmt: skip
def test_a_picture_keeps_itself_and_loses_its_metadata(content: bytes, clean: bytes) -> None:
    kept = photo_privacy.without_metadata(content, "…")
    assert kept == clean
    assert GPS not in kept
    assert photo_privacy.without_metadata(kept, "…") == kept, "nothing is left to take out"


@pytest.mark.parametrize("order", [">", "<"], ids=["Motorola", "Intel"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_how_the_camera_was_held_is_kept(orientation: int, order: str) -> None:
    kept = photo_privacy.without_metadata(jpeg(exif(orientation, order)), "…")
    assert GPS not in kept
    segments = [one for marker, one in photo_privacy._segments(kept) if marker == 0xE1]
    assert [photo_privacy._orientation(one[4:]) for one in segments] == [orientation]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff\xff",
        jpeg()[:-2],
        b"\xff\xd8" + b"nothing",
        PNG[:-8],
        b"\x89PNG\r\n\x1a\n" + HEADER,
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 40,
    ],
    ids=["three bytes", "a length beyond", "no end", "no marker", "cut", "no end of png", "noise"],
)
def test_what_only_begins_like_a_picture_is_broken(content: bytes) -> None:
    with pytest.raises(BrokenPicture):
        photo_privacy.without_metadata(content, "…")


# --- on a visit -------------------------------------------------------------------------------


@pytest.fixture
def round_(cast: Cast, at: Any) -> Round:
    return Round(cast, at)


@pytest.fixture
def visit(round_: Round) -> Visit:
    return round_.check_in(round_.plan())


def add(round_: Round, visit: Visit, content: bytes, **more: Any) -> VisitPhoto:
    given = {"name": "门头.png", "by": round_.cast.ann, "at": round_.at, **more}
    return visit_photos.add(visit.pk, content=content, **given)


@pytest.mark.django_db
def test_the_same_photo_twice_is_one_and_says_nothing_of_where(round_: Round, visit: Visit) -> None:
    taken = png(1, chunk(b"eXIf", GPS))
    first, again = add(round_, visit, taken), add(round_, visit, taken, name="再发.png")
    assert first == again
    kept = StoredFile.objects.get()
    assert bytes(kept.content) == png(1)
    assert VisitPhoto.objects.count() == 1


@pytest.mark.django_db
def test_a_seventh_photo_is_refused_and_a_free_place_is_taken(round_: Round, visit: Visit) -> None:
    photos = [add(round_, visit, png(grey)) for grey in range(6)]
    assert [one.place for one in photos] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(RuleBroken) as refusal:
        add(round_, visit, png(6))
    assert refusal.value.code == "too_many_photos"
    assert StoredFile.objects.count() == 6
    visit_photos.remove(photos[2].pk, by=round_.cast.ann, at=round_.at)
    assert add(round_, visit, png(6)).place == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("合同.pdf", b"%PDF-1.7", "file_kind"),
        ("门头.jpg", b"<html>", "file_kind_mismatch"),
        ("门头.png", jpeg(), "file_kind_mismatch"),
        ("门头.jpg", b"\xff\xd8\xff\xe0", "photo_broken"),
        ("门头.jpg", b"", "file_empty"),
        ("门头", PNG, "file_kind"),
        ("门头.gif", b"GIF89a", "file_kind"),
    ],
)
def test_what_is_no_photo_is_refused(
    round_: Round, visit: Visit, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(round_, visit, content, name=name)
    assert refusal.value.code == code
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_photos_are_taken_by_who_is_there_and_not_before(round_: Round, visit: Visit) -> None:
    with pytest.raises(NotAllowed):
        add(round_, visit, PNG, by=round_.cast.max)
    with pytest.raises(NotFound):
        add(round_, visit, PNG, by=round_.cast.sam)
    with pytest.raises(RuleBroken) as refusal:
        add(round_, round_.plan(), PNG)
    assert refusal.value.code == "not_checked_in"


@pytest.mark.django_db
def test_who_sees_the_visit_sees_the_photo(round_: Round, visit: Visit) -> None:
    photo = add(round_, visit, PNG)
    for name, sees in (("ann", True), ("max", True), ("otto", True), ("bo", False), ("sam", False)):
        files_ = StoredFile.objects.visible_to(round_.cast.named(name))
        assert files_.filter(pk=photo.file_id).exists() == sees, name


@pytest.mark.django_db
def test_a_photo_that_has_become_evidence_outlives_the_visits_link(
    round_: Round, visit: Visit
) -> None:
    photo, other = add(round_, visit, png(1)), add(round_, visit, png(2))
    partnership = factories.PartnershipFactory(merchant=round_.merchant, stage="onboarding")
    evidence.file_evidence(
        uuid7(),
        partnership.pk,
        kind="materials_photo",
        document_id=photo.file_id,
        said="门头物料",
        by=round_.cast.ann,
        at=round_.at,
    )
    for one in (photo, other):
        visit_photos.remove(one.pk, by=round_.cast.ann, at=round_.at)
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [photo.file_id]
    assert not VisitPhoto.objects.exists()
    with pytest.raises(NotFound):
        visit_photos.remove(photo.pk, by=round_.cast.ann, at=round_.at)


@pytest.mark.django_db
def test_a_phone_sends_a_photo_and_sends_it_again(round_: Round, visit: Visit) -> None:
    phone = Phone(round_.cast.ann)
    phone.headers["Content-Disposition"] = "attachment; filename*=UTF-8''%E9%97%A8%E5%A4%B4.png"
    path = f"visits/{visit.pk}/photos/"
    first = phone.send("POST", path, PNG)
    assert first.status_code == 201, first.content
    assert phone.send("POST", path, PNG).json() == first.json()
    shown = phone.get(f"visits/{visit.pk}/").json()["photos"]
    assert [(one["id"], one["place"]) for one in shown] == [(first.json()["id"], 1)]
    refused = phone.send("POST", path, b"%PDF-1.7")
    assert (refused.status_code, refused.json()["code"]) == (400, "file_kind_mismatch")
    content = phone.get(f"files/{first.json()['file']}/content/")
    assert content.content == PNG
    gone = phone.send("DELETE", f"visit-photos/{first.json()['id']}/")
    assert gone.json()["photos"] == []
    assert not StoredFile.objects.exists()
    assert files.JPEG in visit_photos.PICTURES
