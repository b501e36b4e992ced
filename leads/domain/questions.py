"""The questions of the needs interview, and the capabilities that shops of a kind usually want.

They come with the product, and belong to the bank from then on: what somebody has edited is never
written over.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput
from crm.locking import take
from crm.policies import require
from leads import policies
from leads.models import CapabilityTemplate, Cell, GridQuestion, QuestionSet
from merchants.domain import texts
from merchants.domain.contact_windows import CATEGORIES
from merchants.models import Merchant

DATA = Path(__file__).resolve().parent.parent / "data"
LONGEST_TEXT = 500
MOST_IN_PLACE = 99
_NOT_YOURS = _("Leaders and administrators keep the questions.")


def set_for(merchant: Merchant) -> QuestionSet:
    """The questions that fit a merchant, by its category code; the general ones for all others."""
    kind = CATEGORIES.get(merchant.category_id or "")
    return QuestionSet(kind.value) if kind else QuestionSet.GENERAL


def by_cell(question_set: QuestionSet) -> Mapping[Cell, list[GridQuestion]]:
    """The active questions for a kind of shop. A cell for which it has none gets the general ones.

    One statement.
    """
    found: dict[tuple[str, str], list[GridQuestion]] = defaultdict(list)
    rows = GridQuestion.objects.active().written_for(question_set, QuestionSet.GENERAL)
    for one in rows.order_by("cell", "position"):
        found[one.question_set, one.cell].append(one)
    return {
        cell: found.get((question_set, cell)) or found.get((QuestionSet.GENERAL, cell), [])
        for cell in Cell
    }


@command
def write(
    question_id: UUID,
    *,
    question_set: str,
    cell: str,
    text_en: str,
    text_zh: str,
    by: Actor,
    at: datetime,
    position: int = 1,
) -> GridQuestion:
    """Add a question. Raises NotAllowed, InvalidInput, RuleBroken with code `question_exists`."""
    require(policies.may_word_questions(by), _NOT_YOURS)
    if question_set not in QuestionSet.values or cell not in Cell.values:
        raise InvalidInput(_("There is no such cell."), code="cell_unknown", attr="cell")
    if not 1 <= position <= MOST_IN_PLACE:
        raise InvalidInput(
            _("The position is from 1 to 99."), code="position_out_of_range", attr="position"
        )
    return GridQuestion.objects.create(
        pk=question_id,
        question_set=question_set,
        cell=cell,
        position=position,
        created_at=at,
        updated_at=at,
        **_sound({"text_en": text_en, "text_zh": text_zh}),
    )


@command
def reword(
    question_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> GridQuestion:
    """Change the texts of a question, or put it out of use.

    Raises NotFound, NotAllowed, InvalidInput, Stale.
    """
    require(policies.may_word_questions(by), _NOT_YOURS)
    question = take(GridQuestion.objects.seen_by(by), question_id, version=version)
    values = _sound(changes)
    return question.change(at=at, **values) if values else question


@command
def reword_capability(
    capability_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> CapabilityTemplate:
    """Change a usual capability: its texts, whether we cover it, whether it is in use.

    Raises NotFound, NotAllowed, InvalidInput, Stale.
    """
    require(policies.may_word_questions(by), _NOT_YOURS)
    capability = take(CapabilityTemplate.objects.seen_by(by), capability_id, version=version)
    values = _sound(changes)
    return capability.change(at=at, **values) if values else capability


def _sound(given: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(given)
    for name in ("text_en", "text_zh"):
        if name in values:
            values[name] = texts.line(values[name], attr=name, longest=LONGEST_TEXT)
            if not values[name]:
                raise InvalidInput(
                    _("Write it in both languages."), code="text_required", attr=name
                )
    return values


@command
def load(*, at: datetime) -> tuple[int, int]:
    """Take in the questions and capabilities that come with the product: (rows in the files, new).

    What is there and was never edited is brought up to date; what was edited stays as it is.
    """
    questions = [
        GridQuestion(question_set=row["question_set"], cell=row["cell"], position=1, **_texts(row))
        for row in _rows_of("grid_questions.csv")
    ]
    places: dict[str, int] = defaultdict(int)
    capabilities = []
    for row in _rows_of("grid_capabilities.csv"):
        places[row["question_set"]] += 1
        capabilities.append(
            CapabilityTemplate(
                question_set=row["question_set"],
                position=places[row["question_set"]],
                covered=row["covered"] == "1",
                **_texts(row),
            )
        )
    new = _take_in(questions, ("question_set", "cell", "position"), ("text_en", "text_zh"), at=at)
    new += _take_in(
        capabilities, ("question_set", "position"), ("text_en", "text_zh", "covered"), at=at
    )
    return len(questions) + len(capabilities), new


def _take_in(
    rows: list[Any], key: tuple[str, ...], kept_up: tuple[str, ...], *, at: datetime
) -> int:
    ours: models.Manager[Any] = type(rows[0])._default_manager
    known = {tuple(getattr(one, name) for name in key): one for one in ours.all()}
    new, changed = [], []
    for row in rows:
        row.created_at = row.updated_at = at
        there = known.get(tuple(getattr(row, name) for name in key))
        if there is None:
            new.append(row)
        elif there.version == 1 and any(
            getattr(there, name) != getattr(row, name) for name in kept_up
        ):
            for name in kept_up:
                setattr(there, name, getattr(row, name))
            changed.append(there)
    # Somebody else may load at the same time; the first one's rows are as good.
    ours.bulk_create(new, ignore_conflicts=True)
    if changed:
        ours.bulk_update(changed, kept_up)
    return len(new)


def _texts(row: Mapping[str, str]) -> dict[str, str]:
    return {"text_en": row["text_en"], "text_zh": row["text_zh"]}


def _rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
