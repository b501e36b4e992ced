"""SWOT as rules: strengths and weaknesses by difference, pairs with what happens outside.

Pure: nothing here asks the database. The pairs are those of the TOWS matrix.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from merchants.models import SwotFactKind

SHOWN_PAIRS = 3
"""How many SO pairs are put forward (a start value)."""


class Side(StrEnum):
    STRENGTH = "S"
    WEAKNESS = "W"


class PairKind(StrEnum):
    """What comes from inside, then what comes from outside."""

    SO = "SO"
    WO = "WO"
    ST = "ST"
    WT = "WT"


@dataclass(frozen=True)
class Feature:
    """One feature of our package beside the rival's."""

    name: str
    difference: int
    """−2 to +2."""
    importance: int
    """1 to 5."""
    answers: tuple[str, ...] = ()

    @property
    def score(self) -> int:
        return self.difference * self.importance

    @property
    def side(self) -> Side | None:
        """A strength from +1 on, a weakness from −1 down, else neither."""
        return side(self.difference)


@dataclass(frozen=True)
class OutsideFact:
    """An opportunity or a threat, with its day."""

    kind: SwotFactKind
    statement: str
    dated: date
    weight: int
    """1 to 5."""


@dataclass(frozen=True)
class Pair:
    """What comes from inside, met with what comes from outside."""

    kind: PairKind
    feature: Feature
    fact: OutsideFact

    @property
    def score(self) -> int:
        """How much there is in it: size of the feature's score × the fact's weight."""
        return abs(self.feature.score) * self.fact.weight


def side(difference: int) -> Side | None:
    """On which side a difference puts a feature."""
    if difference >= 1:
        return Side.STRENGTH
    return Side.WEAKNESS if difference <= -1 else None


def pairs(
    features: Iterable[Feature],
    facts: Iterable[OutsideFact],
    *,
    answers: Collection[str] = (),
) -> dict[PairKind, list[Pair]]:
    """Every pair, by kind, the best first: by score, then by the newer fact, then by name.

    With `answers`, only features that answer one of these capabilities.
    """
    found: dict[PairKind, list[Pair]] = {kind: [] for kind in PairKind}
    outside = list(facts)
    for feature in features:
        if feature.side is None or (answers and not set(answers) & set(feature.answers)):
            continue
        for fact in outside:
            letter = "O" if fact.kind == SwotFactKind.OPPORTUNITY else "T"
            kind = PairKind(feature.side.value + letter)
            found[kind].append(Pair(kind, feature, fact))
    return {kind: sorted(some, key=_rank) for kind, some in found.items()}


def best(
    features: Iterable[Feature],
    facts: Iterable[OutsideFact],
    *,
    answers: Collection[str] = (),
) -> list[Pair]:
    """The SO pairs to put forward."""
    return pairs(features, facts, answers=answers)[PairKind.SO][:SHOWN_PAIRS]


def sentence(pair: Pair, *, rival: str) -> str:
    """What to say, or to bear in mind, in the active language."""
    sentences = {
        PairKind.SO: _(
            "%(fact)s – and with “%(feature)s” we do more for you there than %(rival)s."
        ),
        PairKind.WO: _("To use “%(fact)s” we must catch up with %(rival)s in “%(feature)s”."),
        PairKind.ST: _(
            "Against “%(fact)s”, “%(feature)s” holds better with us than with %(rival)s."
        ),
        PairKind.WT: _("“%(fact)s” hits us where %(rival)s is ahead: “%(feature)s”."),
    }
    return sentences[pair.kind] % {
        "fact": pair.fact.statement,
        "feature": pair.feature.name,
        "rival": rival,
    }


def _rank(pair: Pair) -> tuple[int, int, str, str]:
    return (
        -pair.score,
        -pair.fact.dated.toordinal(),
        pair.feature.name,
        pair.fact.statement,
    )
