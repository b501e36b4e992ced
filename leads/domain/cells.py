"""The nine cells: filled in any order, and the confirm cells agreed with the merchant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, Problem, RuleBroken
from crm.locking import known
from leads.domain import cell_figures, interview_standing, interview_taking
from leads.domain.activities import CLOCK_TOLERANCE, OLDEST
from leads.domain.cell_figures import Given
from leads.domain.interview_taking import QUOTED
from leads.models import AgreedVia, Cell, CellStatus, GridCell, Pain
from leads.models.grid_words import CONFIRM_CELLS
from merchants.domain import evidence, texts, timeline
from merchants.models import Contact, ContactState, Insight

FILLED = timeline.kind(
    "pain.filled",
    _("Needs interview"),
    _("%(title)s – %(cell)s (%(status)s): %(words)s"),
    cell=Cell,
    status=CellStatus,
)
CONFIRMED = timeline.kind(
    "pain.confirmed",
    _("Agreed in the needs interview"),
    _("%(title)s – %(cell)s, agreed with %(contact)s (%(via)s): %(words)s"),
    cell=Cell,
    via=AgreedVia,
)
TAKEN_BACK = timeline.kind(
    "pain.taken_back",
    _("Agreement taken back"),
    _("%(title)s – %(cell)s is not agreed any more: %(because)s"),
    cell=Cell,
)

LONGEST_WORDS = 5000
MOST_DOCUMENTS = 10


@command
def fill(
    pain_id: UUID,
    cell: str,
    *,
    by: Actor,
    at: datetime,
    status: str | None = None,
    words: str | None = None,
    numbers: Sequence[Given] | None = None,
    document_ids: Sequence[UUID] | None = None,
    version: int | None = None,
) -> Pain:
    """Write down what was said in a cell: any cell, at any time. What is not named stays.

    A confirm cell becomes complete by `confirm` only; once it is, it is taken back before it is
    written anew. Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale.
    """
    pain = interview_taking.take(pain_id, by, version=version)
    row = _cell_of(pain, cell)
    if row.status == CellStatus.COMPLETE and row.cell in CONFIRM_CELLS:
        raise RuleBroken(
            _("This was agreed with the merchant. Take the agreement back before changing it."),
            code="cell_confirmed",
        )
    said = row.merchant_words if words is None else _words(words)
    figures = None if numbers is None else cell_figures.sound(numbers)
    become = _status(row, status, said)
    if become == CellStatus.COMPLETE and row.cell in CONFIRM_CELLS:
        raise RuleBroken(
            _(
                "A confirm cell is complete when somebody at the merchant agreed: say who, "
                "when and how."
            ),
            code="agreement_required",
            attr="status",
        )
    has_figures = row.numbers.exists() if figures is None else bool(figures)
    _holds_together(become, said, has_figures=has_figures)
    _write(row, figures, document_ids, by=by, at=at, status=become, merchant_words=said)
    interview_standing.follow(pain, by=by, at=at)
    interview_taking.keep_fresh(pain.lead, at)
    interview_taking.tell(
        FILLED, pain, by=by, at=at, cell=row.cell, status=become, words=said[:QUOTED]
    )
    return pain


@command
def confirm(
    pain_id: UUID,
    cell: str,
    *,
    agreed_by_id: UUID | None,
    agreed_at: datetime | None,
    agreed_via: str,
    by: Actor,
    at: datetime,
    words: str | None = None,
    numbers: Sequence[Given] | None = None,
    document_ids: Sequence[UUID] | None = None,
    insight_id: UUID | None = None,
    version: int | None = None,
) -> Pain:
    """Record that somebody at the merchant agreed to what a confirm cell says.

    Raises NotFound, NotAllowed, InvalidInput (not a confirm cell; nobody, no moment or no way
    named; somebody of another merchant; a moment ahead), RuleBroken, Stale.
    """
    pain = interview_taking.take(pain_id, by, version=version)
    row = _cell_of(pain, cell)
    if row.cell not in CONFIRM_CELLS:
        raise InvalidInput(
            _("Only the three confirm cells are agreed with the merchant."),
            code="cell_not_confirmable",
            attr="cell",
        )
    if row.status == CellStatus.COMPLETE:
        raise RuleBroken(_("This is agreed already."), code="cell_confirmed")
    agreement = _agreement(pain, agreed_by_id, agreed_at, agreed_via, by=by, at=at)
    said = row.merchant_words if words is None else _words(words)
    if not said:
        raise InvalidInput(
            _("Write down what the merchant said."), code="words_required", attr="words"
        )
    figures = None if numbers is None else cell_figures.sound(numbers)
    values: dict[str, Any] = {"status": CellStatus.COMPLETE, "merchant_words": said, **agreement}
    if insight_id is not None:
        values["insight"] = _insight(pain, insight_id, by)
    _write(row, figures, document_ids, by=by, at=at, **values)
    interview_standing.follow(pain, by=by, at=at)
    interview_taking.keep_fresh(pain.lead, at)
    interview_taking.tell(
        CONFIRMED,
        pain,
        by=by,
        at=at,
        cell=row.cell,
        contact=agreement["agreed_by"].masked_name,
        via=agreed_via,
        words=said[:QUOTED],
    )
    if row.cell == Cell.I3 and not interview_standing.costed(pain):
        sentence = _("No cost a month is on record: the pain is not critical yet.")
        pain.notices = (Problem("monthly_impact_missing", sentence, "numbers"),)
    return pain


@command
def take_back(
    pain_id: UUID,
    cell: str,
    *,
    because: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Pain:
    """The agreement to a confirm cell does not stand any more; what was said stays.

    Raises NotFound, NotAllowed, InvalidInput without a reason, RuleBroken with code
    `cell_not_confirmed`, Stale.
    """
    pain = interview_taking.take(pain_id, by, version=version)
    row = _cell_of(pain, cell)
    if row.cell not in CONFIRM_CELLS or row.status != CellStatus.COMPLETE:
        raise RuleBroken(_("Nobody has agreed to this yet."), code="cell_not_confirmed")
    why = interview_taking.reason(because)
    if not why:
        raise InvalidInput(_("Say why."), code="because_required", attr="because")
    row.change(
        at=at, status=CellStatus.PARTIAL, agreed_by=None, agreed_at=None, agreed_via="",
        insight=None,
    )  # fmt: skip
    interview_standing.follow(pain, by=by, at=at)
    interview_taking.tell(TAKEN_BACK, pain, by=by, at=at, cell=row.cell, because=why[:QUOTED])
    return pain


def _cell_of(pain: Pain, cell: str) -> GridCell:
    if cell not in Cell.values:
        raise InvalidInput(_("There is no such cell."), code="cell_unknown", attr="cell")
    return pain.cells.get(cell=cell)


def _words(words: str) -> str:
    return texts.line(words, attr="words", longest=LONGEST_WORDS)


def _status(row: GridCell, status: str | None, said: str) -> CellStatus:
    if status is None:
        begun = row.status == CellStatus.EMPTY and said
        return CellStatus.PARTIAL if begun else CellStatus(row.status)
    if status not in CellStatus.values:
        raise InvalidInput(_("There is no such status."), code="status_unknown", attr="status")
    return CellStatus(status)


def _holds_together(status: CellStatus, said: str, *, has_figures: bool) -> None:
    """A complete cell says something, a begun one too or has a figure, an empty one neither."""
    if status == CellStatus.EMPTY and (said or has_figures):
        raise InvalidInput(
            _("An empty cell says nothing: clear it, or choose another status."),
            code="empty_cell_says_something",
            attr="status",
        )
    silent = not said and (status == CellStatus.COMPLETE or not has_figures)
    if status != CellStatus.EMPTY and silent:
        raise InvalidInput(
            _("Write down what the merchant said."), code="words_required", attr="words"
        )


def _agreement(
    pain: Pain,
    contact_id: UUID | None,
    agreed_at: datetime | None,
    via: str,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Who agreed, when and how. Raises InvalidInput with everything that is missing."""
    problems = []
    if contact_id is None:
        problems.append(Problem("agreed_by_required", _("Say who agreed."), "agreed_by"))
    if agreed_at is None:
        problems.append(Problem("agreed_at_required", _("Say when it was agreed."), "agreed_at"))
    elif agreed_at > at + CLOCK_TOLERANCE:
        problems.append(
            Problem("agreed_in_future", _("What is agreed lies in the past."), "agreed_at")
        )
    elif agreed_at < at - OLDEST:
        problems.append(Problem("too_long_ago", _("That is more than a year ago."), "agreed_at"))
    if via not in AgreedVia.values:
        problems.append(
            Problem(
                "agreed_via_required",
                _("Say how it was agreed: in a visit, a call or a message."),
                "agreed_via",
            )
        )
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems)
    assert contact_id is not None
    assert agreed_at is not None
    contact = known(Contact.objects.seen_by(by), contact_id, attr="agreed_by")
    if contact.merchant_id != pain.merchant_id:
        raise InvalidInput(
            _("This person belongs to another merchant."),
            code="contact_of_other_merchant",
            attr="agreed_by",
        )
    if contact.state != ContactState.ACTIVE:
        raise InvalidInput(
            _("This person's data are not used any more."),
            code="contact_not_active",
            attr="agreed_by",
        )
    return {"agreed_by": contact, "agreed_at": min(agreed_at, at), "agreed_via": via}


def _insight(pain: Pain, insight_id: UUID, by: Actor) -> Insight:
    insight = known(Insight.objects.seen_by(by), insight_id, attr="insight")
    if insight.merchant_id != pain.merchant_id:
        raise InvalidInput(
            _("This insight is about another merchant."),
            code="insight_of_other_merchant",
            attr="insight",
        )
    return insight


def _write(
    row: GridCell,
    figures: Sequence[Given] | None,
    document_ids: Sequence[UUID] | None,
    *,
    by: Actor,
    at: datetime,
    **values: Any,
) -> None:
    if document_ids is not None:
        wanted = list(dict.fromkeys(document_ids))
        if len(wanted) > MOST_DOCUMENTS:
            raise InvalidInput(
                _("At most %(most)s documents.") % {"most": MOST_DOCUMENTS},
                code="too_many_documents",
                attr="documents",
            )
        row.documents.set([evidence.document_of(one, by, attr="documents") for one in wanted])
    if figures is not None:
        cell_figures.replace(row, figures)
    row.change(at=at, filled_by_id=user_id(by), filled_at=at, **values)
