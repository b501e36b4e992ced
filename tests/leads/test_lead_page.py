"""The page of a lead: the next step first, and no link to a card that is not there."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from leads.domain import visits
from leads.models import Stage
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.leads.test_admin_leads import SignedIn, url

pytestmark = pytest.mark.django_db

_ANCHOR = re.compile(r'href="#([a-z-]+)"')


@pytest.mark.parametrize("stage", [Stage.NEW, Stage.DISCOVERY, Stage.PROPOSAL])
def test_every_link_within_the_page_leads_to_a_card_on_it(
    stage: Stage, cast: Cast, at: datetime, signed_in: SignedIn
) -> None:
    page = signed_in(cast.ann).get(url(LeadDesk(cast, at, stage).row)).content.decode()
    wanted = set(_ANCHOR.findall(page))
    there = set(re.findall(r'\bid="([a-z-]+)"', page))
    assert {"log", "promise", "evidence", "timeline", "objections"} <= wanted
    assert wanted <= there


def test_the_next_step_stands_above_what_is_looked_up_now_and_then(
    cast: Cast, at: datetime, signed_in: SignedIn
) -> None:
    page = signed_in(cast.ann).get(url(LeadDesk(cast, at, Stage.DISCOVERY).row)).content.decode()
    places = [page.index(f'id="{one}"') for one in ("next", "checklist", "needs", "evidence")]
    assert places == sorted(places)
    assert page.index('id="evidence"') < page.index('id="owners"')


@pytest.mark.parametrize(
    ("days", "offered"), [(0, "check-in"), (1, "arrive")], ids=["today", "tomorrow"]
)
def test_a_visit_planned_for_today_is_checked_in_and_no_second_one_begun(
    days: int, offered: str, cast: Cast, signed_in: SignedIn
) -> None:
    now = timezone.now()
    desk = LeadDesk(cast, now)
    day = timezone.localdate(now) + timedelta(days=days)
    visit = visits.plan(
        desk.pk, desk.merchant.pk, lead_id=desk.pk, planned_for=day, by=cast.ann, at=now
    )
    page = signed_in(cast.ann).get(url(desk.row)).content.decode()
    check_in, arrive = f"/{visit.pk}/check-in/", f"/{desk.pk}/arrive/"
    assert (check_in in page, arrive in page) == (offered == "check-in", offered == "arrive")


def test_a_won_lead_leads_on_to_its_partnership_and_its_campaign(
    cast: Cast, at: datetime, signed_in: SignedIn
) -> None:
    desk = LeadDesk(cast, at).reach(Stage.WON)
    page = signed_in(cast.ann).get(url(desk.row)).content.decode()
    partnership = desk.merchant.partnerships.get()
    assert f"/admin/merchants/partnership/{partnership.pk}/change/" in page
    assert "/admin/campaigns/campaign/" in page.split('id="won"')[1].split("</section>")[0]
