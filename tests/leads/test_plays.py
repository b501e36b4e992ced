"""The playbook: loaded in both languages, written as versions, retired."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import translation

from crm.actors import SYSTEM
from crm.errors import DomainError, NotAllowed, Stale
from crm.ids import uuid7
from leads.domain import plays
from leads.models import Play, PlayVersion, SubReason
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TEXTS = {"title_en": "Street walk", "title_zh": "同街走访"}


def test_every_sub_reason_has_its_play_in_both_languages(db: None, at: datetime) -> None:
    assert plays.load(by=SYSTEM, at=at) == plays.Loaded(17, 17)
    loaded = {play.code: play for play in Play.objects.select_related("current")}
    assert set(loaded) == set(SubReason.values)
    for code, play in loaded.items():
        assert (play.sub_reason, play.reason) == (code, SubReason(code).reason)
        assert play.current is not None
        for part in ("title", "phrases", "evidence", "offer", "resolved_when"):
            assert getattr(play.current, f"{part}_en"), (code, part)
            assert getattr(play.current, f"{part}_zh"), (code, part)
    with_case = {code for code, play in loaded.items() if play.current and play.current.case_en}
    assert set(loaded) - with_case == {"O2", "O3", "O4", "O5"}, "as in the table"


@pytest.mark.parametrize(
    ("code", "part", "english", "chinese"),
    [
        ("U1", "phrases", "Business is fine.", "生意还行，不需要"),
        ("U1", "offer", "two-week baseline report", "两周基线报告"),
        ("U4", "evidence", "commission", "平台佣金"),
        ("N2", "case", "48,000", "4.8 万"),
        ("P2", "case", "One-yuan hair wash", "一元洗头"),
        ("P4", "case", "cake shop", "蛋糕店"),
        ("O2", "offer", "60 days before", "到期前 60 天"),
        ("O3", "offer", "60 at the most", "最长 60 天"),
    ],
)
def test_what_the_plays_say(
    db: None, at: datetime, code: str, part: str, english: str, chinese: str
) -> None:
    plays.load(by=SYSTEM, at=at)
    version = Play.objects.get(code=code).current
    assert version is not None
    with translation.override("en"):
        assert english in getattr(version, part)
    with translation.override("zh-hans"):
        assert chinese in getattr(version, part)


def test_titles_are_the_words_of_the_sub_reasons(db: None, at: datetime) -> None:
    plays.load(by=SYSTEM, at=at)
    for play in Play.objects.select_related("current"):
        assert play.current is not None
        assert play.current.title_en == str(SubReason(play.code).label)


def test_loading_again_changes_nothing_and_leaves_what_people_wrote(
    cast: Cast, at: datetime
) -> None:
    plays.load(by=SYSTEM, at=at)
    edited = plays.revise(
        Play.objects.get(code="U1").pk, texts={"offer_zh": "四周报告"}, by=cast.max, at=at
    )
    assert plays.load(by=SYSTEM, at=at) == plays.Loaded(17, 0)
    assert PlayVersion.objects.count() == 18
    edited.refresh_from_db()
    assert edited.current is not None
    assert edited.current.offer_zh == "四周报告"


def test_a_play_that_nobody_wrote_on_follows_the_file(db: None, at: datetime) -> None:
    old = factories.PlayFactory(code="U1", sub_reason="U1", texts={"offer_en": "An older offer"})
    plays.load(by=SYSTEM, at=at)
    old.refresh_from_db()
    assert (old.current.number, old.current.title_en) == (2, "No problem felt")


def test_an_edit_is_the_next_version_and_keeps_the_rest(cast: Cast, at: datetime) -> None:
    play = plays.write(
        uuid7(), code="U9", reason="unaware", sub_reason="U1", texts=TEXTS, by=cast.mei, at=at
    )
    plays.revise(play.pk, texts={"offer_en": " Free report "}, by=cast.ada, at=at)
    first, second = PlayVersion.objects.filter(play=play).order_by("number")
    assert (first.number, first.offer_en, first.written_by) == (1, "", cast.mei)
    assert (second.number, second.offer_en, second.title_zh) == (2, "Free report", "同街走访")
    play.refresh_from_db()
    assert play.current == second


def test_nothing_new_makes_no_version(cast: Cast, at: datetime) -> None:
    play = factories.PlayFactory()
    plays.revise(play.pk, texts={"title_en": "Baseline report"}, by=cast.max, at=at)
    assert PlayVersion.objects.count() == 1


def test_category_groups_are_kept_in_order_without_a_new_version(cast: Cast, at: datetime) -> None:
    play = factories.PlayFactory()
    plays.revise(play.pk, category_groups=["travel", "dining", "travel"], by=cast.max, at=at)
    play.refresh_from_db()
    assert play.category_groups == ["dining", "travel"]
    assert PlayVersion.objects.count() == 1
    assert list(Play.objects.for_group("dining")) == [play]
    assert not Play.objects.for_group("retail").exists()


def test_a_retired_play_can_be_offered_again(cast: Cast, at: datetime) -> None:
    play = factories.PlayFactory()
    plays.retire(play.pk, by=cast.max, at=at)
    assert not Play.objects.active().exists()
    plays.reinstate(play.pk, by=cast.max, at=at)
    assert Play.objects.active().get() == play


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"texts": {"title_en": "Walk"}}, "title_required"),
        ({"texts": {**TEXTS, "joke_en": "…"}}, "part_unknown"),
        ({"texts": {**TEXTS, "offer_en": "x" * 2001}}, "text_too_long"),
        ({"reason": "why"}, "reason_unknown"),
        ({"sub_reason": "N1"}, "sub_reason_of_other_reason"),
        ({"category_groups": ["space"]}, "category_group_unknown"),
        ({"code": "TAKEN"}, "play_exists"),
        ({"code": " "}, "code_required"),
    ],
)
def test_what_makes_no_play(cast: Cast, at: datetime, values: dict[str, Any], code: str) -> None:
    factories.PlayFactory(code="TAKEN")
    given = {"code": "U9", "reason": "unaware", "texts": TEXTS} | values
    with pytest.raises(DomainError) as refusal:
        plays.write(uuid7(), by=cast.max, at=at, **given)
    assert refusal.value.code == code
    assert Play.objects.count() == 1


@pytest.mark.parametrize("name", ["ann", "sam", "fay", "rui", "pia", "otto"])
def test_only_leaders_and_administrators_write_plays(cast: Cast, at: datetime, name: str) -> None:
    play = factories.PlayFactory()
    with pytest.raises(NotAllowed):
        plays.revise(play.pk, texts={"offer_en": "…"}, by=cast.named(name), at=at)
    with pytest.raises(NotAllowed):
        plays.retire(play.pk, by=cast.named(name), at=at)


def test_two_who_edit_the_same_version_one_is_told(cast: Cast, at: datetime) -> None:
    play = factories.PlayFactory()
    plays.revise(play.pk, texts={"offer_en": "One"}, by=cast.max, at=at, version=1)
    with pytest.raises(Stale):
        plays.revise(play.pk, texts={"offer_en": "Two"}, by=cast.mei, at=at, version=1)


def test_a_version_stays_as_it_was(cast: Cast) -> None:
    factories.PlayFactory()
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        PlayVersion.objects.update(offer_en="…")
