"""A desk for tests of leads: a lead in some stage, made ready for each step through the verbs.

`desk.ready(to)` brings together what the road to a stage asks for, `desk.step(to)` takes the step
with what it must say, and `desk.reach(stage)` walks there from where the lead stands. The clock
moves on with everything that is filed or decided.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from crm.actors import Actor
from crm.domain import files
from crm.ids import uuid7
from crm.models import User
from leads import demo_steps
from leads.domain import lead_evidence, pipeline
from leads.domain.lead_file import Signature
from leads.models import (
    Lead,
    LeadEvidence,
    LeadEvidenceKind,
    LeadSource,
    LeadWaiver,
    LostReason,
    Play,
    Stage,
)
from leads.models.lead_evidence_kinds import LEAD_PIECES
from leads.models.stages import FUNNEL, Guard, Road, Who, roads_from
from merchants.domain import credit_code
from merchants.models import (
    DecisionPower,
    LicenceStatus,
    Merchant,
    PartnershipStage,
)
from merchants.models.evidence_kinds import Filer
from tests import factories
from tests.conftest import Cast

DAY = timedelta(days=1)
PDF = b"%PDF-1.7 test"
AMOUNT_FEN = 4_800_000
RULINGS = (Guard.PROHIBITED_HIT, Guard.RELEASE_DOCUMENT)
"""What compliance files."""


class LeadDesk:
    """Ann's lead on the desk. `at` is the desk's now.

    With `admitted`, the merchant has its code, its licence and its category already.
    """

    def __init__(
        self,
        cast: Cast,
        at: datetime,
        stage: str = Stage.NEW,
        *,
        admitted: bool = True,
        **columns: Any,
    ) -> None:
        self.cast, self.at = cast, at
        merchant = columns.pop("merchant", None)
        if merchant is None:
            merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        self.merchant: Merchant = merchant
        if admitted:
            self.admit()
        needed: dict[str, Any] = {
            Stage.LOST: {"lost_reason": LostReason.OTHER},
            Stage.PARKED: {"revisit_on": timezone.localdate(at)},
        }.get(Stage(stage), {})
        values = {
            "owner": cast.ann,
            "stage": stage,
            "stage_entered_at": at,
            "last_activity_at": at,
            "created_at": at,
            "expected_value_fen": AMOUNT_FEN,
            **needed,
            **columns,
        }
        self.pk: UUID = factories.LeadFactory(merchant=self.merchant, **values).pk

    @classmethod
    def of(cls, cast: Cast, lead: Lead, at: datetime) -> "LeadDesk":
        """A lead that exists, put on the desk; its merchant is admitted."""
        desk = cls.__new__(cls)
        desk.cast, desk.at, desk.pk, desk.merchant = cast, at, lead.pk, lead.merchant
        desk.admit()
        return desk

    @property
    def row(self) -> Lead:
        return Lead.objects.select_related("merchant", "owner").get(pk=self.pk)

    @property
    def stage(self) -> Stage:
        return Stage(self.row.stage)

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def later(self, **passed: float) -> "LeadDesk":
        self.at += timedelta(**passed)
        return self

    # --- what the merchant has -------------------------------------------------------------

    def admit(self) -> None:
        """Give the merchant the code, the licence check and the category that T1 asks for."""
        number = Merchant.objects.count() + 70_000
        self.change_merchant(
            credit_code=self.merchant.credit_code or credit_code.made_up(number),
            licence_status=LicenceStatus.OPEN,
            licence_checked_on=timezone.localdate(self.at),
            licence_source="国家企业信用信息公示系统",
        )

    def change_merchant(self, **columns: Any) -> Merchant:
        """As registration would; the desk is not there to try it."""
        return self.merchant.change(at=self.at, **columns)

    def meet(self, **columns: Any) -> Any:
        """A contact who was told, and who decides."""
        told = {
            "notice_version": "2026-01",
            "notice_given_at": self.at,
            "decision_power": DecisionPower.DECIDES,
        }
        return factories.ContactFactory(merchant=self.merchant, **{**told, **columns})

    # --- what is put on file ---------------------------------------------------------------

    def document(self, by: User, name: str = "文件.pdf") -> UUID:
        return files.keep(name, PDF, kinds=files.DOCUMENTS, by=by, at=self.at).pk

    def file(
        self, kind: str, said: str = "如实记录", by: User | None = None, **more: Any
    ) -> LeadEvidence:
        """Evidence of a kind with all that it must bring, by whoever files it."""
        self.later(minutes=1)
        piece = LEAD_PIECES[LeadEvidenceKind(kind)]
        who = by or (self.cast.rui if piece.filer is Filer.COMPLIANCE else self.cast.max)
        happened_on = more.pop("happened_on", None)
        return lead_evidence.file_evidence(
            uuid7(),
            self.pk,
            kind=kind,
            said=said,
            happened_on=happened_on,
            numbers=more,
            document_id=self.document(who) if piece.document else None,
            by=who,
            at=self.at,
        )

    def waive(self, to: str, guard: str, because: str = "分行已同意", by: Any = None) -> LeadWaiver:
        self.later(minutes=1)
        return lead_evidence.waive(
            uuid7(), self.pk, to=Stage(to), guard=guard, because=because,
            by=by or self.cast.max, at=self.at,
        )  # fmt: skip

    def signature(self, by: User, **more: Any) -> Signature:
        """A signed agreement with its clauses, as it comes with the winning step."""
        signed = demo_steps.signature(
            self.row, by=by, at=self.at, number=f"SH-LEAD-{str(self.pk)[-6:]}"
        )
        return replace(signed, **more)

    # --- steps -----------------------------------------------------------------------------

    def road(self, to: str) -> Road:
        row = self.row
        return roads_from(Stage(row.stage), win_back=row.source == LeadSource.WIN_BACK)[Stage(to)]

    def guards(self, to: str) -> tuple[Guard, ...]:
        """What the road to a stage asks of this lead, which was perhaps never qualified."""
        road = self.road(to)
        return (*road.guards, *(one for one in road.at_first if one not in road.guards))

    def ready(self, to: str, *, but: Guard | None = None) -> "LeadDesk":
        """Bring together what the road to a stage asks for, all but one guard."""
        guards = self.guards(to)
        if Guard.OBJECTION_OPEN in guards and not Play.objects.filter(reason="not_urgent").exists():
            factories.PlayFactory(reason="not_urgent")
        for guard in guards:
            prepare = self._prepares(guard, but)
            if prepare is not None:
                self.later(minutes=1)
                who = self.cast.rui if guard in RULINGS else self.cast.ann
                if self.row.owner is None:
                    who = self.cast.max
                prepare(self.row, by=who, at=self.at)
        return self

    def _prepares(self, guard: Guard, but: Guard | None) -> Any:
        """What meets a guard, if nothing but the one that is to be left out."""
        if guard is but:
            if guard is Guard.PROPOSAL_COMPLETE:
                return partial(demo_steps.proposal, submitted=False)
            if guard is Guard.FORECAST:
                return lambda lead, **_: self.losing_proposal()
            return None
        if guard is Guard.PROPOSAL_COMPLETE and but is Guard.FORECAST:
            return None
        return demo_steps.PREPARED.get(guard)

    def losing_proposal(self) -> None:
        """A submitted proposal by which the bank loses; no verb would have let it through."""
        factories.ProposalVersionFactory(
            proposal__lead=self.row,
            state="submitted",
            is_complete=True,
            submitted_at=self.at,
            bank_net_fen=-1,
            merchant_net_fen=1,
            customer_benefit_fen=1,
        )

    def says(self, to: str, by: Actor, *, but: Guard | None = None) -> dict[str, Any]:
        """What the step to a stage must say, all but one guard."""
        said: dict[str, Any] = {}
        for guard in self.guards(to):
            if guard is but:
                continue
            if guard is Guard.REASON:
                said["because"] = "过完年再说"
            elif guard is Guard.REVISIT_DATE:
                said["revisit_on"] = self.today + 96 * DAY
            elif guard is Guard.LOST_REASON:
                said["lost_reason"] = LostReason.RIVAL
            elif guard is Guard.REFUSED_OR_WITHDRAWN:
                said["reason"] = "approval_refused"
            elif guard is Guard.AGREEMENT:
                assert isinstance(by, User)
                whole = but is not Guard.CLAUSES
                said["agreement"] = self.signature(by, data_clause=whole)
        return said

    def walker(self, to: str) -> User:
        """Somebody who may walk the road."""
        return {
            Who.WORKER: self.cast.ann,
            Who.APPROVER: self.cast.max,
            Who.LEADER: self.cast.max,
            Who.COMPLIANCE: self.cast.rui,
        }[self.road(to).who]

    def step(self, to: str, by: Actor | None = None, **more: Any) -> Lead:
        """Take the step with what it must say; nothing is prepared."""
        self.later(minutes=1)
        who = by or self.walker(to)
        said = {**self.says(to, who), **more}
        return pipeline.advance(self.pk, to=Stage(to), by=who, at=self.at, **said)

    def reach(self, *stages: str) -> "LeadDesk":
        """Walk on, stage by stage: the stages named, or up the funnel to the only one."""
        if len(stages) == 1 and stages[0] in FUNNEL and self.stage in FUNNEL:
            here, there = FUNNEL.index(self.stage), FUNNEL.index(Stage(stages[0]))
            stages = FUNNEL[here + 1 : there + 1] if there > here else stages
        for stage in stages:
            self.ready(stage).step(stage)
        return self

    def partner(self, stage: str = PartnershipStage.CHURNED, days_ago: int = 60) -> Any:
        """The merchant was, or is, a partner."""
        entered = self.at - days_ago * DAY
        return factories.PartnershipFactory(
            merchant=self.merchant, stage=stage, stage_entered_at=entered, evidence_since=entered
        )
