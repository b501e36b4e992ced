"""What a proposal says, checked before it is written: can it be, what is missing, what comes of it.

Nothing here writes. Money is integer fen, shares and margins are basis points.
"""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.domain import forecasts, offer_words
from campaigns.domain.forecasts import Expected, Forecast
from campaigns.domain.limits import Limits
from campaigns.domain.offers import Offer
from campaigns.models import Mechanic, Party
from crm.errors import InvalidInput, Problem, Sentence
from leads.models import Cell, ProposalPart, ProposalVersion

LARGEST_FEN = 10**13
LARGEST_COUNT = 2_000_000_000

WORDS: Mapping[str, int] = {"title": 100, "pain_words": 2_000, "next_steps": 2_000}
"""Texts, and how long they may be."""
SUMS = (
    "monthly_impact_fen",
    "budget_fen",
    "day_budget_fen",
    "operating_cost_fen",
    "ticket_fen",
    "card_contribution_fen",
)
CAPS = (
    "uses_per_customer_day",
    "uses_per_customer_month",
    "uses_per_customer",
    "uses_per_day",
    "uses_in_total",
)
COUNTS = (
    *CAPS,
    "redemptions",
    "purchases_without",
    "first_swipe_cards",
    "reactivated_cards",
    "gross_margin",
    "merchant_rate",
)
SHARES = tuple(f"{party.value}_share" for party in Party)
DAYS = ("starts_on", "ends_on")
HOURS = ("opens_at", "closes_at")
CONTENT = (
    "entry_pain_id",
    "entry_cell",
    *WORDS,
    "mechanic",
    "terms",
    *DAYS,
    "weekdays",
    *HOURS,
    *CAPS,
    *SHARES,
    *SUMS,
    "redemptions",
    "purchases_without",
    "first_swipe_cards",
    "reactivated_cards",
    "gross_margin",
    "merchant_rate",
)
"""Every column that a rep fills in; a new version begins as a copy of them."""
EXPECTED = (
    "redemptions",
    "purchases_without",
    "ticket_fen",
    "first_swipe_cards",
    "reactivated_cards",
    "card_contribution_fen",
    "gross_margin",
)
"""What the forecast cannot be reckoned without."""
ALWAYS_SAID = (*SHARES, "operating_cost_fen", "merchant_rate")

_NOT_A_NUMBER = _("Write a whole number; money is counted in whole fen.")
_BELOW_ZERO = _("A number of a proposal is not below zero.")


