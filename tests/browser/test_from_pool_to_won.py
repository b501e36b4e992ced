"""One restaurant from the pool to won, by hand: a rep works it, the team's leader approves it."""

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Party
from crm.actors import SYSTEM
from leads.domain import plays, questions
from leads.models import Lead, Objection, Pain, Proposal, Stage, Visit
from merchants.models import Partnership
from tests import factories
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.conftest import Cast
from tests.leads.lead_desk import PDF, LeadDesk
from tests.leads.pictures import PNG
from tests.leads.pool_desk import opened, pooled

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SAID = {
    "R1": "附近写字楼退租,上班族少了",
    "R2": "周一到周四晚上十来桌空着",
    "R3": "就是退租和平台券这两个原因",
    "I1": "厨师长也着急,前厅排班空着",
    "I2": "每月少做四万多",
    "I3": "一个月差不多四万八",
    "C1": "想给熟客一个平日来的理由",
    "C2": "限量的闲时客流,别影响周末",
    "C3": "有限量的闲时客流,我就愿意试",
}
OFFER = {
    "title": "工作日晚市满200减50",
    "term_threshold_fen": "200",
    "term_off_fen": "50",
    "share_bank": "60",
    "share_merchant": "40",
    "budget": "50000",
    "operating_cost": "2000",
    "redemptions": "1000",
    "purchases_without": "500",
    "ticket": "240",
    "gross_margin": "60",
    "first_swipe_cards": "150",
    "reactivated_cards": "100",
    "card_contribution": "200",
    "uses_per_customer_day": "1",
}


class Walker(Person):
    """Somebody who works their way through the pages."""

    def goes(self, act: Callable[[], Any]) -> None:
        """What is done leads to another page."""
        with self.page.expect_navigation():
            act()

    def follows(self, selector: str) -> None:
        self.goes(self.page.locator(selector).first.click)

    def sends(self, **typed: str) -> None:
        """Fill the fields of the page's form, and send it."""
        for name, value in typed.items():
            self.page.fill(f"#id_{name}", value)
        self.follows("form.crm-form button.crm-primary")
        assert self.page.locator(".crm-refusal").count() == 0, self.page.inner_text("form.crm-form")

    def steps(self, to: str) -> None:
        self.follows(f"a.crm-primary[href*='to={to}']")
        self.sends()


def test_a_restaurant_from_the_pool_to_won(
    cast: Cast,
    browser: Any,  # noqa: F811
    live_server: Any,
    tmp_path: Path,
) -> None:
    now = timezone.now()
    questions.load(at=now)
    plays.load(by=SYSTEM, at=now)
    merchant = factories.MerchantFactory(name="眉州东坡(徐家汇店)", unit=cast.xuhui)
    lead = pooled(cast, opened(cast.shanghai), merchant=merchant)
    desk = LeadDesk.of(cast, lead, now - timedelta(days=1))
    desk.meet()
    here = f"/admin/leads/lead/{lead.pk}/change/"
    ann = Walker(browser, live_server.url, WIDTHS["desk"], "zh-hans")
    ann.signs_in("ann")
    page = ann.page

    ann.opens("/admin/leads/pooledlead/")
    ann.follows("#result_list tbody button")
    ann.opens(here)
    _is_refused_with_what_to_do(ann)
    for kind in ("premises_check", "negative_list_check"):
        ann.follows(f"#checklist a[href*='kind={kind}']")
        ann.sends(said="实地看过,名单未命中")
    ann.steps("qualified")
    _visits(ann, tmp_path)
    ann.opens(here)
    ann.steps("discovery")
    objection = _hears_an_objection(ann, lead)
    pain = _interviews(ann, lead)
    ann.opens(objection)
    ann.follows("a.crm-primary[href$='resolve/']")
    page.select_option("#id_cell", index=1)
    ann.sends()
    assert Objection.objects.get().state == "resolved"

    ann.opens(here)
    ann.steps("proposal")
    printed = _proposes(ann, now.date())
    ann.opens(here)
    ann.steps("approval")
    assert ann.complaints == []

    max_ = Walker(browser, live_server.url, WIDTHS["desk"], "zh-hans")
    max_.signs_in("max")
    max_.opens(here)
    max_.follows("a.crm-primary[href*='to=won']")
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(PDF)
    max_.page.set_input_files("#id_document", paper)
    for clause in ("data", "settlement"):
        max_.page.check(f"#id_{clause}_clause", force=True)
    max_.sends(
        number="XH-2026-0117",
        starts_on=f"{timezone.localdate()}",
        ends_on=f"{timezone.localdate() + timedelta(days=364)}",
        bank_signatory="林雅琴",
        merchant_signatory="杨总",
    )
    lead.refresh_from_db()
    assert lead.stage == Stage.WON
    partnership, campaign = Partnership.objects.get(), Campaign.objects.get()
    assert (partnership.stage, campaign.name) == ("onboarding", OFFER["title"])
    assert max_.page.locator(f"#won a[href*='{partnership.pk}']").count() == 1
    max_.follows(f"#won a[href*='{campaign.pk}']")
    assert max_.complaints == []

    phone = Walker(browser, live_server.url, WIDTHS["phone"], "zh-hans")
    phone.signs_in("ann")
    for path in (here, pain, "/admin/today/", "/admin/board/", objection, printed):
        phone.opens(path)
        assert phone.sideways() <= 0, path
    assert phone.complaints == []


