"""The pictures of the weekly report: bars of the funnel, a line over four weeks for each tile.

Drawn twice as large as they are shown, for sharp screens, with the font that comes along. A
picture never says anything alone: its numbers stand in a table beside it and in its `alt`.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from crm.fonts import REGULAR

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

DOTS = 96
SHARPNESS = 2
"""Pixels of the picture for one of the mail."""
GREEN, INK = "#34b27b", "#1f2937"
FUNNEL_WIDTH, ROW_HEIGHT = 480, 26
LINE_WIDTH, LINE_HEIGHT = 110, 28
NO_GLYPH = "□"
KEPT = 256
"""Pictures that are kept: many colleagues have the same few numbers, and each is drawn once."""


@dataclass(frozen=True)
class Chart:
    """A picture, as wide and high as it is shown, and what it says to whoever does not see it."""

    name: str
    alt: str
    width: int
    height: int
    png: bytes

    @property
    def content_id(self) -> str:
        """How the HTML names it, after `cid:`."""
        return f"{self.name}@crm.report"


def bars(name: str, title: str, labels: Sequence[str], values: Sequence[int]) -> Chart:
    """Horizontal bars in the order given, each with its number at the end."""
    height = ROW_HEIGHT * len(values) + 8
    said = ", ".join(f"{label} {value:,}" for label, value in zip(labels, values, strict=True))
    png = _bars_drawn(tuple(labels), tuple(values), height)
    return Chart(name, f"{title}: {said}", FUNNEL_WIDTH, height, png)


@lru_cache(maxsize=KEPT)
def _bars_drawn(labels: tuple[str, ...], values: tuple[int, ...], height: int) -> bytes:
    figure = _paper(FUNNEL_WIDTH, height)
    axes = figure.add_axes((0.25, 0, 0.72, 1))
    places = range(len(values))
    longest = max(*values, 1)
    axes.barh(places, values, color=GREEN, height=0.62)
    axes.set_xlim(0, longest * 1.12)
    axes.set_ylim(len(values) - 0.5, -0.5)
    axes.axis("off")
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        words: dict[str, Any] = {
            "va": "center",
            "fontproperties": _font(),
            "fontsize": 10,
            "parse_math": False,
        }
        axes.text(-longest * 0.02, place, _short(label), ha="right", color=INK, **words)
        axes.text(value + longest * 0.015, place, f"{value:,}", ha="left", color=INK, **words)
    return _png(figure)


def line(name: str, title: str, values: Sequence[Any], shown: Sequence[str]) -> Chart:
    """A line from week to week, the last one marked; a week that is not known leaves a gap."""
    heights = tuple(None if value is None else float(Decimal(str(value))) for value in values)
    png = _line_drawn(heights)
    return Chart(name, f"{title}: {', '.join(shown)}", LINE_WIDTH, LINE_HEIGHT, png)


@lru_cache(maxsize=KEPT)
def _line_drawn(values: tuple[float | None, ...]) -> bytes:
    figure = _paper(LINE_WIDTH, LINE_HEIGHT, transparent=True)
    axes = figure.add_axes((0.03, 0.12, 0.94, 0.76))
    heights = [float("nan") if value is None else value for value in values]
    axes.plot(
        heights, color=GREEN, linewidth=1.6, marker="o", markersize=2.2, solid_capstyle="round"
    )
    axes.plot([len(heights) - 1], [heights[-1]], color=GREEN, marker="o", markersize=4.5)
    axes.set_xlim(-0.2, len(heights) - 0.7)
    known = [height for height in heights if height == height]
    low, high = min(known, default=0), max(known, default=0)
    room = (high - low) * 0.25 or 1
    axes.set_ylim(low - room, high + room)
    axes.axis("off")
    return _png(figure)


def _paper(width: int, height: int, *, transparent: bool = False) -> "Figure":
    # Half a second to import, for those only who draw. No pyplot: it keeps every figure for good.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(
        figsize=(width / DOTS, height / DOTS),
        dpi=DOTS * SHARPNESS,
        facecolor="none" if transparent else "white",
    )
    FigureCanvasAgg(figure)
    return figure


def _png(figure: "Figure") -> bytes:
    """The picture with a palette of 64 colours: a third of the size, and nobody sees it."""
    from PIL import Image

    # Its pixels as they are: writing them as a PNG and reading that again takes as long as drawing.
    canvas: Any = figure.canvas  # Agg's, which has no types.
    canvas.draw()
    pixels = canvas.buffer_rgba()
    kept = io.BytesIO()
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), pixels, "raw", "RGBA", 0, 1)
    if picture.getchannel("A").getextrema() == (255, 255):
        few = picture.convert("RGB").quantize(64)
    else:
        # The only way there is that keeps what shines through.
        few = picture.quantize(64, method=Image.Quantize.FASTOCTREE)
    few.save(kept, format="png", optimize=True)
    return kept.getvalue()


@cache
def _font() -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(REGULAR))


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(REGULAR)).get_charmap())


def _short(label: str) -> str:
    """A label that has room, of characters that the font has."""
    drawn = "".join(one if ord(one) in _drawable() else NO_GLYPH for one in label)
    return drawn if len(drawn) <= 18 else f"{drawn[:17]}…"
