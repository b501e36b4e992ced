"""Claiming from the pool and giving back: within limits, for a reason, one at a time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import Reminder, ReminderState
from leads.domain import claiming, follow_ups, pipeline, pool
from leads.models import (
    FollowUpState,
    Lead,
    LeadOwnership,
    LeadSource,
    OwnershipChange,
    Pool,
    Stage,
    VisitState,
)
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.lead_desk import LeadDesk
from tests.leads.pool_desk import opened, owned, pooled

pytestmark = pytest.mark.django_db


def refusal(verb: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        verb()
    return refused.value


@pytest.fixture
def branch_pool(cast: Cast) -> Pool:
    return opened(cast.shanghai)


def test_a_claimed_lead_and_its_merchant_are_the_claimers(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    claimed = claiming.claim(lead.pk, by=cast.ann, at=at)
    claimed.refresh_from_db()
    claimed.merchant.refresh_from_db()
    assert (claimed.owner, claimed.merchant.owner) == (cast.ann, cast.ann)
    assert (claimed.pool, claimed.pooled_at, claimed.claimed_at) == (None, None, at)
    assert claimed.last_activity_at == lead.last_activity_at, "claiming is no activity"
    line = LeadOwnership.objects.get(lead=lead)
    assert (line.owner, line.how, line.since, line.until) == (cast.ann, "claimed", at, None)
    assert TimelineEntry.objects.filter(kind="lead.claimed", merchant=lead.merchant).exists()


def test_claiming_again_what_one_just_claimed_changes_nothing(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    claiming.claim(lead.pk, by=cast.ann, at=at)
    again = claiming.claim(lead.pk, by=cast.ann, at=at + timedelta(minutes=1))
    assert again.claimed_at == at
    assert LeadOwnership.objects.filter(how=OwnershipChange.CLAIMED).count() == 1


def test_who_comes_too_late_is_told_so_and_not_that_there_is_no_such_lead(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    claiming.claim(lead.pk, by=cast.ann, at=at)
    late = refusal(lambda: claiming.claim(lead.pk, by=cast.bo, at=at + timedelta(minutes=14)))
    assert (type(late), late.code) == (RuleBroken, "lead_already_claimed")
    assert "a moment ago" in str(late)
    later = refusal(lambda: claiming.claim(lead.pk, by=cast.bo, at=at + timedelta(minutes=16)))
    assert type(later) is NotFound, "by then it is simply not Bo's to know of"
    stranger = refusal(lambda: claiming.claim(lead.pk, by=cast.sam, at=at))
    assert type(stranger) is NotFound, "Sam could never have claimed it"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"owner": "ann"}, "lead_not_in_pool"),
        ({"stage": Stage.LOST, "lost_reason": "rival"}, "lead_not_in_pool"),
        ({"pooled_at": None}, "lead_not_in_pool"),
    ],
    ids=["somebody has it", "it is lost", "it never went there"],
)
def test_only_what_lies_in_the_pool_can_be_claimed(
    cast: Cast, branch_pool: Pool, at: datetime, values: dict[str, Any], code: str
) -> None:
    if values.get("owner"):
        values = {"owner": cast.ann, "pooled_at": None}
    lead = pooled(cast, None, **values)
    assert refusal(lambda: claiming.claim(lead.pk, by=cast.max, at=at)).code == code


@pytest.mark.parametrize(("who", "error"), [("otto", NotAllowed), ("rui", NotAllowed)])
def test_who_does_not_sell_claims_nothing(
    cast: Cast, branch_pool: Pool, at: datetime, who: str, error: type[DomainError]
) -> None:
    lead = pooled(cast, branch_pool)
    assert type(refusal(lambda: claiming.claim(lead.pk, by=cast.named(who), at=at))) is error
    assert type(refusal(lambda: claiming.claim(lead.pk, by=SYSTEM, at=at))) is NotAllowed


def test_a_pool_of_another_unit_is_not_ones_own(cast: Cast, at: datetime) -> None:
    jingan = factories.UnitFactory(name="静安", parent=cast.shanghai)
    theirs = opened(jingan)
    merchant = factories.MerchantFactory(unit=jingan)
    lead = pooled(cast, theirs, merchant=merchant)
    refused = refusal(lambda: claiming.claim(lead.pk, by=cast.ann, at=at))
    assert (type(refused), refused.code) == (NotAllowed, "pool_not_yours")
    assert claiming.claim(lead.pk, by=cast.mei, at=at).owner == cast.mei, "Mei leads the branch"


# --- limits --------------------------------------------------------------------------------------


def test_the_daily_cap_counts_what_was_claimed_today_whatever_became_of_it(
    cast: Cast, at: datetime
) -> None:
    lies_in = opened(cast.shanghai, claims_a_day=2)
    first, second, third = (pooled(cast, lies_in) for _ in range(3))
    claiming.claim(first.pk, by=cast.ann, at=at)
    claiming.give_back(first.pk, reason="no_capacity", by=cast.ann, at=at)
    claiming.claim(second.pk, by=cast.ann, at=at)
    refused = refusal(lambda: claiming.claim(third.pk, by=cast.ann, at=at))
    assert (refused.code, refused.facts["cap"]) == ("claim_cap_reached", 2)
    late_today = at.replace(hour=15, minute=59)  # 23:59 in Shanghai
    assert refusal(lambda: claiming.claim(third.pk, by=cast.ann, at=late_today)).code == (
        "claim_cap_reached"
    )
    assert claiming.claim(third.pk, by=cast.ann, at=late_today + timedelta(minutes=1)).owner_id


@pytest.mark.parametrize(("held", "allowed"), [(1, True), (2, False), (3, False)])
def test_the_holding_cap_counts_open_leads(
    cast: Cast, at: datetime, held: int, allowed: bool
) -> None:
    lies_in = opened(cast.shanghai, holding_cap=2)
    for _ in range(held):
        owned(cast.ann, cast)
    owned(cast.ann, cast, stage=Stage.WON)
    lead = pooled(cast, lies_in)
    if allowed:
        assert claiming.claim(lead.pk, by=cast.ann, at=at).owner == cast.ann
    else:
        refused = refusal(lambda: claiming.claim(lead.pk, by=cast.ann, at=at))
        assert refused.code == "holding_cap_reached"


@pytest.mark.parametrize(
    ("days_later", "allowed"), [(0, False), (14, False), (15, True), (16, True)]
)
def test_a_former_owner_waits_out_the_cooldown(
    cast: Cast, at: datetime, days_later: int, allowed: bool
) -> None:
    lies_in = opened(cast.shanghai, cooldown_days=15)
    lead = owned(cast.ann, cast)
    claiming.give_back(lead.pk, reason="no_capacity", by=cast.ann, at=at)
    lead.refresh_from_db()
    assert lead.pool == lies_in
    when = at + timedelta(days=days_later)
    if allowed:
        assert claiming.claim(lead.pk, by=cast.ann, at=when).owner == cast.ann
        return
    refused = refusal(lambda: claiming.claim(lead.pk, by=cast.ann, at=when))
    assert (refused.code, refused.facts["free_on"]) == ("claim_cooldown", "2026-12-03")
    assert claiming.claim(lead.pk, by=cast.bo, at=when).owner == cast.bo, "others need not wait"


def test_ones_allowance_says_what_is_left(cast: Cast, branch_pool: Pool, at: datetime) -> None:
    owned(cast.ann, cast)
    claiming.claim(pooled(cast, branch_pool).pk, by=cast.ann, at=at)
    (mine,) = claiming.mine(cast.ann, at=at)
    assert (mine.claims_left, mine.held, mine.room_left) == (9, 2, 48)


def test_where_a_unit_has_no_pool_the_parameters_hold(cast: Cast, at: datetime) -> None:
    lead = pooled(cast, None)
    assert claiming.claim(lead.pk, by=cast.ann, at=at).owner == cast.ann
    (mine,) = claiming.mine(cast.ann, at=at)
    assert (mine.pool.claims_a_day, mine.pool.holding_cap) == (10, 50)


# --- giving back ---------------------------------------------------------------------------------


def test_a_returned_lead_lies_in_the_pool_and_what_was_promised_is_off(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = owned(cast.ann, cast, since=at - timedelta(days=9))
    follow_up = follow_ups.promise(
        uuid7(),
        lead.merchant_id,
        title="送方案",
        due_at=at + timedelta(days=1),
        owner=cast.ann,
        by=cast.ann,
        at=at,
        lead_id=lead.pk,
    )
    visit = factories.VisitFactory(merchant=lead.merchant, lead=lead, owner=cast.ann)
    claiming.give_back(lead.pk, reason="other", because="店主是我亲戚", by=cast.ann, at=at)
    lead.refresh_from_db()
    lead.merchant.refresh_from_db()
    assert (lead.owner, lead.merchant.owner, lead.last_owner) == (None, None, cast.ann)
    assert (lead.pool, lead.pooled_at, lead.next_follow_up_at) == (branch_pool, at, None)
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUpState.CANCELLED
    assert "pool" in follow_up.outcome
    assert Reminder.objects.get(key=follow_up.reminder_key).state == ReminderState.CANCELLED
    visit.refresh_from_db()
    assert visit.state == VisitState.CANCELLED
    now, before = LeadOwnership.objects.filter(lead=lead)
    assert (now.owner, now.how, now.reason, now.because) == (
        None,
        "returned",
        "other",
        "店主是我亲戚",
    )
    assert (before.owner, before.until) == (cast.ann, at)
    told = TimelineEntry.objects.filter(merchant=lead.merchant).values_list("kind", flat=True)
    assert {"lead.returned", "follow_up.dropped", "visit.cancelled"} <= set(told)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": ""}, "return_needs_reason"),
        ({"reason": "bored"}, "return_needs_reason"),
        ({"reason": "other"}, "reason_words_required"),
        ({"reason": "other", "because": "  "}, "reason_words_required"),
    ],
)
def test_who_returns_a_lead_says_why(
    cast: Cast, at: datetime, given: dict[str, str], code: str
) -> None:
    lead = owned(cast.ann, cast)
    refused = refusal(lambda: claiming.give_back(lead.pk, by=cast.ann, at=at, **given))
    assert (type(refused), refused.code) == (InvalidInput, code)
    lead.refresh_from_db()
    assert lead.owner == cast.ann


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"stage": Stage.WON}, "lead_closed"),
        ({"owner": None, "pooled_at": factories.AT}, "lead_in_pool"),
    ],
    ids=["it has ended", "it lies there already"],
)
def test_what_cannot_be_returned(
    cast: Cast, at: datetime, values: dict[str, Any], code: str
) -> None:
    lead = owned(cast.ann, cast)
    Lead.objects.filter(pk=lead.pk).update(**values)
    give = lambda: claiming.give_back(lead.pk, reason="no_capacity", by=cast.max, at=at)  # noqa: E731
    assert refusal(give).code == code


def test_a_leader_returns_a_colleagues_lead_and_a_neighbour_does_not(
    cast: Cast, at: datetime
) -> None:
    lead = owned(cast.ann, cast)
    give = {"reason": "long_absence", "at": at}
    assert type(refusal(lambda: claiming.give_back(lead.pk, by=cast.bo, **give))) is NotFound
    assert claiming.give_back(lead.pk, by=cast.max, **give).owner is None


def test_a_leader_assigns_out_of_the_pool_and_the_history_says_so(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = pooled(cast, branch_pool)
    pipeline.assign(lead.pk, to=cast.bo, by=cast.max, at=at)
    lead.refresh_from_db()
    assert (lead.owner, lead.pooled_at, lead.pool) == (cast.bo, None, None)
    line = LeadOwnership.objects.get(lead=lead)
    assert (line.how, line.actor) == (OwnershipChange.ASSIGNED, cast.max)


@pytest.mark.parametrize("with_owner", [True, False], ids=["for somebody", "for nobody yet"])
def test_an_opened_lead_begins_its_history(
    cast: Cast, branch_pool: Pool, at: datetime, with_owner: bool
) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    lead = pipeline.open_lead(
        uuid7(),
        merchant.pk,
        source=LeadSource.BRANCH,
        owner=cast.ann if with_owner else None,
        by=cast.max,
        at=at,
    )
    line = LeadOwnership.objects.get(lead=lead)
    assert (line.how, line.owner_id) == ("opened", lead.owner_id)
    lead.refresh_from_db()
    assert lead.pool == (None if with_owner else branch_pool)
    assert lead.pooled_at == (None if with_owner else at)
    assert lead.version == 1


# --- which pool ----------------------------------------------------------------------------------


def test_the_most_particular_pool_takes_a_lead(cast: Cast, at: datetime) -> None:
    everything = opened(cast.shanghai)
    dining = opened(cast.shanghai, category_groups=["dining"])
    dining_here = opened(cast.shanghai, category_groups=["dining"], divisions=["310104"])
    team = opened(cast.xuhui, category_groups=["travel"])
    factories.DivisionFactory(code="310101", name="黄浦区", full_name="上海市黄浦区")

    def taken(**values: Any) -> Pool | None:
        return pool.of(cast.xuhui.pk, factories.MerchantFactory(unit=cast.xuhui, **values))

    huangpu = {"division__code": "310101"}
    assert taken() == dining_here
    assert taken(**huangpu) == dining
    assert taken(category_group="retail") == everything
    assert taken(category_group="travel") == team
    assert pool.of(cast.hangzhou.pk, factories.MerchantFactory(unit=cast.hangzhou)) is None


def test_leads_move_to_the_pool_that_opens_for_them_and_back_when_it_closes(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead, other = pooled(cast, branch_pool), pooled(cast, branch_pool)
    other.merchant.change(at=at, category_group="retail")
    dining = pool.open_pool(
        uuid7(),
        cast.xuhui.pk,
        {"name": "餐饮公海", "category_groups": ["dining"]},
        by=cast.max,
        at=at,
    )
    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.pool, other.pool) == (dining, branch_pool)
    pool.change_pool(dining.pk, {"is_active": False}, by=cast.max, at=at)
    lead.refresh_from_db()
    assert lead.pool == branch_pool


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "name_required"),
        ({"claims_a_day": 0}, "pool_limits_out_of_range"),
        ({"category_groups": ["food"]}, "category_group_unknown"),
        ({"divisions": ["上海"]}, "division_unknown"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(
    cast: Cast, at: datetime, values: dict[str, Any], code: str
) -> None:
    make = lambda: pool.open_pool(  # noqa: E731
        uuid7(), cast.shanghai.pk, {"name": "公海", **values}, by=cast.mei, at=at
    )
    assert refusal(make).code == code
    assert not Pool.objects.exists()


@pytest.mark.parametrize(
    ("tier", "values", "code"),
    [
        ("d", {}, "tier_unknown"),
        ("a", {"quiet_working_days": 0}, "pool_rule_out_of_range"),
        ("", {"warning_days": 61}, "pool_rule_out_of_range"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    cast: Cast, branch_pool: Pool, at: datetime, tier: str, values: dict[str, Any], code: str
) -> None:
    setting = lambda: pool.set_rule(branch_pool.pk, tier, values, by=cast.mei, at=at)  # noqa: E731
    assert refusal(setting).code == code


def test_every_branch_gets_its_pool_once(cast: Cast, at: datetime) -> None:
    assert pool.open_missing(at=at) == 2
    assert pool.open_missing(at=at) == 0
    first = Pool.objects.get(unit=cast.shanghai)
    assert set(first.rules.values_list("tier", flat=True)) == {"", "a", "b", "c"}


def test_the_pool_is_read_by_its_index(cast: Cast, branch_pool: Pool) -> None:
    pooled(cast, branch_pool)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = Lead.objects.in_pool().filter(pool=branch_pool).order_by("-pooled_at", "-pk").explain()
    assert "lead_of_pool" in plan or "lead_in_pool" in plan


def test_a_lead_that_is_opened_again_and_is_nobodys_lies_in_the_pool(
    cast: Cast, branch_pool: Pool, at: datetime
) -> None:
    lead = factories.LeadFactory(
        merchant=factories.MerchantFactory(unit=cast.xuhui),
        owner=None,
        stage=Stage.BLOCKED,
    )
    desk = LeadDesk.of(cast, lead, at)
    desk.file("release_document")
    desk.step(Stage.NEW)
    lead.refresh_from_db()
    assert (lead.pool, lead.pooled_at) == (branch_pool, desk.at)


def test_a_lead_of_the_branch_moves_to_the_claimers_team_so_that_its_lead_sees_it(
    cast: Cast, at: datetime
) -> None:
    merchant = factories.MerchantFactory(unit=cast.shanghai)
    lead = pooled(cast, opened(cast.shanghai), merchant=merchant)
    assert not Lead.objects.visible_to(cast.max).filter(pk=lead.pk).exists()
    claiming.claim(lead.pk, by=cast.ann, at=at)
    lead.refresh_from_db()
    merchant.refresh_from_db()
    assert (lead.unit, merchant.unit, merchant.owner) == (cast.xuhui, cast.xuhui, cast.ann)
    assert Lead.objects.visible_to(cast.max).filter(pk=lead.pk).exists()


def test_a_merchant_with_a_partnership_stays_with_its_unit(cast: Cast, at: datetime) -> None:
    merchant = factories.MerchantFactory(unit=cast.shanghai)
    factories.PartnershipFactory(merchant=merchant, stage="churned")
    lead = pooled(cast, opened(cast.shanghai), merchant=merchant)
    claiming.claim(lead.pk, by=cast.ann, at=at)
    lead.refresh_from_db()
    assert (lead.unit, lead.owner) == (cast.shanghai, cast.ann)
