"""How an outcome looks on the screen: one can decide by it, and sees what it rests on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import CampaignOutcome, OutcomeMethod, OutcomePart, Party
from crm.presentation import NO_DATA, money

_METHODS = {
    OutcomeMethod.CONTROL_GROUP: "good",
    OutcomeMethod.NO_CONTROL: "warn",
    OutcomeMethod.NO_DATA: "calm",
}
_VERDICTS: dict[bool | None, tuple[str, Any]] = {
    True: ("good", pgettext_lazy("outcome", "Everybody wins")),
    False: ("bad", pgettext_lazy("outcome", "Somebody loses")),
    None: ("calm", gettext_lazy("Not to be said yet")),
}
_SIDES: dict[bool | None, tuple[str, Any]] = {
    True: ("good", pgettext_lazy("outcome", "✓ wins")),
    False: ("bad", pgettext_lazy("outcome", "✗ loses")),
    None: ("calm", gettext_lazy("Not to be said yet")),
}


def _badge(tone: str, words: Any) -> str:
    return format_html('<span class="crm-badge crm-{}">{}</span>', tone, words)


def method_badge(outcome: CampaignOutcome) -> str:
    """How the effect is known."""
    method = OutcomeMethod(outcome.method)
    return _badge(_METHODS[method], method.label)


def verdict_badge(outcome: CampaignOutcome) -> str:
    """The win-win test."""
    return _badge(*_VERDICTS[outcome.everybody_wins])


@dataclass(frozen=True)
class Side:
    """One of the three: what it nets and whether it wins."""

    name: Any
    net: str
    badge: str


def sides(result: dict[str, Any]) -> list[Side]:
    """Bank, merchant and customer. The bank shows its second line, or the first without it."""
    bank, wins = result["bank"], result["wins"]
    net = bank["with_activation"]["net"] or bank["interchange"]["net"]
    return [
        Side(_("Bank"), price(net), _badge(*_SIDES[wins["bank"]])),
        Side(_("Merchant"), price(result["merchant"]["net"]), _badge(*_SIDES[wins["merchant"]])),
        Side(
            _("Customer"),
            price(result["customer"]["benefit"]),
            _badge(*_SIDES[wins["customer"]]),
        ),
    ]


def lines(result: dict[str, Any]) -> list[tuple[Any, list[str]]]:
    """The bank's value in two lines: value, cost, net, return."""
    bank = result["bank"]
    return [
        (name, [price(one["value"]), price(bank["cost"]), price(one["net"]), per_cent(one["roi"])])
        for name, one in (
            (_("Interchange alone"), bank["interchange"]),
            (_("With the value of activated cards"), bank["with_activation"]),
        )
    ]


def effect(result: dict[str, Any]) -> list[tuple[Any, str]]:
    """What came because of the campaign."""
    purchases, spend = result["purchases"], result["spend"]
    return [
        (_("Lift"), per_cent(result["lift"])),
        (_("Additional purchases"), _number(result["incremental_purchases"])),
        (_("Additional sales"), price(result["incremental_spend"])),
        (_("Purchases expected without the campaign"), _number(purchases["expected"])),
        (_("Sales expected without the campaign"), price(spend["expected"])),
        (
            _("Difference in differences"),
            price(spend["difference"]) if spend["difference"] else _number(purchases["difference"]),
        ),
        (_("Redemptions, net of refunds"), _number(result["redemptions"])),
        (_("Precision: additional purchases per redemption"), per_cent(result["precision"])),
        (_("Additional sales per yuan of subsidy"), _number(result["return_on_subsidy"])),
        (_("Customers' saving"), per_cent(result["customer"]["rate"])),
    ]


