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


def newest(entries: QuerySet[TimelineEntry], limit: int = SHOWN_WITH_A_ROW) -> list[dict[str, Any]]:
    """The newest entries, in words."""
    keys = entries.order_by("-at", "-pk").values_list("pk", "at")[:limit]
    return [worded(row[0]) for row in ENTRY.page(keys, ascending=False)]


def worded(text: str) -> dict[str, Any]:
    """One stored entry with its sentence in the active language."""
    entry: dict[str, Any] = orjson.loads(text)
    entry["text"] = timeline.sentence(entry["kind"], entry["facts"])
    return entry


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
