"""An outcome as it is kept and answered: sums in yuan as text, per cent as text, null for “no
data”. What was concluded is read from here for ever, so names stay what they are."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from campaigns.domain import acquisition_cost, fee_schedules, outcome_facts, peer_comparison
from campaigns.domain import outcome_parameters as numbers
from campaigns.domain.fees import FeeTable
from campaigns.domain.forecasts import ForBank, ForMerchant, half_up
from campaigns.domain.outcomes import Effect, Measured, Outcome, reckon
from campaigns.models import CampaignOutcome
from crm.presentation import yuan

type Result = dict[str, Any]


def reckoned(outcome: CampaignOutcome) -> tuple[Outcome, Result]:
    """Reckon an outcome from what is known now, with the card fees of its last day."""
    table = fee_schedules.table_on(outcome.measured_last)
    measured = outcome_facts.measured(outcome)
    found = reckon(measured, table=table)
    return found, result_of(found, measured, outcome, table)


def result_of(
    found: Outcome, measured: Measured, outcome: CampaignOutcome, table: FeeTable
) -> Result:
    """The result as plain JSON values."""
    line, bank = found.interchange_line, found.bank
    return {
        "method": str(found.method),
        "missing": list(found.missing),
        "lift": _text(found.lift),
        "purchases": _effect(found.purchases),
        "spend": _effect(found.spend, money=True),
        "redemptions": found.redemptions,
        "redeemed_spend": yuan(measured.redeemed_spend),
        "subsidy": yuan(found.subsidy),
        "parts": {party: yuan(fen) for party, fen in measured.subsidy.items()},
        "ticket": _yuan(found.ticket),
        "incremental_purchases": found.incremental_purchases,
        "incremental_spend": _yuan(found.incremental_spend),
        "precision": _text(found.precision),
        "return_on_subsidy": _text(found.return_on_subsidy),
        "spend_that_pays_back": _text(found.spend_that_pays_back),
        "bank": _bank(line, bank, measured),
        "merchant": _merchant(found.merchant),
        "customer": {
            "benefit": yuan(found.customer_benefit),
            "rate": _text(found.customer_rate),
        },
        "wins": {
            "bank": found.bank_wins,
            "merchant": found.merchant_wins,
            "customer": found.customer_wins,
            "everybody": found.everybody_wins,
        },
        "acquisition": _acquisition(line.cost if line else None, outcome),
        "fees": asdict(table),
    }


def _effect(found: Effect, *, money: bool = False) -> dict[str, Any]:
    shown = _yuan if money else _same
    return {
        "method": str(found.method),
        "expected": shown(found.expected),
        "incremental": shown(found.incremental),
        "lift": _text(found.lift),
        "difference": shown(found.difference),
    }


def _bank(line: ForBank | None, bank: ForBank | None, measured: Measured) -> dict[str, Any]:
    """The two lines of the bank's value, apart."""
    return {
        "share": yuan(measured.subsidy.get("bank", 0)),
        "operating_cost": _yuan(measured.operating_cost_fen),
        "cost": _yuan(line.cost if line else None),
        "deadweight": _yuan(line.deadweight if line else None),
        "break_even_activations": line.break_even_activations if line else None,
        "interchange": _line(line),
        "with_activation": _line(bank),
        "activations": bank.activations if bank else None,
        "activation_value": _yuan(bank.activation_value if bank else None),
        "cost_per_activation": _yuan(bank.cost_per_activation if bank else None),
    }


def _line(side: ForBank | None) -> dict[str, Any]:
    return {
        "value": _yuan(side.value if side else None),
        "net": _yuan(side.net if side else None),
        "roi": _text(side.roi if side else None),
    }


def _merchant(side: ForMerchant | None) -> dict[str, Any]:
    names = ("share", "fee", "gain", "cost", "net")
    sums: dict[str, Any] = {name: _yuan(getattr(side, name) if side else None) for name in names}
    return {**sums, "roi": _text(side.roi if side else None)}


def _acquisition(cost: int | None, outcome: CampaignOutcome) -> dict[str, Any]:
    """What a new customer cost, and when that has come back."""
    approved = _over(cost, outcome.approved_customers)
    activated = _over(cost, outcome.first_swipe_cards)
    a_year, revenue = outcome.card_contribution_fen, outcome.monthly_revenue_fen
    simple = by_revenue = curve = None
    if activated is not None:
        if a_year is not None:
            a_month = half_up(Decimal(a_year) / 12)
            simple = acquisition_cost.months_simple(activated, a_month)
        if revenue is not None:
            by_revenue = acquisition_cost.months_by_revenue(activated, revenue)
        if outcome.monthly_contributions_fen:
            curve = acquisition_cost.by_curve(activated, outcome.monthly_contributions_fen)
    return {
        "cost_per_approved": _yuan(approved),
        "cost_per_activated": _yuan(activated),
        "months_simple": _text(simple),
        "months_by_revenue": _text(by_revenue),
        "months_by_curve": _text(curve.months) if curve else None,
        "recovered": curve.recovered if curve else None,
        "still_missing": yuan(curve.still_missing_fen) if curve else None,
        **_peers(activated, revenue),
    }


def _peers(cost: int | None, revenue: int | None) -> dict[str, Any]:
    """Beside the peers, as far as their figures are known."""
    own_cost = Decimal(cost or 0) / 100
    own_revenue = Decimal(revenue or 0) / 100
    industry, peers = numbers.INDUSTRY_COST.value, numbers.PEER_REVENUE.value
    ratio = peer_comparison.cost_ratio(own_cost, industry) if cost is not None else None
    multiple = peer_comparison.revenue_multiple(own_revenue, peers) if revenue else None
    months = None
    if ratio is not None and multiple is not None:
        months = peer_comparison.payback_from_peers(
            numbers.PEER_MONTHS.value, cost_ratio=ratio, revenue_multiple=multiple
        )
    return {
        "cost_to_industry": _text(ratio),
        "revenue_to_peers": _text(multiple),
        "months_from_peers": _text(months),
    }


def _over(cost: int | None, customers: int | None) -> int | None:
    if cost is None or customers is None:
        return None
    return acquisition_cost.per_customer(cost, customers)


def columns_of(found: Outcome, result: Mapping[str, Any]) -> dict[str, Any]:
    """The columns by which lists and reports go."""
    bank = found.bank or found.interchange_line
    return {
        "method": str(found.method),
        "result": dict(result),
        "everybody_wins": found.everybody_wins,
        "bank_net_fen": bank.net if bank else None,
        "merchant_net_fen": found.merchant.net if found.merchant else None,
        "lift": None if found.lift is None else int(found.lift * 100),
    }


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _same(number: int | None) -> int | None:
    return number
