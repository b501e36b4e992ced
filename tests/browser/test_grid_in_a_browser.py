"""The nine-grid in a real browser: by keyboard at the desk, stacked on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from leads.domain import interviews, questions
from leads.domain.interviews import Wanted
from tests import factories
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.conftest import Cast
from tests.leads.interview_desk import COST, TABLES, interview

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", WIDTHS)
def test_an_interview_is_led_on_the_board(
    width: str,
    language: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    now = timezone.now()
    questions.load(at=now)
    factories.CategoryFactory()
    desk = interview(cast, now)
    desk.fill("R1", words="附近写字楼退租,上班族少了")
    desk.fill("R2", status="partial", numbers=[TABLES])
    desk.fill("C1", words="给熟客一个平日来的理由")
    desk.confirm("R3", words="平台券和退租,就是这两个原因")
    desk.fill("I1", words="厨师长也着急", numbers=[COST])
    named = [Wanted("有限量的闲时客流", covered=True), Wanted("翻台更快")]
    interviews.name_capabilities(desk.pain.pk, named, by=cast.ann, at=now)
    cast.ann.language = language
    cast.ann.save()

    ann = Person(browser, live_server.url, WIDTHS[width], language).signs_in("ann")
    ann.opens(f"/admin/leads/pain/{desk.pain.pk}/change/")
    page = ann.page
    shots = os.environ.get("SHOTS")
    if shots:
        page.screenshot(path=Path(shots) / f"grid-{width}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.focus('[data-cell="R1"]')
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.cell") == "I1"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**cell=I3**")
    page.fill("#confirm_words", "每月约 4.8 万")
    page.select_option("#confirm_agreed_by", str(desk.contact.pk))
    page.press("#confirm_words", "Tab")
    page.locator("#cell form[action*='/confirm/'] button[type=submit]").click()
    page.wait_for_url("**/change/**")
    desk.pain.refresh_from_db()
    assert desk.pain.status == "critical"
    assert desk.lead is not None
    ann.opens(f"/admin/leads/lead/{desk.lead.pk}/change/")
    page.wait_for_selector("#needs")
    if shots:
        page.locator("#needs").screenshot(path=Path(shots) / f"needs-{width}-{language}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not ann.complaints
