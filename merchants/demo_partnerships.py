"""The partnerships of the demo: one or more in every stage, with agreements, some of them near
their end. All of it is made through the verbs, by the people who would have done it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm import demo
from crm.demo import Demo
from crm.domain import files
from crm.ids import uuid7
from crm.models import Membership, Role, User
from merchants.domain import agreements, evidence, partnership_edges, partnerships
from merchants.domain.agreement_terms import Terms
from merchants.models import Merchant, Partnership, PartnershipStage, StepReason

OF_OLD = timedelta(days=190)
"""Merchants known for longer than this are partners of old."""


def paper(title: str) -> bytes:
    """A one-page PDF that says that it is one of the demo's."""
    text = f"BT /F1 18 Tf 60 760 Td (Demo document: {title}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


@dataclass
class Tale:
    """One partnership of the demo, told day by day."""

    story: Demo
    merchant: Merchant
    rep: User
    lead: User
    manager: User
    compliance: User
    number: int
    partnership: Partnership = field(init=False)
    agreement_id: UUID = field(default_factory=uuid7)

    def day(self, days: int) -> date:
        """A day, so many days from today."""
        return self.story.today + timedelta(days=days)

    def terms(self, starts: int, ends: int, by: User, at: datetime) -> Terms:
        """Signed terms between two days, counted from today."""
        kept = files.keep(
            f"特惠商户合作协议{self.number:02d}.pdf",
            paper("agreement"),
            kinds=files.DOCUMENTS,
            by=by,
            at=at,
        )
        return Terms(
            starts_on=self.day(starts),
            ends_on=self.day(ends),
            terms="每周三满200减50，银行承担六成，商户承担四成；数据仅以汇总形式交换。",
            bank_signatory=self.manager.full_name,
            merchant_signatory="商户代表（示例）",
            settlement_days=30,
            document_id=kept.pk,
        )

    def registered(self, days_ago: int, stage: PartnershipStage, starts: int, ends: int) -> "Tale":
        """It existed before the product did: the branch manager enters it."""
        at = self.story.worked(days_ago)
        self.partnership = partnerships.register_existing(
            uuid7(),
            self.merchant.pk,
            stage=stage,
            agreement_id=self.agreement_id,
            number=f"SH-{self.day(starts).year}-{self.number:04d}",
            terms=self.terms(starts, ends, self.manager, at),
            by=self.manager,
            at=at,
        )
        return self

    def begun(self, days_ago: int, *, ends: int = 350) -> "Tale":
        """Won by a rep: it begins in onboarding, its agreement is drafted and signed off."""
        at = self.story.worked(days_ago)
        self.partnership = partnerships.begin(
            uuid7(), self.merchant.pk, key=f"demo:{self.number}", by=self.rep, at=at
        )
        later = at + timedelta(minutes=20)
        agreements.draft(
            self.agreement_id,
            self.partnership.pk,
            number=f"SH-{at.year}-{self.number:04d}",
            terms=self.terms(ends - 365, ends, self.rep, later),
            by=self.rep,
            at=later,
        )
        agreements.sign(self.agreement_id, by=self.lead, at=later + timedelta(minutes=30))
        return self

    def filed(
        self,
        days_ago: int,
        kind: str,
        said: str = "",
        *,
        by: User | None = None,
        document: bool = False,
        happened: int | None = None,
        **numbers: Any,
    ) -> "Tale":
        """Evidence goes on file, with a document where its kind brings one."""
        who, at = by or self.rep, self.story.worked(days_ago)
        document_id = (
            files.keep(f"{kind}.pdf", paper(kind), kinds=files.DOCUMENTS, by=who, at=at).pk
            if document
            else None
        )
        evidence.file_evidence(
            uuid7(),
            self.partnership.pk,
            kind=kind,
            said=said,
            happened_on=None if happened is None else self.day(-happened),
            numbers=numbers,
            document_id=document_id,
            by=who,
            at=at,
        )
        return self

    def moved(
        self, days_ago: int, to: PartnershipStage, by: User, reason: str = "", **more: Any
    ) -> "Tale":
        partnerships.advance(
            self.partnership.pk, to=to, by=by, reason=reason, at=self.story.worked(days_ago), **more
        )
        return self

    def ready_for_pilot(self, days_ago: int) -> "Tale":
        self.filed(days_ago, "training_record", document=True)
        self.filed(days_ago, "test_redemption", "测试核销一笔，已冲正")
        self.filed(days_ago, "published_rules", "活动细则已在手机银行发布")
        return self.filed(days_ago, "materials_photo", document=True)

    def in_pilot(self, days_ago: int) -> "Tale":
        """Begun, made ready, and live since so many working days."""
        self.begun(days_ago + 9).ready_for_pilot(days_ago + 2)
        return self.moved(days_ago, PartnershipStage.PILOT, self.rep)

    def piloted(self, days_ago: int) -> "Tale":
        """The figures of a good pilot are on file."""
        self.filed(days_ago, "pilot_redemptions", redemptions=34)
        self.filed(days_ago, "pilot_statement", open_difference_fen=0, document=True)
        return self.filed(days_ago, "pilot_review", lift_percent="12.50", document=True)


