"""Lists of merchants are taken in, row by row, through the same verbs as everything else.

One transaction per batch and a savepoint per row: a row that is refused leaves nothing behind and
holds nobody up, and whatever stops the work loses the batch in hand and no other. Run again, the
same list completes what is missing, because a merchant that we know is left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import DomainError, Sentence
from crm.ids import uuid7
from crm.models import User
from crm.policies import require
from merchants import policies
from merchants.domain import contacts, importing_columns, outlets, registration
from merchants.domain.file_rules import Line
from merchants.domain.files import CheckedFile
from merchants.domain.importing_columns import Columns
from merchants.models import Division, Merchant, MerchantSource

BATCH = 500
KNOWN_ALREADY = "merchant_exists"

_COLUMN_OF = {
    "full_name": "contact_name",
    "phone": "contact_phone",
    "lawful_basis_required": "lawful_basis",
}
"""What the verbs call a value where a list calls it otherwise, or the code if they name none."""


@dataclass(frozen=True)
class Refusal:
    """Why one row was not taken in: where to look, a stable code, and a sentence."""

    row: int
    column: str
    code: str
    sentence: Sentence
    cells: tuple[str, ...]


@dataclass
class Outcome:
    """What became of the rows of one batch."""

    added: int = 0
    unchanged: int = 0
    """Merchants that we know already: by credit code, or by name and district."""
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class _Import:
    """One run: who brings which list, for which unit, and whether it is only tried out."""

    unit_id: UUID
    by: User
    at: datetime
    divisions: dict[str, str]
    """Code by full name."""
    added: set[tuple[str, ...]]
    """Merchants that earlier batches added: a trial forgets them, and must not add them again."""


def take_in(
    file: CheckedFile,
    *,
    unit_id: UUID,
    by: User,
    at: datetime,
    dry_run: bool = False,
    batch: int = BATCH,
) -> Iterator[Outcome]:
    """Register the merchants of a list at a unit, unowned, with their outlets and contacts.

    Gives out one outcome per batch, after the batch is committed; a dry run rolls each of them
    back and says the same. Nothing is done before the first outcome is asked for.

    Raises FileRefused for columns that are not understood, NotAllowed if the colleague does not
    win merchants for the unit; then nothing was written.
    """
    columns = importing_columns.found(file.header)
    require(policies.may_register(by, unit_id), _("You do not work for this unit."))
    divisions = {name: code for code, name in Division.objects.values_list("code", "full_name")}
    run = _Import(unit_id, by, at, divisions, set())
    for lines in batched(file.lines(), batch):
        outcome = Outcome()
        with transaction.atomic():
            for line in lines:
                _one(run, columns, line, outcome)
            if dry_run:
                transaction.set_rollback(True)
        yield outcome


def _one(run: _Import, columns: Columns, line: Line, outcome: Outcome) -> None:
    """Take in one row, or say why not."""
    try:
        with transaction.atomic():
            merchant = _register(run, importing_columns.values(columns, line.cells))
    except DomainError as refused:
        if refused.code == KNOWN_ALREADY:
            outcome.unchanged += 1
            return
        problem = refused.problems[0]
        about = problem.attr or problem.code
        column = columns.header_of(_COLUMN_OF.get(about, about))
        # In the words of now: a lazy sentence would be put into the language of its reader.
        sentence = str(problem.detail)
        outcome.refusals.append(Refusal(line.number, column, problem.code, sentence, line.cells))
    else:
        run.added.add(_identity(merchant))
        outcome.added += 1


def _register(run: _Import, values: dict[str, str]) -> Merchant:
    by, at = run.by, run.at
    division = values["division"].replace(" ", "")
    details = registration.Details(
        name=values["name"],
        legal_name=values["legal_name"],
        credit_code=values["credit_code"],
        mcc=values["mcc"],
        division=run.divisions.get(division, division),
        source=values["source"] or MerchantSource.IMPORT,
    )
    merchant = registration.register(
        uuid7(), details, unit_id=run.unit_id, owner=None, by=by, at=at, similar=False
    )
    if _identity(merchant) in run.added:
        raise DomainError(_("We know this merchant already."), code=KNOWN_ALREADY)
    if values["outlet_name"]:
        outlets.open_outlet(
            uuid7(),
            merchant.pk,
            name=values["outlet_name"],
            division=details.division,
            address=values["address"],
            by=by,
            at=at,
        )
    if values["contact_name"]:
        contacts.add_contact(
            uuid7(),
            merchant.pk,
            full_name=values["contact_name"],
            position=values["contact_position"],
            phone=values["contact_phone"],
            lawful_basis=values["lawful_basis"],
            by=by,
            at=at,
        )
    return merchant


def _identity(merchant: Merchant) -> tuple[str, ...]:
    """What the register of merchants tells one merchant from another by."""
    if merchant.credit_code:
        return (merchant.credit_code,)
    return (merchant.normalised_name, merchant.division_id or "")
