"""The API refuses in the language that is asked for, whoever wrote the sentence."""

import re
from typing import Any

import pytest

from tests.api import Phone
from tests.conftest import Cast

REFUSALS: dict[str, tuple[str, str, Any, int]] = {
    "a field is missing": ("POST", "merchants/", {}, 400),
    "a value has the wrong type": ("POST", "merchants/", {"name": ["x"]}, 400),
    "a value is null": ("POST", "merchants/", {"name": None}, 400),
    "a value is too long": ("POST", "merchants/", {"name": "长" * 5000}, 400),
    "a field is not known": ("POST", "merchants/", {"colour": "red"}, 400),
    "a sum is not one": ("POST", "leads/", {"expected_value": "much"}, 400),
    "a choice is not offered": ("POST", "leads/", {"source": "dream"}, 400),
    "a body is not JSON": ("POST", "merchants/", "text", 400),
    "a row is not there": ("GET", "leads/019cb000-0000-7000-8000-000000000000/", None, 404),
    "an address is not there": ("GET", "nowhere/", None, 404),
    "a method is not offered": ("DELETE", "me/", None, 405),
    "a parameter is not known": ("GET", "merchants/?colour=red", None, 400),
    "a cursor is not ours": ("GET", "merchants/?cursor=x", None, 400),
    "nobody is signed in": ("GET", "me/", None, 401),
    "a password is wrong": (
        "POST",
        "devices/",
        {"login": "ann@bank.test", "password": "x", "name": "p", "platform": "ios"},
        401,
    ),
}
ANONYMOUS = {"nobody is signed in", "a password is wrong"}
NAMES = re.compile(r"“[^”]*”|\"[^\"]*\"|UUIDv7|UTF-8|JSON|dict")
"""What stays as it is in every language: the caller's own words, names of formats."""


@pytest.mark.parametrize("language", ["zh-hans", "zh-CN", "zh-CN,zh;q=0.9,en;q=0.8"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_speaks_chinese(refusal: str, language: str, cast: Cast) -> None:
    method, path, body, status = REFUSALS[refusal]
    phone = Phone(None if refusal in ANONYMOUS else cast.ann, language)
    answer = phone.send(method, path, body)
    assert answer.status_code == status, answer.content
    problem = answer.json()
    sentences = [problem["title"], problem["detail"], *(one["detail"] for one in problem["errors"])]
    for sentence in sentences:
        assert re.search("[\u4e00-\u9fff]", sentence), sentence
        assert not re.search("[A-Za-z]{2,}", NAMES.sub("", sentence)), sentence
    assert answer.headers["Content-Language"] == "zh-hans"


def test_a_refusal_speaks_english_to_those_who_ask_for_it(cast: Cast) -> None:
    answer = Phone(cast.ann, "en").send("POST", "merchants/", {})
    assert answer.json()["errors"][0]["detail"] == "This field is required."
