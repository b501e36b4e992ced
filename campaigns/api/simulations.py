"""The simulator's endpoint: a purchase is tried, and nothing is stored."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.domain import simulating
from campaigns.domain.eligibility import Used
from campaigns.domain.simulating import Simulation
from campaigns.models import Party, RefusalCode
from crm.api import schema
from crm.api.inputs import Choice, Flag, Id, Input, Line, Moment, YuanField
from crm.api.rendering import answer
from crm.api.views import Door, once
from crm.presentation import yuan
from merchants.api.partnership_inputs import Count


class UsedIn(Input):
    """What was used before this purchase; nothing, where nothing is said."""

    customer_day = Count(required=False, min_value=0)
    customer_week = Count(required=False, min_value=0)
    customer_month = Count(required=False, min_value=0)
    customer_total = Count(required=False, min_value=0)
    store_day = Count(required=False, min_value=0)
    campaign_day = Count(required=False, min_value=0)
    campaign_total = Count(required=False, min_value=0)
    customer_month_amount = YuanField(required=False)
    day_amount = YuanField(required=False)
    total_amount = YuanField(required=False)


class SimulationIn(Input):
    amount = YuanField()
    occurred_at = Moment(required=False, help_text="Now, if absent")
    merchant = Id(required=False, help_text="May be absent where there is only one")
    outlet = Id(required=False)
    category = Line(max_length=4, required=False, allow_blank=True)
    card_prefix = Line(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="The first six to eight digits, never more",
    )
    card_product = Line(max_length=40, required=False, allow_blank=True)
    cardholder = Choice([("new", "new"), ("existing", "existing")], required=False)
    prize = YuanField(required=False, help_text="What a prize draw brought this purchase")
    used = UsedIn(required=False)
    merchant_rate = Count(required=False, help_text="In millionths: 0.60 % is 6000")
    rate_on_paid = Flag(required=False, help_text="Or on the whole purchase")


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=RefusalCode.choices)
    detail = serializers.CharField()


class PartOut(serializers.Serializer[Any]):
    party = serializers.ChoiceField(choices=Party.choices)
    basis_points = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class TransferOut(serializers.Serializer[Any]):
    payer = serializers.CharField()
    payee = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class MonthlyOut(serializers.Serializer[Any]):
    months = serializers.IntegerField()
    first = serializers.DecimalField(max_digits=18, decimal_places=2)
    last = serializers.DecimalField(max_digits=18, decimal_places=2)
    annual_rate = serializers.DecimalField(
        max_digits=6, decimal_places=2, help_text="Per cent a year: what the customer is told"
    )
    annual_rate_without = serializers.DecimalField(
        max_digits=6, decimal_places=2, help_text="Per cent a year, were there no subsidy"
    )


class DrawOut(serializers.Serializer[Any]):
    highest = serializers.DecimalField(max_digits=18, decimal_places=2)
    ceiling = serializers.DecimalField(max_digits=18, decimal_places=2)
    prizes = serializers.DecimalField(max_digits=18, decimal_places=2)
    draws = serializers.IntegerField()


class SimulationOut(serializers.Serializer[Any]):
    """What would become of a purchase; sums in yuan as text."""

    version_number = serializers.IntegerField(help_text="0: the terms as they are being written")
    refusal = RefusalOut(allow_null=True)
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    discount = serializers.DecimalField(max_digits=18, decimal_places=2)
    customer_pays = serializers.DecimalField(max_digits=18, decimal_places=2)
    comes_later = serializers.DecimalField(max_digits=18, decimal_places=2)
    merchant_receivable = serializers.DecimalField(max_digits=18, decimal_places=2)
    merchant_fee = serializers.DecimalField(max_digits=18, decimal_places=2)
    merchant_receives = serializers.DecimalField(max_digits=18, decimal_places=2)
    claim_on_funders = serializers.DecimalField(max_digits=18, decimal_places=2)
    parts = PartOut(many=True)
    transfers = TransferOut(many=True)
    monthly = MonthlyOut(allow_null=True)
    draw = DrawOut(allow_null=True)


class CampaignSimulations(Door):
    @schema.writes(
        "campaigns_simulate",
        "Try a purchase on a campaign without storing anything",
        SimulationOut,
        tag="campaigns",
        body=SimulationIn,
        example={
            "amount": "100.00",
            "occurred_at": "2026-12-01T18:30:00+08:00",
            "card_prefix": "622260",
            "used": {"customer_day": 0, "day_amount": "1980.00"},
            "merchant_rate": 6000,
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """What the customer pays, who pays which part and where the money goes; or the first
        reason why the purchase gets nothing."""
        return answer(_shown(simulating.simulate(pk, by=self.user, at=self.now(), **self._tried())))

    def _tried(self) -> dict[str, Any]:
        given = self.taken(SimulationIn)
        named = {
            _NAMES.get(name, name): given[name]
            for name in given
            if name not in ("used", "cardholder")
        }
        used = {_NAMES.get(name, name): count for name, count in given.get("used", {}).items()}
        holder = {"new": True, "existing": False}.get(given.get("cardholder", ""))
        return {**named, "cardholder_is_new": holder, "used": Used(**used)}


_NAMES = {
    "amount": "amount_fen",
    "merchant": "merchant_id",
    "outlet": "outlet_id",
    "prize": "prize_fen",
    "customer_month_amount": "customer_month_fen",
    "day_amount": "day_fen",
    "total_amount": "total_fen",
}


def _shown(made: Simulation) -> dict[str, Any]:
    flow, monthly, draw = made.flow, made.monthly, made.draw
    return {
        "version_number": made.version_number,
        "refusal": made.refusal and {"code": made.refusal, "detail": str(made.because)},
        "amount": yuan(flow.amount),
        "discount": yuan(flow.discount),
        "customer_pays": yuan(flow.customer_pays),
        "comes_later": yuan(made.comes_later_fen),
        "merchant_receivable": yuan(flow.merchant_receivable),
        "merchant_fee": yuan(flow.merchant_fee),
        "merchant_receives": yuan(flow.merchant_receives),
        "claim_on_funders": yuan(flow.claim_on_funders),
        "parts": [
            {
                "party": party,
                "basis_points": made.terms.basis_points.get(party, 0),
                "amount": yuan(part),
            }
            for party, part in flow.parts.items()
        ],
        "transfers": [
            {"payer": one.payer, "payee": one.payee, "amount": yuan(one.fen)}
            for one in made.transfers
        ],
        "monthly": monthly
        and {
            "months": monthly.months,
            "first": yuan(monthly.first_fen),
            "last": yuan(monthly.last_fen),
            "annual_rate": monthly.annual_rate,
            "annual_rate_without": monthly.annual_rate_without,
        },
        "draw": draw
        and {
            "highest": yuan(draw.highest_fen),
            "ceiling": yuan(draw.ceiling_fen),
            "prizes": yuan(draw.prizes_fen),
            "draws": draw.draws,
        },
    }
