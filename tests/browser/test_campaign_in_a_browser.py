"""A campaign in a real browser: planned, written and submitted by a planner, approved by the
manager."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.domain import approval_tiers
from campaigns.models import Campaign, CampaignStage
from tests.browser.test_admin_in_a_browser import WIDTHS, browser  # noqa: F401
from tests.browser.test_from_pool_to_won import Walker
from tests.campaigns import campaign_desk
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NAME = "冬至羊肉火锅满300减80"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_planner_plans_and_submits_and_the_manager_approves(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    now, today = timezone.now(), timezone.localdate()
    approval_tiers.make_missing(at=now)
    merchant = campaign_desk.merchant(cast, name="海底捞火锅")
    fund = campaign_desk.fund(cast, at=now, ends_on=today + timedelta(days=400))

    pia = Walker(browser, live_server.url, WIDTHS[width], "zh-hans")
    pia.signs_in("pia")
    page = pia.page
    pia.opens("/admin/campaigns/campaign/add/")
    page.fill("#id_name", NAME)
    page.select_option("#id_unit", str(cast.shanghai.pk))
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").first.fill("海底捞")
    page.locator(".select2-results__option--highlighted", has_text="海底捞").click()
    page.fill("#id_starts_on", f"{today + timedelta(days=5)}")
    page.fill("#id_ends_on", f"{today + timedelta(days=40)}")
    page.fill("#id_budget", "200000")
    page.select_option("#id_fund", str(fund.pk))
    page.fill("#id_share_bank", "60")
    page.fill("#id_share_merchant", "40")
    pia.follows("button[name=_save]")

    campaign = Campaign.objects.get()
    assert page.url.endswith(f"/{campaign.pk}/terms/"), "the terms are next"
    page.fill("[name=term_threshold_fen]", "300")
    page.fill("[name=term_off_fen]", "400")
    pia.follows("button.crm-primary")
    assert "立减金额不能超过起用金额" in page.inner_text("body")
    page.fill("[name=term_off_fen]", "80")
    page.fill("[name=uses_per_customer_month]", "2")
    pia.follows("button.crm-primary")
    pia.follows("#approval a.crm-primary")
    page.fill("#id_said", "冬至档期")
    pia.follows("button.crm-primary")
    campaign.refresh_from_db()
    assert campaign.stage == CampaignStage.SUBMITTED
    assert page.locator("#approval a[href$='approve/']").count() == 0, "others decide"
    assert pia.sideways() <= 0
    assert pia.complaints == []

    mei = Walker(browser, live_server.url, WIDTHS[width], "zh-hans")
    mei.signs_in("mei")
    page = mei.page
    mei.opens("/admin/approvals/")
    mei.follows(f"a:has-text('{NAME}')")
    assert "消费满 300 元立减 80 元" in page.inner_text("body"), "who approves reads what"
    assert mei.sideways() <= 0
    mei.follows("a.crm-primary[href$='approve/']")
    mei.follows("button.crm-primary")
    campaign.refresh_from_db()
    assert (campaign.stage, campaign.name) == (CampaignStage.APPROVED, NAME)
    assert list(campaign.merchants.all()) == [merchant]
    mei.opens(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    assert page.locator("#money").count() == 1, "its money is committed"
    assert mei.sideways() <= 0
    assert mei.complaints == []
