"""Sealed texts: unreadable without the key, in another place, or changed."""

import base64
import hashlib

import pytest
from django.core.exceptions import ImproperlyConfigured

from crm import sealing
from crm.sealing import CannotOpen

KEYS = {
    name: base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()
    for name in ("old", "new", "index")
}


def test_equal_texts_are_sealed_differently_and_open_the_same() -> None:
    first, second = (sealing.seal("13800138000", place="here:1") for _ in range(2))
    assert first != second
    assert b"13800138000" not in first
    assert sealing.unseal(first, place="here:1") == sealing.unseal(second, place="here:1")
    assert sealing.unseal(memoryview(first), place="here:1") == "13800138000"


@pytest.mark.parametrize("place", ["here:2", "there:1", "here:1 "])
def test_a_sealed_text_opens_in_its_own_place_only(place: str) -> None:
    sealed = sealing.seal("13800138000", place="here:1")
    with pytest.raises(CannotOpen):
        sealing.unseal(sealed, place=place)


def test_a_changed_text_does_not_open() -> None:
    sealed = bytearray(sealing.seal("13800138000", place="here:1"))
    for position in (0, 1, 7, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(CannotOpen):
            sealing.unseal(bytes(changed), place="here:1")


def test_the_first_key_seals_and_all_keys_open(settings: pytest.FixtureRequest) -> None:
    settings.SEALING_KEYS = f"old:{KEYS['old']}"  # type: ignore[attr-defined]
    sealed = sealing.seal("张三", place="here:1")
    settings.SEALING_KEYS = f"new:{KEYS['new']},old:{KEYS['old']}"  # type: ignore[attr-defined]
    assert sealing.unseal(sealed, place="here:1") == "张三"
    assert sealing.key_of(sealed) == "old"
    assert sealing.key_of(sealing.seal("张三", place="here:1")) == "new"
    settings.SEALING_KEYS = f"new:{KEYS['new']}"  # type: ignore[attr-defined]
    with pytest.raises(CannotOpen):
        sealing.unseal(sealed, place="here:1")


def test_a_blind_index_is_equal_for_equal_texts_of_one_purpose_and_one_key(
    settings: pytest.FixtureRequest,
) -> None:
    index = sealing.blind("13800138000", purpose="phone")
    assert index == sealing.blind("13800138000", purpose="phone")
    assert index != sealing.blind("13800138000", purpose="tail")
    assert index != sealing.blind("13800138001", purpose="phone")
    assert -(2**63) <= sealing.blind_number("8000", purpose="tail") < 2**63
    before = sealing.generation()
    settings.BLIND_INDEX_KEY = KEYS["index"]  # type: ignore[attr-defined]
    assert index != sealing.blind("13800138000", purpose="phone")
    assert sealing.generation() != before


UNSOUND = {
    "no key": ("", KEYS["index"]),
    "an id alone": ("old", KEYS["index"]),
    "a key without an id": (":" + KEYS["old"], KEYS["index"]),
    "an odd id": ("o/d:" + KEYS["old"], KEYS["index"]),
    "a short key": ("old:c2hvcnQ=", KEYS["index"]),
    "no base64": ("old:not base64!", KEYS["index"]),
    "a regular key": ("old:" + "A" * 43 + "=", KEYS["index"]),
    "one id twice": (f"old:{KEYS['old']},old:{KEYS['new']}", KEYS["index"]),
    "no index key": ("old:" + KEYS["old"], ""),
    "a short index key": ("old:" + KEYS["old"], "c2hvcnQ="),
}


@pytest.mark.parametrize("kind", UNSOUND)
def test_unsound_keys_are_refused(kind: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        sealing.parsed(*UNSOUND[kind])


def test_a_new_key_is_sound_and_never_the_same() -> None:
    first, second = sealing.new_key(), sealing.new_key()
    assert first != second
    assert sealing.parsed(f"k1:{first}", second).first == "k1"
