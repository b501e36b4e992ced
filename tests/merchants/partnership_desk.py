"""A desk for tests of partnerships: a partnership in some stage, and a clock that moves on with
everything that is filed, signed or decided."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from crm.actors import Actor
from crm.domain import files
from crm.ids import uuid7
from crm.models import User
from merchants.domain import agreements, evidence, partnerships
from merchants.domain.agreement_terms import Terms
from merchants.models import (
    Agreement,
    Evidence,
    EvidenceKind,
    Merchant,
    Partnership,
    PartnershipStage,
)
from merchants.models.evidence_kinds import PIECES, Filer
from tests import factories
from tests.conftest import Cast

DAY = timedelta(days=1)
PDF = b"%PDF-1.7 test"


class Desk:
    """Ann's partnership on the desk. `at` is the desk's now."""

    def __init__(self, cast: Cast, at: datetime, stage: str = "active", **columns: Any) -> None:
        self.cast, self.at = cast, at
        self.merchant: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        entered = at - 20 * DAY
        if stage == "suspended":
            columns.setdefault("stage_before", "active")
        self.pk: UUID = factories.PartnershipFactory(
            merchant=self.merchant,
            stage=stage,
            **{"stage_entered_at": entered, "evidence_since": entered, **columns},
        ).pk

    @property
    def row(self) -> Partnership:
        return Partnership.objects.select_related("merchant").get(pk=self.pk)

    @property
    def stage(self) -> str:
        return self.row.stage

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def later(self, **passed: float) -> "Desk":
        self.at += timedelta(**passed)
        return self

    def document(self, by: User, name: str = "文件.pdf") -> UUID:
        return files.keep(name, PDF, kinds=files.DOCUMENTS, by=by, at=self.at).pk

    def file(
        self, kind: str, said: str = "如实记录", by: User | None = None, **more: Any
    ) -> Evidence:
        """Evidence of a kind with all that it must bring, by whoever files it."""
        self.later(minutes=1)
        piece = PIECES[EvidenceKind(kind)]
        who = by or (self.cast.rui if piece.filer is Filer.COMPLIANCE else self.cast.ann)
        happened_on = more.pop("happened_on", None)
        document_id = self.document(who) if piece.document else None
        return evidence.file_evidence(
            uuid7(),
            self.pk,
            kind=kind,
            said=said,
            happened_on=happened_on,
            numbers=more,
            document_id=more.pop("document_id", document_id),
            by=who,
            at=self.at,
        )

    def waive(self, to: str, guard: str, because: str = "总行已同意", by: Any = None) -> Any:
        self.later(minutes=1)
        return evidence.waive(
            uuid7(),
            self.pk,
            to=PartnershipStage(to),
            guard=guard,
            because=because,
            by=by or self.cast.mei,
            at=self.at,
        )

    def step(self, to: str, by: Actor, **more: Any) -> Partnership:
        self.later(minutes=1)
        return partnerships.advance(self.pk, to=PartnershipStage(to), by=by, at=self.at, **more)

    def terms(self, starts: date, ends: date, by: User, **more: Any) -> Terms:
        return Terms(
            **{
                "starts_on": starts,
                "ends_on": ends,
                "bank_signatory": "周伯言",
                "merchant_signatory": "张三",
                "document_id": self.document(by, "协议.pdf"),
                **more,
            }
        )

    def draft(self, starts: date, ends: date, by: User | None = None, **more: Any) -> Agreement:
        self.later(minutes=1)
        who = by or self.cast.ann
        number = more.pop("number", f"SH-{Agreement.objects.count():04d}")
        return agreements.draft(
            uuid7(),
            self.pk,
            number=number,
            terms=self.terms(starts, ends, who, **more),
            by=who,
            at=self.at,
        )

    def sign(self, agreement: Agreement, by: User | None = None) -> Agreement:
        self.later(minutes=1)
        return agreements.sign(agreement.pk, by=by or self.cast.max, at=self.at)

    def agree(self, starts: date, ends: date, **more: Any) -> Agreement:
        """Drafted by Ann, signed off by Max."""
        return self.sign(self.draft(starts, ends, **more))
