"""Statements of the demo: one merchant after the other, from a draft to what is paid and filed,
with a merchant's own list that does not agree."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.demo_purchases import work
from campaigns.demo_road import at_work, day_of, moment
from campaigns.domain import (
    campaign_ticking,
    invoices,
    payments,
    running,
    statement_files,
    statements,
)
from campaigns.models import Campaign, LineKind, Redemption, Statement, StatementState
from crm import demo
from crm.demo import Demo
from crm.domain import files
from crm.ids import uuid7
from merchants.domain import credit_code
from merchants.models import Merchant

CLOSED, SETTLING, ENDED = "初夏洗护满60减15", "老街聚餐满150减30", "便利店满20减8"
BUYER = "示例银行股份有限公司"
TAX = 600
"""Six per cent, in basis points."""

_S = StatementState
ROAD = (_S.DRAFT, _S.SENT, _S.MERCHANT_CONFIRMED, _S.APPROVED, _S.INVOICED, _S.PAID, _S.CLOSED)
LIST_HEADER = "交易参考号,门店,交易日期,优惠金额,交易金额"


@demo.step(94)
def settle(story: Demo) -> str:
    """Finance settles with the merchants of three campaigns that are over."""
    teller = _Settler(story)
    teller.settle(CLOSED, -97, [_S.CLOSED, _S.CLOSED])
    teller.settle(SETTLING, -60, [_S.PAID, _S.INVOICED, _S.APPROVED, _S.SENT])
    teller.settle(ENDED, -8, [_S.DRAFT, _S.MERCHANT_CONFIRMED, _S.DISPUTED, _S.SENT])
    finance = demo.person("finance")
    for name, days in ((CLOSED, -96), (SETTLING, -58)):
        campaign = Campaign.objects.get(name=name)
        running.begin_settling(campaign.pk, by=finance, at=at_work(story, days))
    return _("Statements: %(count)s, in all states.") % {"count": Statement.objects.count()}


@demo.step(97)
def close(story: Demo) -> str:
    """Once no claim may come any more, money goes back, and finance closes what is settled."""
    finance = demo.person("finance")
    closed = Campaign.objects.get(name=CLOSED)
    running.mark_settled(closed.pk, by=finance, at=at_work(story, -68))
    running.close(closed.pk, by=finance, at=at_work(story, -60))
    returned = campaign_ticking.return_due_money(at=moment(story, -34, 0, 5))
    return _("Campaigns whose money went back to their funds: %(count)s.") % {"count": returned + 1}


class _Settler:
    """Leads statements as far as they have come."""

    def __init__(self, story: Demo) -> None:
        self.story = story
        self.finance, self.manager = demo.person("finance"), demo.person("manager")
        self.numbers = count(1)

    def settle(self, name: str, days: int, states: Iterable[StatementState]) -> None:
        """The statements of the merchants of a campaign, begun so many days from today."""
        campaign = Campaign.objects.get(name=name)
        used = Redemption.objects.filter(campaign=campaign).values("merchant")
        merchants = campaign.merchants.filter(pk__in=used)
        for merchant, state in zip(merchants.order_by("created_at", "name"), states, strict=False):
            self._one(campaign, merchant, state, days)

    def _one(
        self, campaign: Campaign, merchant: Merchant, state: StatementState, days: int
    ) -> None:
        story, finance = self.story, self.finance
        at = at_work(story, days)
        statement = statements.draft(
            uuid7(),
            merchant.pk,
            first_day=campaign.starts_on,
            last_day=campaign.ends_on,
            by=finance,
            at=at,
        )
        if state == _S.DRAFT:
            return
        at += timedelta(minutes=20)
        statements.send(statement.pk, by=finance, at=at)
        if state == _S.DISPUTED:
            at = max(at_work(story, days + 4), at + timedelta(minutes=10))
            self._bring_list(statement, at, differing=True)
            statements.dispute(
                statement.pk, because="商户称有三笔优惠未入账，附其台账。", by=finance, at=at
            )
            return
        if state == _S.SENT:
            self._bring_list(statement, at + timedelta(minutes=30), differing=days < -30)
            return
        at = max(at_work(story, days + 4), at + timedelta(minutes=10))
        statements.confirm(
            statement.pk,
            confirmed_on=timezone.localdate(at),
            by_name="商户财务（示例）",
            by=finance,
            at=at,
        )
        if state == _S.MERCHANT_CONFIRMED:
            return
        at = max(at_work(story, days + 6), at + timedelta(minutes=10))
        statements.approve(statement.pk, by=self.manager, at=at)
        if state != _S.APPROVED:
            self._pay(statement, state, days)

    def _pay(self, statement: Statement, state: StatementState, days: int) -> None:
        """The merchant's invoice, and the money in two parts."""
        story, finance, number = self.story, self.finance, next(self.numbers)
        statement.refresh_from_db()
        at = at_work(story, days + 10)
        invoices.record(
            uuid7(),
            statement.pk,
            number=f"26312000{number:012d}",
            issued_on=timezone.localdate(at),
            received_on=timezone.localdate(at),
            buyer_title=BUYER,
            buyer_credit_code=credit_code.made_up(1, division="310104"),
            gross_fen=statement.payable_fen,
            rate_basis_points=TAX,
            by=finance,
            at=at,
        )
        first = statement.payable_fen * 6 // 10
        parts = [first] if state == _S.INVOICED else [first, statement.payable_fen - first]
        for part, later in zip(parts, (14, 20), strict=False):
            paid = at_work(story, days + later)
            payments.record(
                uuid7(),
                statement.pk,
                amount_fen=part,
                reference=f"ZF{day_of(story, days + later):%Y%m%d}{number:03d}{later}",
                paid_on=timezone.localdate(paid),
                by=finance,
                at=paid,
            )
        if state == _S.CLOSED:
            statements.close(statement.pk, by=finance, at=at_work(story, days + 24))

    def _bring_list(self, statement: Statement, at: datetime, *, differing: bool) -> None:
        """The merchant's own list: the same rows, or one less, one more and one of another sum."""
        lines = list(statement.lines.exclude(kind=LineKind.ADJUSTMENT).order_by("number"))
        rows = [
            (line.reference, line.mid, line.day, line.discount_fen, line.amount_fen)
            for line in lines
        ]
        if differing:
            reference, mid, day, discount, amount = rows[0]
            rows[0] = (reference, mid, day, discount + 500, amount)
            del rows[2:3]
            rows.append((f"M{statement.number}01", mid, rows[-1][2], 3_000, 18_600))
        written = [
            f"{reference},{mid},{day},{discount / 100:.2f},{amount / 100:.2f}"
            for reference, mid, day, discount, amount in rows
        ]
        text = "\n".join([LIST_HEADER, *written])
        kept = files.keep(
            f"商户台账{statement.number}.csv",
            text.encode("utf-8-sig"),
            kinds=files.LISTS,
            by=self.finance,
            at=at,
        )
        job = statement_files.bring(uuid7(), statement.pk, kept.pk, by=self.finance, at=at)
        work(job.pk, at=at)
