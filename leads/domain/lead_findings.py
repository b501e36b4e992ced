"""How each guard of a lead's roads is looked at: what the rows say, and what is on file.

The functions are small and know one thing each; `lead_checklists` puts them together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from crm.errors import Sentence
from crm.models import User
from leads import policies
from leads.domain.lead_file import LeadFile, Step
from leads.models import (
    LeadEvidence,
    LeadEvidenceKind,
    LeadStepReason,
    Objection,
    ObjectionReason,
    ObjectionState,
    PainStatus,
    ProposalState,
)
from leads.models.activity import FAILED, REFUSALS
from leads.models.lead_numbers import (
    FAILED_ATTEMPTS,
    LICENCE_DAYS,
    PAIN_DAYS,
    REOPEN_WITHIN,
)
from leads.models.lead_words import LEAD_REASONS
from leads.models.stages import Guard
from merchants.domain import credit_code
from merchants.models import DecisionPower, LicenceStatus

OUT_OF_FORCE = (LicenceStatus.CLOSED, LicenceStatus.LIQUIDATION, LicenceStatus.REVOKED)


@dataclass(frozen=True)
class Finding:
    """Whether a guard is met, and by what: in words, and the evidence among it."""

    met: bool
    said: Sentence = ""
    evidence: tuple[LeadEvidence, ...] = ()


def _owner(file: LeadFile, step: Step) -> Finding:
    owner = file.lead.owner
    return Finding(owner is not None, owner.full_name if owner else "")


def _credit_code(file: LeadFile, step: Step) -> Finding:
    """The database sees to it that a code is used once."""
    code = file.merchant.credit_code
    if not code:
        return Finding(False)
    if file.merchant.credit_code_override:
        return Finding(True, f"{code} · {file.merchant.credit_code_override}")
    try:
        credit_code.validated(code)
    except credit_code.BadCreditCode:
        return Finding(False, code)
    return Finding(True, code)


def _licence(file: LeadFile) -> str:
    merchant = file.merchant
    return (
        f"{merchant.get_licence_status_display()} · {merchant.licence_checked_on}"
        f" · {merchant.licence_source}"
    )


def _licence_checked(file: LeadFile, step: Step) -> Finding:
    checked = file.merchant.licence_status != LicenceStatus.UNKNOWN
    return Finding(checked, _licence(file) if checked else "")


def _licence_in_force(file: LeadFile, step: Step) -> Finding:
    status = LicenceStatus(file.merchant.licence_status)
    return Finding(status not in OUT_OF_FORCE, status.label)


def _licence_fresh(file: LeadFile, step: Step) -> Finding:
    oldest = file.today - timedelta(days=LICENCE_DAYS.value)
    checked_on = file.merchant.licence_checked_on
    fresh = checked_on is not None and checked_on >= oldest
    return Finding(fresh, _licence(file) if checked_on else "")


def _category_allowed(file: LeadFile, step: Step) -> Finding:
    category = file.merchant.category
    return Finding(category is not None and not category.prohibited, str(category or ""))


def _negative_list(file: LeadFile, step: Step) -> Finding:
    """Looked up since the merchant was blocked the last time, if it ever was."""
    since = file.blocked_last_at
    looked_up = [
        one
        for one in file.of(LeadEvidenceKind.NEGATIVE_LIST_CHECK)
        if since is None or one.at > since
    ]
    return Finding(bool(looked_up), str(looked_up[0]) if looked_up else "", tuple(looked_up[:1]))


def _not_blocked(file: LeadFile, step: Step) -> Finding:
    return Finding(not file.is_blocked)


def _contact(file: LeadFile, step: Step) -> Finding:
    told = [one for one in file.contacts if one.lawful_basis and one.notice_given_at]
    said = f"{told[0].masked_name} · {told[0].get_lawful_basis_display()}" if told else ""
    return Finding(bool(told), said)


def _conversation(file: LeadFile, step: Step) -> Finding:
    talked = [one for one in file.contacted if one.two_way]
    return Finding(bool(talked), str(talked[-1]) if talked else "")


def _pain(file: LeadFile, *statuses: PainStatus, since_days: int = 0) -> Finding:
    oldest = file.at - timedelta(days=since_days) if since_days else None
    pains = [
        one
        for one in file.pains
        if one.status in statuses
        and (one.is_open if oldest is None else (one.critical_at or oldest) > oldest)
    ]
    return Finding(bool(pains), f"{pains[0]} · {pains[0].get_status_display()}" if pains else "")


def _critical_pain(file: LeadFile, step: Step) -> Finding:
    return _pain(file, PainStatus.CRITICAL, PainStatus.VISION)


def _fresh_pain(file: LeadFile, step: Step) -> Finding:
    """What was agreed when the merchant was a partner still counts for a while."""
    return _pain(file, PainStatus.CRITICAL, PainStatus.VISION, since_days=PAIN_DAYS.value)


def _vision(file: LeadFile, step: Step) -> Finding:
    return _pain(file, PainStatus.VISION)


def _decision_maker(file: LeadFile, step: Step) -> Finding:
    deciding = [one for one in file.contacts if one.decision_power == DecisionPower.DECIDES]
    return Finding(bool(deciding), deciding[0].masked_name if deciding else "")


def _entry_point(file: LeadFile, step: Step) -> Finding:
    chosen = file.lead.entry_pain
    return Finding(chosen is not None, f"{chosen} · {file.lead.entry_cell}" if chosen else "")


def _attempts_or_refusal(file: LeadFile, step: Step) -> Finding:
    """Counted by the bank's days, and anew once a parked lead is pursued again."""
    since = file.pursued_since
    contacted = [one for one in file.contacted if since is None or one.occurred_at >= since]
    refused = [one for one in contacted if one.outcome_code in REFUSALS]
    if refused:
        return Finding(True, str(refused[0]))
    days = {timezone.localdate(one.occurred_at) for one in contacted if one.outcome_code in FAILED}
    said = ", ".join(day.isoformat() for day in sorted(days))
    return Finding(len(days) >= FAILED_ATTEMPTS.value, said)