def _is_refused_with_what_to_do(ann: Walker) -> None:
    """A step that lacks something is refused in words, and the checklist shows the way."""
    ann.follows("#checklist a[href*='to=qualified']")
    ann.follows("form.crm-form button.crm-primary")
    assert "请查询负面清单" in ann.page.inner_text(".crm-refusal")
    ann.follows("form.crm-form a.crm-button")
    assert ann.page.locator("#checklist a[href*='kind=negative_list_check']").count() == 1


def _visits(ann: Walker, folder: Path) -> None:
    page = ann.page
    ann.follows("#visits a.crm-primary")
    ann.sends(purpose="了解生意情况")
    assert page.locator("#visits form[action$='/arrive/']").count() == 0, "one visit, not two"
    ann.follows("#visits form[action$='/check-in/'] button")
    photo = folder / "门头.png"
    photo.write_bytes(PNG)
    page.set_input_files("#photo_photo", photo)
    ann.follows("form[action$='/photo/'] button[type=submit]")
    ann.follows("a[href$='/check-out/']")
    page.select_option("#id_outcome_code", "interested")
    page.select_option("#id_mood", "1")
    ann.sends(summary="老板说晚市空台多,但觉得生意还行")
    visit = Visit.objects.get()
    assert (visit.state, visit.activity.mood, visit.photos.count()) == ("checked_out", 1, 1)


def _hears_an_objection(ann: Walker, lead: Lead) -> str:
    page = ann.page
    page.click("#objections summary")
    page.fill("#objection_merchant_words", "生意还行,不需要")
    suggested = page.locator("#objections button.crm-primary[name=declared_reason]")
    assert suggested.get_attribute("value") == "unaware"
    ann.goes(suggested.click)
    ann.follows("#objections .crm-rows a")
    ann.follows("a[href$='/diagnose/']")
    page.select_option("#id_sub_reason", "U1")
    ann.sends()
    ann.follows("a.crm-primary[href*='handle/?play=']")
    ann.sends()
    objection = Objection.objects.get()
    assert (objection.state, objection.sub_reason, objection.mismatch) == ("handled", "U1", False)
    ann.opens(f"/admin/leads/lead/{lead.pk}/change/")
    return f"/admin/leads/objection/{objection.pk}/change/"


def _interviews(ann: Walker, lead: Lead) -> str:
    """All nine cells by keyboard, until the merchant sees what it needs."""
    page = ann.page
    ann.follows("#needs a.crm-primary")
    page.fill("#id_title", "工作日晚市空台多")
    ann.goes(lambda: page.keyboard.press("Enter"))
    pain = Pain.objects.get()
    seen = []
    for cell, words in SAID.items():
        page.focus(f"[data-cell={cell}]")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**cell={cell}**")
        if cell.endswith("3"):
            page.fill("#confirm_words", words)
            page.select_option("#confirm_agreed_by", index=1)
            ann.follows("form[action*='/confirm/'] button[type=submit]")
        else:
            page.fill("#fill_words", words)
            page.select_option("#fill_status", "complete")
            if cell == "I2":
                page.fill("#fill_figure_1_0", "少掉的毛利")
                page.fill("#fill_figure_1_1", "48000")
            if cell == "R2":
                page.fill("#fill_figure_1_0", "空台")
                page.fill("#fill_figure_1_1", "10")
            ann.follows("form[action*='/fill/'] button[type=submit]")
        pain.refresh_from_db()
        seen.append(pain.status)
    assert list(dict.fromkeys(seen)) == ["latent", "admitted", "critical", "vision"]
    assert pain.monthly_impact_fen == 4_800_000
    ann.follows("form[action$='/enter/'] button")
    lead.refresh_from_db()
    assert lead.entry_pain_id == pain.pk
    return f"/admin/leads/pain/{pain.pk}/change/"


def _proposes(ann: Walker, today: date) -> str:
    page = ann.page
    ann.follows("#proposal a.crm-primary")
    for name, value in OFFER.items():
        page.fill(f"#id_{name}", value)
    page.fill("#id_starts_on", f"{today + timedelta(days=20)}")
    page.fill("#id_ends_on", f"{today + timedelta(days=100)}")
    ann.follows("button[name=reckon]")
    assert page.locator("#forecast .crm-good").count() >= 3, "all three gain"
    assert not Proposal.objects.exists(), "reckoning stores nothing"
    ann.follows("form[action*='mechanic'] button.crm-primary")
    ann.follows("a.crm-primary[href$='/submit/']")
    ann.sends()
    version = Proposal.objects.get().versions.get()
    shares = (version.bank_share, version.merchant_share)
    assert (version.state, shares) == ("submitted", (6_000, 4_000)), Party.values
    printed = f"/admin/leads/proposal/{version.proposal_id}/print/"
    for language, words in (("zh-hans", "您收到"), ("en", "You receive")):
        ann.opens(f"{printed}?language={language}")
        assert words in page.inner_text("body")
        assert "reactivated" not in page.content()
    assert re.search("220", page.inner_text("body")), "240, 50 off, of which the bank brings 30"
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / "printed.png", full_page=True)
    return printed
