"""Finance settles a month in a real browser, in Chinese, wide and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Discrepancy, Statement
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.campaigns.settlement_desk import DAY, Desk
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("screen", WIDTHS)
def test_a_statement_is_sent_compared_resolved_and_confirmed(
    screen: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    desk = Desk(cast)
    for number in range(3):
        desk.used(f"T{number}")
    statement = desk.drafted()
    here = f"/admin/campaigns/statement/{statement.pk}"
    fay = Person(browser, live_server.url, WIDTHS[screen], "zh-hans").signs_in("fay")
    page = fay.page

    fay.opens(f"{here}/change/")
    _presses(page, f"a[href$='{statement.pk}/send/']")
    desk.brought(statement, *(f"T{number},徐汇店,{DAY},20.00,100.00" for number in (0, 1)))
    fay.opens(f"{here}/confirm/")
    page.fill("#id_by_name", "王经理")
    page.click("button.crm-primary")
    page.wait_for_selector(".crm-refusal")

    fay.opens(f"{here}/change/")
    page.click("a[href*='discrepancy/?statement_id']")
    page.click("#result_list tbody a")
    page.wait_for_selector(f"a[href='{here}/change/']")
    assert page.locator("form[action$='/retry/']").count() == 0
    page.click("a[href$='/resolve/']")
    page.select_option("#id_resolution", index=1)
    page.click("button.crm-primary")
    page.wait_for_load_state()
    assert not Discrepancy.objects.open().exists()

    for address in ("lines", "differences"):
        fay.opens(f"{here}/{address}/")
        assert fay.sideways() <= 0, address
    assert "T2" in page.inner_text(".crm-table"), "what differs is shown first"
    fay.opens(f"{here}/confirm/")
    page.fill("#id_by_name", "王经理")
    page.click("button.crm-primary")
    page.wait_for_selector("text=王经理")
    assert Statement.objects.get().state == "merchant_confirmed"
    assert fay.sideways() <= 0
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"settlement-{screen}.png", full_page=True)
    assert fay.complaints == []


def _presses(page: Any, link: str) -> None:
    """Follow a link to a question, and answer it with its button."""
    page.click(link)
    page.click("button.crm-primary")
    page.wait_for_selector(".crm-steps .crm-past")
