"""Evidence is put on file for the steps of a partnership, and guards are waived in writing."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.domain import files
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken
from crm.locking import known, take
from crm.models import StoredFile, User
from crm.policies import require
from merchants import policies
from merchants.domain import timeline
from merchants.models import Evidence, EvidenceKind, Partnership, PartnershipStage, Waiver
from merchants.models.evidence_kinds import PIECES, Figure, Piece
from merchants.models.partnership_roads import DEMANDS, ROADS, Guard, Road

LONGEST_NOTES = 5000

FILED = timeline.kind(
    "partnership.evidence",
    _("Evidence filed"),
    _("Evidence was put on file: %(kind)s."),
    kind=EvidenceKind,
)
WAIVED = timeline.kind(
    "partnership.waived",
    _("Guard waived"),
    _("Waived for the step to “%(to)s”: %(guard)s Because: %(because)s"),
    to=PartnershipStage,
    guard=Guard,
)


def partnership_of(partnership_id: UUID, by: Actor, *, version: int | None = None) -> Partnership:
    """Lock a partnership that the actor may know of, with its merchant beside it."""
    rows = (
        Partnership.objects.seen_by(by)
        .select_related("merchant")
        .defer("merchant__search_grams", "merchant__search_text")
    )
    return take(rows, partnership_id, version=version)


@command
def file_evidence(
    evidence_id: UUID,
    partnership_id: UUID,
    *,
    kind: str,
    by: Actor,
    at: datetime,
    said: str = "",
    happened_on: date | None = None,
    numbers: Mapping[str, Any] | None = None,
    document_id: UUID | None = None,
) -> Evidence:
    """Put a piece of evidence on file, with the figures and the document that its kind must bring.

    Without a date it speaks of the day on which it is filed. Raises NotFound, also for a document
    that is not the actor's to show; NotAllowed; InvalidInput with every problem found; RuleBroken
    with code `partnership_over` when no step can use it any more.
    """
    partnership = partnership_of(partnership_id, by)
    piece = PIECES[_kind(kind)]
    require(
        policies.may_file(by, partnership.merchant, piece.filer),
        _("This evidence is for %(who)s to file.") % {"who": piece.filer.value},
    )
    if partnership.stage == PartnershipStage.CHURNED:
        raise RuleBroken(_("This partnership is over."), code="partnership_over")
    today = timezone.localdate(at)
    return _file(
        evidence_id,
        partnership,
        EvidenceKind(kind),
        said=said.strip(),
        happened_on=happened_on or today,
        numbers=sound_figures(piece, said, happened_on or today, numbers or {}, document_id, today),
        document=document_of(document_id, by) if document_id else None,
        by=by,
        at=at,
    )


def note(
    partnership: Partnership,
    kind: EvidenceKind,
    evidence_id: UUID,
    *,
    said: str,
    document_id: UUID | None,
    by: Actor,
    at: datetime,
) -> Evidence:
    """File what the product itself has just seen happen, inside the verb in which it happens."""
    return _file(
        evidence_id,
        partnership,
        kind,
        said=said,
        happened_on=timezone.localdate(at),
        numbers={},
        document_id=document_id,
        by=by,
        at=at,
    )


def _file(
    evidence_id: UUID,
    partnership: Partnership,
    kind: EvidenceKind,
    *,
    by: Actor,
    at: datetime,
    **values: Any,
) -> Evidence:
    evidence = Evidence.objects.create(
        pk=evidence_id,
        partnership=partnership,
        kind=kind,
        filed_by_id=user_id(by),
        at=at,
        **values,
    )
    timeline.record(
        FILED,
        merchant_id=partnership.merchant_id,
        subject_id=partnership.pk,
        by=by,
        at=at,
        kind=kind,
    )
    return evidence


def document_of(document_id: UUID, by: Actor, *, attr: str = "document") -> StoredFile:
    """A document that the actor may show, of a kind that documents come as."""
    document = known(StoredFile.objects.seen_by(by).without_content(), document_id, attr=attr)
    if document.content_type not in files.DOCUMENTS:
        raise InvalidInput(
            _("A document is a PDF file or a picture (JPEG, PNG)."),
            code="document_kind",
            attr=attr,
        )
    return document


def _kind(text: str) -> EvidenceKind:
    if text not in EvidenceKind.values:
        raise InvalidInput(
            _("There is no such kind of evidence."), code="evidence_unknown", attr="kind"
        )
    return EvidenceKind(text)


def sound_figures(
    piece: Piece,
    said: str,
    happened_on: date,
    numbers: Mapping[str, Any],
    document_id: UUID | None,
    today: date,
) -> dict[str, int | str]:
    """The figures of a piece of evidence as they are stored, of a lead's as well.

    Raises InvalidInput with everything that is wrong.
    """
    problems: list[Problem] = []
    figures: dict[str, int | str] = {}
    if happened_on > today:
        problems.append(
            Problem("date_in_future", _("Evidence speaks of what has happened."), "happened_on")
        )
    if happened_on.year < 2000:
        problems.append(Problem("date_too_early", _("This date is too long ago."), "happened_on"))
    if piece.notes and not said.strip():
        problems.append(Problem("notes_required", _("Write down what there is to say."), "said"))
    if len(said) > LONGEST_NOTES or "\0" in said:
        problems.append(Problem("notes_invalid", _("These notes cannot be stored."), "said"))
    if piece.document and document_id is None:
        problems.append(Problem("document_required", _("Attach the document."), "document"))
    problems += [
        Problem("figure_unknown", _("This evidence has no such figure."), f"numbers.{name[:50]}")
        for name in sorted(set(numbers) - set(piece.figures))
    ]
    for name, figure in piece.figures.items():
        value = _figure(figure, numbers.get(name))
        if value is None:
            sentence = _("%(figure)s: a number from %(least)s to %(most)s.") % {
                "figure": figure.label,
                "least": figure.least,
                "most": figure.most,
            }
            problems.append(Problem("figure_invalid", sentence, f"numbers.{name}"))
        else:
            figures[name] = value
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems)
    return figures


def _figure(figure: Figure, given: Any) -> int | str | None:
    """A figure as it is stored, or none if it is no such figure."""
    if isinstance(given, bool) or not isinstance(given, int | str | Decimal):
        return None
    if isinstance(given, str) and len(given) > 30:
        return None
    try:
        number = Decimal(given)
        if not number.is_finite() or not figure.least <= number <= figure.most:
            return None
        if not figure.places:
            return int(number) if number == number.to_integral_value() else None
        return str(number.quantize(Decimal(10) ** -figure.places, ROUND_HALF_UP))
    except InvalidOperation:
        return None


@command
def waive(
    waiver_id: UUID,
    partnership_id: UUID,
    *,
    to: PartnershipStage,
    guard: str,
    because: str,
    by: User,
    at: datetime,
) -> Waiver:
    """Let one guard pass for the next step to a stage, with the reason in writing.

    It counts like evidence: until the partnership enters another stage. Raises NotFound, NotAllowed
    for anybody but a branch manager, RuleBroken with code `guard_not_waivable` for what regulation
    asks for, InvalidInput for a guard that is not on this road or without a reason.
    """
    return waive_for(
        waiver_id, partnership_of(partnership_id, by), to=to, guard=guard, because=because,
        by=by, at=at,
    )  # fmt: skip


def waive_for(
    waiver_id: UUID,
    partnership: Partnership,
    *,
    to: PartnershipStage,
    guard: str,
    because: str,
    by: Actor,
    at: datetime,
) -> Waiver:
    """Waive inside a verb that holds the partnership's lock already."""
    if not isinstance(by, User) or not policies.may_manage(by, partnership.merchant):
        raise NotAllowed(_("Only the branch manager waives what a step asks for."))
    road = ROADS[PartnershipStage(partnership.stage)].get(to)
    found = _guard_on(road, guard)
    if not DEMANDS[found].waivable:
        raise RuleBroken(
            _("This can never be waived: %(guard)s") % {"guard": found.label},
            code="guard_not_waivable",
            attr="guard",
        )
    because = because.strip()
    if not because or "\0" in because or len(because) > LONGEST_NOTES:
        raise InvalidInput(
            _("A waiver needs a written reason."), code="waiver_needs_reason", attr="because"
        )
    waiver = Waiver.objects.create(
        pk=waiver_id,
        partnership=partnership,
        to_stage=to,
        guard=found,
        because=because,
        given_by=by,
        at=at,
    )
    timeline.record(
        WAIVED,
        merchant_id=partnership.merchant_id,
        subject_id=partnership.pk,
        by=by,
        at=at,
        to=to,
        guard=found,
        because=because,
    )
    return waiver


def _guard_on(road: Road | None, name: str) -> Guard:
    if road is None or name not in set(road.guards):
        raise InvalidInput(_("The step does not ask for this."), code="guard_unknown", attr="guard")
    return Guard(name)
