"""Chinese and English, everywhere: nothing untranslated, nothing out of date."""

import re

import pytest

from tests.translations import catalogues

ROOMS = [room for room in catalogues.ROOMS if room != "config"]
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_its_chinese(room: str) -> None:
    written = catalogues.written(room)
    missing = [
        message.id
        for message in catalogues.collected(room)
        if message.id
        and not (found := written.get(_key(message.id), message.context))
        or (message.id and not all(_texts(found.string)))
    ]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_translation_is_a_guess_or_loses_a_place(room: str) -> None:
    for message in catalogues.written(room):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        wanted = set(PLACES.findall(_texts(message.id)[-1]))
        for text in _texts(message.string):
            assert set(PLACES.findall(text)) == wanted, message.id


@pytest.mark.parametrize("room", ROOMS)
def test_the_compiled_catalogue_is_the_written_one(room: str) -> None:
    stored = (catalogues.home(room) / "django.mo").read_bytes()
    assert stored == catalogues.compiled(catalogues.written(room))


def _key(identifier: object) -> object:
    return identifier[0] if isinstance(identifier, tuple) else identifier


def _texts(value: object) -> list[str]:
    return list(value) if isinstance(value, tuple | list) else [str(value)]
