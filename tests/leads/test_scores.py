"""Scores of real leads: collected, reckoned by the tick, in lists."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.domain import ticking
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from leads.domain import score_facts, score_standing, scores
from leads.domain.scoring import Facts, RivalStanding
from leads.models import Lead, ScoreInput, Stage
from merchants.models import InsightMove, TimelineEntry
from tests import factories
from tests.conftest import Cast

DAY = timedelta(days=1)
LATER = timedelta(minutes=5)


@pytest.fixture
def lead(cast: Cast, at: datetime) -> Lead:
    """A restaurant with two outlets: (15 + 4) of 25, which is 76.0."""
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    factories.OutletFactory.create_batch(2, merchant=merchant)
    lead: Lead = factories.LeadFactory(
        merchant=merchant, owner=cast.ann, created_at=at - DAY, stage="discovery"
    )
    return lead


def score(lead: Lead) -> tuple[Decimal | None, Decimal]:
    found = Lead.objects.get(pk=lead.pk)
    return found.score, found.score_order


def test_the_facts_come_from_what_is_known(cast: Cast, lead: Lead, at: datetime) -> None:
    merchant = lead.merchant
    factories.RivalOfferFactory(merchant=merchant)
    factories.ContactFactory(merchant=merchant, decision_power="decides")
    factories.ContactFactory(merchant=merchant)
    common = {"merchant": merchant, "lead": lead}
    factories.ActivityFactory(**common, kind="call", two_way=True)
    factories.ActivityFactory(**common, kind="call", two_way=False, outcome_code="no_answer")
    factories.ActivityFactory(**common, kind="visit", outcome_code="decision_maker_met")
    factories.ActivityFactory(**common, kind="visit", two_way=False, outcome_code="no_answer")
    factories.ActivityFactory(**common, kind="call", occurred_at=at - 200 * DAY)
    insight = factories.InsightFactory(merchant=merchant)
    for before, after, through in (("", "hidden", ""), ("hidden", "open", "disclosure")):
        InsightMove.objects.create(
            insight=insight, from_quadrant=before, to_quadrant=after, through=through, at=at
        )
    ScoreInput.objects.create(
        lead=lead, founded_on=date(2024, 11, 18), penalties=1, cardholders_nearby=2000,
        branch_metres=2500, source="…", read_on=at.date(),
    )  # fmt: skip
    assert score_facts.facts_of([lead], at)[lead.pk] == Facts(
        category_group="dining",
        branch_metres=2500,
        cardholders_nearby=2000,
        days_in_business=730,
        outlets=2,
        penalties=1,
        rival=RivalStanding.RUNNING,
        replied=1,
        tried=2,
        kept=1,
        met=2,
        shared=1,
        hidden=1,
        contacts=2,
        deciders=1,
        decider_met=True,
    )


@pytest.mark.parametrize(
    ("offer", "standing"),
    [
        pytest.param({"exclusive": True}, RivalStanding.EXCLUSIVE, id="exclusive"),
        pytest.param({"ends_on": None}, RivalStanding.RUNNING, id="without an end"),
        pytest.param({"ends_on": date(2026, 11, 17)}, RivalStanding.OVER, id="over yesterday"),
        pytest.param({"starts_on": date(2026, 11, 19)}, None, id="not begun"),
    ],
)
def test_rivals_stand_where_their_offers_stand(
    lead: Lead, at: datetime, offer: dict[str, Any], standing: RivalStanding | None
) -> None:
    factories.RivalOfferFactory(merchant=lead.merchant, **offer)
    assert score_facts.facts_of([lead], at)[lead.pk].rival == standing


def test_the_tick_reckons_what_is_missing_and_then_finds_nothing(lead: Lead, at: datetime) -> None:
    version = lead.version
    assert scores.reckon(at=at) == 1
    assert score(lead) == (Decimal("76.0"), Decimal("76.0"))
    assert Lead.objects.get(pk=lead.pk).version == version, "a score is no edit of the row"
    assert scores.reckon(at=at) == 0


def test_too_little_is_no_score_and_stands_last(cast: Cast, lead: Lead, at: datetime) -> None:
    bare = factories.LeadFactory(
        merchant=factories.MerchantFactory(category=None, category_group=""), created_at=at
    )
    scores.reckon(at=at)
    assert score(bare) == (None, Decimal(-1))
    assert list(Lead.objects.order_by("-score_order")) == [lead, bare]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        pytest.param({"stage": "proposal", "stage_entered_at": LATER}, True, id="a new stage"),
        pytest.param({"last_activity_at": LATER}, True, id="an activity"),
        pytest.param({"source": "referral"}, False, id="a correction"),
    ],
)
def test_a_score_follows_what_happens(
    lead: Lead, at: datetime, change: dict[str, Any], again: bool
) -> None:
    scores.reckon(at=at)
    moved = {
        name: at + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    lead.change(at=at + LATER, **moved)
    assert scores.reckon(at=at + 2 * LATER) == int(again)


def test_a_score_is_reckoned_again_every_day(lead: Lead, at: datetime) -> None:
    scores.reckon(at=at)
    factories.OutletFactory(merchant=lead.merchant)
    assert scores.reckon(at=at + DAY) == 0
    assert scores.reckon(at=at + DAY + LATER) == 1
    assert score(lead)[0] == Decimal("84.0")


def test_ended_leads_keep_the_score_they_had(lead: Lead, at: datetime) -> None:
    lead.change(at=at, stage=Stage.LOST, lost_reason="other")
    assert scores.reckon(at=at) == 0


def test_the_tick_knows_of_scores(lead: Lead, at: datetime) -> None:
    ticking.tick(at=at)
    assert score(lead)[0] == Decimal("76.0")


def test_what_is_looked_up_is_kept_and_the_score_follows(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    scores.look_up(lead.pk, source=" 公示系统 ", read_on=at.date(), penalties=3, by=cast.ann, at=at)
    # (15·1 + 10·0.4 + 10·0) / 35
    assert score(lead)[0] == Decimal("54.3")
    row = ScoreInput.objects.get()
    assert (row.source, row.penalties, row.founded_on) == ("公示系统", 3, None)
    assert TimelineEntry.objects.get(kind="lead.looked_up").merchant_id == lead.merchant_id
    scores.look_up(lead.pk, source="复查", read_on=at.date(), by=cast.ann, at=at)
    assert ScoreInput.objects.get().penalties is None
    assert score(lead)[0] == Decimal("76.0")


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"read_on": date(2026, 11, 19)}, InvalidInput, "day_in_the_future"),
        ({"penalties": -1}, InvalidInput, "number_out_of_range"),
        ({"penalties": 40_000}, InvalidInput, "number_out_of_range"),
        ({"branch_metres": 2**31}, InvalidInput, "number_out_of_range"),
        ({"source": "  "}, RuleBroken, "source_required"),
        ({"founded_on": date(2026, 11, 19)}, RuleBroken, "founded_after_reading"),
    ],
)
def test_what_cannot_be_is_refused(
    cast: Cast,
    lead: Lead,
    at: datetime,
    given: dict[str, Any],
    error: type[RuleBroken],
    code: str,
) -> None:
    values = {"source": "公示系统", "read_on": date(2026, 11, 18), **given}
    with pytest.raises(error) as refused:
        scores.look_up(lead.pk, by=cast.ann, at=at, **values)
    assert refused.value.code == code
    assert not ScoreInput.objects.exists()


@pytest.mark.parametrize(("who", "error"), [("otto", NotAllowed), ("sam", NotFound)])
def test_who_does_not_work_the_lead_looks_nothing_up(
    cast: Cast, lead: Lead, at: datetime, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        scores.look_up(lead.pk, source="…", read_on=at.date(), by=cast.named(who), at=at)


def test_the_explanation_says_what_is_left_out(lead: Lead, at: datetime) -> None:
    found = score_standing.of(lead, at)
    assert found.score == Decimal("76.0")
    said = {part.key: (part.points, part.text) for part in found.parts}
    assert said["category"] == (Decimal("60.0"), "Dining is wanted by 100 %.")
    assert said["outlets"] == (Decimal("16.0"), "2 outlets; 5 bring all.")
    assert said["penalties"] == (None, "No data: left out.")


def test_a_batch_costs_the_same_for_many_leads(
    cast: Cast, lead: Lead, at: datetime, same_queries: Any
) -> None:
    def grow() -> None:
        factories.LeadFactory.create_batch(6, created_at=at - DAY)

    def reckon() -> None:
        Lead.objects.update(score_at=None)
        scores.reckon(at=datetime(2026, 11, 18, 3, tzinfo=UTC))

    grow()
    same_queries(reckon, after=grow, at_most=18)
