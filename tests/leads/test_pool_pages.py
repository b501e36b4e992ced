"""The pool's pages: what they show, what their buttons do, and how few statements they take."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from crm.models import User
from crm.sections import Audience, Period
from crm.weeks import Week
from leads import pool_report
from leads.domain import ownership, recycling
from leads.models import Lead, Pool, PoolRule
from tests import factories
from tests.conftest import Cast
from tests.leads.pool_desk import opened, owned, pooled

pytestmark = pytest.mark.django_db

POOL = "/admin/leads/pooledlead/"
type SignIn = Callable[[User], Client]


@pytest.fixture
def branch_pool(cast: Cast) -> Pool:
    return opened(cast.shanghai)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_list_shows_what_can_be_claimed_and_ones_limits(
    cast: Cast, branch_pool: Pool, signed_in: SignIn
) -> None:
    lead = pooled(cast, branch_pool)
    factories.ContactFactory(merchant=lead.merchant)
    shown = text(signed_in(cast.ann), POOL)
    assert lead.merchant.name in shown
    assert "10 of 10 claims left today" in shown
    assert "0 of 50 held" in shown
    assert "138****8000" in shown
    assert "13800138000" not in shown
    assert f"{POOL}{lead.pk}/claim/" in shown


def test_a_lead_is_claimed_with_one_button(
    cast: Cast, branch_pool: Pool, signed_in: SignIn
) -> None:
    lead = pooled(cast, branch_pool)
    answer = signed_in(cast.ann).post(f"{POOL}{lead.pk}/claim/")
    assert answer.headers["Location"] == f"/admin/leads/lead/{lead.pk}/change/"
    assert Lead.objects.get(pk=lead.pk).owner == cast.ann


def test_who_is_too_late_reads_it_on_the_page(
    cast: Cast, branch_pool: Pool, signed_in: SignIn
) -> None:
    lead = pooled(cast, branch_pool)
    signed_in(cast.ann).post(f"{POOL}{lead.pk}/claim/")
    answer = signed_in(cast.bo).post(f"{POOL}{lead.pk}/claim/")
    assert "Somebody claimed this lead a moment ago." in answer.content.decode()


def test_many_are_claimed_up_to_the_cap_each_with_its_outcome(
    cast: Cast, signed_in: SignIn
) -> None:
    lies_in = opened(cast.shanghai, claims_a_day=2)
    rows = [pooled(cast, lies_in) for _ in range(3)]
    answer = signed_in(cast.ann).post(
        POOL, {"action": "claim_selected", "_selected_action": [str(one.pk) for one in rows]}
    )
    shown = answer.content.decode()
    assert Lead.objects.owned_by(cast.ann).count() == 2
    assert "2 rows were changed." in shown
    assert "You have claimed 2 leads today" in shown


def test_a_lead_is_returned_with_a_reason(cast: Cast, branch_pool: Pool, signed_in: SignIn) -> None:
    lead, browser = owned(cast.ann, cast), signed_in(cast.ann)
    page = f"{POOL}{lead.pk}/return/"
    assert "Return the lead to the pool" in text(browser, page)
    refused = browser.post(page, {"reason": "other"})
    assert "Put the reason into words." in refused.content.decode()
    assert browser.post(page, {"reason": "no_capacity"}).status_code == 302
    assert Lead.objects.get(pk=lead.pk).owner is None


def test_a_leads_page_says_whose_it_was_and_when_it_goes_back(
    cast: Cast, branch_pool: Pool, signed_in: SignIn, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    shown = text(signed_in(cast.ann), f"/admin/leads/lead/{lead.pk}/change/")
    day = recycling.day_of_loss(lead, at=at)
    assert f"Goes back to the pool on {day}" in shown
    assert f"{POOL}{lead.pk}/return/" in shown
    free = pooled(cast, branch_pool)
    shown = text(signed_in(cast.ann), f"/admin/leads/lead/{free.pk}/change/")
    assert f"{POOL}{free.pk}/claim/" in shown
    assert "In the pool since" in shown


def test_leaders_keep_pools_and_their_rules(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.mei)
    answer = browser.post(
        "/admin/leads/pool/add/",
        {
            "unit": str(cast.shanghai.pk),
            "name": "餐饮公海",
            "category_groups": ["dining"],
            "divisions": "310104，310101",
            "claims_a_day": "5",
            "holding_cap": "20",
            "cooldown_days": "30",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    pool = Pool.objects.get()
    assert (pool.divisions, pool.category_groups) == (["310101", "310104"], ["dining"])
    page = f"/admin/leads/pool/{pool.pk}/change/"
    assert "When leads go back to the pool" in text(browser, page)
    rule = f"/admin/leads/pool/{pool.pk}/rule/?tier=a"
    assert "Working days without follow-up" in text(browser, rule)
    sent = {"quiet_working_days": "7", "warning_days": "2", "protection_days": "5"}
    assert browser.post(rule, sent).status_code == 302
    known = PoolRule.objects.get(pool=pool, tier="a")
    assert (known.quiet_working_days, known.resting_days, known.spares_partners) == (7, None, False)


def test_a_rep_reads_pools_and_changes_none(
    cast: Cast, branch_pool: Pool, signed_in: SignIn
) -> None:
    browser = signed_in(cast.ann)
    assert branch_pool.name in text(browser, "/admin/leads/pool/")
    refused = browser.post(
        f"/admin/leads/pool/{branch_pool.pk}/rule/?tier=a",
        {"warning_days": "1", "protection_days": "0"},
    )
    assert "Leaders of a unit keep its pools." in refused.content.decode()


def test_a_colleagues_work_is_handed_over(cast: Cast, signed_in: SignIn) -> None:
    owned(cast.ann, cast)
    browser = signed_in(cast.max)
    assert f"/admin/hand-over/{cast.ann.pk}/" in text(browser, "/admin/hand-over/")
    page = f"/admin/hand-over/{cast.ann.pk}/"
    assert "Hand over the work of Ann" in text(browser, page)
    assert browser.post(page, {"to": str(cast.bo.pk)}).status_code == 302
    assert Lead.objects.get().owner == cast.bo
    assert "There is nothing to hand over." in text(browser, page)


def test_who_leads_nobody_hands_nothing_over(cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.ann)
    assert browser.get("/admin/hand-over/").status_code == 403
    assert browser.get(f"/admin/hand-over/{cast.bo.pk}/").status_code == 404


def test_somebody_with_open_work_is_not_shut_out_and_the_page_says_where_to_hand_over(
    cast: Cast, signed_in: SignIn
) -> None:
    owned(cast.ann, cast)
    browser = signed_in(cast.ada)
    page = f"/admin/crm/user/{cast.ann.pk}/"
    assert f"/admin/hand-over/{cast.ann.pk}/" in text(browser, f"{page}change/")
    refused = browser.post(f"{page}deactivate/")
    assert "This colleague still has open work" in refused.content.decode()
    assert User.objects.get(pk=cast.ann.pk).is_active


@pytest.mark.parametrize("address", [POOL, "/admin/leads/pool/", "/admin/hand-over/"])
def test_pages_ask_the_same_however_long_they_are(
    cast: Cast,
    branch_pool: Pool,
    signed_in: SignIn,
    same_queries: Callable[..., int],
    address: str,
) -> None:
    browser = signed_in(cast.mei)

    def grow() -> None:
        for _ in range(4):
            lead = pooled(cast, branch_pool)
            factories.ContactFactory(merchant=lead.merchant)
            person = factories.UserFactory()
            factories.MembershipFactory(user=person, unit=cast.xuhui)
            owned(person, cast)
        opened(cast.xuhui)

    grow()
    same_queries(lambda: text(browser, address), after=grow, at_most=24)


def test_failed_returns_are_listed_for_leaders(
    cast: Cast, branch_pool: Pool, signed_in: SignIn, at: datetime
) -> None:
    cast.bo.change(at=at, time_zone="Nowhere/City")
    lead = owned(cast.bo, cast, since=at.replace(year=2025))
    recycling.sweep(at=at)
    shown = text(signed_in(cast.mei), "/admin/leads/recyclingfailure/")
    assert lead.merchant.name in shown
    assert "Nowhere/City" in shown


def test_the_report_names_what_goes_back_soon(
    cast: Cast, branch_pool: Pool, signed_in: SignIn, at: datetime
) -> None:
    old = {"since": at - timedelta(days=9)}
    soon = owned(cast.ann, cast, **old, recycle_on=date(2026, 11, 20))
    later = owned(cast.ann, cast, **old, recycle_on=date(2026, 12, 20))
    won = owned(cast.ann, cast, **old, stage="won", recycle_on=date(2026, 11, 20))
    saved = owned(
        cast.ann, cast, **old, last_activity_at=at, updated_at=at, recycle_on=date(2026, 11, 20)
    )
    for lead in (soon, later, won, saved):
        assert lead.recycle_on is not None
        factories.ReminderFactory(
            key=ownership.warning_key(lead.pk, lead.recycle_on), created_at=at - timedelta(hours=1)
        )
    at += timedelta(minutes=1)
    zone = ZoneInfo("Asia/Shanghai")
    period = Period.of(Week.of(date(2026, 11, 18)), zone, at=at)
    table = pool_report.going_back(Audience(cast.max), period)
    assert [row["merchant"] for row in table.rows] == [soon.merchant.name]
    assert {later.merchant.name, won.merchant.name}.isdisjoint(
        row["merchant"] for row in table.rows
    )
    assert [one.value for one in table.figures] == [1]
    assert not pool_report.going_back(Audience(cast.sam), period).rows
