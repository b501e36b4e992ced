"""Proposals: drafted, corrected, submitted for good, withdrawn; and the campaign of a won one."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign, CampaignStage
from crm.actors import SYSTEM
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from leads.domain import campaign_drafts, proposal_differences, proposals
from leads.models import Lead, Pain, Proposal, ProposalPart, ProposalState, ProposalVersion, Stage
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.proposal_desk import WORKED, drafted, newest, submitted

pytestmark = pytest.mark.django_db

ALL_PARTS = set(ProposalPart)


@pytest.fixture
def lead(cast: Cast) -> Lead:
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    return factories.LeadFactory(merchant=merchant, owner=cast.ann, stage=Stage.PROPOSAL)


def kinds(lead: Lead) -> list[str]:
    entries = TimelineEntry.objects.filter(merchant=lead.merchant_id, kind__startswith="proposal")
    return list(entries.order_by("pk").values_list("kind", flat=True))


def test_a_proposal_carries_the_forecast_of_the_worked_campaign(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    version = newest(drafted(lead, by=cast.ann, at=at))
    assert (version.number, version.state, version.author) == (1, "draft", cast.ann)
    assert (version.bank_net_fen, version.merchant_net_fen, version.customer_benefit_fen) == (
        770_040,
        2_251_200,
        2_000_000,
    )
    assert version.forecast["bank"]["roi"] == "64.17"
    assert version.forecast["bank"]["interchange_only_roi"] == "-98.33"
    assert version.forecast["merchant"]["roi"] == "358.02"
    assert version.is_complete
    assert proposals.missing(version) == []
    assert kinds(lead) == ["proposal.drafted"]


def test_a_proposal_begins_at_the_entry_point_of_the_lead(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    pain = Pain.objects.create(
        merchant=lead.merchant,
        lead=lead,
        title="平日晚市空台",
        mode="create",
        monthly_impact_fen=4_800_000,
    )
    Lead.objects.filter(pk=lead.pk).update(entry_pain=pain, entry_cell="I2")
    proposal = proposals.draft(uuid7(), lead.pk, changes={}, by=cast.ann, at=at)
    version = newest(proposal)
    assert (version.entry_pain, version.entry_cell) == (pain, "I2")
    assert (version.pain_words, version.monthly_impact_fen) == ("平日晚市空台", 4_800_000)
    assert proposals.missing(version) == [part for part in ProposalPart if part != "pain"]


def test_the_merchants_own_words_come_before_our_title(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    pain = Pain.objects.create(
        merchant=lead.merchant, lead=lead, title="平日晚市空台", mode="create"
    )
    pain.cells.create(cell="R1", merchant_words="晚上总有十来桌空着")
    Lead.objects.filter(pk=lead.pk).update(entry_pain=pain, entry_cell="I2")
    proposal = proposals.draft(uuid7(), lead.pk, changes={}, by=cast.ann, at=at)
    assert newest(proposal).pain_words == "晚上总有十来桌空着"


def test_the_pain_is_one_of_the_merchants(cast: Cast, lead: Lead, at: datetime) -> None:
    elsewhere = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    other = Pain.objects.create(merchant=elsewhere, title="停车难", mode="create")
    with pytest.raises(NotFound):
        drafted(lead, by=cast.ann, at=at, entry_pain_id=other.pk)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("without", "part"),
    [
        ({"pain_words": "  "}, "pain"),
        ({"title": ""}, "title"),
        ({"mechanic": "", "terms": {}}, "offer"),
        ({"starts_on": None}, "dates"),
        ({"ends_on": None}, "dates"),
        ({"shares": {}}, "shares"),
        ({"budget_fen": None}, "budget"),
        ({"redemptions": None}, "forecast"),
        ({"gross_margin": None}, "forecast"),
        ({"first_swipe_cards": 0, "reactivated_cards": 0}, "win_win"),
        ({"gross_margin": 0}, "win_win"),
        ({"ticket_fen": 9_999}, "win_win"),
    ],
)
def test_what_is_missing_is_listed_and_nothing_is_submitted(
    without: dict[str, Any], part: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, **without)
    version = newest(proposal)
    assert part in proposals.missing(version)
    assert not version.is_complete
    with pytest.raises(RuleBroken) as refused:
        proposals.submit(proposal.pk, by=cast.ann, at=at)
    assert refused.value.code == "proposal_incomplete"
    assert part in refused.value.facts["missing"]
    assert newest(proposal).state == ProposalState.DRAFT


@pytest.mark.parametrize(
    ("changes", "code", "attr"),
    [
        ({"shares": {"bank": 5_000, "merchant": 4_999}}, "shares_not_whole", "shares"),
        ({"shares": {"bank": 5_000, "merchant": 5_001}}, "shares_not_whole", "shares"),
        ({"shares": {"bank": 10_100, "merchant": -100}}, "too_large", "shares.bank"),
        ({"shares": {"bank": 5_000.5, "merchant": 5_000}}, "not_whole", "shares.bank"),
        ({"shares": {"owner": 10_000}}, "party_unknown", "shares.owner"),
        ({"budget_fen": -1}, "below_zero", "budget"),
        ({"budget_fen": 0}, "not_above_zero", "budget"),
        ({"budget_fen": 200.5}, "not_whole", "budget"),
        ({"budget_fen": 1_999}, "budget_below_discount", "budget"),
        ({"day_budget_fen": 1_999}, "budget_below_discount", "day_budget"),
        ({"day_budget_fen": 2_000_001}, "day_budget_above_budget", "day_budget"),
        ({"budget_fen": 10**13 + 1}, "too_large", "budget"),
        ({"ticket_fen": 0}, "not_above_zero", "ticket"),
        ({"redemptions": 3_000_000_000}, "too_large", "redemptions"),
        ({"uses_per_day": 0}, "not_above_zero", "uses_per_day"),
        ({"gross_margin": 10_001}, "too_large", "gross_margin"),
        ({"merchant_rate": 100_001}, "too_large", "merchant_rate"),
        ({"ends_on": date(2026, 11, 30)}, "proposal_ends_before_start", "ends_on"),
        ({"closes_at": time(16)}, "hours_end_before_start", "closes_at"),
        ({"closes_at": None}, "hours_end_before_start", "closes_at"),
        ({"weekdays": [0, 8]}, "weekday_unknown", "weekdays"),
        ({"terms": {"threshold_fen": 10_000}}, "term_required", "terms.off_fen"),
        ({"terms": {"threshold_fen": 1, "off_fen": 2}}, "off_above_threshold", "terms.off_fen"),
        ({"mechanic": "rate_off"}, "term_unknown", "terms.off_fen"),
        ({"mechanic": "gift"}, "word_unknown", "mechanic"),
        ({"entry_cell": "Z9"}, "word_unknown", "entry_cell"),
        ({"title": "满" * 101}, "too_long", "title"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    changes: dict[str, Any], code: str, attr: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refused:
        drafted(lead, by=cast.ann, at=at, **changes)
    assert refused.value.code == code
    assert refused.value.problems[0].attr == attr
    assert not Proposal.objects.exists()
    proposal = drafted(lead, by=cast.ann, at=at)
    before = newest(proposal)
    with pytest.raises(InvalidInput):
        proposals.correct(proposal.pk, changes, by=cast.ann, at=at)
    assert newest(proposal).version == before.version
    assert kinds(lead) == ["proposal.drafted"]


def test_a_correction_reckons_the_forecast_anew(cast: Cast, lead: Lead, at: datetime) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    changed = proposals.correct(proposal.pk, {"redemptions": 2_000}, by=cast.ann, at=at, version=1)
    version = newest(proposal)
    assert changed.version == 2
    assert version.customer_benefit_fen == 4_000_000
    assert [notice.code for notice in changed.notices] == ["forecast_above_budget"]
    assert kinds(lead) == ["proposal.drafted", "proposal.corrected"]
    with pytest.raises(Stale):
        proposals.correct(proposal.pk, {"redemptions": 1}, by=cast.ann, at=at, version=1)


def test_a_lead_has_one_proposal(cast: Cast, lead: Lead, at: datetime) -> None:
    drafted(lead, by=cast.ann, at=at)
    with pytest.raises(RuleBroken) as refused:
        drafted(lead, by=cast.ann, at=at)
    assert refused.value.code == "proposal_exists"


def test_what_was_submitted_does_not_change_and_is_superseded_by_the_next(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    first = newest(proposal)
    assert (first.state, first.submitted_by, first.submitted_at) == ("submitted", cast.ann, at)
    assert proposals.current(lead) == proposals.agreed(lead) == first
    with pytest.raises(RuleBroken) as refused:
        proposals.correct(proposal.pk, {"title": "另一个"}, by=cast.ann, at=at)
    assert refused.value.code == "proposal_no_draft"

    proposals.new_version(proposal.pk, changes={"title": "满100减25"}, by=cast.ann, at=at)
    second = newest(proposal)
    assert (second.number, second.state, second.title) == (2, "draft", "满100减25")
    assert second.terms == first.terms
    assert (proposals.current(lead), proposals.agreed(lead)) == (second, first)
    with pytest.raises(RuleBroken) as refused:
        proposals.new_version(proposal.pk, changes={}, by=cast.ann, at=at)
    assert refused.value.code == "proposal_has_draft"

    proposals.submit(proposal.pk, by=cast.ann, at=at)
    first.refresh_from_db()
    assert (first.state, first.title) == ("superseded", WORKED["title"])
    agreed = proposals.agreed(lead)
    assert agreed is not None
    assert agreed.number == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"budget_fen": 1},
        {"title": "改"},
        {"bank_share": 6_000, "merchant_share": 2_000},
        {"forecast_waiver": "…"},
        {"state": "draft"},
        {"is_complete": False},
    ],
)
def test_even_the_database_refuses_to_change_what_was_submitted(
    columns: dict[str, Any], cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    rows = ProposalVersion.objects.filter(proposal=proposal)
    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
        rows.update(**columns)
    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
        rows.delete()
    assert newest(proposal).title == WORKED["title"]


def test_the_newest_version_is_withdrawn_with_a_reason(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    with pytest.raises(InvalidInput) as refused:
        proposals.withdraw(proposal.pk, because="  ", by=cast.ann, at=at)
    assert refused.value.code == "reason_required"
    proposals.withdraw(proposal.pk, because="老板要改日期", by=cast.ann, at=at)
    version = newest(proposal)
    assert (version.state, version.closed_because) == ("withdrawn", "老板要改日期")
    assert proposals.current(lead) is None
    assert kinds(lead)[-1] == "proposal.withdrawn"
    with pytest.raises(RuleBroken) as nothing:
        proposals.withdraw(proposal.pk, because="再来", by=cast.ann, at=at)
    assert nothing.value.code == "proposal_nothing_standing"
    proposals.new_version(proposal.pk, changes={}, by=cast.ann, at=at)
    assert newest(proposal).number == 2


# --- the waiver of a forecast --------------------------------------------------------------------

LOSING = {"first_swipe_cards": 0, "reactivated_cards": 0}


def test_a_leader_waives_a_forecast_in_writing_and_the_rep_may_not(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, **LOSING)
    for person in (cast.ann, cast.otto):
        with pytest.raises(NotAllowed):
            proposals.waive_forecast(proposal.pk, because="试点", by=person, at=at)
    with pytest.raises(InvalidInput):
        proposals.waive_forecast(proposal.pk, because=" ", by=cast.max, at=at)
    proposals.waive_forecast(proposal.pk, because="商圈首店,当品牌投入", by=cast.max, at=at)
    version = newest(proposal)
    assert (version.forecast_waiver, version.waived_by) == ("商圈首店,当品牌投入", cast.max)
    assert version.is_complete
    proposals.submit(proposal.pk, by=cast.ann, at=at)
    assert newest(proposal).state == ProposalState.SUBMITTED


def test_a_waiver_is_for_the_forecast_that_was_waived(cast: Cast, lead: Lead, at: datetime) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, **LOSING)
    proposals.waive_forecast(proposal.pk, because="试点", by=cast.max, at=at)
    kept = proposals.correct(proposal.pk, {"title": "周末"}, by=cast.ann, at=at)
    assert (kept.notices, newest(proposal).forecast_waiver) == ((), "试点")
    changed = proposals.correct(proposal.pk, {"gross_margin": 5_000}, by=cast.ann, at=at)
    assert [notice.code for notice in changed.notices] == ["waiver_lapsed"]
    version = newest(proposal)
    assert (version.forecast_waiver, version.waived_by, version.is_complete) == ("", None, False)


@pytest.mark.parametrize(
    ("changes", "code"), [({}, "forecast_wins"), ({"redemptions": None}, "forecast_missing")]
)
def test_nothing_is_waived_where_there_is_nothing_to_waive(
    changes: dict[str, Any], code: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at, **changes)
    with pytest.raises(RuleBroken) as refused:
        proposals.waive_forecast(proposal.pk, because="试点", by=cast.max, at=at)
    assert refused.value.code == code


# --- who, and when -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("ann", None),
        ("max", None),
        ("mei", None),
        ("bo", NotFound),
        ("sam", NotFound),
        ("pia", NotFound),
        ("rui", NotAllowed),
        ("otto", NotAllowed),
    ],
)
def test_who_works_the_lead_works_its_proposal(
    name: str, refusal: type[DomainError] | None, cast: Cast, lead: Lead, at: datetime
) -> None:
    if refusal is None:
        assert drafted(lead, by=cast.named(name), at=at).pk
        return
    with pytest.raises(refusal):
        drafted(lead, by=cast.named(name), at=at)
    proposal = drafted(lead, by=cast.ann, at=at)
    with pytest.raises(refusal):
        proposals.submit(proposal.pk, by=cast.named(name), at=at)


@pytest.mark.parametrize("stage", ["won", "lost", "blocked"])
def test_the_proposal_of_a_closed_lead_stays_as_it_is(
    stage: str, cast: Cast, lead: Lead, at: datetime
) -> None:
    proposal = drafted(lead, by=cast.ann, at=at)
    Lead.objects.filter(pk=lead.pk).update(stage=stage, lost_reason="rival")
    for verb in (
        lambda: proposals.correct(proposal.pk, {"title": "改"}, by=cast.ann, at=at),
        lambda: proposals.submit(proposal.pk, by=cast.ann, at=at),
        lambda: proposals.withdraw(proposal.pk, because="…", by=cast.ann, at=at),
        lambda: proposals.new_version(proposal.pk, changes={}, by=cast.ann, at=at),
    ):
        with pytest.raises(RuleBroken) as refused:
            verb()
        assert refused.value.code == "lead_closed"


# --- differences ---------------------------------------------------------------------------------


def test_two_versions_are_compared_term_by_term(cast: Cast, lead: Lead, at: datetime) -> None:
    proposal = submitted(lead, by=cast.ann, at=at)
    proposals.new_version(
        proposal.pk,
        changes={
            "terms": {"threshold_fen": 10_000, "off_fen": 2_500},
            "shares": {"bank": 6_000, "merchant": 4_000},
            "ends_on": date(2027, 3, 31),
        },
        by=cast.ann,
        at=at,
    )
    second, first = ProposalVersion.objects.filter(proposal=proposal)
    found = {
        one.name: (one.before, one.after) for one in proposal_differences.between(first, second)
    }
    assert found["terms.off_fen"] == (2_000, 2_500)
    assert found["bank_share"] == (5_000, 6_000)
    assert found["ends_on"] == (date(2027, 2, 28), date(2027, 3, 31))
    assert found["customer_benefit_fen"] == (2_000_000, 2_500_000)
    assert "title" not in found
    assert proposal_differences.between(first, first) == []


# --- the campaign --------------------------------------------------------------------------------


def test_a_won_proposal_becomes_a_campaign_once(cast: Cast, lead: Lead, at: datetime) -> None:
    submitted(lead, by=cast.ann, at=at)
    made = campaign_drafts.draft_for(lead, by=cast.max, at=at)
    again = campaign_drafts.draft_for(lead, by=SYSTEM, at=at)
    assert made is not None
    assert made == again
    campaign = Campaign.objects.get()
    assert (campaign.stage, campaign.origin_id) == (CampaignStage.DRAFT, lead.pk)
    assert campaign.name == WORKED["title"]
    assert list(campaign.merchants.all()) == [lead.merchant]
    assert (campaign.starts_on, campaign.ends_on) == (WORKED["starts_on"], WORKED["ends_on"])
    assert campaign.budget_fen == 2_000_000
    shares = dict(campaign.shares.values_list("party", "basis_points"))
    assert shares == WORKED["shares"]
    assert (campaign.mechanic, campaign.terms) == ("threshold_off", WORKED["terms"])
    assert campaign.limits == {
        "weekdays": [1, 2, 3, 4],
        "opens_at": "17:00",
        "closes_at": "21:00",
        "uses_per_customer_day": 1,
    }
    assert TimelineEntry.objects.filter(kind="campaign.drafted").count() == 1
    running = Campaign.objects.running(date(2026, 12, 15))
    assert not running.exists(), "a draft runs nowhere"


def test_without_a_submitted_proposal_there_is_no_campaign(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    drafted(lead, by=cast.ann, at=at)
    assert campaign_drafts.draft_for(lead, by=cast.max, at=at) is None
    assert not Campaign.objects.exists()


def test_the_database_lets_one_campaign_come_of_one_lead(
    cast: Cast, lead: Lead, at: datetime
) -> None:
    factories.CampaignFactory(origin_id=lead.pk)
    with pytest.raises(IntegrityError, match="campaign_once_per_origin"), transaction.atomic():
        factories.CampaignFactory(origin_id=lead.pk)
    with transaction.atomic():
        factories.CampaignFactory()
        factories.CampaignFactory()
