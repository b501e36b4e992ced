"""What may be said of funds and budgets."""

from rest_framework import serializers

from crm.api.inputs import ClientId, Day, Id, Input, Line, Words, YuanField

_TOLERANCE = {"min_value": 0, "max_value": 2000}


class FundIn(Input):
    id = ClientId()
    unit = Id()
    name = Line(max_length=100)
    starts_on = Day()
    ends_on = Day()
    cap = YuanField()
    tolerance_basis_points = serializers.IntegerField(required=False, **_TOLERANCE)


class FundPatch(Input):
    name = Line(max_length=100, required=False)
    ends_on = Day(required=False)
    cap = YuanField(required=False)
    tolerance_basis_points = serializers.IntegerField(required=False, **_TOLERANCE)


class AllocationIn(Input):
    id = ClientId()
    """Names this movement: sent twice, it moves money once."""
    amount = YuanField()
    because = Words(max_length=2000)


class AllocationChangeIn(Input):
    to = YuanField()
    expected = YuanField(help_text="What is allocated now, as you read it")
    because = Words(max_length=2000)


class BecauseIn(Input):
    because = Words(max_length=2000)
