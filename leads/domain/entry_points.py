"""The best entry point: with which pain of a merchant to go on, and at which cell of its grid.

The pain is ranked by its score, the cell follows from the order of walking; a person chooses.
"""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known
from crm.policies import require
from leads import policies
from leads.domain import (
    entry_scores,
    grid,
    grid_parameters,
    interview_standing,
    interview_taking,
    lead_evidence,
    questions,
)
from leads.domain.entry_scores import EntryPoint, Facts
from leads.models import CapabilityTemplate, Cell, Lead, LeadEvidenceKind, Pain, Stage
from merchants.domain import timeline
from merchants.models import Merchant, Partnership, PartnershipStage

CHOSEN = timeline.kind(
    "lead.entry_point",
    _("Entry point chosen"),
    _("The lead is entered with “%(title)s” at %(cell)s (score %(score)s)."),
    cell=Cell,
)


def best_entry_points(merchant: Merchant, *, at: datetime) -> list[EntryPoint[Pain]]:
    """The open pains of a merchant, the best entry point first, each with the parts of its score.

    A constant number of statements. What is not eligible stands last and says why.
    """
    pains = (
        Pain.objects.open()
        .filter(merchant=merchant)
        .order_by("created_at", "pk")
        .prefetch_related("cells", "capabilities")
    )
    return of_pains(list(pains), merchant, at=at)


def of_pains(pains: list[Pain], merchant: Merchant, *, at: datetime) -> list[EntryPoint[Pain]]:
    """The same for pains that have been read, with their cells and capabilities."""
    if not pains:
        return []
    usual = list(
        CapabilityTemplate.objects.active()
        .written_for(questions.set_for(merchant))
        .values_list("covered", flat=True)
    )
    barred = is_barred(merchant)
    weights = grid_parameters.weights()
    today = timezone.localdate(at)
    found = []
    for pain in pains:
        named = [one.covered for one in pain.capabilities.all()] or usual
        facts = Facts(
            monthly_impact_fen=pain.monthly_impact_fen,
            monthly_turnover_fen=merchant.monthly_turnover_fen,
            covered=sum(named),
            named=len(named),
            trigger_on=pain.trigger_on,
            evidence_points=grid.evidence_points(interview_standing.cells_of(pain)),
            barred=barred,
        )
        found.append(
            EntryPoint(
                pain,
                Cell(pain.next_cell) if pain.next_cell else None,
                entry_scores.score(facts, today=today, weights=weights),
                pain.created_at,
            )
        )
    return entry_scores.ranked(found)


def is_barred(merchant: Merchant) -> bool:
    """Whether compliance bars the merchant: a blocked lead, a blocked or suspended partnership."""
    stages = (PartnershipStage.SUSPENDED, PartnershipStage.BLOCKED)
    return (
        Lead.objects.in_stage([Stage.BLOCKED]).filter(merchant=merchant).exists()
        or Partnership.objects.in_stage(*stages).filter(merchant=merchant).exists()
    )


@command
def choose(
    lead_id: UUID,
    pain_id: UUID,
    *,
    by: Actor,
    at: datetime,
    cell: str = "",
    version: int | None = None,
) -> Lead:
    """Enter a lead with a pain, at the cell that is next in its walk unless another one is named.

    Raises NotFound, NotAllowed, InvalidInput for a pain of another merchant, RuleBroken with code
    `pain_closed` or `entry_not_eligible`, Stale.
    """
    lead = interview_taking.locked_lead(lead_id, by, version=version)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    pain = known(Pain.objects.seen_by(by).for_change(), pain_id, attr="pain")
    if pain.merchant_id != lead.merchant_id:
        raise InvalidInput(
            _("This pain is another merchant's."), code="pain_of_other_merchant", attr="pain"
        )
    if not lead.is_open:
        raise RuleBroken(_("This lead is not pursued any more."), code="lead_closed")
    if not pain.is_open:
        raise RuleBroken(_("This pain is off the table."), code="pain_closed", attr="pain")
    if cell and cell not in Cell.values:
        raise InvalidInput(_("There is no such cell."), code="cell_unknown", attr="cell")
    (point,) = of_pains([pain], lead.merchant, at=at)
    if point.score.because is not None:
        raise RuleBroken(point.score.because.label, code="entry_not_eligible", attr="pain")
    entered = Cell(cell or point.cell or Cell.C3)
    if (lead.entry_pain_id, lead.entry_cell) == (pain.pk, entered):
        return lead
    if pain.lead_id != lead.pk:
        # A merchant has one open lead: what was found earlier goes on with this one.
        pain.change(at=at, lead=lead)
    lead.change(at=at, entry_pain=pain, entry_cell=entered)
    lead_evidence.file_for(
        lead, LeadEvidenceKind.ENTRY_POINT, by=by, at=at, said=f"{pain.title} · {entered}"
    )
    timeline.record(
        CHOSEN,
        merchant_id=lead.merchant_id,
        subject_id=lead.pk,
        by=by,
        at=at,
        title=pain.title,
        cell=entered,
        score=str(point.score.total),
    )
    return lead
