"""The needs interview as it is led: cells, agreements, the ladder, evidence, entry points."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from crm.actors import SYSTEM
from crm.domain import files
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken, Stale
from crm.ids import uuid7
from leads.domain import cells, entry_points, interview_standing, interviews
from leads.domain.cell_figures import MOST_FIGURES, Given
from leads.domain.interviews import Wanted
from leads.models import CellNumber, GridCell, Lead, LeadEvidence, Pain, PainStep
from merchants.domain import timeline
from merchants.models import TimelineEntry
from tests import factories
from tests.conftest import Cast
from tests.leads.interview_desk import COST, TABLES, Interview, interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Interview:
    return interview(cast, at)


def kinds(desk: Interview) -> list[str]:
    entries = TimelineEntry.objects.filter(merchant=desk.merchant).order_by("at", "pk")
    return list(entries.values_list("kind", flat=True))


def evidence(desk: Interview) -> list[tuple[str, dict[str, Any]]]:
    rows = LeadEvidence.objects.filter(lead=desk.lead).order_by("at", "pk")
    return list(rows.values_list("kind", "numbers"))


def test_a_new_pain_has_nine_empty_cells_and_is_latent(desk: Interview) -> None:
    pain = desk.pain
    assert pain.cells.filter(status="empty").count() == 9
    assert (pain.status, pain.stuck_column, pain.next_cell) == ("latent", "R", "R1")
    assert (pain.raw_completeness, pain.gated_completeness) == (0, 0)
    assert kinds(desk) == ["pain.opened"]


def test_a_merchant_with_a_vision_is_asked_for_it_first(cast: Cast, at: datetime) -> None:
    desk = interview(cast, at)
    assert desk.open(mode="reengineer").next_cell == "C1"


def test_the_worked_grid_is_half_complete_and_its_capability_premature(desk: Interview) -> None:
    for cell in ("R1", "R2", "I1", "C1"):
        desk.fill(cell)
    desk.fill("I2", status="partial", numbers=[TABLES])
    pain = desk.confirm("R3")
    assert pain.raw_completeness == Decimal("0.5000")
    assert pain.gated_completeness == Decimal("0.4444")
    assert (pain.status, pain.stuck_column, pain.next_cell) == ("admitted", "I", "I2")
    pain = interviews.correct(pain.pk, {"mode": "reengineer"}, by=desk.cast.ann, at=desk.at)
    assert pain.gated_completeness == Decimal("0.5000")


def test_a_pain_climbs_to_a_vision_and_files_each_rung_once(desk: Interview) -> None:
    assert desk.confirm("R3").status == "admitted"
    assert desk.confirm("I3", numbers=[COST]).status == "critical"
    assert desk.pain.monthly_impact_fen == 4_800_000
    assert desk.pain.critical_at == desk.at
    desk.fill("I1")
    desk.fill("C1")
    assert desk.confirm("C3").status == "vision"
    assert evidence(desk) == [
        ("critical_pain", {"monthly_impact_fen": 4_800_000}),
        ("vision", {}),
    ]
    steps = list(PainStep.objects.order_by("at", "pk").values_list("from_status", "to_status"))
    assert steps == [
        ("", "latent"),
        ("latent", "admitted"),
        ("admitted", "critical"),
        ("critical", "vision"),
    ]


def test_taking_an_agreement_back_takes_the_pain_down_and_up_again_files_anew(
    desk: Interview,
) -> None:
    desk.confirm("R3")
    desk.confirm("I3", numbers=[COST])
    pain = desk.take_back("I3")
    assert (pain.status, pain.critical_at, pain.stuck_column) == ("admitted", None, "I")
    cell = pain.cells.get(cell="I3")
    assert (cell.status, cell.agreed_by_id, cell.agreed_via) == ("partial", None, "")
    assert cell.merchant_words == "就是这两个原因", "what was said stays"
    assert [kind for kind, _numbers in evidence(desk)] == ["critical_pain"]
    desk.confirm("I3", words="每月 5 万")
    assert [kind for kind, _numbers in evidence(desk)] == ["critical_pain", "critical_pain"]
    assert "pain.taken_back" in kinds(desk)


def test_what_stands_on_the_pain_is_at_every_step_what_its_cells_give(desk: Interview) -> None:
    def check() -> None:
        pain = Pain.objects.get(pk=desk.pain.pk)
        found = interview_standing.of(pain)
        assert (
            pain.status,
            pain.raw_completeness,
            pain.gated_completeness,
            pain.stuck_column,
            pain.next_cell,
            pain.monthly_impact_fen,
        ) == (
            found.status,
            found.raw,
            found.gated,
            found.stuck or "",
            found.next_cell or "",
            found.impact.fen,
        )

    steps: list[Callable[[], object]] = [
        lambda: desk.fill("C1"),
        lambda: desk.confirm("R3"),
        lambda: desk.fill("I2", numbers=[COST]),
        lambda: desk.confirm("I3"),
        lambda: desk.confirm("C3"),
        lambda: desk.take_back("I3"),
        lambda: interviews.correct(
            desk.pain.pk, {"mode": "reengineer"}, by=desk.cast.ann, at=desk.at
        ),
        lambda: desk.take_back("R3"),
    ]
    seen = set()
    for step in steps:
        step()
        check()
        seen.add(Pain.objects.get(pk=desk.pain.pk).status)
    assert seen == {"latent", "admitted", "critical", "vision"}


def test_without_a_cost_a_month_the_pain_stays_admitted_and_says_so(desk: Interview) -> None:
    desk.confirm("R3")
    by_day = Given("少卖", "yuan", "day", amount_fen=1_950_000)
    pain = desk.confirm("I3", numbers=[by_day])
    assert pain.status == "admitted"
    assert [notice.code for notice in pain.notices] == ["monthly_impact_missing"]
    assert desk.fill("I2", numbers=[COST]).status == "critical"


def test_hours_and_guests_are_a_cost_too(desk: Interview) -> None:
    desk.confirm("R3")
    lost = [
        Given("空等", "hours", "month", value=Decimal("40.5")),
        Given("流失", "guests", "month", value=Decimal(48)),
    ]
    pain = desk.confirm("I3", numbers=lost)
    assert pain.status == "critical"
    assert (pain.monthly_impact_hours, pain.monthly_impact_guests) == (Decimal("40.50"), 48)
    figures = {"monthly_impact_hours": "40.50", "monthly_impact_guests": "48"}
    assert evidence(desk)[0][1].keys() == figures.keys()


def test_an_interview_without_a_lead_files_nothing(cast: Cast, at: datetime) -> None:
    desk = interview(cast, at, with_lead=False)
    desk.confirm("R3")
    assert desk.confirm("I3", numbers=[COST]).status == "critical"
    assert not LeadEvidence.objects.exists()


def test_any_cell_may_be_filled_in_any_order(desk: Interview) -> None:
    for cell in ("C2", "I1", "R2", "C1", "I2", "R1"):
        desk.fill(cell)
    assert desk.confirm("C3").status == "latent"
    assert desk.pain.gated_completeness < desk.pain.raw_completeness


def test_an_interview_keeps_the_lead_fresh(desk: Interview) -> None:
    assert desk.lead is not None
    desk.lead.change(at=desk.at, last_activity_at=desk.at - timedelta(days=30))
    desk.fill("R1")
    desk.lead.refresh_from_db()
    assert desk.lead.last_activity_at == desk.at
    desk.lead.change(at=desk.at, last_activity_at=desk.at - timedelta(days=30))
    interviews.correct(desk.pain.pk, {"title": "晚市空台"}, by=desk.cast.ann, at=desk.at)
    desk.lead.refresh_from_db()
    assert desk.lead.last_activity_at < desk.at, "a correction is no activity"


def test_what_is_not_named_stays(desk: Interview) -> None:
    desk.fill("R2", numbers=[TABLES, COST])
    desk.fill("R2", words="还有翻台慢", status="partial")
    row = desk.pain.cells.get(cell="R2")
    assert (row.merchant_words, row.status, row.numbers.count()) == ("还有翻台慢", "partial", 2)
    assert desk.fill("R2", numbers=[]).cells.get(cell="R2").numbers.count() == 0


def test_words_in_an_empty_cell_begin_it(desk: Interview) -> None:
    pain = cells.fill(desk.pain.pk, "R1", words="人少了", by=desk.cast.ann, at=desk.at)
    assert pain.cells.get(cell="R1").status == "partial"


def test_the_timeline_quotes_the_merchant_in_words(desk: Interview) -> None:
    desk.fill("R1", words="附近写字楼退租了")
    desk.confirm("R3")
    entries = TimelineEntry.objects.filter(merchant=desk.merchant).order_by("at", "pk")
    sentences = [timeline.sentence(one.kind, one.facts) for one in entries]
    assert "附近写字楼退租了" in sentences[1]
    assert "Open · Reasons (Complete)" in sentences[1]
    assert "agreed with 张* (Visit)" in sentences[2]


def test_documents_are_shown_to_whoever_sees_the_grid(desk: Interview) -> None:
    cast, at = desk.cast, desk.at
    paper = files.keep("账.pdf", b"%PDF-1.7", kinds=(files.PDF,), by=cast.ann, at=at)
    from crm.models import StoredFile

    assert not StoredFile.objects.visible_to(cast.max).filter(pk=paper.pk).exists()
    desk.fill("I2", document_ids=[paper.pk])
    assert StoredFile.objects.visible_to(cast.max).filter(pk=paper.pk).exists()
    assert not StoredFile.objects.visible_to(cast.sam).filter(pk=paper.pk).exists()
    with pytest.raises(NotFound):
        desk.fill("I2", document_ids=[uuid7()])


def test_an_insight_hangs_on_an_agreement_and_leaves_with_it(desk: Interview) -> None:
    insight = factories.InsightFactory(merchant=desk.merchant)
    pain = desk.confirm("R3", insight_id=insight.pk)
    assert pain.cells.get(cell="R3").insight_id == insight.pk
    assert desk.take_back("R3").cells.get(cell="R3").insight_id is None


MISSING: list[tuple[dict[str, Any], list[str]]] = [
    ({"agreed_by_id": None}, ["agreed_by_required"]),
    ({"agreed_at": None}, ["agreed_at_required"]),
    ({"agreed_via": ""}, ["agreed_via_required"]),
    ({"agreed_via": "pigeon"}, ["agreed_via_required"]),
    (
        {"agreed_by_id": None, "agreed_at": None, "agreed_via": ""},
        ["agreed_by_required", "agreed_at_required", "agreed_via_required"],
    ),
    ({"words": ""}, ["words_required"]),
    ({"words": "坏\0"}, ["nul_character"]),
    ({"words": "长" * 5001}, ["too_long"]),
]


@pytest.mark.parametrize(("said", "codes"), MISSING, ids=lambda value: str(value)[:40])
def test_an_agreement_says_who_when_and_how(
    desk: Interview, said: dict[str, Any], codes: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm("R3", **said)
    assert [problem.code for problem in refusal.value.problems] == codes
    assert desk.pain.cells.get(cell="R3").status == "empty"


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(4, None), (6, "agreed_in_future"), (-60 * 24 * 365, None), (-60 * 24 * 367, "too_long_ago")],
)
def test_an_agreement_lies_in_the_past_year(
    desk: Interview, minutes: int, code: str | None
) -> None:
    moment = desk.at + timedelta(minutes=minutes)
    if code is None:
        row = desk.confirm("R3", agreed_at=moment).cells.get(cell="R3")
        assert row.agreed_at == min(moment, desk.at)
        return
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm("R3", agreed_at=moment)
    assert refusal.value.code == code


def test_somebody_of_another_merchant_agrees_to_nothing(desk: Interview) -> None:
    other = factories.ContactFactory(
        merchant=factories.MerchantFactory(unit=desk.cast.xuhui, owner=desk.cast.ann)
    )
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm("R3", agreed_by_id=other.pk)
    assert refusal.value.code == "contact_of_other_merchant"
    hidden = factories.ContactFactory(
        merchant=factories.MerchantFactory(unit=desk.cast.hangzhou, owner=desk.cast.sam)
    )
    with pytest.raises(NotFound):
        desk.confirm("R3", agreed_by_id=hidden.pk)
    desk.contact.change(at=desk.at, state="restricted")
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm("R3")
    assert refusal.value.code == "contact_not_active"


def test_an_insight_of_another_merchant_is_refused(desk: Interview) -> None:
    other = factories.InsightFactory(
        merchant=factories.MerchantFactory(unit=desk.cast.xuhui, owner=desk.cast.ann)
    )
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm("R3", insight_id=other.pk)
    assert refusal.value.code == "insight_of_other_merchant"


@pytest.mark.parametrize("cell", ["R1", "I2", "C2"])
def test_only_confirm_cells_are_agreed(desk: Interview, cell: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        desk.confirm(cell)
    assert refusal.value.code == "cell_not_confirmable"
    with pytest.raises(RuleBroken) as refused:
        desk.take_back(cell)
    assert refused.value.code == "cell_not_confirmed"


def test_what_is_agreed_is_taken_back_before_it_is_changed(desk: Interview) -> None:
    desk.confirm("R3")
    for act in (lambda: desk.fill("R3", status="partial"), lambda: desk.confirm("R3")):
        with pytest.raises(RuleBroken) as refusal:
            act()
        assert refusal.value.code == "cell_confirmed"
    with pytest.raises(InvalidInput) as needs_reason:
        desk.take_back("R3", because="  ")
    assert needs_reason.value.code == "because_required"


@pytest.mark.parametrize(
    ("cell", "said", "code"),
    [
        ("R3", {"status": "complete"}, "agreement_required"),
        ("X9", {}, "cell_unknown"),
        ("R1", {"status": "half"}, "status_unknown"),
        ("R1", {"status": "complete", "words": "  "}, "words_required"),
        ("R1", {"status": "partial", "words": ""}, "words_required"),
        ("R1", {"status": "empty", "words": "有话"}, "empty_cell_says_something"),
        ("R1", {"status": "empty", "words": "", "numbers": [TABLES]}, "empty_cell_says_something"),
        ("R1", {"words": "坏\0"}, "nul_character"),
        ("R1", {"words": "长" * 5001}, "too_long"),
        ("R1", {"numbers": [TABLES] * (MOST_FIGURES + 1)}, "too_many_figures"),
        ("R1", {"numbers": [Given("", "count", value=Decimal(1))]}, "number_label_required"),
        (
            "R1",
            {"numbers": [Given("长" * 101, "count", value=Decimal(1))]},
            "number_label_required",
        ),
        ("R1", {"numbers": [Given("坏\0", "count", value=Decimal(1))]}, "nul_character"),
        ("R1", {"numbers": [Given("空台", "miles", value=Decimal(1))]}, "word_unknown"),
        ("R1", {"numbers": [Given("空台", "count", "shift", value=Decimal(1))]}, "word_unknown"),
        ("R1", {"numbers": [Given("损失", "yuan", value=Decimal(1))]}, "number_unit_mismatch"),
        ("R1", {"numbers": [Given("空台", "count", amount_fen=1)]}, "number_unit_mismatch"),
        ("R1", {"numbers": [Given("空台", "count")]}, "number_unit_mismatch"),
        ("R1", {"numbers": [Given("损失", "yuan", amount_fen=-1)]}, "number_out_of_range"),
        ("R1", {"numbers": [Given("损失", "yuan", amount_fen=10**15)]}, "number_out_of_range"),
        ("R1", {"numbers": [Given("空台", "count", value=Decimal(-1))]}, "number_out_of_range"),
        ("R1", {"numbers": [Given("空台", "count", value=Decimal(10**15))]}, "number_out_of_range"),
        ("R1", {"numbers": [Given("空台", "count", value=Decimal("NaN"))]}, "number_out_of_range"),
        ("R1", {"document_ids": [UUID(int=n) for n in range(11)]}, "too_many_documents"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_makes_no_sense_in_a_cell_is_refused_and_nothing_is_written(
    desk: Interview, cell: str, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        desk.fill(cell, **said)
    assert refusal.value.problems[0].code == code
    assert not GridCell.objects.exclude(status="empty").exists()
    assert not CellNumber.objects.exists()
    assert kinds(desk) == ["pain.opened"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"title": "  "}, "title_required"),
        ({"title": "长" * 201}, "too_long"),
        ({"title": "坏\0"}, "nul_character"),
        ({"trigger": "坏\0"}, "nul_character"),
        ({"mode": "dance"}, "mode_unknown"),
        ({"trigger_on": date(9999, 12, 31)}, "day_too_far"),
        ({"trigger_on": date(1926, 1, 1)}, "day_too_far"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_pain_that_makes_no_sense_is_not_opened(
    desk: Interview, told: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        desk.open(**told)
    assert refusal.value.code == code
    assert Pain.objects.count() == 1


def test_a_lead_of_another_merchant_is_refused(desk: Interview) -> None:
    other = factories.LeadFactory(owner=desk.cast.ann, merchant__unit=desk.cast.xuhui)
    with pytest.raises(InvalidInput) as refusal:
        interviews.open_pain(
            uuid7(), desk.merchant.pk, title="…", lead_id=other.pk, by=desk.cast.max, at=desk.at
        )
    assert refusal.value.code == "lead_of_other_merchant"
    with pytest.raises(InvalidInput) as refused:
        interviews.correct(desk.pain.pk, {"lead_id": other.pk}, by=desk.cast.max, at=desk.at)
    assert refused.value.code == "lead_of_other_merchant"


def test_a_pain_found_without_a_lead_can_be_given_one(cast: Cast, at: datetime) -> None:
    desk = interview(cast, at, with_lead=False)
    lead = factories.LeadFactory(merchant=desk.merchant, owner=cast.ann)
    pain = interviews.correct(desk.pain.pk, {"lead_id": lead.pk}, by=cast.ann, at=at)
    assert pain.lead_id == lead.pk
    pain = interviews.correct(desk.pain.pk, {"lead_id": None}, by=cast.ann, at=at)
    assert pain.lead_id is None


def test_who_does_not_work_the_lead_leads_no_interview(desk: Interview) -> None:
    with pytest.raises(NotAllowed):
        desk.fill("R1", by=desk.cast.otto)
    with pytest.raises(NotFound):
        desk.fill("R1", by=desk.cast.bo)
    assert desk.fill("R1", by=desk.cast.max).raw_completeness > 0


def test_an_outdated_version_is_told(desk: Interview) -> None:
    read = desk.pain.version
    desk.fill("R1")
    with pytest.raises(Stale):
        desk.fill("R2", version=read)


def test_a_closed_pain_says_how_and_takes_nothing_until_it_is_reopened(desk: Interview) -> None:
    assert desk.lead is not None
    cast, at, pk = desk.cast, desk.at, desk.pain.pk
    for values, code in (
        ({"closed_as": "abandoned"}, "because_required"),
        ({"closed_as": "gone"}, "end_required"),
        ({"closed_as": "solved", "because": "坏\0"}, "nul_character"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            interviews.close(pk, by=cast.ann, at=at, **values)
        assert refusal.value.code == code
    interviews.name_capabilities(pk, [Wanted("客流", covered=True)], by=cast.ann, at=at)
    entry_points.choose(desk.lead.pk, pk, by=cast.ann, at=at)
    interviews.close(pk, closed_as="abandoned", because="店主转让", by=cast.ann, at=at)
    desk.lead.refresh_from_db()
    assert (desk.lead.entry_pain_id, desk.lead.entry_cell) == (None, "")
    for act in (
        lambda: desk.fill("R1"),
        lambda: interviews.correct(pk, {"title": "…"}, by=cast.ann, at=at),
        lambda: interviews.close(pk, closed_as="solved", by=cast.ann, at=at),
        lambda: entry_points.choose(desk.lead.pk, pk, by=cast.ann, at=at),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "pain_closed"
    interviews.reopen(pk, by=cast.ann, at=at)
    desk.fill("R1")
    with pytest.raises(RuleBroken) as open_already:
        interviews.reopen(pk, by=cast.ann, at=at)
    assert open_already.value.code == "pain_open"
    assert kinds(desk)[-3:] == ["pain.closed", "pain.reopened", "pain.filled"]


# The database knows the rules as well.


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("R3", {"status": "complete", "merchant_words": "是"}),
        ("R1", {"agreed_via": "visit"}),
        ("R1", {"status": "complete", "merchant_words": ""}),
        ("R1", {"status": "half"}),
    ],
    ids=str,
)
def test_the_database_refuses_a_cell_that_breaks_a_rule(
    desk: Interview, cell: str, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        desk.pain.cells.filter(cell=cell).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "critical"},
        {"status": "critical", "monthly_impact_fen": 1},
        {"critical_at": datetime.fromisoformat("2026-11-18T00:00:00+00:00")},
        {"monthly_impact_fen": 0},
        {"monthly_impact_fen": 10**13 + 1},
        {"gated_completeness": Decimal("0.1")},
        {"raw_completeness": Decimal("1.1")},
        {"closed_as": "solved"},
        {"status": "sore"},
        {"title": ""},
    ],
    ids=str,
)
def test_the_database_refuses_a_pain_that_breaks_a_rule(
    desk: Interview, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Pain.objects.filter(pk=desk.pain.pk).update(**values)


def test_figures_beyond_all_measure_together_are_refused_in_words(desk: Interview) -> None:
    huge = Given("损失", "yuan", "month", amount_fen=10**13)
    with pytest.raises(RuleBroken) as refusal:
        desk.fill("I2", numbers=[huge, huge])
    assert refusal.value.code == "impact_out_of_range"


# Entry points.


def worked_example(desk: Interview) -> None:
    """Impact 0.80, fit 0.75, 27 days, evidence 8 of 12."""
    cast, at, pk = desk.cast, desk.at, desk.pain.pk
    interviews.correct(pk, {"trigger_on": date(2026, 12, 15)}, by=cast.ann, at=at)
    for cell in ("R1", "R2", "I2"):
        desk.fill(cell, numbers=[COST] if cell == "I2" else [])
    desk.confirm("R3")
    named = [Wanted("闲时客流", covered=True), Wanted("费用共担", covered=True)]
    named += [Wanted("周报", covered=True), Wanted("翻台更快")]
    interviews.name_capabilities(pk, named, by=cast.ann, at=at)


def test_the_worked_entry_point_scores_74_08_with_its_parts(desk: Interview) -> None:
    worked_example(desk)
    (found,) = entry_points.best_entry_points(desk.merchant, at=desk.at)
    score = found.score
    assert (score.impact, score.fit, score.urgency, score.evidence) == (
        Decimal("0.8000"),
        Decimal("0.7500"),
        Decimal("0.7000"),
        Decimal("0.6667"),
    )
    assert score.total == Decimal("74.08")
    assert found.cell == "I1"


def test_weights_follow_what_the_administrator_set(desk: Interview) -> None:
    from crm import parameters
    from crm.domain import parameters as changing

    worked_example(desk)
    for name, value in (("impact", "100"), ("fit", "0"), ("urgency", "0"), ("evidence", "0")):
        changing.change(
            uuid7(),
            f"leads.entry.{name}",
            value=Decimal(value),
            because="…",
            by=desk.cast.ada,
            at=desk.at,
        )
    parameters.forget()
    (found,) = entry_points.best_entry_points(desk.merchant, at=desk.at)
    assert found.score.total == Decimal("80.00")


def test_who_named_no_capability_is_measured_by_what_such_shops_want(
    desk: Interview, at: datetime
) -> None:
    from leads.domain import questions

    questions.load(at=at)
    (found,) = entry_points.best_entry_points(desk.merchant, at=at)
    assert found.score.fit == Decimal("0.7500")
    interviews.name_capabilities(desk.pain.pk, [Wanted("人手")], by=desk.cast.ann, at=at)
    (found,) = entry_points.best_entry_points(desk.merchant, at=at)
    assert (found.score.fit, found.score.because) == (0, "fit_too_low")


def test_choosing_an_entry_point_is_on_record_and_done_once(desk: Interview) -> None:
    assert desk.lead is not None
    worked_example(desk)
    lead = entry_points.choose(desk.lead.pk, desk.pain.pk, by=desk.cast.ann, at=desk.at)
    assert (lead.entry_pain_id, lead.entry_cell) == (desk.pain.pk, "I1")
    again = entry_points.choose(desk.lead.pk, desk.pain.pk, by=desk.cast.ann, at=desk.at)
    assert again.version == lead.version
    assert [kind for kind, _numbers in evidence(desk)] == ["entry_point"]
    entry = TimelineEntry.objects.get(kind="lead.entry_point")
    assert "score 74.08" in timeline.sentence(entry.kind, entry.facts)
    lead = entry_points.choose(desk.lead.pk, desk.pain.pk, cell="C2", by=desk.cast.ann, at=desk.at)
    assert lead.entry_cell == "C2"


def test_what_is_not_eligible_cannot_be_chosen(desk: Interview) -> None:
    assert desk.lead is not None
    with pytest.raises(RuleBroken) as refusal:
        entry_points.choose(desk.lead.pk, desk.pain.pk, by=desk.cast.ann, at=desk.at)
    assert refusal.value.code == "entry_not_eligible"
    worked_example(desk)
    factories.PartnershipFactory(
        merchant=desk.merchant, unit=desk.cast.xuhui, stage="suspended", stage_before="active"
    )
    with pytest.raises(RuleBroken) as barred:
        entry_points.choose(desk.lead.pk, desk.pain.pk, by=desk.cast.ann, at=desk.at)
    assert "blocked or suspended" in str(barred.value)


def test_an_entry_point_is_a_pain_of_the_leads_merchant(desk: Interview) -> None:
    assert desk.lead is not None
    other = interview(desk.cast, desk.at)
    for pain, cell, code in (
        (other.pain, "", "pain_of_other_merchant"),
        (desk.pain, "X1", "cell_unknown"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            entry_points.choose(desk.lead.pk, pain.pk, cell=cell, by=desk.cast.ann, at=desk.at)
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        entry_points.choose(desk.lead.pk, uuid7(), by=desk.cast.ann, at=desk.at)
    Lead.objects.filter(pk=desk.lead.pk).update(stage="lost", lost_reason="other")
    with pytest.raises(RuleBroken) as closed:
        entry_points.choose(desk.lead.pk, desk.pain.pk, by=SYSTEM, at=desk.at)
    assert closed.value.code == "lead_closed"


def test_a_new_lead_takes_over_what_an_earlier_one_found(desk: Interview) -> None:
    worked_example(desk)
    Lead.objects.filter(pk=desk.lead.pk).update(  # type: ignore[union-attr]
        stage="lost", lost_reason="other"
    )
    lead = factories.LeadFactory(merchant=desk.merchant, owner=desk.cast.ann)
    entry_points.choose(lead.pk, desk.pain.pk, by=desk.cast.ann, at=desk.at)
    desk.pain.refresh_from_db()
    assert desk.pain.lead_id == lead.pk