def _objection_open(file: LeadFile, step: Step) -> Finding:
    """Neither resolved nor forgotten: unresolved, or deferred to a day."""
    stuck = (ObjectionState.UNRESOLVED, ObjectionState.DEFERRED)
    found = [one for one in file.objections if one.state in stuck]
    return Finding(bool(found), _objection(found))


def _point_missed(file: LeadFile, step: Step) -> Finding:
    found = [
        one
        for one in file.objections
        if one.declared_reason == ObjectionReason.POINT_MISSED
        and one.state != ObjectionState.RESOLVED
    ]
    return Finding(bool(found), _objection(found))


def _objection(found: Sequence[Objection]) -> str:
    return f"“{found[0].merchant_words[:60]}” · {found[0].get_state_display()}" if found else ""


def _proposal_complete(file: LeadFile, step: Step) -> Finding:
    version = file.proposal
    met = version is not None and version.state == ProposalState.SUBMITTED
    return Finding(met, version.title if met and version else "")


def _forecast(file: LeadFile, step: Step) -> Finding:
    version = file.proposal
    if version is None:
        return Finding(False)
    if version.forecast_waiver:
        return Finding(True, version.forecast_waiver)
    nets = (version.bank_net_fen, version.merchant_net_fen, version.customer_benefit_fen)
    return Finding(all(net is not None and net > 0 for net in nets))


def _not_maker(file: LeadFile, step: Step) -> Finding:
    """The owner and whoever wrote or submitted the proposal made it; they do not approve it."""
    if not isinstance(file.by, User):
        return Finding(True)
    makers = {file.lead.owner_id}
    if file.proposal is not None:
        makers |= {file.proposal.author_id, file.proposal.submitted_by_id}
    return Finding(file.by.pk not in makers)


