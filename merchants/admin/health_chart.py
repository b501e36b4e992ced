"""The history of a health score as a drawing: made here, shown without scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 720, 200
LEFT, TOP, BOTTOM = 32, 10, 24
"""Room beside and below the lines, for the marks."""


@dataclass(frozen=True)
class Mark:
    """A number or a day at the edge of the drawing."""

    place: str
    label: str


@dataclass(frozen=True)
class Chart:
    """The points of the lines, ready to be drawn; coordinates are text, free of any locale."""

    width: int
    height: int
    lines: tuple[str, ...]
    """Points of each unbroken run of days."""
    dots: tuple[tuple[str, str], ...]
    """Runs of a single day."""
    levels: tuple[Mark, ...]
    days: tuple[Mark, ...]


def drawn(
    history: Iterable[tuple[date, Decimal | None]],
    *,
    first: date,
    last: date,
    levels: Iterable[int],
) -> Chart:
    """A line through the days with a score; a day without one breaks it."""
    span = max(1, (last - first).days)

    def across(day: date) -> str:
        return f"{LEFT + (day - first).days * (WIDTH - LEFT - 6) / span:.1f}"

    def up(score: Decimal | int) -> str:
        return f"{TOP + (100 - float(score)) * (HEIGHT - TOP - BOTTOM) / 100:.1f}"

    runs: list[list[tuple[str, str]]] = []
    before: date | None = None
    for day, score in history:
        if score is None:
            continue
        if before is None or day - before > timedelta(days=1):
            runs.append([])
        runs[-1].append((across(day), up(score)))
        before = day
    shown = [first + timedelta(days=span * part // 4) for part in range(5)]
    return Chart(
        WIDTH,
        HEIGHT,
        tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1),
        tuple(run[0] for run in runs if len(run) == 1),
        tuple(Mark(up(level), str(level)) for level in (0, *levels, 100)),
        tuple(Mark(across(day), f"{day:%m-%d}") for day in shown),
    )
