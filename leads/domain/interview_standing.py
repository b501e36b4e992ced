"""What follows from the cells of a grid is written on its pain, by the verb that changed them."""

from datetime import datetime

from crm.actors import Actor, user_id
from leads.domain import cell_figures, grid, lead_evidence
from leads.domain.grid import Cells, Standing
from leads.models import (
    Cell,
    CellNumber,
    CellStatus,
    GridMode,
    LeadEvidenceKind,
    NumberPeriod,
    Pain,
    PainStatus,
    PainStep,
)
from leads.models.grid_words import COSTED


def cells_of(pain: Pain) -> Cells:
    """The state of each cell, from the rows (prefetched ones where there are)."""
    return {Cell(one.cell): CellStatus(one.status) for one in pain.cells.all()}


def of(pain: Pain) -> Standing:
    """What follows from the cells as they are stored now."""
    numbers = CellNumber.objects.filter(
        cell__pain=pain, cell__cell__startswith="I", period=NumberPeriod.MONTH
    ).select_related("cell")
    return grid.standing(
        cells_of(pain), GridMode(pain.mode), [cell_figures.as_figure(one) for one in numbers]
    )


def costed(pain: Pain) -> bool:
    """Whether a monthly impact is on record."""
    known = (pain.monthly_impact_fen, pain.monthly_impact_hours, pain.monthly_impact_guests)
    return known != (None, None, None)


def follow(pain: Pain, *, by: Actor, at: datetime) -> None:
    """Bring the pain up to date with its cells. The caller holds the locks of lead and pain.

    A pain that becomes critical, or gets a vision, is evidence for its lead: filed each time that
    it gets there, and not again while it stays.
    """
    before, stuck_before, found = PainStatus(pain.status), pain.stuck_column, of(pain)
    is_costed = found.status in COSTED
    pain.change(
        at=at,
        status=found.status,
        raw_completeness=found.raw,
        gated_completeness=found.gated,
        stuck_column=found.stuck or "",
        next_cell=found.next_cell or "",
        monthly_impact_fen=found.impact.fen,
        monthly_impact_hours=found.impact.hours,
        monthly_impact_guests=found.impact.guests,
        critical_at=(pain.critical_at or at) if is_costed else None,
    )
    if (found.status, found.stuck or "") != (before, stuck_before):
        stepped(pain, before, by=by, at=at)
    if pain.lead is None:
        return
    if is_costed and before not in COSTED:
        _file(pain, LeadEvidenceKind.CRITICAL_PAIN, by=by, at=at)
    if found.status == PainStatus.VISION and before != PainStatus.VISION:
        _file(pain, LeadEvidenceKind.VISION, by=by, at=at)


def stepped(pain: Pain, left: PainStatus | str, *, by: Actor, at: datetime) -> None:
    """Keep where the pain came to, for reports that look back."""
    PainStep.objects.create(
        pain=pain,
        from_status=left,
        to_status=pain.status,
        stuck_column=pain.stuck_column,
        at=at,
        actor_id=user_id(by),
    )


def _file(pain: Pain, kind: LeadEvidenceKind, *, by: Actor, at: datetime) -> None:
    assert pain.lead is not None
    numbers: dict[str, int | str] = {}
    if kind == LeadEvidenceKind.CRITICAL_PAIN:
        if pain.monthly_impact_fen:
            numbers["monthly_impact_fen"] = pain.monthly_impact_fen
        if pain.monthly_impact_hours:
            numbers["monthly_impact_hours"] = str(pain.monthly_impact_hours)
        if pain.monthly_impact_guests:
            numbers["monthly_impact_guests"] = str(pain.monthly_impact_guests)
    lead_evidence.file_for(pain.lead, kind, by=by, at=at, said=pain.title, numbers=numbers)
