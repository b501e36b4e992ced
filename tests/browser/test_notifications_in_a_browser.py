"""One's notifications in a real browser, wide and on a phone, and the way out of a kind of mail."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from crm.domain import preferences, webhook_endpoints
from crm.domain.notification_kinds import KINDS
from crm.ids import uuid7
from crm.models import Channel, ChatAddress, DeliveryState, Notification
from crm.unsubscribing import unsubscribe_address
from tests import factories
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", WIDTHS)
def test_notifications_are_chosen_on_every_screen(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
    settings: Any,
) -> None:
    settings.PUBLIC_URL = live_server.url
    for channel in (Channel.WECOM, Channel.DINGTALK):
        ChatAddress.objects.create(
            user=cast.ada, channel=channel, address=b"sealed", host="chat.test"
        )
    Notification.objects.create(
        delivery=factories.DeliveryFactory(recipient=cast.ada, channel=Channel.INBOX),
        recipient=cast.ada,
        kind="follow_up_due",
        title="跟进：送方案（海底捞火锅）",
        body="您约了今天跟进海底捞火锅：送方案。",
    )
    ada = Person(browser, live_server.url, WIDTHS[width], "en").signs_in("ada")

    def looks(name: str) -> None:
        if shots := os.environ.get("SHOTS"):
            ada.page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
        assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name

    ada.opens("/admin/crm/notification/")
    looks("inbox")
    ada.page.get_by_role("button", name="Mark all as read").click()
    ada.page.get_by_text("1 message was marked as read.").wait_for()

    ada.opens("/admin/my-notifications/")
    looks("my-notifications")
    box = ada.page.locator('input[value="follow_up_due:mail"]')
    assert box.is_checked()
    box.uncheck()
    ada.page.get_by_role("button", name="Save").click()
    ada.page.get_by_text("1 choice was changed.").wait_for()
    assert not box.is_checked()
    looks("my-notifications-chosen")

    ada.opens("/admin/notification-defaults/?role=finance")
    looks("notification-defaults")

    kind = KINDS["lead_goes_back"]
    ada.opens(unsubscribe_address(cast.ada, kind.name).removeprefix(live_server.url))
    looks("unsubscribe")
    ada.page.get_by_role("button", name="Switch them off").click()
    ada.page.get_by_text("No more e-mails of this kind").wait_for()
    looks("unsubscribed")
    assert Channel.MAIL not in preferences.channels_for(kind, [cast.ada])[cast.ada.pk]
    assert not ada.complaints


@pytest.mark.parametrize("width", WIDTHS)
def test_webhooks_and_operations_fit_every_screen(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    long = "https://hooks.bank.example/a/rather/long/path/of/the/receiving/system/of/the/branch"
    endpoint, _secret = webhook_endpoints.add(
        uuid7(), url=long, unit_id=cast.head_office.pk, by=cast.ada, at=timezone.now()
    )
    webhook_endpoints.ping(endpoint.pk, by=cast.ada, at=timezone.now())
    factories.DeliveryFactory(
        recipient=cast.ann,
        state=DeliveryState.DEAD,
        subject="【商户周报】第47周 徐汇支行餐饮团队：签约 3 · 逾期 6",
        failure="smtp_550: <averylongaddressofacolleague@mail.bank.example>: no such mailbox",
    )
    ada = Person(browser, live_server.url, WIDTHS[width], "zh-hans").signs_in("ada")
    one = f"/admin/crm/webhookendpoint/{endpoint.pk}"
    for path in (
        "/admin/crm/webhookendpoint/",
        "/admin/crm/webhookendpoint/add/",
        f"{one}/change/",
        f"{one}/rotate/",
        f"{one}/replay/",
        "/admin/operations/",
        "/admin/crm/delivery/",
        "/admin/crm/reminder/",
    ):
        ada.opens(path)
        assert ada.sideways() <= 0, path
    assert not ada.complaints