@demo.step(60)
def tell_partnerships(story: Demo) -> str:
    """A dozen and more, in every stage."""
    tales = _tales(story)
    active, pilot = PartnershipStage.ACTIVE, PartnershipStage.PILOT
    next(tales).begun(4)
    next(tales).begun(9).filed(5, "training_record", document=True).filed(
        3, "test_redemption", "测试核销一笔，已冲正"
    )
    next(tales).in_pilot(3)
    next(tales).in_pilot(18).piloted(3)
    one = next(tales)
    one.in_pilot(26).piloted(8).filed(7, "merchant_continues", "店长：继续，周末也想做")
    one.moved(6, active, one.manager)
    next(tales).registered(40, active, -150, 214)
    next(tales).registered(38, active, -95, 269)
    next(tales).registered(35, active, -240, 124)
    next(tales).registered(7, active, -295, 70)
    _waivered(next(tales))
    _wavering(story, next(tales).registered(33, active, -200, 164))
    next(tales).registered(30, active, -180, 184).filed(
        24, "dispute_opened", "七月结算单差额未决", happened=40
    )
    next(tales).registered(12, active, -320, 44)
    _renewing(next(tales).registered(8, active, -342, 22))
    _suspended(next(tales).registered(29, active, -120, 244))
    _churned(next(tales).registered(40, pilot, -75, 289))
    _blocked(next(tales).registered(34, active, -130, 234))
    partnership_edges.take_due_steps(at=story.worked(1))
    made = Partnership.objects.count()
    return _("Partnerships: %(count)s, in all stages.") % {"count": made}


def _tales(story: Demo) -> Any:
    """Partners of old in turn, each with the people who look after it."""
    partners = (
        Merchant.objects.filter(created_at__lt=story.now - OF_OLD, owner__isnull=False)
        .select_related("owner", "unit")
        .order_by("created_at", "name")
    )
    compliance = demo.person("compliance")
    for number, merchant in enumerate(partners, 1):
        above = merchant.unit.ancestors
        assert merchant.owner is not None
        yield Tale(
            story,
            merchant,
            merchant.owner,
            _holding(Role.TEAM_LEAD, above),
            _holding(Role.BRANCH_MANAGER, above),
            compliance,
            number,
        )


def _holding(role: Role, units: list[UUID]) -> User:
    return Membership.objects.select_related("user").get(role=role, unit__in=units).user


def _waivered(one: Tale) -> None:
    """The photo is missing, and the branch manager lets it pass."""
    one.begun(14)
    one.filed(8, "training_record", document=True)
    one.filed(8, "test_redemption", "测试核销一笔，已冲正")
    one.filed(7, "published_rules", "活动细则已在手机银行发布")
    one.moved(
        5,
        PartnershipStage.PILOT,
        one.manager,
        waivers={"materials_photo": "商场统一换装，台卡下周到位"},
        comment="先试点，物料后补",
    )


def _wavering(story: Demo, one: Tale) -> None:
    """A complaint; the tick of that day let the partnership waver. A plan is on file."""
    one.filed(10, "complaint", "商户抱怨结算慢，要求暂停周末活动")
    partnership_edges.take_due_steps(at=story.worked(9))
    one.filed(4, "rescue_plan", "先结清旧账，再调整周末名额", document=True)
    one.filed(2, "health_record", health="66.00", days=7)


def _renewing(one: Tale) -> None:
    """In renewal since its registration; the new agreement is signed off and waits for approval."""
    partnership_edges.take_due_steps(at=one.story.worked(7))
    renewal, at = uuid7(), one.story.worked(4)
    agreements.draft(
        renewal,
        one.partnership.pk,
        number=f"SH-{one.day(23).year}-R{one.number:03d}",
        terms=one.terms(23, 387, one.rep, at),
        by=one.rep,
        at=at,
    )
    agreements.sign(renewal, by=one.lead, at=one.story.worked(3))
    one.filed(2, "roi_review", "三方均为正收益", document=True)


def _suspended(one: Tale) -> None:
    one.filed(6, "risk_case", "RC-2026-0031：疑似套现", by=one.compliance)
    one.moved(5, PartnershipStage.SUSPENDED, one.compliance, StepReason.RISK_HIT)


def _churned(one: Tale) -> None:
    one.filed(30, "stop_decision", document=True).filed(29, "final_settlement", document=True)
    one.moved(28, PartnershipStage.CHURNED, one.manager, StepReason.RESULTS)


def _blocked(one: Tale) -> None:
    one.filed(22, "risk_case", "RC-2026-0027：列入不良信息名单", by=one.compliance)
    one.moved(21, PartnershipStage.SUSPENDED, one.compliance, StepReason.COMPLIANCE_REVIEW)
    one.filed(16, "decision_document", document=True, by=one.compliance)
    one.moved(15, PartnershipStage.BLOCKED, one.compliance, StepReason.NEGATIVE_LIST)
