"""What the steps of an invented lead rest on, brought together through the verbs.

One function for each thing that a road asks for. The demo tells its stories with them, and so do
the tests; nothing here is for real leads.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from crm.domain import files
from crm.ids import uuid7
from crm.models import User
from leads.domain import (
    activities,
    cells,
    entry_points,
    interviews,
    lead_evidence,
    objection_settling,
    objections,
    proposals,
)
from leads.domain.cell_figures import Given
from leads.domain.interviews import Wanted
from leads.domain.lead_file import Signature
from leads.models import (
    ActivityKind,
    ActivityOutcome,
    AgreedVia,
    Cell,
    Lead,
    LeadEvidenceKind,
    NumberPeriod,
    NumberUnit,
    Objection,
    ObjectionReason,
    Pain,
    PainStatus,
    Play,
)
from leads.models.stages import Guard
from merchants.domain import contacts
from merchants.models import Contact, ContactState, DecisionPower, LawfulBasis
from merchants.models.contact import ContactQuerySet

_DAY = timedelta(days=1)
_PAPER = b"%PDF-1.7\n% an invented paper\n"
TOLD = "2026-01"
PEOPLE = ("陈立群", "周建平", "孙晓梅", "吴海燕", "何志强", "林美玲", "郑国栋", "马雪莹")
"""Who is met at shops where nobody was known. Invented, as everybody here."""

SAID: Mapping[LeadEvidenceKind, str] = {
    LeadEvidenceKind.PREMISES_CHECK: "实地看过：门头、经营范围与执照一致，固定场所",
    LeadEvidenceKind.NEGATIVE_LIST_CHECK: "银联不良信息名单、行内负面清单均未命中",
    LeadEvidenceKind.CAUSE_ADDRESSED: "结算周期已缩短到 T+1，店主认可",
    LeadEvidenceKind.PROHIBITED_HIT: "命中银联不良信息名单",
    LeadEvidenceKind.RELEASE_DOCUMENT: "复核后解除禁入",
}
PROPOSED: Mapping[str, Any] = {
    "pain_words": "周一到周四晚上，总有十来桌空着。",
    "title": "工作日晚餐满100减20",
    "mechanic": "threshold_off",
    "terms": {"threshold_fen": 10_000, "off_fen": 2_000},
    "weekdays": [1, 2, 3, 4],
    "uses_per_customer_day": 1,
    "shares": {"bank": 5_000, "merchant": 3_000, "scheme": 1_500, "platform": 500},
    "budget_fen": 2_000_000,
    "operating_cost_fen": 200_000,
    "redemptions": 1_000,
    "purchases_without": 600,
    "ticket_fen": 12_000,
    "first_swipe_cards": 80,
    "reactivated_cards": 50,
    "card_contribution_fen": 15_000,
    "gross_margin": 6_000,
    "merchant_rate": 6_000,
}
"""1,000 redemptions at 100 less 20, of which 600 would come anyway."""


def paper(name: str, *, by: User, at: datetime) -> UUID:
    """An invented document."""
    return files.keep(name, _PAPER, kinds=files.DOCUMENTS, by=by, at=at).pk


def on_file(kind: LeadEvidenceKind) -> Callable[..., None]:
    """Evidence of a kind, with a document where it must bring one."""

    def put(lead: Lead, *, by: User, at: datetime) -> None:
        ruling = kind in (LeadEvidenceKind.PROHIBITED_HIT, LeadEvidenceKind.RELEASE_DOCUMENT)
        lead_evidence.file_evidence(
            uuid7(),
            lead.pk,
            kind=kind,
            said=SAID[kind],
            document_id=paper("名单.pdf", by=by, at=at) if ruling else None,
            by=by,
            at=at,
        )

    return put


def contact(lead: Lead, *, by: User, at: datetime) -> Contact:
    """Somebody who was told how we handle personal data."""
    found = _people(lead).filter(notice_given_at__isnull=False).first()
    if found is not None:
        return found
    return contacts.add_contact(
        uuid7(),
        lead.merchant_id,
        full_name=PEOPLE[sum(lead.merchant.name.encode()) % len(PEOPLE)],
        position="店长",
        phone=f"1391{lead.pk.int % 10_000_000:07d}",
        lawful_basis=LawfulBasis.PUBLIC,
        notice_version=TOLD,
        notice_given_at=at,
        by=by,
        at=at,
    )


def decision_maker(lead: Lead, *, by: User, at: datetime) -> Contact:
    """Somebody of whom it is known that they decide."""
    person = contact(lead, by=by, at=at)
    if person.decision_power == DecisionPower.DECIDES:
        return person
    changes = {"decision_power": DecisionPower.DECIDES}
    return contacts.change_contact(person.pk, changes, by=by, at=at)


def conversation(lead: Lead, *, by: User, at: datetime) -> None:
    """A visit in which the merchant had its say."""
    said = "和店长聊了工作日客流，愿意再谈。"
    _log(lead, ActivityKind.VISIT, said, ActivityOutcome.REACHED, by=by, at=at)


def attempts(lead: Lead, *, by: User, at: datetime, count: int = 3) -> None:
    """Calls on different days that reached nobody."""
    for number in range(count):
        _log(lead, ActivityKind.CALL, "无人接听", ActivityOutcome.NO_ANSWER, by=by, at=at,
             occurred_at=at - number * _DAY)  # fmt: skip


def critical_pain(lead: Lead, *, by: User, at: datetime) -> Pain:
    """A pain whose reasons and monthly cost the merchant has agreed to."""
    pain = admitted_pain(lead, by=by, at=at)
    if pain.status != PainStatus.ADMITTED:
        return pain
    cost = Given("工作日晚市少收", NumberUnit.YUAN, NumberPeriod.MONTH, amount_fen=2_430_000)
    return _agree(pain, Cell.I3, "每月少收两万多", lead, by=by, at=at, numbers=[cost])


def admitted_pain(lead: Lead, *, by: User, at: datetime) -> Pain:
    """A pain that the merchant has admitted."""
    pain = Pain.objects.open().filter(merchant=lead.merchant_id).order_by("created_at").first()
    if pain is None:
        pain = interviews.open_pain(
            uuid7(), lead.merchant_id, lead_id=lead.pk, title="工作日晚市空台多", by=by, at=at
        )
    if pain.status != PainStatus.LATENT:
        return pain
    return _agree(pain, Cell.R3, "附近写字楼的人都订外卖", lead, by=by, at=at)


def vision(lead: Lead, *, by: User, at: datetime) -> Pain:
    """A pain of which the merchant sees what would solve it."""
    pain = critical_pain(lead, by=by, at=at)
    if pain.status == PainStatus.VISION:
        return pain
    return _agree(pain, Cell.C3, "要是能把持卡人引到工作日晚上就好", lead, by=by, at=at)


def entry_point(lead: Lead, *, by: User, at: datetime) -> None:
    """The entry point, at a pain that is on the table."""
    pain = admitted_pain(lead, by=by, at=at)
    if not pain.capabilities.exists():
        wanted = [Wanted("工作日晚市客流", covered=True)]
        interviews.name_capabilities(pain.pk, wanted, by=by, at=at)
    entry_points.choose(lead.pk, pain.pk, by=by, at=at)


def objection(lead: Lead, *, by: User, at: datetime) -> Objection:
    """An objection that a play could not settle: it is put off to a day."""
    raised = objections.raise_objection(
        uuid7(),
        lead.merchant_id,
        lead_id=lead.pk,
        merchant_words="生意还行，过了年再说吧",
        declared_reason=ObjectionReason.NOT_URGENT,
        sub_reason="N1",
        by=by,
        at=at,
    )
    known = Play.objects.filter(reason=ObjectionReason.NOT_URGENT, retired_at=None)
    play = known.order_by("code")[0]
    objections.handle(raised.pk, attempt_id=uuid7(), play_id=play.pk, by=by, at=at)
    until = timezone.localdate(at) + 90 * _DAY
    return objection_settling.defer(raised.pk, until=until, by=by, at=at)


def point_missed(lead: Lead, *, by: User, at: datetime) -> Objection:
    """An objection that says that we spoke of the wrong pain."""
    return objections.raise_objection(
        uuid7(),
        lead.merchant_id,
        lead_id=lead.pk,
        merchant_words="我们缺的不是新客，是回头客",
        declared_reason=ObjectionReason.POINT_MISSED,
        by=by,
        at=at,
    )


def proposal(lead: Lead, *, by: User, at: datetime, submitted: bool = True) -> None:
    """A proposal with a gain for all three, submitted."""
    today = timezone.localdate(at)
    days = {"starts_on": today + 30 * _DAY, "ends_on": today + 120 * _DAY}
    drafted = proposals.draft(uuid7(), lead.pk, changes={**PROPOSED, **days}, by=by, at=at)
    if submitted:
        proposals.submit(drafted.pk, by=by, at=at)


def signature(lead: Lead, *, by: User, at: datetime, number: str) -> Signature:
    """A signed agreement with its clauses and its paper."""
    today = timezone.localdate(at)
    return Signature(
        number=number,
        starts_on=today + 10 * _DAY,
        ends_on=today + 375 * _DAY,
        bank_signatory="周伯言",
        merchant_signatory="陈立群",
        document_id=paper("协议.pdf", by=by, at=at),
        data_clause=True,
        settlement_clause=True,
    )


PREPARED: Mapping[Guard, Callable[..., object]] = {
    Guard.PREMISES: on_file(LeadEvidenceKind.PREMISES_CHECK),
    Guard.NEGATIVE_LIST: on_file(LeadEvidenceKind.NEGATIVE_LIST_CHECK),
    Guard.CONTACT: contact,
    Guard.CONVERSATION: conversation,
    Guard.CRITICAL_PAIN: critical_pain,
    Guard.FRESH_PAIN: critical_pain,
    Guard.DECISION_MAKER: decision_maker,
    Guard.ENTRY_POINT: entry_point,
    Guard.ATTEMPTS_OR_REFUSAL: attempts,
    Guard.OBJECTION_OPEN: objection,
    Guard.POINT_MISSED: point_missed,
    Guard.VISION: vision,
    Guard.PROPOSAL_COMPLETE: proposal,
    Guard.CAUSE_ADDRESSED: on_file(LeadEvidenceKind.CAUSE_ADDRESSED),
    Guard.PROHIBITED_HIT: on_file(LeadEvidenceKind.PROHIBITED_HIT),
    Guard.RELEASE_DOCUMENT: on_file(LeadEvidenceKind.RELEASE_DOCUMENT),
}
"""Who of the functions above meets which guard; the rest the merchant's register says."""


def _people(lead: Lead) -> ContactQuerySet:
    return Contact.objects.filter(
        merchant=lead.merchant_id, state=ContactState.ACTIVE, do_not_contact=False
    ).order_by("created_at", "pk")


def _log(
    lead: Lead,
    kind: str,
    summary: str,
    outcome: str,
    *,
    by: User,
    at: datetime,
    occurred_at: datetime | None = None,
) -> None:
    activities.log(
        uuid7(),
        lead.merchant_id,
        lead_id=lead.pk,
        kind=kind,
        summary=summary,
        outcome_code=outcome,
        occurred_at=occurred_at or at,
        by=by,
        at=at,
    )


def _agree(
    pain: Pain,
    cell: str,
    words: str,
    lead: Lead,
    *,
    by: User,
    at: datetime,
    numbers: list[Given] | None = None,
) -> Pain:
    """Somebody at the merchant agrees to a confirm cell."""
    return cells.confirm(
        pain.pk,
        cell,
        agreed_by_id=contact(lead, by=by, at=at).pk,
        agreed_at=at,
        agreed_via=AgreedVia.VISIT,
        words=words,
        numbers=numbers,
        by=by,
        at=at,
    )
