"""The timeline as the API answers it: rows as they are stored, with a sentence for the reader."""

from typing import Any

import orjson
from django.db.models import F, QuerySet
from rest_framework import serializers

from crm.api.pages import Listing
from crm.api.shapes import Computed, Shape
from merchants.domain import timeline
from merchants.models import TimelineEntry

ENTRY = Shape(
    "TimelineEntry",
    TimelineEntry,
    id="id",
    at="at",
    kind="kind",
    actor=Computed(F("actor__full_name"), serializers.CharField(allow_null=True)),
    subject="subject_id",
    facts="facts",
)
SHOWN_WITH_A_ROW = 20


def newest_of(merchant: Any) -> QuerySet[TimelineEntry]:
    """The newest entries of a merchant (an id, or the column of an outer row)."""
    entries = TimelineEntry.objects.filter(merchant=merchant)
    return entries.order_by("-at", "-pk")[:SHOWN_WITH_A_ROW]


def worded(entry: str | dict[str, Any]) -> dict[str, Any]:
    """One stored entry with its sentence in the active language."""
    known: dict[str, Any] = orjson.loads(entry) if isinstance(entry, str) else entry
    known["text"] = timeline.sentence(known["kind"], known["facts"])
    return known


def with_sentences(text: str) -> bytes:
    """A row that carries its timeline, each entry in words."""
    row = orjson.loads(text)
    row["timeline"] = [worded(entry) for entry in row["timeline"]]
    return orjson.dumps(row)


class TimelineEntryOut(serializers.Serializer[Any]):
    """A timeline entry with its sentence."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    actor = serializers.CharField(allow_null=True)
    subject = serializers.UUIDField()
    facts = serializers.DictField()
    text = serializers.CharField(help_text="In the language of Accept-Language")


TIMELINE = Listing(ENTRY, orderings=("at",), filters={}, finish=worded)
