"""“My chats” in a real browser, wide and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest

from crm.domain import chat_addresses
from crm.ids import uuid7
from crm.models import Channel
from tests import factories
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/0123456789abcdef"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_chat_is_found_set_up_and_tried_out(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    stopped = chat_addresses.set_up(
        uuid7(), channel=Channel.WECOM, address=WECOM, secret="", by=cast.ann, at=factories.AT
    )
    chat_addresses.stop_refused(
        stopped.pk, version=1, failure="wecom_93000: invalid webhook url", at=factories.AT
    )
    ann = Person(browser, live_server.url, WIDTHS[width], "en").signs_in("ann")
    ann.opens("/admin/my-notifications/")
    ann.page.get_by_role("link", name="My chats").first.click()
    ann.page.locator("select[name=channel]").select_option("feishu")
    ann.page.get_by_label("Address of the robot").fill(FEISHU)
    ann.page.get_by_role("button", name="Set up").click()
    ann.page.get_by_role("button", name="Send a test message").click()
    ann.page.get_by_text("A test message is on its way").wait_for()
    if shots := os.environ.get("SHOTS"):
        ann.page.screenshot(path=str(Path(shots) / f"chats-{width}.png"), full_page=True)
    assert ann.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not ann.complaints
