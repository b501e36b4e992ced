"""The reason that we suggest for an objection, read from the merchant's interview and its lead."""

from leads.domain.objection_rules import Suggestion, suggested
from leads.models import GridColumn, Lead, Pain, ProposalVersion, Stage, StageChange
from merchants.models import Merchant

_PROPOSED = (Stage.PROPOSAL, Stage.APPROVAL)


def suggestion_for(
    merchant: Merchant,
    lead: Lead | None,
    pain: Pain | None = None,
    *,
    names_other_problem: bool = False,
) -> tuple[Pain | None, Suggestion]:
    """The pain that was spoken about, and the reason that its interview suggests.

    With no pain named, it is the lead's entry point, its newest open one, or the merchant's. A
    merchant with whom there was no interview has agreed to no causes: stuck in R.
    """
    pain = pain or _spoken_about(merchant, lead)
    stuck = pain.stuck_column if pain else GridColumn.REASONS
    return pain, suggested(
        stuck,
        names_other_problem=names_other_problem,
        proposed_early=stuck in ("R", "I") and lead is not None and was_proposed(lead),
    )


def was_proposed(lead: Lead) -> bool:
    """Whether the merchant has had a proposal in this pursuit: the lead has been in its stage, or a
    version was submitted, whatever became of it since."""
    if lead.stage in _PROPOSED:
        return True
    submitted = ProposalVersion.objects.filter(proposal__lead=lead, submitted_at__isnull=False)
    return (
        submitted.exists() or StageChange.objects.filter(lead=lead, to_stage__in=_PROPOSED).exists()
    )


def _spoken_about(merchant: Merchant, lead: Lead | None) -> Pain | None:
    if lead and lead.entry_pain and lead.entry_pain.is_open:
        return lead.entry_pain
    open_ones = Pain.objects.open().filter(merchant=merchant)
    of_lead = open_ones.filter(lead=lead).first() if lead else None
    return of_lead or open_ones.first()
