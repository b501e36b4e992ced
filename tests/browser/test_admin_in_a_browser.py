"""A rep's and a manager's way through the admin in a real browser, by mouse and keyboard."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from leads.models import FollowUp, Lead
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = {"desk": 1440, "phone": 390}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: name one in CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api")
    # Playwright's loop runs in this thread; our own calls to the database are still ordinary ones.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # The server's threads must not keep connections to a database that is dropped afterwards.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()
        # While Playwright's loop runs, Django keeps other connections for this thread.
        connections.close_all()


class Person:
    """Somebody at a screen. What the browser complains of is kept."""

    def __init__(self, browser: Any, address: str, width: int, language: str) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "language", "value": language, "url": address}])
        self.page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda line: line.type == "error" and self.complaints.append(line.text),
        )

    def signs_in(self, name: str) -> "Person":
        self.opens("/admin/")
        self.page.fill("#id_username", f"{name}@bank.test")
        self.page.fill("#id_password", "secret-2026")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".crm-greeting")
        return self

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def sideways(self) -> int:
        """By how many pixels the page is wider than the screen."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return width


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(
        name="海底捞火锅(徐家汇店)", unit=cast.xuhui, owner=cast.ann
    )
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    LeadDesk.of(cast, lead, timezone.now() - timedelta(hours=1)).ready("qualified")
    return lead


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("screen", WIDTHS)
def test_a_rep_works_a_lead(
    screen: str, language: str, lead: Lead, browser: Any, live_server: Any
) -> None:
    ann = Person(browser, live_server.url, WIDTHS[screen], language).signs_in("ann")
    page = ann.page
    ann.opens("/admin/leads/lead/?q=hdl")
    page.click("#result_list a:has-text('海底捞')")
    page.locator("a[href$='advance/?to=qualified']").first.click()
    page.click("button.crm-primary")
    page.wait_for_selector(".crm-steps .crm-past")
    lead.refresh_from_db()
    assert lead.stage == "qualified"

    due = timezone.localtime() + timedelta(minutes=2)
    page.click("a[href='#promise']")
    page.fill("#promise_title", "送方案")
    page.fill("#promise_due_at", due.strftime("%Y-%m-%dT%H:%M"))
    page.click("form[action$='/promise/'] button")
    page.wait_for_selector("text=送方案")
    ann.opens("/admin/today/")
    page.click("form[action$='/done/'] button")
    page.wait_for_load_state()
    assert FollowUp.objects.get().state == "done"
    assert ann.sideways() == 0
    assert ann.complaints == []


@pytest.mark.parametrize("screen", WIDTHS)
def test_no_page_is_wider_than_the_screen_or_breaks_the_content_policy(
    screen: str, lead: Lead, browser: Any, live_server: Any
) -> None:
    factories.FollowUpFactory(merchant=lead.merchant, lead=lead, owner=lead.owner)
    factories.ContactFactory(merchant=lead.merchant)
    mei = Person(browser, live_server.url, WIDTHS[screen], "zh-hans").signs_in("mei")
    for path in (
        "/admin/",
        "/admin/today/",
        "/admin/leads/lead/",
        f"/admin/leads/lead/{lead.pk}/change/",
        "/admin/leads/lead/add/",
        "/admin/leads/followup/",
        "/admin/merchants/merchant/",
        f"/admin/merchants/merchant/{lead.merchant_id}/change/",
        "/admin/merchants/contact/",
        "/admin/campaigns/campaign/add/",
        "/admin/crm/weeklyreport/preview/",
    ):
        mei.opens(path)
        assert mei.sideways() <= 0, path
    assert mei.complaints == []


def test_many_leads_are_moved_and_the_refused_ones_say_why(
    cast: Cast, lead: Lead, browser: Any, live_server: Any
) -> None:
    factories.LeadFactory(
        merchant__unit=cast.xuhui,
        merchant__name="全聚德",
        owner=cast.ann,
        stage="lost",
        lost_reason="rival",
    )
    max_ = Person(browser, live_server.url, 1440, "en").signs_in("max")
    page = max_.page
    max_.opens("/admin/leads/lead/")
    page.check("#action-toggle")
    page.select_option("select[name=action]", "move_selected")
    page.click("button[name=index]")
    page.select_option("#id_to", "qualified")
    page.click("button.crm-primary")
    page.wait_for_selector(".crm-badge.crm-bad")
    assert page.locator(".crm-badge.crm-good").count() == 1
    assert "Say why." in page.content()
    lead.refresh_from_db()
    assert lead.stage == "qualified"
    assert max_.complaints == []
