"""The timeline as the API answers it: rows as they are stored, with a sentence for the reader."""

import re
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, QuerySet
from rest_framework import serializers

from crm.api.inputs import id_of, moment_of
from crm.api.pages import Filter, Listing
from crm.api.shapes import Computed, Shape
from merchants.domain import timeline
from merchants.models import TimelineEntry, TimelineGroup

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


KIND = r"^[a-z_]{1,30}\.[a-z_]{1,30}$"


def kind_of(text: str) -> str:
    """The name of a kind. Raises ValueError for what cannot be one; a kind that this server does
    not know is simply not found."""
    if not re.fullmatch(KIND[1:-1], text):
        raise ValueError(text)
    return text


def actor_filter(rows: Any, value: UUID | str, user: Any) -> Any:
    """What one person did, or the product by itself."""
    if value == "system":
        return rows.filter(actor=None)
    return rows.filter(actor=user if value == "me" else value)


TIMELINE = Listing(
    ENTRY,
    orderings=("at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=kind_of,
            repeated=True,
            pattern=KIND,
            description="One of `timeline_kinds` in `/meta/`; repeat it for OR",
        ),
        "group": Filter(
            lambda rows, values, user: rows.filter(kind__in=timeline.kinds_in(*values)),
            parse=TimelineGroup,
            repeated=True,
            description="Kinds that belong together; repeat it for OR",
        ),
        "actor": Filter(
            actor_filter,
            parse=lambda text: text if text in ("me", "system") else id_of(text),
            pattern=r"^(me|system|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$",
            description="`me`, `system` or an id",
        ),
        "subject": Filter(
            lambda rows, value, user: rows.filter(subject_id=value),
            parse=id_of,
            description="The lead, contact, insight … that it happened to",
        ),
        "from": Filter(lambda rows, value, user: rows.filter(at__gte=value), parse=moment_of),
        "to": Filter(
            lambda rows, value, user: rows.filter(at__lt=value),
            parse=moment_of,
            description="Up to this moment, which itself does not count",
        ),
    },
    finish=worded,
)
