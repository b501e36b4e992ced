"""What the API answers about suggestions and scores."""

from typing import Any

import orjson
from rest_framework import serializers

from crm.api.shapes import Nested, Shape
from leads.api.shapes import MERCHANT
from leads.domain.scoring import Input, Signal
from leads.domain.suggestion_sentences import sentence
from leads.models import ScoreInput, Suggestion, SuggestionKind, SuggestionRule

SUGGESTION = Shape(
    "Suggestion",
    Suggestion,
    id="id",
    version="version",
    lead="lead_id",
    merchant=Nested("lead_id", {name: f"lead__{path}" for name, path in MERCHANT.fields.items()}),
    rule="rule",
    kind="kind",
    facts="facts",
    shown_at="shown_at",
    decision="decision",
    decided_at="decided_at",
    decided_by=Nested(
        "decided_by_id", {"id": "decided_by_id", "full_name": "decided_by__full_name"}
    ),
    because="because",
    follow_up="follow_up_id",
    act_by="act_by",
    outcome="outcome",
    outcome_at="outcome_at",
)


def with_sentence(text: str) -> dict[str, Any]:
    """A stored suggestion, said again in the reader's language."""
    row: dict[str, Any] = orjson.loads(text)
    row["text"] = sentence(row["rule"], row["facts"])
    return row


def one_with_sentence(text: str) -> bytes:
    """The same for one row."""
    return orjson.dumps(with_sentence(text))


class SuggestionOut(SUGGESTION.serializer):  # type: ignore[misc,name-defined]
    """A suggestion that somebody decided on, with its sentence."""

    text = serializers.CharField(help_text="In the language of Accept-Language")


class AcceptedOut(serializers.Serializer[Any]):
    """Who took a suggestion up, and by when it is to be acted on."""

    id = serializers.UUIDField()
    decided_at = serializers.DateTimeField()
    act_by = serializers.DateTimeField()


class NextActionOut(serializers.Serializer[Any]):
    """One thing to do next, and why."""

    rule = serializers.ChoiceField(SuggestionRule.choices)
    kind = serializers.ChoiceField(SuggestionKind.choices)
    about = serializers.CharField(help_text="Send it back with the decision")
    weight = serializers.IntegerField(help_text="Its place in the table; no probability")
    text = serializers.CharField(help_text="In the language of Accept-Language")
    facts = serializers.DictField()
    link = serializers.CharField()
    accepted = AcceptedOut(allow_null=True)


class NextActionsOut(serializers.Serializer[Any]):
    """Up to three things to do next, and when they were shown."""

    lead = serializers.UUIDField()
    shown_at = serializers.DateTimeField()
    suggestions = NextActionOut(many=True)


class TakenOut(serializers.Serializer[Any]):
    """The decisions on the suggestions of one rule; of all of them where the rule is null."""

    rule = serializers.ChoiceField(SuggestionRule.choices, allow_null=True)
    accepted = serializers.IntegerField()
    dismissed = serializers.IntegerField()
    acceptance = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text="Percent of the decided"
    )
    acted_on = serializers.IntegerField()
    not_acted_on = serializers.IntegerField()
    pending = serializers.IntegerField()
    action = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        allow_null=True,
        help_text="Percent of those whose outcome is known",
    )


class SuggestionMetricsOut(serializers.Serializer[Any]):
    rules = TakenOut(many=True)


SCORE_INPUT = Shape(
    "ScoreInput",
    ScoreInput,
    id="id",
    version="version",
    lead="lead_id",
    founded_on="founded_on",
    penalties="penalties",
    cardholders_nearby="cardholders_nearby",
    branch_metres="branch_metres",
    source="source",
    read_on="read_on",
    updated_at="updated_at",
)


class ScoreSignalOut(serializers.Serializer[Any]):
    """One signal of the intent. A null share is no data: it is left out."""

    signal = serializers.ChoiceField(Signal.choices)
    share = serializers.DecimalField(max_digits=5, decimal_places=4, allow_null=True)
    text = serializers.CharField(help_text="In the language of Accept-Language")


class ScorePartOut(serializers.Serializer[Any]):
    """One input of the score. Null points are no data: it is left out, and counts as nothing."""

    input = serializers.ChoiceField(Input.choices)
    weight = serializers.IntegerField()
    share = serializers.DecimalField(max_digits=5, decimal_places=4, allow_null=True)
    points = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    text = serializers.CharField(help_text="In the language of Accept-Language")


class LeadScoreOut(serializers.Serializer[Any]):
    """How well a lead fits, and where every point comes from. Null: too little is known."""

    lead = serializers.UUIDField()
    score = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    parts = ScorePartOut(many=True)
    signals = ScoreSignalOut(many=True)
    no_data = serializers.ListField(child=serializers.ChoiceField(Input.choices))


class RankedPlayOut(serializers.Serializer[Any]):
    """A play in its place, with the counts that brought it there."""

    play = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField(help_text="In the language of Accept-Language")
    place = serializers.IntegerField()
    tried = serializers.IntegerField()
    resolved = serializers.IntegerField()
    score = serializers.DecimalField(max_digits=5, decimal_places=4)
    explored = serializers.BooleanField(help_text="It stands here because it is new")
    text = serializers.CharField(help_text="Why it stands here, in words")


class RankedPlaysOut(serializers.Serializer[Any]):
    plays = RankedPlayOut(many=True)
