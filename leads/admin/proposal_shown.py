"""How a proposal looks on the screen: three parties in colour and in words."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.admin.offer_fields import RATES
from crm.presentation import NO_DATA
from leads import proposal_words as words
from leads.domain import proposal_content as content
from leads.domain.proposal_differences import Difference
from leads.models import ProposalState, ProposalVersion

TONES = {
    ProposalState.DRAFT: "go",
    ProposalState.SUBMITTED: "good",
    ProposalState.SUPERSEDED: "calm",
    ProposalState.WITHDRAWN: "warn",
}


def state_badge(version: ProposalVersion) -> str:
    """What has become of a version, as a coloured word."""
    tone = TONES[ProposalState(version.state)]
    return format_html(
        '<span class="crm-badge crm-{}">{}</span>', tone, version.get_state_display()
    )


@dataclass(frozen=True)
class Side:
    """One of the three: what it nets, whether it wins, and the figures behind that."""

    name: str
    net: str
    wins: bool
    verdict: str
    figures: list[tuple[str, str]]


def sides(found: dict[str, Any] | None) -> list[Side]:
    """Bank, merchant and customer of a stored forecast; nothing while numbers are missing."""
    if found is None:
        return []
    bank, merchant = found["bank"], found["merchant"]
    return [
        _side(
            _("Bank"),
            bank["net"],
            [
                (_("Cost: share and operation"), words.price(bank["cost"])),
                (_("Net interchange"), words.price(bank["net_interchange"])),
                (_("ROI by interchange alone"), _ratio(bank["interchange_only_roi"])),
                (_("Value of activated cards"), words.price(bank["activation_value"])),
                (_("ROI with activation"), _ratio(bank["roi"])),
                (_("Cost per activated card"), _sum(bank["cost_per_activation"])),
                (
                    _("Activated cards to break even"),
                    NO_DATA
                    if bank["break_even_activations"] is None
                    else f"{bank['break_even_activations']:,} / {bank['activations']:,}",
                ),
                (_("Precision"), _ratio(found["precision"])),
                (_("Spent on purchases that would come anyway"), words.price(bank["deadweight"])),
            ],
        ),
        _side(
            _("Merchant"),
            merchant["net"],
            [
                (_("Additional sales"), words.price(found["incremental_spend"])),
                (_("Margin on them"), words.price(merchant["gain"])),
                (_("Share of the discounts"), words.price(merchant["share"])),
                (_("Card fee"), words.price(merchant["fee"])),
                (_("ROI"), _ratio(merchant["roi"])),
            ],
        ),
        _side(
            _("Customers"),
            found["customer_benefit"],
            [
                (_("Of what they buy"), _ratio(found["customer_rate"])),
                (
                    _("Additional sales per yuan of discount"),
                    found["return_on_subsidy"] or NO_DATA,
                ),
            ],
        ),
    ]


def _side(name: str, net: int, figures: list[tuple[str, str]]) -> Side:
    wins = net > 0
    verdict = pgettext("forecast", "wins") if wins else pgettext("forecast", "does not win")
    return Side(name, words.price(net), wins, verdict, figures)


def _ratio(text: str | None) -> str:
    return NO_DATA if text is None else f"{Decimal(text):,.2f} %"


def _sum(fen: int | None) -> str:
    return NO_DATA if fen is None else words.price(fen)


def summary(version: ProposalVersion) -> dict[str, Any]:
    """Everything that a card about a version shows."""
    offer = content.offer_of(version)
    return {
        "version": version,
        "badge": state_badge(version),
        "headline": words.headline(offer) if offer else "",
        "terms": words.terms(version),
        "example": words.example(version, offer) if offer and version.shares else None,
        "budget": words.price(version.budget_fen) if version.budget_fen else "",
        "sides": sides(version.forecast),
        "missing": [part.label for part in content.missing(version)],
    }


def differences(found: list[Difference]) -> list[tuple[str, str, str]]:
    """Label, before, after."""
    return [(str(one.label), _shown(one.name, one.before), _shown(one.name, one.after))
            for one in found]  # fmt: skip


def _shown(name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return NO_DATA
    if name == "merchant_rate":
        return f"{(Decimal(value) / 10_000).normalize():f}%"
    if name.endswith("_share") or name == "gross_margin" or name.removeprefix("terms.") in RATES:
        return words.per_cent(value)
    if name == "weekdays":
        return words.weekdays(value)
    if name == "terms.prizes":
        return ", ".join(f"{words.price(one['value_fen'])} × {one['count']}" for one in value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name.endswith("_fen"):
        return words.price(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)
