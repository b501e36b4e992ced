"""The weekly report as a person looks at it: at a desk, on a phone, at night, full and empty.

`make weekly-screenshots` keeps what it sees in `docs/screenshots/`.
"""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from PIL import Image

from crm import report_mail
from tests.browser.test_admin_in_a_browser import browser  # noqa: F401
from tests.crm import weekly_made_up

pytestmark = pytest.mark.slow

WIDTHS = (600, 390)
LANGUAGES = {"zh": "zh-hans", "en": "en"}
WEEKS = ("full", "empty")

CUT_OFF = """() => [...document.querySelectorAll('td, th, img, a, p, div')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5);
}).map(one => one.outerHTML.slice(0, 80))"""
NUMBERS = """() => [...document.querySelectorAll('.number div')].map(one => {
    const box = one.getBoundingClientRect();
    const range = document.createRange(); range.selectNodeContents(one);
    const whole = range.getBoundingClientRect().right <= box.right + 0.5;
    return [one.textContent.trim(), whole, box.top];
})"""


def seen(language: str, week: str) -> str:
    """The mail with its pictures in it."""
    with translation.override(language):
        content = getattr(weekly_made_up, week)()
        letter = report_mail.letter(content)
    return report_mail.on_screen(letter.html, letter.parts)


def kept(picture: bytes, name: str) -> None:
    """A picture of few colours, so that it is small, where it was asked for."""
    folder = os.environ.get("WEEKLY_SHOTS")
    if folder:
        with Image.open(io.BytesIO(picture)) as shot:
            shot.convert("RGB").quantize(64).save(Path(folder) / name, optimize=True)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off(
    width: int,
    language: str,
    week: str,
    browser: Any,  # noqa: F811
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 400})
    page.set_content(seen(LANGUAGES[language], week))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CUT_OFF) == []
    tiles = page.evaluate(NUMBERS)
    if week == "full":
        assert len(tiles) == 4
        assert all(whole for _words, whole, _top in tiles), "a number does not fit its tile"
        assert len({top for _words, _whole, top in tiles}) == (1 if width == 600 else 2)
        pictures = page.evaluate("[...document.images].map(one => one.naturalWidth > 0)")
        assert pictures == [True] * 5
    else:
        assert tiles == []
    kept(page.screenshot(full_page=True), f"weekly-{week}-{language}-{width}.png")


def test_a_table_too_wide_would_be_noticed(browser: Any) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 390, "height": 400})
    page.set_content(seen("en", "full").replace("Leads", "L" * 90))
    assert page.evaluate(CUT_OFF) != []


@pytest.mark.parametrize("week", WEEKS)
def test_at_night_words_are_light_on_dark(week: str, browser: Any) -> None:  # noqa: F811
    context = browser.new_context(
        viewport={"width": 390, "height": 400}, color_scheme="dark", device_scale_factor=1
    )
    page = context.new_page()
    page.set_content(seen("zh-hans", week))
    contrasts = page.evaluate(CONTRASTS)
    assert contrasts
    assert [one for one in contrasts if one[1] < 4] == []
    if week == "full":
        kept(page.screenshot(full_page=True), "weekly-full-zh-390-dark.png")


CONTRASTS = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(one => {
            const part = one / 255;
            return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = one => {
        for (; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if (!/, 0\\)$/.test(colour)) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, holder = node.parentElement;
        if (!node.textContent.trim() || !holder.offsetHeight) continue;
        const a = light(getComputedStyle(holder).color), b = light(paper(holder));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push([node.textContent.trim().slice(0, 40), ratio]);
    }
    return found;
}"""
