"""The figures of a cell as they are handed in: checked before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput, Problem, Sentence
from leads.domain.grid import Figure
from leads.models import Cell, CellNumber, GridCell, NumberPeriod, NumberUnit
from leads.models.grid import LARGEST_VALUE
from leads.models.pain import LARGEST_FEN

MOST_FIGURES = 10
LONGEST_LABEL = 100
_PLACES = Decimal("0.01")


@dataclass(frozen=True)
class Given:
    """A figure as somebody says it: money in fen, everything else as a plain number."""

    label: str
    unit: str
    period: str = NumberPeriod.NONE
    amount_fen: int | None = None
    value: Decimal | None = None


def sound(given: Sequence[Given]) -> list[Given]:
    """The figures as they are stored. Raises InvalidInput with everything that is wrong."""
    if len(given) > MOST_FIGURES:
        raise InvalidInput(
            _("A cell holds at most %(most)s figures.") % {"most": MOST_FIGURES},
            code="too_many_figures",
            attr="numbers",
        )
    problems = [
        Problem(code, sentence, f"numbers.{place}.{attr}")
        for place, one in enumerate(given)
        for code, sentence, attr in _wrong_with(one)
    ]
    if problems:
        first = problems[0]
        raise InvalidInput(first.detail, code=first.code, problems=problems)
    return [
        Given(
            one.label.strip(),
            one.unit,
            one.period,
            one.amount_fen,
            None if one.value is None else one.value.quantize(_PLACES, ROUND_HALF_UP),
        )
        for one in given
    ]


def _wrong_with(one: Given) -> list[tuple[str, Sentence, str]]:
    wrong: list[tuple[str, Sentence, str]] = []
    if not one.label.strip() or len(one.label) > LONGEST_LABEL:
        wrong.append(("number_label_required", _("Say what each figure is."), "label"))
    if "\0" in one.label:
        wrong.append(("nul_character", _("NUL characters are not allowed."), "label"))
    if one.unit not in NumberUnit.values or one.period not in NumberPeriod.values:
        wrong.append(("word_unknown", _("There is no such unit or period."), "unit"))
        return wrong
    money = one.unit == NumberUnit.YUAN
    if (one.amount_fen is None) == money or (one.value is None) != money:
        attr = "amount" if money else "value"
        wrong.append(
            ("number_unit_mismatch", _("Money has an amount, everything else a value."), attr)
        )
    elif money and not 0 <= (one.amount_fen or 0) <= LARGEST_FEN:
        wrong.append(("number_out_of_range", _OUT_OF_RANGE, "amount"))
    elif one.value is not None and not (one.value.is_finite() and 0 <= one.value <= LARGEST_VALUE):
        wrong.append(("number_out_of_range", _OUT_OF_RANGE, "value"))
    return wrong


_OUT_OF_RANGE = _("A figure is zero or above, and not beyond all measure.")


def replace(cell: GridCell, given: Sequence[Given]) -> None:
    """Let a cell hold these figures and no others. The caller holds the lock of the pain."""
    cell.numbers.all().delete()
    CellNumber.objects.bulk_create(
        CellNumber(
            cell=cell,
            position=place,
            label=one.label,
            unit=one.unit,
            period=one.period,
            amount_fen=one.amount_fen,
            value=one.value,
        )
        for place, one in enumerate(given, start=1)
    )


def as_figure(number: CellNumber) -> Figure:
    """A stored figure as the rules reckon with it."""
    amount = number.amount_fen if number.value is None else number.value
    return Figure(
        Cell(number.cell.cell),
        Decimal(amount or 0),
        NumberUnit(number.unit),
        NumberPeriod(number.period),
    )
