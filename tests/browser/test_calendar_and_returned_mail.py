"""One's calendar address and the suppressed addresses in a real browser, wide and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from crm import return_path
from crm.domain import bounces
from crm.models import DeliveryState, SuppressedAddress
from tests import factories
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.conftest import Cast
from tests.crm import returned_mails

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", WIDTHS)
def test_calendar_address_and_suppressed_addresses_fit_every_screen(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
    settings: Any,
) -> None:
    settings.BOUNCE_DOMAIN = returned_mails.DOMAIN
    row = factories.DeliveryFactory(
        recipient=cast.ann, state=DeliveryState.SENT, sent_at=timezone.now()
    )
    assert return_path.of(row.pk, cast.ann.email)
    bounces.receive(returned_mails.dsn(row), at=timezone.now())
    suppressed = SuppressedAddress.objects.get()
    ada = Person(browser, live_server.url, WIDTHS[width], "en").signs_in("ada")
    shots = os.environ.get("SHOTS")

    def fits(name: str) -> None:
        if shots:
            ada.page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
        assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name

    ada.opens("/admin/crm/suppressedaddress/")
    fits("suppressed-list")
    ada.opens(f"/admin/crm/suppressedaddress/{suppressed.pk}/change/")
    fits("suppressed")
    ada.opens("/admin/my-calendar/")
    ada.page.get_by_label("With details", exact=False).check()
    ada.page.get_by_role("button", name="Make a calendar address").click()
    ada.page.get_by_text("Your new calendar address").wait_for()
    fits("calendar-made")
    ada.opens("/admin/my-calendar/")
    fits("calendar")
    assert not ada.complaints
