"""Who left is won back with a lead of its own: not at once, and not over and over."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.errors import RuleBroken
from leads.domain.lead_file import last_partnership, merchant_is_blocked
from leads.models import Lead, LeadSource
from merchants.domain import partnership_facts
from merchants.models import Merchant, Partnership, PartnershipStage


@partnership_facts.supplies_attempts
def attempts(partnership: Partnership, since: datetime) -> int:
    """Leads that tried to win the merchant back since a moment."""
    return Lead.objects.filter(
        merchant=partnership.merchant_id, source=LeadSource.WIN_BACK, created_at__gte=since
    ).count()


def refuse_forbidden(merchant: Merchant, source: str, *, at: datetime) -> None:
    """Raise RuleBroken if this merchant is not to be pursued now, or not in this way."""
    if merchant_is_blocked(merchant.pk):
        raise RuleBroken(
            _("This merchant is blocked; only compliance can release it."), code="merchant_blocked"
        )
    last = last_partnership(merchant.pk)
    churned = last is not None and last.stage == PartnershipStage.CHURNED
    if source != LeadSource.WIN_BACK:
        if churned:
            raise RuleBroken(
                _("This merchant was a partner before: open a lead that wins it back."),
                code="win_back_required",
                attr="source",
            )
        return
    if last is None or not churned:
        raise RuleBroken(
            _("Only a partnership that has ended is won back."),
            code="nothing_to_win_back",
            attr="source",
        )
    if not partnership_facts.may_win_back(last, at):
        raise RuleBroken(
            _(
                "Winning back begins 30 days after the parting, and is tried twice in twelve "
                "months at the most."
            ),
            code="win_back_too_early",
            attr="source",
        )
