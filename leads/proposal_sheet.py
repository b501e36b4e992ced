"""The page that a merchant is handed: one sheet of A4, in Chinese or in English.

It says what concerns the merchant, and nothing that is the bank's own: no return, no interchange,
no value of cards, no probability, no notes.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import OrgUnit, UnitKind
from leads import proposal_words as words
from leads.domain import proposal_content as content
from leads.models import Proposal, ProposalVersion
from merchants.models import Outlet

LANGUAGES = ("zh-hans", "en")
SHOWN_OUTLETS = 3


def written(proposal: Proposal, version: ProposalVersion, *, language: str) -> str:
    """The whole page as HTML. `language` is one of `LANGUAGES`."""
    with translation.override(language):
        return render_to_string("leads/proposal_sheet.html", _context(proposal, version, language))


def _context(proposal: Proposal, version: ProposalVersion, language: str) -> dict[str, Any]:
    lead = proposal.lead
    offer = content.offer_of(version)
    return {
        "language": language,
        "html_language": "zh-CN" if language == "zh-hans" else "en",
        "other": "en" if language == "zh-hans" else "zh-hans",
        "bank": _bank(lead.unit),
        "merchant": lead.merchant.name,
        "colleague": lead.owner.full_name if lead.owner else "",
        "version": version,
        "is_draft": version.submitted_at is None,
        "headline": words.headline(offer) if offer else "",
        "example": words.example(version, offer) if offer else None,
        "terms": words.terms(version),
        "where": _where(lead.merchant_id),
        "budget": words.price(version.budget_fen) if version.budget_fen else "",
        "share": words.per_cent(version.merchant_share) if version.shares else "",
        "gain": _gain(version),
        "next_steps": _next_steps(version),
        "impact": words.price(version.monthly_impact_fen) if version.monthly_impact_fen else "",
    }


def _bank(unit: OrgUnit) -> str:
    """The bank and its branch, as the tree of units calls them."""
    above = OrgUnit.objects.filter(pk__in=unit.ancestors)
    # Where the head office is called just that, the branch's name says more.
    names = {one.kind: one.name for one in above if one.name not in ("总行", "Head office")}
    return " ".join(
        names[kind] for kind in (UnitKind.HEAD_OFFICE, UnitKind.BRANCH) if kind in names
    )


def _where(merchant_id: Any) -> str:
    """The outlets, the first few by name."""
    names = list(
        Outlet.objects.filter(merchant=merchant_id)
        .order_by("created_at", "pk")
        .values_list("name", flat=True)[: SHOWN_OUTLETS + 1]
    )
    if not names:
        return _("At your till")
    shown = translation.pgettext("between outlets", ", ").join(names[:SHOWN_OUTLETS])
    if len(names) > SHOWN_OUTLETS:
        return _("%(outlets)s and further outlets") % {"outlets": shown}
    return shown


def _gain(version: ProposalVersion) -> dict[str, Any] | None:
    """The merchant's own side of the forecast, and no other."""
    if version.forecast is None:
        return None
    merchant, found = version.forecast["merchant"], version.forecast
    return {
        "purchases": f"{found['incremental_purchases']:,}",
        "sales": words.price(found["incremental_spend"]),
        "cost": words.price(merchant["cost"]),
        "net": words.price(merchant["net"]),
        "is_gain": merchant["net"] > 0,
    }


def _next_steps(version: ProposalVersion) -> list[str]:
    own = [line.strip() for line in version.next_steps.splitlines() if line.strip()]
    return own[:4] or [
        _("You read this page and tell us what should be different."),
        _("We sign the agreement and check the number of your till."),
        _("We bring the signs and show your staff how the offer is redeemed."),
        _("A test purchase, and the offer begins."),
    ]
