"""What the API takes about campaigns: shapes only; the verbs decide."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from campaigns.api.offer_inputs import EXAMPLE as OFFER
from campaigns.api.offer_inputs import FundingShareIn, LimitsIn, limits_of, shares_of
from campaigns.models import CampaignStage, GoLiveKind, Mechanic, Objective, Party
from crm.api.inputs import Choice, ClientId, Day, Flag, Id, Input, Line, Words, YuanField
from merchants.api.partnership_inputs import Count

MOST_MERCHANTS = 1000
MOST_OUTLETS = 5000


def _ids(most: int, **more: Any) -> serializers.ListField:
    return serializers.ListField(child=Id(), max_length=most, **more)


class _Terms(Input):
    starts_on = Day(required=False)
    ends_on = Day(required=False)
    budget = YuanField(required=False, help_text="All parties together")
    objective = Choice(Objective.choices, required=False)
    mechanic = Choice(Mechanic.choices, required=False, allow_blank=True)
    terms = serializers.DictField(
        required=False, help_text="The numbers of the mechanic; sums in whole fen, as named"
    )
    limits = LimitsIn(required=False)
    shares = serializers.ListField(
        child=FundingShareIn(),
        required=False,
        allow_empty=False,
        max_length=len(Party.values),
        help_text="Together 10,000 basis points, each party once",
    )
    merchants = _ids(MOST_MERCHANTS, required=False, allow_empty=False)
    outlets = _ids(MOST_OUTLETS, required=False, help_text="None: every outlet of the merchants")
    refund_to_funder_first = Flag(required=False)
    claim_days = Count(required=False, min_value=0, max_value=365)


class CampaignIn(_Terms):
    id = ClientId()
    name = Line()
    unit = Id()
    fund = Id(required=False, allow_null=True)
    starts_on = Day()
    ends_on = Day()
    budget = YuanField(help_text="All parties together")
    shares = serializers.ListField(
        child=FundingShareIn(),
        allow_empty=False,
        max_length=len(Party.values),
        help_text="Together 10,000 basis points, each party once",
    )
    merchants = _ids(MOST_MERCHANTS, allow_empty=False)


class CampaignPatch(_Terms):
    """What the draft says from now on."""

    name = Line(required=False)
    fund = Id(required=False, allow_null=True)


class CampaignVersionIn(_Terms):
    """What the next version says differently, and why."""

    said = Words(max_length=2000)


class CampaignCloneIn(Input):
    id = ClientId()
    name = Line()
    starts_on = Day()
    ends_on = Day()


class CampaignAdvanceIn(Input):
    to = Choice(CampaignStage.choices)
    because = Words(max_length=2000, required=False, allow_blank=True)


class GoLiveIn(Input):
    kind = Choice(GoLiveKind.choices)
    outlets = _ids(MOST_OUTLETS, required=False, help_text="None: every shop that you may tick off")
    file = Id(required=False, allow_null=True, help_text="A photo, from `POST /files/`")
    note = Line(required=False, allow_blank=True)


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as the verbs call them."""
    changes = dict(values)
    for name, verb_name in _NAMES.items():
        if name in changes:
            changes[verb_name] = changes.pop(name)
    if "limits" in changes:
        changes["limits"] = limits_of(changes["limits"])
    if "shares" in changes:
        changes["shares"] = shares_of(changes["shares"])
    return changes


_NAMES = {
    "budget": "budget_fen",
    "merchants": "merchant_ids",
    "outlets": "outlet_ids",
    "fund": "fund_id",
    "unit": "unit_id",
}

EXAMPLE: Mapping[str, Any] = {
    "name": "一元洗头",
    "unit": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
    "fund": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8",
    "merchants": ["0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c9"],
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-28",
    "budget": "100000.00",
    "objective": "activate",
    **OFFER,
}
