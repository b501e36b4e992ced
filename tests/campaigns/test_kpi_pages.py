"""The pages of indicators, targets, schemes and card figures, as people see them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.models import CardFigure, FigureIntake, FigureKind, KpiScheme, Target
from crm.domain import jobs
from crm.ids import uuid7
from tests import factories
from tests.campaigns.kpi_desk import TODAY, asleep, filed, line
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
AT = factories.AT
SignIn = Callable[[Any], Client]


def said(page: Any) -> str:
    text: str = page.content.decode()
    return text


def aimed(browser: Client, cast: Cast, **values: Any) -> Any:
    given = {
        "unit": str(cast.shanghai.pk),
        "indicator": "cards_issued",
        "first_day": "2026-10-01",
        "last_day": "2026-12-31",
        "value": "1180",
    }
    return browser.post("/admin/campaigns/target/add/", {**given, **values})


def test_the_board_shows_targets_gauge_and_stop(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.mei)
    assert aimed(browser, cast).status_code == 302
    filed(line(unit=cast.xuhui, cards_issued=672, spend_fen=100))
    asleep(cast.shanghai, 201, 1_000)
    text = said(browser.get(f"/admin/kpis/?unit={cast.shanghai.pk}&on={TODAY}"))
    assert "672" in text
    assert "Stop: 20.10 % of the cards of 上海分行 are asleep, more than 20.00 %" in text
    assert "Above the limit" in text


def test_without_a_role_there_is_no_board(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.nia).get("/admin/kpis/").status_code == 403


@pytest.mark.parametrize("query", ["unit=x", "period=decade", "on=soon", "on=0001-01-01", "unit=1"])
def test_the_board_makes_the_best_of_a_strange_address(
    cast: Cast, signed_in: SignIn, query: str
) -> None:
    assert signed_in(cast.ann).get(f"/admin/kpis/?{query}").status_code == 200


def test_a_target_of_spend_is_typed_in_yuan(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.mei)
    assert aimed(browser, cast, indicator="spend", value="48000.50").status_code == 302
    target = Target.objects.get()
    assert target.value == 4_800_050
    page = f"/admin/campaigns/target/{target.pk}"
    assert "Correct the target" in said(browser.get(f"{page}/change/"))
    assert 'value="48000.50"' in said(browser.get(f"{page}/correct/"))
    browser.post(f"{page}/correct/", {"value": "50000", "because": "…"})
    target.refresh_from_db()
    assert target.value == 5_000_000
    browser.post(f"{page}/withdraw/", {"because": "…"})
    target.refresh_from_db()
    assert target.withdrawn_at is not None
    assert "Correct the target" not in said(browser.get(f"{page}/change/"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"value": "1.5"}, "Write a whole number."),
        ({"last_day": "2026-09-30"}, "A period cannot end before it begins."),
    ],
)
def test_a_target_that_cannot_be_is_told(
    cast: Cast, signed_in: SignIn, values: dict[str, str], sentence: str
) -> None:
    answer = aimed(signed_in(cast.mei), cast, **values)
    assert sentence in said(answer)
    assert not Target.objects.exists()


SCHEME = {
    "name": "2026",
    "first_day": "2026-01-01",
    "last_day": "2026-12-31",
    "indicator_0": "cards_issued",
    "weight_0": "30",
    "indicator_1": "active_card_rate",
    "weight_1": "70",
}


def test_a_scheme_is_checked_and_kept(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.mei)
    given = {**SCHEME, "unit": str(cast.shanghai.pk), "row_id": str(uuid7())}
    refused = said(
        browser.post(
            "/admin/campaigns/kpischeme/add/", {**given, "weight_0": "60", "weight_1": "40"}
        )
    )
    assert "Volume must not be the group that weighs most." in refused
    assert not KpiScheme.objects.exists()
    assert browser.post("/admin/campaigns/kpischeme/add/", given).status_code == 302
    scheme = KpiScheme.objects.get()
    page = f"/admin/campaigns/kpischeme/{scheme.pk}"
    assert "Active-card rate" in said(browser.get(f"{page}/change/"))
    weighed = {**SCHEME, "row_id": str(uuid7()), "weight_0": "10", "weight_1": "90"}
    assert browser.post(f"{page}/weigh/", weighed).status_code == 302
    scheme.refresh_from_db()
    assert scheme.volume_weight == 1000


def test_a_file_is_brought_tried_out_and_taken_in(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.fay)
    text = "机构,日期,新增发卡\n上海分行,2026-01-01,5\n不存在,2026-01-01,5\n"
    answer = browser.post(
        "/admin/campaigns/figureintake/add/",
        {
            "file": SimpleUploadedFile("figures.csv", text.encode()),
            "kind": "daily",
            "source": "core",
            "unit": str(cast.shanghai.pk),
        },
    )
    assert answer.status_code == 302, said(answer)
    jobs.run_due(at=AT)
    page = said(browser.get(answer.headers["Location"]))
    assert "There is no such unit." in page
    assert not CardFigure.objects.exists()
    job = FigureIntake.objects.get()
    browser.post(f"/admin/campaigns/figureintake/{job.pk}/run/")
    jobs.run_due(at=AT)
    assert CardFigure.objects.get().cards_issued == 5
    got = browser.get(f"/admin/campaigns/figureintake/{job.pk}/file/")
    assert "不存在" in b"".join(got).decode("utf-8-sig")


@pytest.mark.parametrize("kind", FigureKind.values)
def test_each_kind_has_a_template(cast: Cast, signed_in: SignIn, kind: str) -> None:
    assert signed_in(cast.fay).get(f"/admin/campaigns/figureintake/{kind}.xlsx").status_code == 200


@pytest.mark.parametrize(
    "model", ["cardfigure", "cardcohort", "cardsnapshot", "figureintake", "target", "kpischeme"]
)
def test_lists_open_and_take_a_constant_number_of_statements(
    cast: Cast, signed_in: SignIn, same_queries: Callable[..., int], model: str
) -> None:
    browser = signed_in(cast.ada)

    def grow(days: range = range(1, 6)) -> None:
        for number in days:
            day = date(2026, 1, number)
            for kind in FigureKind.values:
                more = {"as_of": TODAY} if kind == FigureKind.COHORT else {}
                filed(line(kind, cast.shanghai, day, **more), kind=kind)

    grow(range(20, 21))
    assert browser.get(f"/admin/campaigns/{model}/").status_code == 200
    same_queries(lambda: browser.get(f"/admin/campaigns/{model}/"), after=grow, at_most=20)


def test_a_campaigns_page_shows_its_card_figures(cast: Cast, signed_in: SignIn) -> None:
    campaign = factories.CampaignFactory(unit=cast.shanghai)
    filed(line(unit=cast.shanghai, campaign=campaign, offers_issued=10, offers_claimed=6))
    text = said(signed_in(cast.mei).get(f"/admin/campaigns/campaign/{campaign.pk}/change/"))
    assert "60.00 %" in text
