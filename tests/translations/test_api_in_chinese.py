"""The API refuses in the language that is asked for, whoever wrote the sentence."""

import re
from typing import Any

import pytest

from tests.api import Phone
from tests.conftest import Cast

REFUSALS: dict[str, tuple[str, str, Any]] = {
    "a field is missing": ("POST", "merchants/", {}),
    "a value has the wrong type": ("POST", "merchants/", {"name": ["x"]}),
    "a value is null": ("POST", "merchants/", {"name": None}),
    "a value is too long": ("POST", "merchants/", {"name": "长" * 5000}),
    "a field is not known": ("POST", "merchants/", {"colour": "red"}),
    "a sum is not one": ("POST", "leads/", {"expected_value": "much"}),
    "a choice is not offered": ("POST", "leads/", {"source": "dream"}),
    "a body is not JSON": ("POST", "merchants/", "text"),
    "a row is not there": ("GET", "leads/019cb000-0000-7000-8000-000000000000/", None),
    "an address is not there": ("GET", "nowhere/", None),
    "a method is not offered": ("DELETE", "me/", None),
    "a parameter is not known": ("GET", "merchants/?colour=red", None),
    "a cursor is not ours": ("GET", "merchants/?cursor=x", None),
    "nobody is signed in": ("GET", "me/", None),
    "a password is wrong": (
        "POST",
        "devices/",
        {"login": "ann@bank.test", "password": "x", "name": "p", "platform": "ios"},
    ),
}
ANONYMOUS = {"nobody is signed in", "a password is wrong"}
NAMES = re.compile(r"“[^”]*”|\"[^\"]*\"|UUIDv7|UTF-8|JSON|null|str ")
"""What stays as it is in every language: the caller's own words, names of formats."""


@pytest.mark.parametrize("language", ["zh-hans", "zh-CN", "zh-CN,zh;q=0.9,en;q=0.8"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_speaks_chinese(refusal: str, language: str, cast: Cast) -> None:
    method, path, body = REFUSALS[refusal]
    phone = Phone(None if refusal in ANONYMOUS else cast.ann, language)
    answer = phone.send(method, path, body)
    assert answer.status_code in range(400, 500), answer.content
    problem = answer.json()
    sentences = [problem["title"], problem["detail"], *(one["detail"] for one in problem["errors"])]
    for sentence in sentences:
        assert re.search("[\u4e00-\u9fff]", sentence), sentence
        assert not re.search("[A-Za-z]{2,}", NAMES.sub("", sentence)), sentence
    assert answer.headers["Content-Language"] == "zh-hans"


def test_a_refusal_speaks_english_to_those_who_ask_for_it(cast: Cast) -> None:
    answer = Phone(cast.ann, "en").send("POST", "merchants/", {})
    assert answer.json()["errors"][0]["detail"] == "This field is required."
