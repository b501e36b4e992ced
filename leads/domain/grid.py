"""The rules of the nine-grid: how complete it is, which rung the pain stands on, what comes next.

Pure: cells and figures in, answers out. Completeness says how far the interview has come; it is no
probability of winning and is never shown as one. Source: `docs/words.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from leads.models.grid_words import (
    GATED,
    WALKS,
    Cell,
    CellStatus,
    GridColumn,
    GridMode,
    GridRow,
    NumberPeriod,
    NumberUnit,
    PainStatus,
)

ROW_WEIGHTS: Mapping[GridRow, int] = MappingProxyType(
    {GridRow.OPEN: 1, GridRow.CONTROL: 2, GridRow.CONFIRM: 3}
)
"""The confirm row is what an interview delivers, so it weighs most."""

MOST_POINTS = 18
SHARES: Mapping[CellStatus, Decimal] = MappingProxyType(
    {
        CellStatus.EMPTY: Decimal(0),
        CellStatus.PARTIAL: Decimal("0.5"),
        CellStatus.COMPLETE: Decimal(1),
    }
)
PLACES = Decimal("0.0001")

type Cells = Mapping[Cell, CellStatus]
"""The state of each cell; one that is not named is empty."""

CONFIRM_OF: Mapping[GridColumn, Cell] = MappingProxyType(
    {
        GridColumn.REASONS: Cell.R3,
        GridColumn.IMPACT: Cell.I3,
        GridColumn.CAPABILITIES: Cell.C3,
    }
)


@dataclass(frozen=True)
class Figure:
    """A figure of a cell: yuan are in fen, everything else as it was said."""

    cell: Cell
    amount: Decimal
    unit: NumberUnit
    period: NumberPeriod


@dataclass(frozen=True)
class MonthlyImpact:
    """What the pain costs a month; none where nobody said it."""

    fen: int | None = None
    hours: Decimal | None = None
    guests: Decimal | None = None

    @property
    def known(self) -> bool:
        return (self.fen, self.hours, self.guests) != (None, None, None)


@dataclass(frozen=True)
class Standing:
    """What follows from the nine cells."""

    status: PainStatus
    raw: Decimal
    gated: Decimal
    stuck: GridColumn | None
    next_cell: Cell | None
    premature: tuple[Cell, ...]
    impact: MonthlyImpact


def standing(cells: Cells, mode: GridMode, figures: Iterable[Figure] = ()) -> Standing:
    """Everything that follows from the cells and the figures in them."""
    impact = monthly_impact(figures)
    return Standing(
        status=rung(cells, costed=impact.known),
        raw=raw_completeness(cells),
        gated=gated_completeness(cells, mode),
        stuck=stuck_column(cells),
        next_cell=next_cell(cells, mode),
        premature=premature(cells, mode),
        impact=impact,
    )


def state_of(cells: Cells, cell: Cell) -> CellStatus:
    return cells.get(cell, CellStatus.EMPTY)


def is_complete(cells: Cells, *asked: Cell) -> bool:
    return all(state_of(cells, cell) == CellStatus.COMPLETE for cell in asked)


def points(cells: Cells, asked: Iterable[Cell]) -> Decimal:
    """The weighted points of some cells; a column has six at the most, the grid eighteen."""
    return sum(
        (ROW_WEIGHTS[cell.row] * SHARES[state_of(cells, cell)] for cell in asked), Decimal(0)
    )


def evidence_points(cells: Cells) -> Decimal:
    """The points of reasons and impact together, twelve at the most."""
    return points(cells, [cell for cell in Cell if cell.column != GridColumn.CAPABILITIES])


def raw_completeness(cells: Cells) -> Decimal:
    """points / 18, from 0 to 1 with four places."""
    return _share(points(cells, Cell))


def gated_completeness(cells: Cells, mode: GridMode) -> Decimal:
    """The same, with capabilities that were spoken of too early counting nothing."""
    early = GATED[mode] if not _gate_is_open(cells) else ()
    return _share(points(cells, [cell for cell in Cell if cell not in early]))


def premature(cells: Cells, mode: GridMode) -> tuple[Cell, ...]:
    """Capabilities filled before reasons and impact are confirmed: shown, never forbidden."""
    if _gate_is_open(cells):
        return ()
    return tuple(cell for cell in GATED[mode] if state_of(cells, cell) != CellStatus.EMPTY)


def rung(cells: Cells, *, costed: bool) -> PainStatus:
    """How far the pain has climbed. `costed`: whether a monthly impact is on record."""
    if not is_complete(cells, Cell.R3):
        return PainStatus.LATENT
    if not (is_complete(cells, Cell.I3) and costed):
        return PainStatus.ADMITTED
    return PainStatus.VISION if is_complete(cells, Cell.C3) else PainStatus.CRITICAL


def stuck_column(cells: Cells) -> GridColumn | None:
    """The first column whose confirm cell is not complete."""
    for column, confirm in CONFIRM_OF.items():
        if not is_complete(cells, confirm):
            return column
    return None


def next_cell(cells: Cells, mode: GridMode) -> Cell | None:
    """The first cell in the order of walking that is not complete."""
    return next((cell for cell in WALKS[mode] if not is_complete(cells, cell)), None)


def monthly_impact(figures: Iterable[Figure]) -> MonthlyImpact:
    """What the pain costs a month, from the figures of the impact column.

    Of each unit, the figures that were confirmed count (I3); where none was, those of I2, and then
    of I1. Figures of one cell are added. Only what was said for a month counts: how many evenings
    or working days make a month is the merchant's to say, not ours to guess.
    """
    sums: dict[tuple[NumberUnit, Cell], Decimal] = {}
    for one in figures:
        if one.cell.column != GridColumn.IMPACT or one.period != NumberPeriod.MONTH:
            continue
        sums[one.unit, one.cell] = sums.get((one.unit, one.cell), Decimal(0)) + one.amount

    def said(unit: NumberUnit) -> Decimal | None:
        return next(
            (found for cell in (Cell.I3, Cell.I2, Cell.I1) if (found := sums.get((unit, cell)))),
            None,
        )

    fen = said(NumberUnit.YUAN)
    return MonthlyImpact(
        fen=None if fen is None else int(fen),
        hours=said(NumberUnit.HOURS),
        guests=said(NumberUnit.GUESTS),
    )


def _gate_is_open(cells: Cells) -> bool:
    return is_complete(cells, Cell.R3, Cell.I3)


def _share(found: Decimal) -> Decimal:
    return (found / MOST_POINTS).quantize(PLACES, ROUND_HALF_UP)
