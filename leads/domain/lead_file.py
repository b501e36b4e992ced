"""Everything that lies on the desk for a lead's next step: rows that say it, evidence, waivers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from crm.actors import Actor
from leads.models import (
    Activity,
    Lead,
    LeadEvidence,
    LeadEvidenceKind,
    LeadSource,
    LeadWaiver,
    Objection,
    Pain,
    PainEnd,
    ProposalState,
    ProposalVersion,
    Stage,
    StageChange,
)
from leads.models.activity import FAILED, REFUSALS
from leads.models.grid_words import COSTED
from leads.models.lead_evidence_kinds import ONCE
from merchants.domain import partnership_facts
from merchants.models import Contact, ContactState, Merchant, Partnership, PartnershipStage

MOST_CONTACTS = 100
"""The newest contacts that a checklist looks at."""


@dataclass(frozen=True)
class Signature:
    """The signed agreement that comes with the winning step."""

    number: str
    starts_on: date
    ends_on: date
    bank_signatory: str
    merchant_signatory: str
    document_id: UUID | None = None
    terms: str = ""
    settlement_days: int = 30
    settlement_basis: str = "statement"
    notice_days: int = 30
    data_clause: bool = False
    settlement_clause: bool = False


@dataclass(frozen=True)
class Step:
    """A step that somebody wants to take, with what they say about it."""

    to: Stage
    at: datetime
    because: str = ""
    reason: str = ""
    revisit_on: date | None = None
    lost_reason: str = ""
    agreement: Signature | None = None


@dataclass
class LeadFile:
    """What counts for a lead at a moment, asked of the database once and only when needed."""

    lead: Lead
    by: Actor
    at: datetime
    given: tuple[LeadWaiver, ...] = field(default=())
    """Waivers that come with the step itself."""

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @cached_property
    def merchant(self) -> Merchant:
        return self.lead.merchant

    @property
    def wins_back(self) -> bool:
        return self.lead.source == LeadSource.WIN_BACK

    @cached_property
    def changes(self) -> list[StageChange]:
        """The lead's steps, the newest first."""
        return list(self.lead.stage_changes.order_by("-at", "-pk"))

    @property
    def was_qualified(self) -> bool:
        """Whether the lead has passed its admission before."""
        worked = {Stage.QUALIFIED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.APPROVAL}
        return any(one.from_stage in worked or one.to_stage in worked for one in self.changes)

    @property
    def pursued_since(self) -> datetime | None:
        """Since when the lead is pursued again, if it had been parked."""
        left = (one.at for one in self.changes if one.from_stage == Stage.PARKED)
        return next(left, None)

    @property
    def blocked_last_at(self) -> datetime | None:
        """When compliance blocked the lead the last time."""
        blocked = (one.at for one in self.changes if one.to_stage == Stage.BLOCKED)
        return next(blocked, None)

    @cached_property
    def evidence(self) -> list[LeadEvidence]:
        """What counts, the newest first. What speaks of one moment serves one step."""
        return list(
            self.lead.evidence.filter(at__lte=self.at)
            .exclude(kind__in=ONCE, steps__isnull=False)
            .select_related("filed_by", "document")
            .defer("document__content")
            .order_by("-at", "-pk")
        )

    def of(self, *kinds: LeadEvidenceKind) -> tuple[LeadEvidence, ...]:
        return tuple(one for one in self.evidence if one.kind in kinds)

    @cached_property
    def waivers(self) -> list[LeadWaiver]:
        """What was let pass since the lead entered its stage, the newest first."""
        return [
            *self.given,
            *self.lead.waivers.filter(
                at__gte=self.lead.stage_entered_at, at__lte=self.at, steps=None
            )
            .exclude(pk__in=[one.pk for one in self.given])
            .select_related("given_by")
            .order_by("-at", "-pk"),
        ]

    def waiver(self, guard: str, to: Stage) -> LeadWaiver | None:
        return next((one for one in self.waivers if (one.guard, one.to_stage) == (guard, to)), None)

    @cached_property
    def contacts(self) -> list[Contact]:
        """The people whom one may talk to."""
        return list(
            Contact.objects.filter(
                merchant=self.lead.merchant_id, state=ContactState.ACTIVE, do_not_contact=False
            )
            .only("masked_name", "lawful_basis", "notice_given_at", "decision_power")
            .order_by("created_at", "pk")
        )

    @cached_property
    def pains(self) -> list[Pain]:
        """Critical pains of the merchant that are not given up, the dearest first."""
        pains = Pain.objects.filter(merchant=self.lead.merchant_id, status__in=COSTED).exclude(
            closed_as=PainEnd.ABANDONED
        )
        return sorted(pains, key=lambda one: -(one.monthly_impact_fen or 0))

    @cached_property
    def objections(self) -> list[Objection]:
        """What the merchant has said against it in this pursuit, the newest first."""
        return list(self.lead.objections.order_by("-raised_at", "-pk"))

    @cached_property
    def contacted(self) -> list[Activity]:
        """Contacts in this pursuit that say something for a step, the newest first: two-way ones,
        failed attempts, refusals."""
        ours = Q(lead=self.lead.pk) | Q(lead=None, occurred_at__gte=self.lead.created_at)
        telling = Q(two_way=True) | Q(outcome_code__in=[*FAILED, *REFUSALS])
        return list(
            Activity.objects.filter(
                ours, telling, merchant=self.lead.merchant_id, occurred_at__lte=self.at
            ).order_by("-occurred_at", "-pk")[:MOST_CONTACTS]
        )

    @cached_property
    def proposal(self) -> ProposalVersion | None:
        """The version that counts: what was submitted, else what is being drafted."""
        standing = ProposalVersion.objects.filter(proposal__lead=self.lead.pk).standing()
        found = sorted(standing, key=lambda one: one.state != ProposalState.SUBMITTED)
        return found[0] if found else None

    @property
    def amount_fen(self) -> int | None:
        """What is approved: the budget of the proposal, else what the lead is expected to bring."""
        if self.proposal is not None and self.proposal.budget_fen is not None:
            return self.proposal.budget_fen
        return self.lead.expected_value_fen

    @cached_property
    def is_blocked(self) -> bool:
        """Whether compliance has blocked the merchant, in another pursuit or as a partner."""
        return merchant_is_blocked(self.lead.merchant_id, but=self.lead.pk)


def merchant_is_blocked(merchant_id: UUID, *, but: UUID | None = None) -> bool:
    """Whether a lead or the partnership of a merchant is blocked and not released."""
    blocked = Lead.objects.filter(merchant=merchant_id, stage=Stage.BLOCKED)
    if any(pk != but for pk in blocked.values_list("pk", flat=True)):
        return True
    last = last_partnership(merchant_id)
    return (
        last is not None
        and last.stage == PartnershipStage.BLOCKED
        and not partnership_facts.is_released(last)
    )


def last_partnership(merchant_id: UUID) -> Partnership | None:
    """The newest partnership with a merchant."""
    found: Iterable[Partnership] = Partnership.objects.filter(merchant=merchant_id).order_by(
        "-created_at", "-pk"
    )[:1]
    return next(iter(found), None)
