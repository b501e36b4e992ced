"""What serves each guard of a lead's roads, what to do about it, and whether it may be waived."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from crm.errors import Sentence
from crm.parameters import told
from leads.models.lead_numbers import FAILED_ATTEMPTS, LICENCE_DAYS, PAIN_DAYS, REOPEN_WITHIN
from leads.models.lead_words import LeadEvidenceKind as Kind
from leads.models.stages import Guard


@dataclass(frozen=True)
class Demand:
    """What serves a guard. What regulation asks for, and what the record itself needs, is never
    let pass."""

    remedy: Sentence
    """What to do when it is missing: the sentence of the refusal."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of evidence that serve it, where no other row says it."""
    waivable: bool = False
    attr: str | None = None
    """The field of the step that says it, if it is said with the step."""


def _let(remedy: Sentence, *kinds: Kind) -> Demand:
    return Demand(remedy, kinds, waivable=True)


DEMANDS: Mapping[Guard, Demand] = MappingProxyType(
    {
        Guard.OWNER: Demand(_("The lead needs an owner."), attr="owner"),
        Guard.CREDIT_CODE: Demand(
            _("Enter the merchant's unified social credit code; it must pass the check.")
        ),
        Guard.LICENCE_CHECKED: _let(_("Check the licence, and note the day and the source.")),
        Guard.LICENCE_IN_FORCE: Demand(
            _("The licence is not in force; with this licence nobody is won.")
        ),
        Guard.LICENCE_FRESH: _let(
            told(
                _("Check the licence again: the last check is more than %(days)s days old."),
                days=LICENCE_DAYS,
            ),
        ),
        Guard.PREMISES: _let(
            _("Look at the premises and the scope of business, and put it on file."),
            Kind.PREMISES_CHECK,
        ),
        Guard.CATEGORY_ALLOWED: Demand(
            _("Give the merchant a category that is not a prohibited one.")
        ),
        Guard.NEGATIVE_LIST: Demand(
            _("Look the merchant up on the negative list, and put the result on file."),
            (Kind.NEGATIVE_LIST_CHECK,),
        ),
        Guard.NOT_BLOCKED: Demand(_("This merchant is blocked; only compliance can release it.")),
        Guard.CONTACT: Demand(
            _("Add a contact with a lawful basis, and give the person the notice.")
        ),
        Guard.CONVERSATION: _let(
            _("Log a conversation in which the merchant had its say."), Kind.CONVERSATION
        ),
        Guard.CRITICAL_PAIN: _let(
            _("Confirm a pain in the nine-grid: reasons (R3), impact (I3) and monthly amount."),
            Kind.CRITICAL_PAIN,
        ),
        Guard.FRESH_PAIN: _let(
            told(
                _("Confirm the pain again: what was agreed is more than %(days)s days old."),
                days=PAIN_DAYS,
            ),
            Kind.CRITICAL_PAIN,
        ),
        Guard.DECISION_MAKER: _let(
            _("Find out who decides, and note it on the contact."), Kind.DECISION_MAKER
        ),
        Guard.ENTRY_POINT: _let(_("Choose the entry point."), Kind.ENTRY_POINT),
        Guard.ATTEMPTS_OR_REFUSAL: _let(
            told(
                _("Try on %(count)s different days, or note that the merchant refused."),
                count=FAILED_ATTEMPTS,
            ),
            Kind.MERCHANT_REFUSED,
        ),
        Guard.OBJECTION_OPEN: _let(
            _("Record the objection that keeps the merchant back, unresolved or with a day."),
        ),
        Guard.POINT_MISSED: _let(_("Record the objection: we missed the pain point.")),
        Guard.VISION: _let(
            _("Confirm in the nine-grid what the merchant needs (C3)."), Kind.VISION
        ),
        Guard.PROPOSAL_COMPLETE: _let(
            _("Complete the proposal – mechanic, caps, budget, shares of 100 % – and submit it."),
        ),
        Guard.FORECAST: _let(
            _("Bring the forecast above zero for all three, or have it waived in writing."),
        ),
        Guard.APPROVAL_TIER: Demand(
            _("This amount is for somebody higher up to approve."), (Kind.APPROVAL,)
        ),
        Guard.NOT_MAKER: Demand(
            _("Who owns the lead or drafted the proposal does not approve it.")
        ),
        Guard.AGREEMENT: Demand(
            _("Give the signed agreement: number, dates, signatories and the paper."),
            attr="agreement",
        ),
        Guard.CLAUSES: Demand(
            _("Make sure that the agreement has its clauses on data and on settlement."),
            attr="agreement",
        ),
        Guard.REFUSED_OR_WITHDRAWN: Demand(
            _("Say that the approval was refused, or that the merchant withdrew."),
            (Kind.APPROVAL_REFUSED, Kind.MERCHANT_WITHDREW),
            attr="reason",
        ),
        Guard.CAUSE_ADDRESSED: _let(
            _("Put on file what has changed since the partnership ended."), Kind.CAUSE_ADDRESSED
        ),
        Guard.PROHIBITED_HIT: Demand(_("Attach the document of the hit."), (Kind.PROHIBITED_HIT,)),
        Guard.RELEASE_DOCUMENT: Demand(_("Attach the release document."), (Kind.RELEASE_DOCUMENT,)),
        Guard.REASON: Demand(_("Say why."), attr="because"),
        Guard.REVISIT_DATE: Demand(_("Say when to come back."), attr="revisit_on"),
        Guard.REVISIT_REACHED: _let(_("The day to come back lies ahead.")),
        Guard.LOST_REASON: Demand(_("Say why the merchant was lost."), attr="lost_reason"),
        Guard.RECENTLY_LOST: Demand(
            told(
                _("A lead can be reopened within %(days)s days after it was lost."),
                days=REOPEN_WITHIN,
            )
        ),
    }
)
