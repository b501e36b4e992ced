"""What the API takes about insights, rivals and SWOT: shapes only; the verbs decide."""

from rest_framework import serializers

from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Words
from merchants.models import CategoryGroup, InsightKind, RivalKind, SwotFactKind

_LARGEST = 1_000_000


class Count(serializers.IntegerField):
    """A whole number, sent as one: neither text nor true."""

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        found: int = super().to_internal_value(data)
        return found


class _InsightDetails(Input):
    known_to_merchant = Flag(required=False)
    known_to_merchant_on = Day(required=False)
    known_to_bank = Flag(required=False)
    known_to_bank_on = Day(required=False)
    is_hypothesis = Flag(required=False)
    experiment = Line(max_length=500, required=False, allow_blank=True)
    could_tell = Line(required=False, allow_blank=True)
    data_source = Line(required=False, allow_blank=True)
    peers = Count(min_value=0, max_value=_LARGEST, required=False, allow_null=True)
    evidence = Words(max_length=2000, required=False, allow_blank=True)
    file = Id(required=False, allow_null=True, source="file_id")


class InsightIn(_InsightDetails):
    id = ClientId()
    kind = Choice(InsightKind.choices)
    statement = Line(max_length=500)


class InsightPatch(_InsightDetails):
    kind = Choice(InsightKind.choices, required=False)
    statement = Line(max_length=500, required=False)
    because = Line(max_length=500, required=False, allow_blank=True)


class ShareIn(Input):
    names_no_other_merchant = Flag(
        help_text="Confirms that it names no other merchant and tells of no single cardholder"
    )


class RivalIn(Input):
    id = ClientId()
    name = Line(max_length=100)
    short_name = Line(max_length=20)
    kind = Choice(RivalKind.choices, required=False)


class RivalPatch(Input):
    name = Line(max_length=100, required=False)
    short_name = Line(max_length=20, required=False)
    kind = Choice(RivalKind.choices, required=False)


class RivalOfferIn(Input):
    id = ClientId()
    rival = Id(source="rival_id")
    mechanic = Line()
    starts_on = Day()
    ends_on = Day(required=False, allow_null=True)
    exclusive = Flag(required=False)
    paid_by_rival_basis_points = Count(
        min_value=0, max_value=10_000, required=False, allow_null=True
    )
    source = Line()  # type: ignore[assignment]
    seen_on = Day(required=False, help_text="Today if absent")


class RivalOfferPatch(Input):
    mechanic = Line(required=False)
    starts_on = Day(required=False)
    ends_on = Day(required=False, allow_null=True)
    exclusive = Flag(required=False)
    paid_by_rival_basis_points = Count(
        min_value=0, max_value=10_000, required=False, allow_null=True
    )
    source = Line(required=False)  # type: ignore[assignment]
    seen_on = Day(required=False)


class SwotIn(Input):
    id = ClientId()
    rival = Id(source="rival_id")
    category_group = Choice(CategoryGroup.choices, required=False)
    merchant = Id(required=False, source="merchant_id")
    package = Line()


class SwotPatch(Input):
    package = Line()


def _tags() -> serializers.ListField:
    return serializers.ListField(child=Line(max_length=50), required=False, max_length=50)


class FeatureIn(Input):
    id = ClientId()
    name = Line(max_length=100)
    difference = Count(min_value=-2, max_value=2)
    importance = Count(min_value=1, max_value=5)
    answers = _tags()


class FeaturePatch(Input):
    name = Line(max_length=100, required=False)
    difference = Count(min_value=-2, max_value=2, required=False)
    importance = Count(min_value=1, max_value=5, required=False)
    answers = _tags()


class FactIn(Input):
    id = ClientId()
    kind = Choice(SwotFactKind.choices)
    statement = Line()
    dated = Day()
    source = Line()  # type: ignore[assignment]
    weight = Count(min_value=1, max_value=5)


class FactPatch(Input):
    kind = Choice(SwotFactKind.choices, required=False)
    statement = Line(required=False)
    dated = Day(required=False)
    source = Line(required=False)  # type: ignore[assignment]
    weight = Count(min_value=1, max_value=5, required=False)