def _approval_tier(file: LeadFile, step: Step) -> Finding:
    return Finding(policies.may_approve(file.by, file.lead, file.amount_fen))


def _agreement(file: LeadFile, step: Step) -> Finding:
    signed = step.agreement
    return Finding(signed is not None, signed.number if signed else "")


def _clauses(file: LeadFile, step: Step) -> Finding:
    signed = step.agreement
    return Finding(signed is not None and signed.data_clause and signed.settlement_clause)


def _refused_or_withdrawn(file: LeadFile, step: Step) -> Finding:
    ends = (LeadStepReason.APPROVAL_REFUSED, LeadStepReason.MERCHANT_WITHDREW)
    return Finding(step.reason in ends, LeadStepReason(step.reason).label if step.reason else "")


def _reason(file: LeadFile, step: Step) -> Finding:
    """In words; where the step has codes, a code says it as well."""
    coded = bool(step.reason) and step.reason in LEAD_REASONS.get(step.to, ())
    return Finding(bool(step.because) or coded, step.because)


def _revisit_date(file: LeadFile, step: Step) -> Finding:
    return Finding(step.revisit_on is not None)


def _revisit_reached(file: LeadFile, step: Step) -> Finding:
    day = file.lead.revisit_on
    return Finding(day is None or day <= file.today, day.isoformat() if day else "")


def _lost_reason(file: LeadFile, step: Step) -> Finding:
    return Finding(bool(step.lost_reason))


def _recently_lost(file: LeadFile, step: Step) -> Finding:
    days = (step.at - file.lead.stage_entered_at).days
    return Finding(days <= REOPEN_WITHIN.value)


def _on_file(file: LeadFile, step: Step) -> Finding:
    """No row says it: evidence of its kind alone serves."""
    return Finding(False)


CHECKS: dict[Guard, Callable[[LeadFile, Step], Finding]] = {
    Guard.OWNER: _owner,
    Guard.CREDIT_CODE: _credit_code,
    Guard.LICENCE_CHECKED: _licence_checked,
    Guard.LICENCE_IN_FORCE: _licence_in_force,
    Guard.LICENCE_FRESH: _licence_fresh,
    Guard.PREMISES: _on_file,
    Guard.CATEGORY_ALLOWED: _category_allowed,
    Guard.NEGATIVE_LIST: _negative_list,
    Guard.NOT_BLOCKED: _not_blocked,
    Guard.CONTACT: _contact,
    Guard.CONVERSATION: _conversation,
    Guard.CRITICAL_PAIN: _critical_pain,
    Guard.FRESH_PAIN: _fresh_pain,
    Guard.DECISION_MAKER: _decision_maker,
    Guard.ENTRY_POINT: _entry_point,
    Guard.ATTEMPTS_OR_REFUSAL: _attempts_or_refusal,
    Guard.OBJECTION_OPEN: _objection_open,
    Guard.POINT_MISSED: _point_missed,
    Guard.VISION: _vision,
    Guard.PROPOSAL_COMPLETE: _proposal_complete,
    Guard.FORECAST: _forecast,
    Guard.APPROVAL_TIER: _approval_tier,
    Guard.NOT_MAKER: _not_maker,
    Guard.AGREEMENT: _agreement,
    Guard.CLAUSES: _clauses,
    Guard.REFUSED_OR_WITHDRAWN: _refused_or_withdrawn,
    Guard.CAUSE_ADDRESSED: _on_file,
    Guard.PROHIBITED_HIT: _on_file,
    Guard.RELEASE_DOCUMENT: _on_file,
    Guard.REASON: _reason,
    Guard.REVISIT_DATE: _revisit_date,
    Guard.REVISIT_REACHED: _revisit_reached,
    Guard.LOST_REASON: _lost_reason,
    Guard.RECENTLY_LOST: _recently_lost,
}
