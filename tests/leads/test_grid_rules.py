"""The nine-grid's rules: completeness, ladder, orders, and the score of an entry point."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.domain import entry_scores, grid
from leads.domain.entry_scores import EntryPoint, Facts, Score, Weights
from leads.domain.grid import Figure
from leads.models.grid_words import (
    WALKS,
    Cell,
    CellStatus,
    GridColumn,
    GridMode,
    NotEligible,
    NumberPeriod,
    NumberUnit,
    PainStatus,
)

EMPTY, PARTIAL, COMPLETE = CellStatus.EMPTY, CellStatus.PARTIAL, CellStatus.COMPLETE
CREATE, REENGINEER = GridMode.CREATE, GridMode.REENGINEER
TODAY = date(2026, 11, 18)


def cells(text: str) -> dict[Cell, CellStatus]:
    """`R1 R2 I2?`: complete cells, and partly filled ones with a question mark."""
    return {
        Cell(one.rstrip("?")): PARTIAL if one.endswith("?") else COMPLETE for one in text.split()
    }


WORKED = "R1 R2 R3 I1 I2? C1"
ALL = " ".join(Cell)


@pytest.mark.parametrize(
    ("filled", "mode", "raw", "gated"),
    [
        (WORKED, CREATE, "0.5000", "0.4444"),
        (WORKED, REENGINEER, "0.5000", "0.5000"),
        ("", CREATE, "0.0000", "0.0000"),
        (ALL, CREATE, "1.0000", "1.0000"),
        (ALL, REENGINEER, "1.0000", "1.0000"),
        ("R1", CREATE, "0.0556", "0.0556"),
        ("C1 C2 C3", CREATE, "0.3333", "0.0000"),
        ("C1 C2 C3", REENGINEER, "0.3333", "0.0556"),
        ("R3 I3 C3", CREATE, "0.5000", "0.5000"),
        ("R3 I3? C3?", CREATE, "0.3333", "0.2500"),
        ("R1? R2? R3?", CREATE, "0.1667", "0.1667"),
    ],
)
def test_completeness_is_weighed_and_gated(
    filled: str, mode: GridMode, raw: str, gated: str
) -> None:
    assert grid.raw_completeness(cells(filled)) == Decimal(raw)
    assert grid.gated_completeness(cells(filled), mode) == Decimal(gated)


@pytest.mark.parametrize(
    ("filled", "mode", "early"),
    [
        (WORKED, CREATE, ["C1"]),
        (WORKED, REENGINEER, []),
        ("C1? C3", CREATE, ["C1", "C3"]),
        ("C1? C3", REENGINEER, ["C3"]),
        ("R3 I3 C1 C2", CREATE, []),
        ("R3 I3? C2", CREATE, ["C2"]),
        ("I1 I2 I3", CREATE, []),
    ],
)
def test_capabilities_before_their_time_are_flagged(
    filled: str, mode: GridMode, early: list[str]
) -> None:
    assert list(grid.premature(cells(filled), mode)) == early


@pytest.mark.parametrize(
    ("filled", "costed", "status"),
    [
        ("", False, PainStatus.LATENT),
        ("R1 R2 R3?", True, PainStatus.LATENT),
        ("I3 C3", True, PainStatus.LATENT),
        ("R3", True, PainStatus.ADMITTED),
        ("R3 I3", False, PainStatus.ADMITTED),
        ("R3 I3? C3", True, PainStatus.ADMITTED),
        ("R3 I3 C3", False, PainStatus.ADMITTED),
        ("R3 I3", True, PainStatus.CRITICAL),
        ("R3 I3 C3?", True, PainStatus.CRITICAL),
        ("R3 I3 C3", True, PainStatus.VISION),
        (ALL, True, PainStatus.VISION),
    ],
)
def test_a_pain_climbs_rung_by_rung(filled: str, costed: bool, status: PainStatus) -> None:
    assert grid.rung(cells(filled), costed=costed) == status


def test_both_orders_visit_nine_cells_and_agree_before_they_promise() -> None:
    for mode, walk in WALKS.items():
        assert sorted(walk) == sorted(Cell), mode
        assert walk[-1] == Cell.C3
        for agreed in (Cell.R3, Cell.I3):
            assert walk.index(agreed) < min(walk.index(Cell.C2), walk.index(Cell.C3))
    assert WALKS[CREATE][0] == Cell.R1
    assert WALKS[REENGINEER][0] == Cell.C1
    assert list(WALKS[CREATE]) == ["R1", "R2", "R3", "I1", "I2", "I3", "C1", "C2", "C3"]
    assert list(WALKS[REENGINEER]) == ["C1", "R1", "R2", "R3", "I1", "I2", "I3", "C2", "C3"]


@pytest.mark.parametrize(
    ("filled", "mode", "following", "stuck"),
    [
        ("", CREATE, "R1", "R"),
        ("", REENGINEER, "C1", "R"),
        ("C1?", REENGINEER, "C1", "R"),
        ("C1", REENGINEER, "R1", "R"),
        ("R1 R2? R3", CREATE, "R2", "I"),
        (WORKED, CREATE, "I2", "I"),
        ("R1 R2 R3 I1 I2 I3", CREATE, "C1", "C"),
        ("R1 R2 R3 I1 I2 I3 C1", REENGINEER, "C2", "C"),
        ("R3 I3 C3", CREATE, "R1", None),
        (ALL, CREATE, None, None),
    ],
)
def test_the_next_cell_and_the_stuck_column(
    filled: str, mode: GridMode, following: str | None, stuck: str | None
) -> None:
    assert grid.next_cell(cells(filled), mode) == following
    assert grid.stuck_column(cells(filled)) == (GridColumn(stuck) if stuck else None)


def said(text: str) -> Figure:
    """`I3 4800000 yuan month`"""
    cell, amount, unit, period = text.split()
    return Figure(Cell(cell), Decimal(amount), NumberUnit(unit), NumberPeriod(period))


@pytest.mark.parametrize(
    ("figures", "fen", "hours", "guests"),
    [
        ([], None, None, None),
        (["I3 4800000 yuan month"], 4_800_000, None, None),
        (["I3 4800000 yuan month", "I3 100 yuan month"], 4_800_100, None, None),
        (["I2 100 yuan month", "I3 4800000 yuan month"], 4_800_000, None, None),
        (["I1 7 yuan month", "I2 100 yuan month"], 100, None, None),
        (["I3 1950000 yuan day"], None, None, None),
        (["I3 5760000 yuan year"], None, None, None),
        (["R2 4800000 yuan month", "C2 4800000 yuan month"], None, None, None),
        (["I3 0 yuan month", "I2 100 yuan month"], 100, None, None),
        (["I3 15 count month", "I3 20 percent month"], None, None, None),
        (["I2 40.5 hours month", "I3 60 guests month"], None, Decimal("40.5"), Decimal(60)),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
def test_the_monthly_impact_is_what_was_said_for_a_month(
    figures: list[str], fen: int | None, hours: Decimal | None, guests: Decimal | None
) -> None:
    found = grid.monthly_impact([said(one) for one in figures])
    assert (found.fen, found.hours, found.guests) == (fen, hours, guests)
    assert found.known == (set(figures) != set() and (fen, hours, guests) != (None, None, None))


GRIDS = st.fixed_dictionaries({cell: st.sampled_from(list(CellStatus)) for cell in Cell})


@given(filled=GRIDS, mode=st.sampled_from(list(GridMode)))
def test_gated_is_never_more_than_raw_and_raw_never_more_than_one(
    filled: dict[Cell, CellStatus], mode: GridMode
) -> None:
    raw, gated = grid.raw_completeness(filled), grid.gated_completeness(filled, mode)
    assert 0 <= gated <= raw <= 1
    assert (raw == gated) == (not grid.premature(filled, mode))
    nothing_left = all(status == COMPLETE for status in filled.values())
    assert (raw == 1) == (grid.next_cell(filled, mode) is None) == nothing_left


@given(
    filled=GRIDS, more=st.sampled_from(list(Cell)), mode=st.sampled_from(list(GridMode)),
    costed=st.booleans(),
)  # fmt: skip
def test_filling_a_cell_never_takes_a_pain_down(
    filled: dict[Cell, CellStatus], more: Cell, mode: GridMode, costed: bool
) -> None:
    order = list(CellStatus)
    fuller = {**filled, more: order[min(2, order.index(filled[more]) + 1)]}
    rungs = list(PainStatus)
    assert rungs.index(grid.rung(fuller, costed=costed)) >= rungs.index(
        grid.rung(filled, costed=costed)
    )
    assert grid.raw_completeness(fuller) >= grid.raw_completeness(filled)
    assert grid.gated_completeness(fuller, mode) >= grid.gated_completeness(filled, mode)


# The score of an entry point.

WORKED_FACTS = Facts(
    monthly_impact_fen=4_800_000,
    monthly_turnover_fen=60_000_000,
    covered=3,
    named=4,
    trigger_on=TODAY + timedelta(days=27),
    evidence_points=Decimal(8),
)


def scored(weights: Weights | None = None, **facts: object) -> Score:
    changed = Facts(**{**vars(WORKED_FACTS), **facts})  # type: ignore[arg-type]
    return entry_scores.score(changed, today=TODAY, weights=weights or Weights())


def test_the_worked_example_scores_74_08() -> None:
    found = scored()
    assert found.impact == Decimal("0.8000")
    assert found.fit == Decimal("0.7500")
    assert found.urgency == Decimal("0.7000")
    assert found.evidence == Decimal("0.6667")
    assert found.total == Decimal("74.08")
    assert found.eligible
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("facts", "part", "value"),
    [
        ({"monthly_impact_fen": 6_000_000}, "impact", "1.0000"),
        ({"monthly_impact_fen": 60_000_000}, "impact", "1.0000"),
        ({"monthly_impact_fen": None}, "impact", "0.0000"),
        ({"monthly_turnover_fen": None}, "impact", "0.0000"),
        ({"monthly_turnover_fen": 0}, "impact", "0.0000"),
        ({"trigger_on": None}, "urgency", "0.0000"),
        ({"trigger_on": TODAY}, "urgency", "1.0000"),
        ({"trigger_on": TODAY - timedelta(days=1)}, "urgency", "0.0000"),
        ({"trigger_on": TODAY + timedelta(days=90)}, "urgency", "0.0000"),
        ({"trigger_on": TODAY + timedelta(days=400)}, "urgency", "0.0000"),
        ({"covered": 0, "named": 0}, "fit", "0.0000"),
        ({"covered": 1, "named": 3}, "fit", "0.3333"),
        ({"evidence_points": Decimal(12)}, "evidence", "1.0000"),
    ],
    ids=str,
)
def test_each_part_lies_between_nothing_and_one(
    facts: dict[str, object], part: str, value: str
) -> None:
    assert getattr(scored(**facts), part) == Decimal(value)


def test_what_nobody_knows_is_named_and_counts_nothing() -> None:
    assert scored(monthly_impact_fen=None, named=0, covered=0).unknown == ("impact", "fit")


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ({"covered": 3, "named": 10}, None),
        ({"covered": 2, "named": 7}, NotEligible.FIT_TOO_LOW),
        ({"covered": 0, "named": 0}, NotEligible.FIT_TOO_LOW),
        ({"barred": True}, NotEligible.MERCHANT_BARRED),
    ],
    ids=str,
)
def test_not_every_pain_can_be_the_entry_point(
    facts: dict[str, object], because: NotEligible | None
) -> None:
    assert scored(**facts).because == because


@pytest.mark.parametrize(
    ("weights", "total"),
    [
        (Weights(impact=100, fit=0, urgency=0, evidence=0), "80.00"),
        (Weights(impact=70, fit=50, urgency=40, evidence=40), "74.08"),
        (Weights(impact=0, fit=0, urgency=0, evidence=0), "0.00"),
        (Weights(turnover_share=16), "63.58"),
    ],
    ids=str,
)
def test_weights_are_the_banks_own(weights: Weights, total: str) -> None:
    assert scored(weights).total == Decimal(total)


def point(name: str, *, opened: int = 0, **parts: str) -> EntryPoint[str]:
    score = Score(
        **{
            part: Decimal(parts.get(part, "0.5"))
            for part in ("impact", "fit", "urgency", "evidence")
        },
        total=Decimal(parts.get("total", "50")),
        because=NotEligible.FIT_TOO_LOW if "out" in parts else None,
    )
    return EntryPoint(name, Cell.R1, score, opened)


def test_the_best_goes_first_and_ties_go_by_fit_impact_and_age() -> None:
    found = entry_scores.ranked(
        [
            point("younger", opened=2),
            point("older", opened=1),
            point("more impact", opened=9, impact="0.6"),
            point("better fit", opened=9, fit="0.6", impact="0.1"),
            point("higher score", opened=9, total="51", fit="0.3"),
            point("not eligible", total="99", out="yes"),
        ]
    )
    assert [one.pain for one in found] == [
        "higher score",
        "better fit",
        "more impact",
        "older",
        "younger",
        "not eligible",
    ]
