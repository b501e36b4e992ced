"""The codes everybody shares: merchant categories (ISO 18245) and divisions (GB/T 2260)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models

from crm.command import command
from merchants.models import Division, MerchantCategory

DATA = Path(__file__).resolve().parent.parent / "data"

LEVELS = {"province": 1, "prefecture": 2, "county": 3}


@dataclass(frozen=True)
class Loaded:
    """How many rows the file holds, and how many of them were new to us."""

    total: int
    new: int


@command
def load_categories() -> Loaded:
    """Take in the merchant category codes of the file; labels are brought up to date.

    Whether a category is prohibited is the file's word only for codes that are new: each bank keeps
    a list of its own.
    """
    return _take_in(
        [
            MerchantCategory(
                code=row["code"],
                label_en=row["label_en"],
                label_zh=row["label_zh"],
                category_group=row["category_group"],
                prohibited=row["prohibited"] == "1",
            )
            for row in rows_of("mcc.csv")
        ],
        kept_up=("label_en", "label_zh", "category_group"),
    )


@command
def load_divisions() -> Loaded:
    """Take in the divisions of the file. One that was abolished stays."""
    return _take_in(
        [
            Division(
                code=row["code"],
                name=row["name"],
                full_name=row["full_name"],
                level=LEVELS[row["level"]],
            )
            for row in rows_of("divisions.csv")
        ],
        kept_up=("name", "full_name", "level"),
    )


def _take_in(rows: list[MerchantCategory] | list[Division], *, kept_up: tuple[str, ...]) -> Loaded:
    """Write those rows that are new or differ in a column that we keep up with the file."""
    ours: models.Manager[Any] = type(rows[0])._default_manager
    known = {code: tuple(values) for code, *values in ours.values_list("code", *kept_up)}
    changed = [
        row for row in rows if known.get(row.code) != tuple(getattr(row, name) for name in kept_up)
    ]
    ours.bulk_create(changed, update_conflicts=True, unique_fields=["code"], update_fields=kept_up)
    return Loaded(len(rows), sum(row.code not in known for row in changed))


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the files that come with the product."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
