"""Chinese and English, everywhere: nothing untranslated, nothing out of date."""

import re

import pytest
from django.utils import translation

from tests.translations import catalogues

PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.(?!\w)|\s[，。；：？！]")
"""A Chinese sentence that ends or pauses with a Latin mark, or with a space before its mark."""


@pytest.mark.parametrize("room", catalogues.ROOMS)
def test_every_sentence_has_its_chinese(room: str) -> None:
    written = {
        (message.context, catalogues.first(message.id)): catalogues.texts(message.string)
        for message in catalogues.written(room)
    }
    wanted = catalogues.catalogue_keys(catalogues.collected(room))
    assert sorted(map(str, (one for one in wanted if not all(written.get(one, [""]))))) == []


@pytest.mark.parametrize("room", catalogues.ROOMS)
def test_no_chinese_is_kept_for_what_nobody_says_any_more(room: str) -> None:
    written = catalogues.catalogue_keys(catalogues.written(room))
    assert written - catalogues.catalogue_keys(catalogues.collected(room)) == set()


@pytest.mark.parametrize("room", catalogues.ROOMS)
def test_no_translation_is_a_guess_or_loses_a_place(room: str) -> None:
    for message in catalogues.written(room):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        wanted = set(PLACES.findall(catalogues.texts(message.id)[-1]))
        for text in catalogues.texts(message.string):
            assert set(PLACES.findall(text)) == wanted, message.id


@pytest.mark.parametrize("room", catalogues.ROOMS)
def test_chinese_sentences_have_chinese_marks(room: str) -> None:
    odd = [
        text
        for message in catalogues.written(room)
        if message.id
        for text in catalogues.texts(message.string)
        if HALF_WIDTH.search(text)
    ]
    assert odd == []


def test_rooms_do_not_translate_the_same_words_differently() -> None:
    """gettext has one catalogue for all rooms: the first room's Chinese would win in silence."""
    said: dict[tuple[str | None, str], dict[str, list[str]]] = {}
    for room in catalogues.ROOMS:
        for message in catalogues.written(room):
            if message.id:
                key = (message.context, catalogues.first(message.id))
                said.setdefault(key, {})[room] = catalogues.texts(message.string)
    differing = {key: by for key, by in said.items() if len(set(map(tuple, by.values()))) > 1}
    assert differing == {}


@pytest.mark.parametrize("room", catalogues.ROOMS)
def test_the_compiled_catalogue_is_the_written_one(room: str) -> None:
    stored = (catalogues.home(room) / "django.mo").read_bytes()
    assert stored == catalogues.compiled(catalogues.written(room))


def test_the_admins_theme_speaks_chinese() -> None:
    said = catalogues.theme()
    assert len(said) > 100, "the theme was not read"
    with translation.override("zh-hans"):
        english = [one for one in said if _translated(one) == catalogues.first(one.identifier)]
    assert english == []


def _translated(one: catalogues.Marked) -> str:
    """A sentence in the active language, asked for just as the theme asks."""
    if isinstance(one.identifier, tuple):
        return translation.ngettext(*one.identifier, 1)
    if one.context:
        return translation.pgettext(one.context, one.identifier)
    return translation.gettext(one.identifier)


def test_our_words_come_before_djangos() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Log out") == "退出登录"


def test_a_sentence_without_chinese_would_be_noticed() -> None:
    with translation.override("zh-hans"):
        unknown = catalogues.Marked("Nobody ever said this.", None, "nowhere.py")
        assert _translated(unknown) == unknown.identifier
