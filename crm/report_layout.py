"""How the weekly report is laid out: what becomes a tile, a row, a line of text.

A mail is read on a phone as often as at a desk. A table of many columns does not fit there, so the
words of a row are folded into one cell and its numbers stay in columns of their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

from crm.presentation import NUMBERS
from crm.sections import Kind

MOST_COLUMNS = 3
"""A table of more is folded."""
TILES = 4
"""Tiles beside each other at a desk; on a phone two."""


def tiles(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures that stand in tiles: the headlines, or all of them where none is one."""
    figures = [figure for block in blocks for figure in block["figures"]]
    return [one for one in figures if one.get("is_headline")] or figures


def rest(block: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures of a section that are in no tile."""
    return [figure for figure in block["figures"] if not any(figure is one for one in shown)]


def in_rows(found: Sequence[Any]) -> list[list[list[Any]]]:
    """Tiles as rows of pairs, the last pair filled up: a phone shows one pair in a line."""
    pairs = [[*found[at : at + 2], None][:2] for at in range(0, len(found), 2)]
    return [pairs[at : at + TILES // 2] for at in range(0, len(pairs), TILES // 2)]


def four_weeks(found: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The tiles week by week, as a table: the numbers behind the lines. None without a past."""
    weeks = sorted({one["week"] for tile in found for one in tile.get("history") or ()})
    if len(weeks) < 2:
        return None
    rows = []
    for tile in found:
        past = {one["week"]: one["shown"] for one in tile.get("history") or ()}
        if past:
            rows.append({"label": tile["label"], "shown": [past.get(week, "—") for week in weeks]})
    return {"weeks": [week.rpartition("-")[2] for week in weeks], "rows": rows}


def line(values: Sequence[Any], *, wide: int = 100, high: int = 24) -> list[str]:
    """A course of values as the corners of lines on a sheet, one line for each stretch without a
    gap; none where fewer than two are known."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return []
    low, span = min(known), (max(known) - min(known)) or 1
    step, edge = wide / (len(values) - 1), 2
    stretches: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
            continue
        down = high - edge - (float(value) - low) / span * (high - 2 * edge)
        stretches[-1].append(f"{place * step:.1f},{down:.1f}")
    return [" ".join(corners) for corners in stretches if len(corners) > 1]


def table(block: Mapping[str, Any], most_rows: int) -> dict[str, Any]:
    """A section's table as it is drawn: a head cell and a cell of words, then numbers and days."""
    columns = block["columns"]
    words = [place for place, column in enumerate(columns) if column["kind"] == Kind.TEXT]
    folded = words[1:] if len(columns) > MOST_COLUMNS and words[:1] == [0] else []
    kept = [place for place in range(1, len(columns)) if place not in folded]
    rows = [
        {
            "link": row["link"],
            "bar": row["bar"],
            "head": row["shown"][0],
            "words": " · ".join(row["shown"][place] for place in folded if row["shown"][place]),
            "cells": [_cell(columns[place], row["shown"][place]) for place in kept],
        }
        for row in block["rows"][:most_rows]
    ]
    return {
        "head": " · ".join(columns[place]["label"] for place in (0, *folded)),
        "columns": [_cell(columns[place], columns[place]["label"]) for place in kept],
        "rows": rows,
        "left_out": block["left_out"] + max(0, len(block["rows"]) - most_rows),
    }


def _cell(column: Mapping[str, Any], shown: str) -> dict[str, Any]:
    return {
        "shown": shown,
        "is_number": column["kind"] in NUMBERS,
        "is_short": column["kind"] in (*NUMBERS, Kind.DAY),
    }


def as_text(block: Mapping[str, Any]) -> dict[str, Any]:
    """A section's table as aligned lines."""
    header = [column["label"] for column in block["columns"]]
    numbers = [column["kind"] in NUMBERS for column in block["columns"]]
    lines = [header, *(row["shown"] for row in block["rows"])] if block["rows"] else []
    return {
        "title": block["title"],
        "rule": "-" * width(block["title"]),
        "lines": aligned(lines, numbers),
        "left_out": block["left_out"],
        "link": block["link"],
    }


def aligned(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Columns under each other, numbers to the right; Chinese characters are two places wide."""
    if not lines:
        return []
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            " " * (wide - width(cell)) + cell if number else cell + " " * (wide - width(cell))
            for cell, wide, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def width(text: str) -> int:
    """How many places a text takes in a font of equal widths."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
