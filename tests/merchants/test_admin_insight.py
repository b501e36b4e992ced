"""The Johari window, rivals' offers and SWOT in the admin, as people work with them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.ids import uuid7
from crm.models import User
from merchants.models import Insight, InsightMove, Merchant, Rival, RivalOffer, SwotAnalysis
from tests import factories
from tests.conftest import EVERYBODY, Cast

pytestmark = pytest.mark.django_db

type SignIn = Callable[[User], Client]


@pytest.fixture
def merchant(cast: Cast) -> Merchant:
    return factories.MerchantFactory(
        name="海底捞火锅(徐家汇店)", unit=cast.xuhui, owner=cast.ann, category_group="dining"
    )


def page_of(name: str, *args: Any) -> str:
    return reverse(f"admin:merchants_{name}", args=args)


def errors_in(response: Any) -> str:
    assert response.status_code == 200
    of_row = response.context.get("adminform")
    form = of_row.form if of_row else response.context["form"]
    return str(form.errors.as_text())


@pytest.mark.parametrize("page", ["insight", "timeline", "add-insight", "add-rival-offer"])
def test_a_merchants_pages_open_for_those_who_see_it(
    page: str, merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    address = page_of(f"merchant_{page}", merchant.pk)
    answers = {name: signed_in(cast.named(name)).get(address).status_code for name in EVERYBODY}
    may = {"ann", "max", "mei", "fay", "rui", "pia", "otto", "ada"}
    assert answers == {name: 200 if name in may else 404 for name in EVERYBODY}


def test_the_board_shows_every_insight_in_its_quadrant(
    merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    factories.InsightFactory(merchant=merchant, statement="盲点一")
    factories.InsightFactory(merchant=merchant, statement="盲点二", peers=2)
    factories.RivalOfferFactory(merchant=merchant, exclusive=True, ends_on=None)
    factories.SwotAnalysisFactory(category_group="dining", package="周末满200减50")
    response = signed_in(cast.ann).get(page_of("merchant_insight", merchant.pk))
    boxes = {box["quadrant"]: box for box in response.context["board"]}
    assert [boxes[one]["count"] for one in ("open", "blind", "hidden", "unknown")] == [0, 2, 0, 0]
    text = response.content.decode()
    for words in ("盲点一", "盲点二", "Exclusive with", "周末满200减50", "14:00–16:30"):
        assert words in text
    assert text.count("Tell the merchant</a>") == 1
    assert "Too few peer merchants" in text
    assert "<script>" not in text.split("crm-window-head")[1]


def test_who_only_reads_gets_no_buttons(merchant: Merchant, cast: Cast, signed_in: SignIn) -> None:
    insight = factories.InsightFactory(merchant=merchant)
    address = page_of("merchant_insight", merchant.pk)
    text = signed_in(cast.otto).get(address).content.decode()
    assert insight.statement in text
    assert "Tell the merchant" not in text
    assert "add-insight" not in text
    refused = signed_in(cast.otto).post(
        page_of("insight_tell", insight.pk), {"names_no_other_merchant": "on"}
    )
    assert "do not work with this merchant" in errors_in(refused)
    insight.refresh_from_db()
    assert insight.quadrant == "blind"


NEW = {
    "hidden": {"could_tell": "店长"},
    "blind": {"data_source": "本行收单交易汇总", "peers": "12"},
    "unknown": {"experiment": "两周小试点"},
    "open": {},
}


@pytest.mark.parametrize("quadrant", NEW)
def test_an_insight_is_written_down_where_the_button_was(
    quadrant: str, merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    address = f"{page_of('merchant_add-insight', merchant.pk)}?quadrant={quadrant}"
    browser, sent = (
        signed_in(cast.ann),
        {"row_id": str(uuid7()), "kind": "need", "statement": "空台"},
    )
    assert set(NEW[quadrant]) <= set(browser.get(address).context["form"].fields)
    if NEW[quadrant]:
        assert errors_in(browser.post(address, sent))
        assert not Insight.objects.exists()
    assert browser.post(address, {**sent, **NEW[quadrant]}).status_code == 302
    assert Insight.objects.get().quadrant == quadrant


def test_an_insight_is_moved_and_told_by_buttons(
    merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    browser = signed_in(cast.ann)
    insight = factories.InsightFactory(merchant=merchant)
    move = page_of("insight_move", insight.pk)
    refused = browser.post(f"{move}?to=hidden", {"could_tell": "店长"})
    assert "required" in errors_in(refused)
    moved = browser.post(f"{move}?to=hidden", {"could_tell": "店长", "because": "店长早知道"})
    assert moved.status_code == 302
    assert moved["Location"] == page_of("merchant_insight", merchant.pk)
    browser.post(f"{move}?to=blind", {"data_source": "汇总", "peers": "4", "because": "又记错"})
    tell = page_of("insight_tell", insight.pk)
    assert "at least 5" in errors_in(browser.post(tell, {"names_no_other_merchant": "on"}))
    Insight.objects.update(peers=5)
    assert "Confirm" in errors_in(browser.post(tell, {"next": ""}))
    assert browser.post(tell, {"names_no_other_merchant": "on"}).status_code == 302
    insight.refresh_from_db()
    assert insight.quadrant == "open"
    row = browser.get(page_of("insight_change", insight.pk)).content.decode()
    assert "Feedback" in row
    assert "店长早知道" in row
    assert InsightMove.objects.count() == 3


def test_an_insights_words_are_corrected_in_its_form(
    merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    insight = factories.InsightFactory(merchant=merchant)
    sent = {
        "kind": "number",
        "statement": "晚市空台四成",
        "data_source": "本行收单交易汇总",
        "peers": "9",
        "read_version": "1",
    }
    address = page_of("insight_change", insight.pk)
    assert signed_in(cast.ann).post(address, sent).status_code == 302
    insight.refresh_from_db()
    assert (insight.statement, insight.peers, insight.version) == ("晚市空台四成", 9, 2)
    refused = signed_in(cast.ann).post(address, {**sent, "peers": "", "read_version": "2"})
    assert "Say where the data come from" in errors_in(refused)


def test_a_rivals_offer_is_written_down_and_ended(
    merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    rival = factories.RivalFactory()
    sent = {
        "row_id": str(uuid7()),
        "rival": str(rival.pk),
        "mechanic": "周五满100减30",
        "starts_on": "2026-11-01",
        "exclusive": "on",
        "paid_by_rival_basis_points": "62.5",
        "source": "门店台卡",
        "seen_on": "2026-11-10",
    }
    browser = signed_in(cast.ann)
    assert browser.post(page_of("merchant_add-rival-offer", merchant.pk), sent).status_code == 302
    offer = RivalOffer.objects.get()
    assert (offer.paid_by_rival_basis_points, offer.exclusive, offer.ends_on) == (6250, True, None)
    address = page_of("rivaloffer_change", offer.pk)
    assert 'value="62.50"' in browser.get(address).content.decode()
    early = {**sent, "ends_on": "2026-10-01", "read_version": "1"}
    assert "does not end before" in errors_in(browser.post(address, early))
    later = {**sent, "ends_on": "2026-12-31", "read_version": "1"}
    assert browser.post(address, later).status_code == 302
    offer.refresh_from_db()
    assert (str(offer.ends_on), offer.paid_by_rival_basis_points) == ("2026-12-31", 6250)
    for state in ("running", "exclusive", "coming", "expired"):
        listed = browser.get(page_of("rivaloffer_changelist"), {"state": state})
        assert listed.status_code == 200


def test_planners_keep_rivals_and_reps_do_not(cast: Cast, signed_in: SignIn) -> None:
    sent = {"name": "邻行丙信用卡中心", "short_name": "邻行丙", "kind": "bank"}
    assert signed_in(cast.ann).post(page_of("rival_add"), sent).status_code == 403
    assert signed_in(cast.pia).post(page_of("rival_add"), sent).status_code == 302
    rival = Rival.objects.get()
    again = signed_in(cast.pia).post(page_of("rival_add"), sent)
    assert "exists already" in errors_in(again)
    address = page_of("rival_change", rival.pk)
    changed = {**sent, "short_name": "丙", "read_version": "1"}
    assert signed_in(cast.max).post(address, changed).status_code == 302
    rival.refresh_from_db()
    assert rival.short_name == "丙"


def test_an_analysis_is_filled_and_shows_what_to_say(
    merchant: Merchant, cast: Cast, signed_in: SignIn
) -> None:
    rival = factories.RivalFactory(short_name="邻行甲")
    browser = signed_in(cast.pia)
    sent = {"rival": str(rival.pk), "category_group": "", "merchant": "", "package": "满200减50"}
    assert "one merchant" in errors_in(browser.post(page_of("swotanalysis_add"), sent))
    made = browser.post(page_of("swotanalysis_add"), {**sent, "merchant": str(merchant.pk)})
    assert made.status_code == 302
    analysis = SwotAnalysis.objects.get()
    feature, fact = (page_of(f"swotanalysis_{one}", analysis.pk) for one in ("feature", "fact"))
    for name, difference, answers in (("引流", "2", "闲时客流，回款快"), ("补贴", "-1", "")):
        body = {"name": name, "difference": difference, "importance": "5", "answers": answers}
        assert browser.post(feature, {**body, "row_id": str(uuid7())}).status_code == 302
    body = {
        "row_id": str(uuid7()),
        "kind": "opportunity",
        "statement": "夜经济补贴",
        "dated": "2026-10-01",
        "source": "公告",
        "weight": "4",
    }
    assert browser.post(fact, body).status_code == 302
    strength = analysis.features.get(name="引流")
    assert strength.answers == ["回款快", "闲时客流"]
    address = page_of("swotanalysis_change", analysis.pk)
    shown = browser.get(address)
    ((best, sentence),) = shown.context["best"]
    assert (best.score, "邻行甲" in sentence) == (40, True)
    assert browser.get(address, {"answers": "别的"}).context["best"] == []
    rescored = {"name": "引流", "difference": "1", "importance": "2", "row_id": str(uuid7())}
    assert browser.post(f"{feature}?part={strength.pk}", rescored).status_code == 302
    assert browser.get(address).context["best"][0][0].score == 8
    out = page_of("swotanalysis_take-out", analysis.pk)
    assert browser.post(f"{out}?feature={strength.pk}", {"next": ""}).status_code == 302
    assert browser.get(address).context["best"] == []
    for odd in (f"{out}", f"{out}?feature=7", f"{feature}?part={strength.pk}", f"{fact}?part=x"):
        assert browser.get(odd).status_code == 404
    rep = signed_in(cast.ann)
    assert "take-out" not in rep.get(address).content.decode()
    refused = rep.post(feature, {**rescored, "name": "到账"})
    assert "Planners and leaders" in errors_in(refused)


@pytest.mark.parametrize("page", ["merchant_insight", "swotanalysis_change", "insight_change"])
def test_a_page_costs_the_same_however_much_is_on_it(
    page: str,
    merchant: Merchant,
    cast: Cast,
    at: datetime,
    signed_in: SignIn,
    same_queries: Callable[..., int],
) -> None:
    analysis = factories.SwotAnalysisFactory(merchant=merchant, category_group="")
    insight = factories.InsightFactory(merchant=merchant)
    browser = signed_in(cast.mei)

    def grow() -> None:
        for _ in range(4):
            factories.InsightFactory(merchant=merchant)
            factories.RivalOfferFactory(merchant=merchant)
            factories.SwotAnalysisFactory(category_group="dining")
            factories.SwotFeatureFactory(analysis=analysis)
            factories.SwotFactFactory(analysis=analysis)
            insight.moves.create(
                from_quadrant="hidden",
                to_quadrant="blind",
                through="feedback",
                at=at,
                actor=factories.UserFactory(),
            )

    grow()
    rows = {
        "merchant_insight": merchant,
        "swotanalysis_change": analysis,
        "insight_change": insight,
    }
    address = page_of(page, rows[page].pk)

    def look() -> None:
        assert browser.get(address).status_code == 200

    same_queries(look, after=grow, at_most=16)