def bank_figures(result: dict[str, Any]) -> list[tuple[Any, str]]:
    """What stands behind the bank's two lines."""
    bank = result["bank"]
    return [
        (_("Share of the discounts"), price(bank["share"])),
        (_("Operating cost"), price(bank["operating_cost"])),
        (_("Activated cards"), _number(bank["activations"])),
        (
            _("Activated cards at which the bank breaks even"),
            _number(bank["break_even_activations"]),
        ),
        (_("Cost per activation"), price(bank["cost_per_activation"])),
        (_("Share paid for purchases that would have come anyway"), price(bank["deadweight"])),
        (
            _("Additional sales that one discount needs to pay for itself by interchange"),
            price(result["spend_that_pays_back"]),
        ),
    ]


def merchant_figures(result: dict[str, Any]) -> list[tuple[Any, str]]:
    """What stands behind the merchants' side."""
    merchant = result["merchant"]
    return [
        (_("Margin on additional sales"), price(merchant["gain"])),
        (_("Share of the discounts"), price(merchant["share"])),
        (_("Card fee on additional sales"), price(merchant["fee"])),
        (_("Return on cost"), per_cent(merchant["roi"])),
    ]


def acquisition(result: dict[str, Any]) -> list[tuple[Any, str]]:
    """What a new customer cost, and when that has come back; nothing as long as nobody knows."""
    found = result["acquisition"]
    if found["cost_per_activated"] is None and found["cost_per_approved"] is None:
        return []
    curve = _months(found["months_by_curve"])
    if found["recovered"] is False:
        curve = _("not recovered, %(missing)s still missing") % {
            "missing": price(found["still_missing"])
        }
    return [
        (_("Cost per approved customer"), price(found["cost_per_approved"])),
        (_("Cost per customer with a first swipe"), price(found["cost_per_activated"])),
        (_("Payback by contribution"), _months(found["months_simple"])),
        (_("Payback by revenue"), _months(found["months_by_revenue"])),
        (_("Payback month by month"), curve),
        (_("Cost beside the industry"), _times(found["cost_to_industry"])),
        (_("Revenue beside the peers"), _times(found["revenue_to_peers"])),
        (_("Payback that follows from the peers'"), _months(found["months_from_peers"])),
    ]


def parts(result: dict[str, Any]) -> list[tuple[Any, str]]:
    """Who paid what of the discounts."""
    return [
        (party.label, price(result["parts"][party])) for party in Party if party in result["parts"]
    ]


def missing(result: dict[str, Any]) -> list[Any]:
    """What was not filed, in words."""
    return [OutcomePart(name).label for name in result["missing"] if name in OutcomePart.values]


def groups(outcome: CampaignOutcome) -> list[tuple[Any, list[str]]]:
    """The figures filed: before and during, of both groups."""
    rows = (
        (_("Purchases at the campaign's merchants"), "test_before", "test_after", _number),
        (_("Purchases at the control group"), "control_before", "control_after", _number),
        (_("Sales of the campaign's merchants"), "test_before_fen", "test_after_fen", _fen),
        (_("Sales of the control group"), "control_before_fen", "control_after_fen", _fen),
    )
    return [
        (label, [shown(getattr(outcome, before)), shown(getattr(outcome, after))])
        for label, before, after, shown in rows
    ]


def price(yuan: str | None) -> str:
    """A sum to the fen: ¥7,700.40."""
    if yuan is None:
        return NO_DATA
    amount = Decimal(yuan)
    return f"{'−' if amount < 0 else ''}¥{abs(amount):,.2f}"


def short(fen: int | None) -> str:
    """A sum as lists show it."""
    return NO_DATA if fen is None else money(fen)


def per_cent(number: str | None) -> str:
    return NO_DATA if number is None else f"{number.replace('-', '−')} %"


def _fen(fen: int | None) -> str:
    return NO_DATA if fen is None else price(f"{Decimal(fen) / 100:.2f}")


def _number(number: int | str | None) -> str:
    return NO_DATA if number is None else f"{Decimal(number):,}".replace("-", "−")


def _months(months: str | None) -> str:
    return NO_DATA if months is None else _("%(months)s months") % {"months": months}


def _times(ratio: str | None) -> str:
    return NO_DATA if ratio is None else f"{ratio} ×"
