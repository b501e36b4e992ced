"""The board of indicators and the pages beside it in a real browser, wide and on a phone."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from campaigns.domain import kpi_schemes, targets
from campaigns.models import FigureKind
from crm.actors import SYSTEM
from crm.ids import uuid7
from tests.browser.test_admin_in_a_browser import WIDTHS, Person, browser  # noqa: F401
from tests.campaigns.kpi_desk import asleep, filed, line
from tests.conftest import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_indicators_fit_every_screen(
    width: str,
    browser: Any,  # noqa: F811
    live_server: Any,
    cast: Cast,
) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    first = today.replace(month=1, day=1)
    for ago in range(40):
        day = today - timedelta(days=ago)
        filed(line(unit=cast.xuhui, day=day, cards_issued=20, spend_fen=4_800_000), at=now)
    filed(
        line(FigureKind.COHORT, cast.xuhui, first, as_of=today, cards=1000, swiped_30=620,
             swiped_60=700, swiped_90=720, activated=800),
        kind=FigureKind.COHORT,
        at=now,
    )  # fmt: skip
    yesterday = today - timedelta(days=1)
    asleep(cast.shanghai, 201_000, 1_000_000, yesterday, cards_in_force=50_000, at=now)
    given: dict[str, Any] = {"unit_id": cast.shanghai.pk, "first_day": first, "by": SYSTEM}
    last = today.replace(month=12, day=31)
    targets.set_target(
        uuid7(), indicator="cards_issued", value=1180, last_day=last, at=now, **given
    )
    items = [{"indicator": "cards_issued", "weight": 3000}, {"indicator": "spend", "weight": 7000}]
    scheme = kpi_schemes.set_up(
        uuid7(), name="2026 考核", items=items, last_day=last, at=now, **given
    )
    mei = Person(browser, live_server.url, WIDTHS[width], "en").signs_in("mei")
    shots = os.environ.get("SHOTS")
    for name, address in {
        "board": f"/admin/kpis/?unit={cast.shanghai.pk}&period=year",
        "targets": "/admin/campaigns/target/",
        "scheme": f"/admin/campaigns/kpischeme/{scheme.pk}/change/",
        "weigh": f"/admin/campaigns/kpischeme/{scheme.pk}/weigh/",
        "figures": "/admin/campaigns/cardfigure/",
    }.items():
        mei.opens(address)
        if shots:
            mei.page.screenshot(path=Path(shots) / f"kpi-{name}-{width}.png", full_page=True)
        assert mei.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert not mei.complaints