def sound(version: ProposalVersion, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that changes set, `shares` taken apart and texts trimmed.

    Raises InvalidInput with everything that cannot be, the version and the changes seen together:
    numbers that are none, shares that do not make 100 %, an offer that is none, windows that end
    before they start, a budget that does not pay for the largest single discount.
    """
    columns: dict[str, Any] = {}
    found: list[Problem] = []
    for name, value in changes.items():
        if name == "shares":
            columns |= _shares(value, found)
        elif name in CONTENT:
            columns[name] = value
        else:
            found.append(Problem("unknown_field", _("This field is not known here."), name[:40]))
    for name in (*SUMS, *COUNTS, *SHARES):
        if name in columns and columns[name] is None and name in ALWAYS_SAID:
            columns[name] = 6_000 if name == "merchant_rate" else 0
        if name in columns and (problem := _number_problem(name, columns[name])):
            found.append(problem)
    for name, longest in WORDS.items():
        if name in columns:
            columns[name] = str(columns[name] or "").strip()
            if len(columns[name]) > longest:
                found.append(Problem("too_long", _("This text is too long."), name))
    for name, words in (("mechanic", Mechanic), ("entry_cell", Cell)):
        if name in columns and columns[name] not in ("", *words.values):
            found.append(Problem("word_unknown", _("This word is not known here."), name))
    if "weekdays" in columns:
        columns["weekdays"] = sorted(set(columns["weekdays"] or ()))
    if not found:
        found += _together({name: columns.get(name, getattr(version, name)) for name in CONTENT})
    if found:
        raise InvalidInput(found[0].detail, code=found[0].code, problems=found)
    return columns


def _shares(value: Mapping[str, int], found: list[Problem]) -> dict[str, Any]:
    known = set(Party.values)
    if unknown := [party for party in value if party not in known]:
        found.append(
            Problem("party_unknown", _("Nobody of this name pays a share."), f"shares.{unknown[0]}")
        )
        return {}
    return {f"{party.value}_share": value.get(party.value) or 0 for party in Party}


def _number_problem(name: str, value: Any) -> Problem | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        return Problem("not_whole", _NOT_A_NUMBER, _attr(name))
    if value < 0:
        return Problem("below_zero", _BELOW_ZERO, _attr(name))
    if value == 0 and name in (*CAPS, "budget_fen", "day_budget_fen", "ticket_fen"):
        return Problem("not_above_zero", _("This number is above zero."), _attr(name))
    largest = LARGEST_FEN if name in SUMS else LARGEST_COUNT
    if value > largest or (name in (*SHARES, "gross_margin") and value > 10_000):
        return Problem("too_large", _("This number is too large."), _attr(name))
    if name == "merchant_rate" and value > 100_000:
        return Problem("too_large", _("This number is too large."), _attr(name))
    return None


def _attr(name: str) -> str:
    if name in SHARES:
        return f"shares.{name.removesuffix('_share')}"
    return name.removesuffix("_fen")


def _together(values: Mapping[str, Any]) -> list[Problem]:
    """What cannot be, of values that are sound each for itself."""
    found: list[Problem] = []
    starts, ends = values["starts_on"], values["ends_on"]
    if starts and ends and ends < starts:
        found.append(Problem("proposal_ends_before_start", _ENDS, "ends_on"))
    codes = Limits(
        weekdays=tuple(values["weekdays"]),
        opens_at=values["opens_at"],
        closes_at=values["closes_at"],
    ).flaws()
    found += [Problem(code, _LIMITS[code], _LIMIT_ATTRS[code]) for code in codes]
    total = sum(values[name] for name in SHARES)
    if total not in (0, 10_000):
        found.append(Problem("shares_not_whole", _SHARES, "shares"))
    offer = None
    if values["terms"]:
        try:
            offer = offer_words.read(values["mechanic"], values["terms"])
        except InvalidInput as refusal:
            found += refusal.problems
    budget, day = values["budget_fen"], values["day_budget_fen"]
    for name, sum_fen in (("budget", budget), ("day_budget", day)):
        if offer and sum_fen is not None and sum_fen < offer.largest_benefit:
            found.append(Problem("budget_below_discount", _BELOW_DISCOUNT, name))
    if budget is not None and day is not None and day > budget:
        found.append(Problem("day_budget_above_budget", _DAY_ABOVE, "day_budget"))
    return found


_ENDS = _("The offer ends on or after the day it starts.")
_SHARES = _("The funding shares must sum to exactly 100 %.")
_BELOW_DISCOUNT = _("The budget does not even pay for the largest single discount.")
_DAY_ABOVE = _("The budget of a day is within the whole budget.")
_LIMITS: Mapping[str, Sentence] = {
    "weekday_unknown": _("Weekdays run from 1, Monday, to 7, Sunday."),
    "hours_end_before_start": _("The hours end after they begin; give both or neither."),
}
_LIMIT_ATTRS = {"weekday_unknown": "weekdays", "hours_end_before_start": "closes_at"}


def offer_of(version: ProposalVersion) -> Offer | None:
    """The offer that a version makes, if it makes one already."""
    return offer_words.read(version.mechanic, version.terms) if version.terms else None


def limits_of(version: ProposalVersion) -> Limits:
    """The windows and caps of a version."""
    return Limits(
        weekdays=tuple(version.weekdays),
        opens_at=version.opens_at,
        closes_at=version.closes_at,
        day_budget_fen=version.day_budget_fen,
        **{name: getattr(version, name) for name in CAPS},
    )


def missing(version: ProposalVersion) -> list[ProposalPart]:
    """What a version still needs before it can be submitted; nothing, if it is complete."""
    there = {
        ProposalPart.PAIN: bool(version.pain_words),
        ProposalPart.TITLE: bool(version.title),
        ProposalPart.OFFER: bool(version.terms),
        ProposalPart.DATES: bool(version.starts_on and version.ends_on),
        ProposalPart.SHARES: bool(version.shares),
        ProposalPart.BUDGET: version.budget_fen is not None,
        ProposalPart.FORECAST: version.forecast is not None,
        ProposalPart.WIN_WIN: everybody_wins(version) or bool(version.forecast_waiver),
    }
    return [part for part in ProposalPart if not there[part]]


def everybody_wins(version: ProposalVersion) -> bool:
    """Whether the forecast is above zero for bank, merchant and customer."""
    nets = (version.bank_net_fen, version.merchant_net_fen, version.customer_benefit_fen)
    return all(net is not None and net > 0 for net in nets)


def forecast_of(version: ProposalVersion) -> Forecast | None:
    """The three-party forecast of a version, or none while numbers are missing."""
    offer = offer_of(version)
    if offer is None or not version.shares:
        return None
    if any(getattr(version, name) is None for name in EXPECTED):
        return None
    ticket = version.ticket_fen or 0
    return forecasts.forecast(
        Expected(
            redemptions=version.redemptions or 0,
            purchases_without=version.purchases_without or 0,
            ticket_fen=ticket,
            discount_fen=min(offer.benefit(ticket), ticket),
            shares=version.shares,
            operating_cost_fen=version.operating_cost_fen,
            first_swipe_cards=version.first_swipe_cards or 0,
            reactivated_cards=version.reactivated_cards or 0,
            card_contribution_fen=version.card_contribution_fen or 0,
            gross_margin=version.gross_margin or 0,
            merchant_rate=version.merchant_rate,
        )
    )


def reckoned(version: ProposalVersion) -> dict[str, Any]:
    """The columns of the forecast, as the numbers of a version make them."""
    found = forecast_of(version)
    if found is None:
        return {
            "forecast": None,
            "bank_net_fen": None,
            "merchant_net_fen": None,
            "customer_benefit_fen": None,
        }
    return {
        "forecast": plain(found),
        "bank_net_fen": found.bank.net,
        "merchant_net_fen": found.merchant.net,
        "customer_benefit_fen": found.customer_benefit,
    }


def plain(found: Forecast) -> dict[str, Any]:
    """A forecast as plain JSON: sums in fen as whole numbers, ratios as decimal text."""

    def value_of(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: value_of(one) for name, one in value.items()}
        return f"{value}" if isinstance(value, Decimal) else value

    return {**value_of(asdict(found)), "everybody_wins": found.everybody_wins}


def content_of(version: ProposalVersion) -> dict[str, Any]:
    """The content of a version, for the copy that a new version begins as."""
    return {name: getattr(version, name) for name in CONTENT}
