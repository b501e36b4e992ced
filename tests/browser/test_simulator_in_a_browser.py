"""The simulator in a real browser: a purchase is tried at the desk and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.campaigns.offer_desk import merchant_of, offered
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_purchase_is_tried(
    width: str,
    language: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    today = timezone.localdate()
    merchant = merchant_of(cast)
    campaign = offered(
        cast, merchant, starts_on=today, ends_on=today, limits={"uses_per_customer_day": 1}
    )
    cast.pia.language = language
    cast.pia.save()

    pia = Person(browser, live_server.url, WIDTHS[width], language).signs_in("pia")
    pia.opens(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    page = pia.page
    page.locator("#simulator a.crm-button").click()
    page.wait_for_url("**/simulate/")
    page.fill("[name=amount]", "100")
    page.fill("[name=merchant_rate]", "0.6")
    page.locator("button.crm-primary").click()
    page.wait_for_selector("#outcome")
    shots = os.environ.get("SHOTS")
    if shots:
        page.screenshot(path=Path(shots) / f"simulator-{width}-{language}.png", full_page=True)
    assert "93.52" in page.inner_text("#outcome")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("form details summary").click()
    page.fill("[name=customer_day]", "1")
    page.locator("button.crm-primary").click()
    page.wait_for_selector("#outcome .crm-refusal")
    if shots:
        page.screenshot(path=Path(shots) / f"refused-{width}-{language}.png", full_page=True)
    assert page.input_value("[name=customer_day]") == "1", "what was typed stays open to see"
    assert page.locator("form details").get_attribute("open") is not None
    assert not pia.complaints
