"""What the API takes about suggestions and scores."""

from typing import Any

from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Input, Line, Moment, Words
from leads.models import SuggestionRule

ABOUT = r"^[0-9a-f]{32}$"


class Count(serializers.IntegerField):
    """A whole number from zero up, and no text that looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, allow_null=True, min_value=0, max_value=2_147_483_647, **kwargs
        )

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class About(serializers.RegexField):
    """The fingerprint of a suggestion, as it was answered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ABOUT, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class AcceptIn(Input):
    id = ClientId()
    rule = Choice(SuggestionRule.choices)
    about = About()
    shown_at = Moment(required=False)
    due_at = Moment(required=False, allow_null=True)
    title = Line(required=False, allow_blank=True)


class DismissIn(Input):
    id = ClientId()
    rule = Choice(SuggestionRule.choices)
    about = About()
    shown_at = Moment(required=False)
    because = Words(required=False, allow_blank=True, max_length=2000)


class ScoreInputIn(Input):
    founded_on = Day(required=False, allow_null=True)
    penalties = Count()
    cardholders_nearby = Count()
    branch_metres = Count()
    source = Line(allow_blank=True)  # type: ignore[assignment]
    read_on = Day()
