"""The codes everybody shares: merchant categories (ISO 18245) and divisions (GB/T 2260)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    categories = [
        MerchantCategory(
            code=row["code"],
            label_en=row["label_en"],
            label_zh=row["label_zh"],
            category_group=row["category_group"],
            prohibited=row["prohibited"] == "1",
        )
        for row in _rows("mcc.csv")
    ]
    before = MerchantCategory.objects.count()
    MerchantCategory.objects.bulk_create(
        categories,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["label_en", "label_zh", "category_group"],
    )
    return Loaded(len(categories), MerchantCategory.objects.count() - before)


@command
def load_divisions() -> Loaded:
    """Take in the divisions of the file. One that was abolished stays, with those who stand in it."""
    divisions = [
        Division(
            code=row["code"],
            name=row["name"],
            full_name=row["full_name"],
            level=LEVELS[row["level"]],
        )
        for row in _rows("divisions.csv")
    ]
    before = Division.objects.count()
    Division.objects.bulk_create(
        divisions,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "full_name", "level"],
    )
    return Loaded(len(divisions), Division.objects.count() - before)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
