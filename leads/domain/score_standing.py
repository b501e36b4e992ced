"""The score of one lead as a screen shows it: each part with its points and its reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from crm.errors import Sentence
from leads.domain import next_parameters as parameters
from leads.domain import score_words, scores
from leads.domain.scoring import Input, Signal
from leads.models import Lead
from merchants.domain.health import rounded


@dataclass(frozen=True)
class Line:
    """One input of the score, or one signal of the intent."""

    key: str
    label: Sentence
    weight: int
    share: Decimal | None
    """From 0 to 1; none where nothing is known."""
    points: Decimal | None
    text: str


@dataclass(frozen=True)
class Standing:
    """The score with all that it is made of."""

    score: Decimal | None
    parts: tuple[Line, ...]
    signals: tuple[Line, ...]


def of(lead: Lead, at: datetime) -> Standing:
    """The score that the facts of this moment give, explained in the reader's language."""
    facts, found = scores.explained(lead, at)
    scales = parameters.scales()
    return Standing(
        _rounded(found.score, 1),
        tuple(
            Line(
                part,
                part.label,
                scales.weights[part],
                _rounded(found.parts[part], 4),
                _rounded(found.points[part], 1),
                score_words.reason(part, facts, scales),
            )
            for part in Input
        ),
        tuple(
            Line(
                signal,
                signal.label,
                scales.signals[signal],
                _rounded(found.signals[signal], 4),
                None,
                score_words.signal_reason(signal, facts),
            )
            for signal in Signal
        ),
    )


def _rounded(value: Fraction | None, places: int) -> Decimal | None:
    return None if value is None else rounded(value, places)
