"""The Johari window of a merchant, as rules: quadrants, moves, openness and conversion.

Pure: nothing here asks the database. Source: `docs/words.md`; self is the merchant, the other is
the bank.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from merchants.models import MoveThrough, Quadrant


def quadrant(*, known_to_merchant: bool, known_to_bank: bool) -> Quadrant:
    """Where an insight stands, from who knows of it. The database computes the same."""
    if known_to_merchant:
        return Quadrant.OPEN if known_to_bank else Quadrant.HIDDEN
    return Quadrant.BLIND if known_to_bank else Quadrant.UNKNOWN


def knowledge(of: Quadrant) -> tuple[bool, bool]:
    """Whether the merchant and whether the bank knows of what stands in a quadrant."""
    return of in (Quadrant.OPEN, Quadrant.HIDDEN), of in (Quadrant.OPEN, Quadrant.BLIND)


def through(left: Quadrant, to: Quadrant) -> MoveThrough | None:
    """What a move from one quadrant to another is called; none where nothing moves.

    Knowledge is gained by disclosure, feedback and joint discovery. Nobody forgets: every other
    move puts a mistake right.
    """
    if left == to:
        return None
    if left == Quadrant.UNKNOWN:
        return MoveThrough.JOINT_DISCOVERY
    if to == Quadrant.OPEN:
        return MoveThrough.DISCLOSURE if left == Quadrant.HIDDEN else MoveThrough.FEEDBACK
    return MoveThrough.CORRECTION


def percentage(part: int, whole: int) -> Decimal | None:
    """A part of a whole in per cent, half-up to two places; none where there is nothing."""
    if whole == 0:
        return None
    exact = Decimal(100 * part) / Decimal(whole)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Window:
    """How many insights stand where, and how the window has opened in a period."""

    counts: Mapping[Quadrant, int]
    closed_at_start: int
    """Insights that were not open when the period began."""
    opened: int
    """Those of them that are open at its end."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def openness(self) -> Decimal | None:
        """Open insights of all, in per cent."""
        return percentage(self.counts.get(Quadrant.OPEN, 0), self.total)

    @property
    def conversion(self) -> Decimal | None:
        """Insights moved to Open in the period, of those not open at its start, in per cent."""
        return percentage(self.opened, self.closed_at_start)
