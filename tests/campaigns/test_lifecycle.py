"""A campaign walks its roads only, its terms are fixed, and it starts, pauses and ends in time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.domain import (
    amending,
    campaign_money,
    campaign_terms,
    campaign_ticking,
    go_live,
    lifecycle,
    pausing,
    running,
)
from campaigns.models import (
    Campaign,
    CampaignStage,
    CampaignStep,
    CampaignVersion,
    FundingShare,
    GoLiveKind,
)
from campaigns.models.campaign_stages import ROADS
from crm.errors import DomainError, InvalidInput, NotAllowed, RuleBroken, StageNotReachable
from crm.ids import uuid7
from crm.models import Reminder
from merchants.domain import partnerships
from merchants.models import StepReason, TimelineEntry
from tests import factories
from tests.campaigns import campaign_desk as desk
from tests.conftest import Cast
from tests.merchants.partnership_desk import Desk

STAGE = CampaignStage
pytestmark = pytest.mark.django_db


def at_stage(cast: Cast, stage: CampaignStage, at: datetime) -> Campaign:
    """A campaign put into a stage without walking there."""
    campaign = desk.drafted(cast, at=at)
    Campaign.objects.filter(pk=campaign.pk).update(stage=stage)
    return Campaign.objects.get(pk=campaign.pk)


@pytest.mark.parametrize("left", list(STAGE))
def test_only_the_listed_roads_are_open(left: CampaignStage, cast: Cast, at: datetime) -> None:
    campaign = at_stage(cast, left, at)
    for to in set(STAGE) - set(ROADS[left]):
        with pytest.raises(StageNotReachable) as refusal:
            lifecycle.move(campaign, to, by=cast.pia, at=at)
        assert refusal.value.facts["reachable"] == [str(one) for one in ROADS[left]]
    assert desk.stage_of(campaign) == left


def test_every_stage_is_reached_and_each_step_is_told(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    desk.moved(campaign, STAGE.PAUSED, STAGE.ACTIVE, STAGE.ENDED, STAGE.SETTLING, STAGE.SETTLED,
               by=cast.pia, at=at)  # fmt: skip
    later = at + timedelta(days=31)
    closed = running.close(campaign.pk, by=cast.fay, at=later)
    assert (closed.stage, closed.money_returned_at) == (STAGE.CLOSED, later)
    assert list(
        CampaignStep.objects.filter(campaign=campaign).order_by("pk").values_list(
            "to_stage", flat=True
        )
    ) == ["draft", "submitted", "approved", "scheduled", "active", "paused", "active", "ended",
          "settling", "settled", "closed"]  # fmt: skip
    told = TimelineEntry.objects.filter(subject_id=campaign.pk, kind="campaign.moved")
    assert told.count() == 10


def test_a_step_is_never_rewritten(cast: Cast, at: datetime) -> None:
    desk.drafted(cast, at=at)
    for statement in ("UPDATE campaigns_campaignstep SET because = 'x'",
                      "DELETE FROM campaigns_campaignstep"):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


COLUMNS: dict[str, Any] = {
    "starts_on": date(2026, 10, 1),
    "ends_on": date(2027, 3, 31),
    "budget_fen": 1,
    "objective": "spend",
    "mechanic": "rate_off",
    "terms": {"agreed_price_fen": 9900},
    "limits": {},
    "refund_to_funder_first": False,
    "claim_days": 60,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_the_terms_of_a_live_campaign_never_change_in_place(
    column: str, cast: Cast, at: datetime
) -> None:
    campaign = desk.active(cast, at=at)
    with pytest.raises(DatabaseError, match="with a new version only"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(**{column: COLUMNS[column]})
    # The control: a draft's may be, and so may a live one's under the next number.
    draft = desk.drafted(cast, at=at)
    assert Campaign.objects.filter(pk=draft.pk).update(**{column: COLUMNS[column]}) == 1
    next_one = Campaign.objects.filter(pk=campaign.pk)
    assert next_one.update(**{column: COLUMNS[column]}, version_number=2) == 1


def test_the_shares_of_a_live_campaign_never_change_in_place(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    shares = FundingShare.objects.filter(campaign=campaign)
    changes: list[Callable[[], Any]] = [
        lambda: shares.update(ceiling_fen=1),
        lambda: shares.delete(),
        lambda: FundingShare.objects.create(campaign=campaign, party="scheme", basis_points=1),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="with a new version only"), transaction.atomic():
            change()
    assert FundingShare.objects.filter(campaign=desk.drafted(cast, at=at)).update(ceiling_fen=1)


def test_a_version_is_fixed_once_written(cast: Cast, at: datetime) -> None:
    version = desk.active(cast, at=at).versions.get()
    changes: list[dict[str, Any]] = [
        {"terms": {}},
        {"number": 9},
        {"said": "…"},
        {"state": "draft"},
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="is fixed"), transaction.atomic():
            CampaignVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="is fixed"), transaction.atomic():
        CampaignVersion.objects.filter(pk=version.pk).delete()
    assert version.digest == campaign_terms.digest(
        campaign_terms.CampaignTerms.from_json(version.terms)
    )


def test_terms_come_back_as_they_were_written(cast: Cast, at: datetime) -> None:
    campaign = desk.drafted(
        cast,
        at=at,
        shares=[
            campaign_terms.Share("merchant", 4000),
            campaign_terms.Share("bank", 6000, 5_000_000, "merchant", "prepaid"),
        ],
    )
    terms = campaign_terms.of(campaign)
    assert campaign_terms.CampaignTerms.from_json(terms.to_json()) == terms
    assert [share.party for share in terms.shares] == ["bank", "merchant"]
    assert terms.largest_discount_fen == 2400


# --- amendments --------------------------------------------------------------------------------


def amended(cast: Cast, campaign: Campaign, at: datetime, **changes: Any) -> CampaignVersion:
    version = amending.propose(campaign.pk, changes, said="卖得好", by=cast.pia, at=at)
    with transaction.atomic():
        locked = Campaign.objects.for_change().get(pk=campaign.pk)
        version.campaign = locked
        amending.send(version, at=at)
        campaign_money.commit(locked, key=f"amend:{version.pk}", by=cast.mei, at=at)
        amending.take_effect(version, by=cast.mei, at=at)
    return version


def test_an_amendment_counts_from_its_approval_on(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    later = at + timedelta(days=3)
    amended(cast, campaign, later, ends_on=date(2027, 1, 31),
            shares={"bank": 5000, "merchant": 5000})  # fmt: skip
    campaign.refresh_from_db()
    assert (campaign.version_number, campaign.ends_on) == (2, date(2027, 1, 31))
    assert [version.state for version in campaign.versions.order_by("number")] == [
        "superseded",
        "in_force",
    ]
    number, terms = campaign_terms.terms_at(campaign.pk, later - timedelta(seconds=1))
    assert (number, terms.ends_on, terms.basis_points) == (1, date(2026, 12, 31), desk.SHARES)
    number, terms = campaign_terms.terms_at(campaign.pk, later)
    assert (number, terms.ends_on) == (2, date(2027, 1, 31))
    assert terms.basis_points == {"bank": 5000, "merchant": 5000}
    assert campaign_terms.terms_at(campaign.pk, at - timedelta(days=99))[0] == 1


def test_two_versions_are_told_apart_one_thing_at_a_time(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    version = amending.propose(
        campaign.pk,
        {"ends_on": date(2027, 1, 31), "terms": {"agreed_price_fen": 3000}},
        said="延期",
        by=cast.pia,
        at=at,
    )
    after = campaign_terms.CampaignTerms.from_json(version.terms)
    found = campaign_terms.differences(campaign_terms.of(campaign), after)
    assert [(one.name, one.before, one.after) for one in found] == [
        ("ends_on", "2026-12-31", "2027-01-31"),
        ("terms.agreed_price_fen", 2500, 3000),
    ]
    campaign.refresh_from_db()
    assert campaign.ends_on == date(2026, 12, 31), "nothing counts before it is approved"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "nothing_changed"),
        ({"starts_on": date(2026, 11, 2)}, "already_begun"),
        ({"ends_on": date(2026, 11, 17)}, "ends_in_the_past"),
        ({"budget_fen": 0}, "campaign_budget"),
        ({"shares": {"bank": 9999}}, "shares_not_whole"),
        ({"terms": {}}, "term_required"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(
    changes: dict[str, Any], code: str, cast: Cast, at: datetime
) -> None:
    campaign = desk.active(cast, at=at)
    with pytest.raises(RuleBroken) as refusal:
        amending.propose(campaign.pk, changes, said="…", by=cast.pia, at=at)
    assert refusal.value.code == code
    assert campaign.versions.count() == 1


def test_one_amendment_waits_at_a_time(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    change = {"claim_days": 45}
    version = amending.propose(campaign.pk, change, said="…", by=cast.pia, at=at)
    with pytest.raises(RuleBroken) as refusal:
        amending.propose(campaign.pk, change, said="…", by=cast.pia, at=at)
    assert refusal.value.code == "version_open"
    amending.give_up(version.pk, by=cast.pia, at=at)
    assert amending.propose(campaign.pk, change, said="…", by=cast.pia, at=at).number == 3


# --- going live --------------------------------------------------------------------------------


def test_a_campaign_starts_when_every_shop_is_ready(cast: Cast, at: datetime) -> None:
    campaign = desk.scheduled(cast, at=at)
    with pytest.raises(StageNotReachable) as refusal:
        running.activate(campaign.pk, by=cast.pia, at=at)
    assert refusal.value.code == "go_live_incomplete"
    assert [problem.attr for problem in refusal.value.problems] == GoLiveKind.values
    outlet = campaign.merchants.get().outlets.get()
    with pytest.raises(RuleBroken) as refused:
        go_live.mark_done(campaign.pk, kind=GoLiveKind.MID_VERIFIED, by=cast.ann, at=at)
    assert refused.value.code == "mid_missing"
    factories.IdentifierFactory(outlet=outlet)
    with pytest.raises(InvalidInput) as refused:
        go_live.mark_done(campaign.pk, kind=GoLiveKind.MATERIAL_PHOTO, by=cast.ann, at=at)
    assert refused.value.code == "photo_missing"
    photo = factories.StoredFileFactory(owner=cast.ann)
    for kind in GoLiveKind:
        given = {"file_id": photo.pk} if kind == GoLiveKind.MATERIAL_PHOTO else {}
        with pytest.raises(DomainError):
            go_live.mark_done(campaign.pk, kind=kind, by=cast.bo, at=at, **given)
        go_live.mark_done(campaign.pk, kind=kind, by=cast.ann, at=at, **given)
    assert running.activate(campaign.pk, by=cast.pia, at=at).stage == STAGE.ACTIVE


def test_the_tick_starts_what_is_ready_and_says_once_what_is_missing(
    cast: Cast, at: datetime
) -> None:
    waiting = desk.scheduled(cast, at=at, starts_on=date(2026, 11, 20))
    ready = desk.ready(desk.scheduled(cast, at=at, starts_on=date(2026, 11, 20)), at=at)
    assert campaign_ticking.start_due(at=at) == 0
    assert not Reminder.objects.filter(kind="campaign_not_ready").exists()
    day = at + timedelta(days=2)
    assert campaign_ticking.start_due(at=day) == 1
    assert campaign_ticking.start_due(at=day + timedelta(seconds=30)) == 0
    assert (desk.stage_of(ready), desk.stage_of(waiting)) == ("active", "scheduled")
    reminder = Reminder.objects.get(kind="campaign_not_ready")
    assert reminder.recipient == cast.pia
    assert "Staff trained" in reminder.facts["missing"]
    desk.ready(waiting, at=day)
    assert campaign_ticking.start_due(at=day) == 1


def test_the_tick_ends_what_is_over(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    last_day = datetime.fromisoformat("2026-12-31T23:59:59+08:00")
    assert campaign_ticking.end_due(at=last_day) == 0
    assert campaign_ticking.end_due(at=last_day + timedelta(seconds=1)) == 1
    campaign.refresh_from_db()
    assert (campaign.stage, campaign.ended_on) == ("ended", date(2026, 12, 31))
    assert campaign_ticking.end_due(at=last_day + timedelta(days=1)) == 0


def test_what_is_left_goes_back_exactly_once_after_the_last_claim(cast: Cast, at: datetime) -> None:
    campaign = desk.ended(cast, at=at)
    pot = campaign.fund.budget  # type: ignore[union-attr]
    assert pot.available_fen == 1_000_000_000 - 6_000_000
    assert campaign_ticking.return_due_money(at=at + timedelta(days=30)) == 0
    assert campaign_ticking.return_due_money(at=at + timedelta(days=31)) == 1
    assert campaign_ticking.return_due_money(at=at + timedelta(days=32)) == 0
    pot.refresh_from_db()
    assert pot.available_fen == 1_000_000_000
    with pytest.raises(StageNotReachable):
        running.close(campaign.pk, by=cast.fay, at=at + timedelta(days=32))


def test_a_campaign_is_not_closed_while_claims_may_come(cast: Cast, at: datetime) -> None:
    campaign = desk.moved(
        desk.ended(cast, at=at), STAGE.SETTLING, STAGE.SETTLED, by=cast.fay, at=at
    )
    with pytest.raises(StageNotReachable) as refusal:
        running.close(campaign.pk, by=cast.fay, at=at + timedelta(days=30))
    assert refusal.value.code == "claims_open"


def test_from_what_waits_for_approval_the_only_other_way_is_to_call_it_off(
    cast: Cast, at: datetime
) -> None:
    campaign = desk.submitted(cast, at=at)
    (way,) = running.ways(campaign, by=cast.pia, at=at)
    assert (way.to, way.allowed, way.asks_reason) == (STAGE.CANCELLED, True, True)


@pytest.mark.parametrize("stage", ["drafted", "submitted", "approved", "scheduled"])
def test_cancelling_gives_every_fen_back(stage: str, cast: Cast, at: datetime) -> None:
    campaign = getattr(desk, stage)(cast, at=at)
    with pytest.raises(InvalidInput):
        running.cancel(campaign.pk, because=" ", by=cast.pia, at=at)
    running.cancel(campaign.pk, because="商户退出", by=cast.pia, at=at)
    pot = campaign.fund.budget
    pot.refresh_from_db()
    assert (pot.available_fen, pot.reserved_fen, pot.committed_fen) == (1_000_000_000, 0, 0)
    assert not campaign.versions.open().exists()


# --- pausing -----------------------------------------------------------------------------------


def spend(campaign: Campaign, cast: Cast, at: datetime, **parts: int) -> None:
    with transaction.atomic():
        campaign_money.consume(campaign, parts, key=f"{uuid7()}", by=cast.fay, at=at)


@pytest.mark.parametrize(
    ("bank_left", "paused"), [(1440, False), (1439, True)], ids=["enough for one", "a fen less"]
)
def test_a_campaign_pauses_when_less_is_left_than_the_largest_discount(
    bank_left: int, paused: bool, cast: Cast, at: datetime
) -> None:
    campaign = desk.active(cast, at=at)
    spend(campaign, cast, at, bank=6_000_000 - bank_left, merchant=10)
    assert campaign_ticking.pause_spent(at=at) == int(paused)
    assert desk.stage_of(campaign) == ("paused" if paused else "active")
    assert Reminder.objects.filter(kind="campaign_paused", recipient=cast.pia).count() == paused
    if paused:
        assert not pausing.pause_if_spent(campaign.pk, at=at)
        with pytest.raises(StageNotReachable) as refusal:
            running.resume(campaign.pk, by=cast.pia, at=at)
        assert refusal.value.code == "budget_spent"


def test_a_party_with_a_fallback_does_not_pause_the_campaign(cast: Cast, at: datetime) -> None:
    shares = [
        campaign_terms.Share("bank", 6000, 1_000_000, "merchant"),
        campaign_terms.Share("merchant", 4000),
    ]
    campaign = desk.active(cast, at=at, shares=shares)
    spend(campaign, cast, at, bank=1_000_000)
    assert not pausing.pause_if_spent(campaign.pk, at=at)


def test_a_suspended_partnership_pauses_its_running_campaigns(cast: Cast, at: datetime) -> None:
    campaign = desk.active(cast, at=at)
    other = desk.active(cast, at=at)
    shop = Desk(cast, at)
    shop.merchant.campaigns.add(campaign)
    shop.file("risk_case")
    partnerships.suspend(shop.pk, reason=StepReason.RISK_HIT, by=cast.rui, at=shop.at)
    assert (desk.stage_of(campaign), desk.stage_of(other)) == ("paused", "active")
    with pytest.raises(StageNotReachable) as refusal:
        running.resume(campaign.pk, by=cast.pia, at=at)
    assert refusal.value.code == "partnership_suspended"
    shop.file("clearance_document")
    partnerships.release(shop.pk, by=cast.rui, at=shop.at)
    assert running.resume(campaign.pk, by=cast.pia, at=at).stage == STAGE.ACTIVE


# --- who may -----------------------------------------------------------------------------------

RUNNING: dict[str, tuple[str, Callable[..., Any], str]] = {
    "schedule": ("approved", lambda pk, **who: running.schedule(pk, **who), "pia mei"),
    "pause": ("active", lambda pk, **who: running.pause(pk, because="…", **who), "pia mei rui"),
    "terminate": (
        "active",
        lambda pk, **who: running.terminate(pk, because="…", **who),
        "pia mei rui",
    ),
    "end": ("active", lambda pk, **who: running.end(pk, because="…", **who), "pia mei"),
    "cancel": ("approved", lambda pk, **who: running.cancel(pk, because="…", **who), "pia mei"),
    "begin settling": (
        "ended",
        lambda pk, **who: running.begin_settling(pk, **who),
        "fay mei",
    ),
}


@pytest.mark.parametrize(
    ("verb", "name"),
    list(product(RUNNING, ["ann", "max", "mei", "fay", "rui", "pia", "otto", "ada"])),
)
def test_who_runs_a_campaign(verb: str, name: str, cast: Cast, at: datetime) -> None:
    stage, act, allowed = RUNNING[verb]
    campaign = getattr(desk, stage)(cast, at=at)
    if name in allowed.split():
        act(campaign.pk, by=cast.named(name), at=at)
        return
    with pytest.raises(NotAllowed):
        act(campaign.pk, by=cast.named(name), at=at)
