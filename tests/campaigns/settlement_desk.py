"""What tests of settlement share: a merchant in Xuhui whose campaign was used, and a clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from campaigns.domain import shares, statements
from campaigns.models import (
    Campaign,
    Party,
    Redemption,
    RedemptionEvent,
    RedemptionEventKind,
    RedemptionState,
    Statement,
)
from campaigns.models.party_parts import columns_of
from crm.domain import files, jobs
from crm.ids import uuid7
from crm.models import Job, User
from merchants.models import Merchant, Outlet
from tests import factories
from tests.conftest import Cast

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAY = date(2026, 10, 15)
WORKED = {Party.BANK: 5000, Party.MERCHANT: 3000, Party.SCHEME: 1500, Party.PLATFORM: 500}
"""The shares of the method's worked example: 100.00 less 20.00 leaves 14.00 to be paid."""
BUYER = {"buyer_title": "某某银行股份有限公司", "buyer_credit_code": "91110000600037341L"}


class Desk:
    """A merchant with one outlet and a campaign of the worked shares."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.merchant: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        self.outlet: Outlet = factories.OutletFactory(merchant=self.merchant, name="徐汇店")
        self.mid = factories.IdentifierFactory(outlet=self.outlet).mid
        self.campaign: Campaign = factories.CampaignFactory(
            unit=cast.shanghai, name="满100减20", shares=WORKED
        )
        self.campaign.merchants.add(self.merchant)

    def used(
        self,
        reference: str,
        *,
        amount: int = 10_000,
        discount: int = 2_000,
        day: date = DAY,
        kind: RedemptionEventKind = RedemptionEventKind.CLEARED,
        key: str = "",
    ) -> RedemptionEvent:
        """A purchase that was cleared; or what came back of one that is known."""
        parts = columns_of(shares.split(discount, WORKED))
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        known = Redemption.objects.filter(source="pos", reference=reference).first()
        redemption = known or Redemption.objects.create(
            source="pos",
            reference=reference,
            campaign=self.campaign,
            merchant=self.merchant,
            outlet=self.outlet,
            mid=self.mid,
            card_hash=f"h{reference}",
            identities=[f"h{reference}"],
            occurred_at=at,
            day=day,
            amount_fen=amount,
            discount_fen=discount,
            state=RedemptionState.REDEEMED,
            **parts,
        )
        sign = 1 if kind == RedemptionEventKind.CLEARED else -1
        return RedemptionEvent.objects.create(
            redemption=redemption,
            source="pos",
            reference=reference,
            key=key or kind,
            kind=kind,
            campaign=self.campaign,
            merchant=self.merchant,
            outlet=self.outlet,
            occurred_at=at,
            day=day,
            amount_fen=sign * amount,
            discount_fen=sign * discount,
            at=at,
            **{name: sign * fen for name, fen in parts.items()},
        )

    def drafted(self, *, by: User | None = None, **period: Any) -> Statement:
        return statements.draft(
            uuid7(),
            self.merchant.pk,
            by=by or self.cast.fay,
            at=AT,
            **{"first_day": FIRST, "last_day": LAST, **period},
        )

    def sent(self) -> Statement:
        return statements.send(self.drafted().pk, by=self.cast.fay, at=AT)

    def confirmed(self, on: date = date(2026, 11, 18)) -> Statement:
        return statements.confirm(
            self.sent().pk, confirmed_on=on, by_name="王经理", by=self.cast.fay, at=AT
        )

    def approved(self) -> Statement:
        return statements.approve(self.confirmed().pk, by=self.cast.mei, at=AT)

    def brought(self, statement: Statement, *rows: str, name: str = "对账.csv") -> Job:
        """The merchant's list, brought by finance and compared."""
        header = "交易参考号,门店,交易日期,优惠金额,交易金额"
        return self.brought_file(statement, "\n".join([header, *rows]).encode(), name=name)

    def brought_file(self, statement: Statement, content: bytes, *, name: str) -> Job:
        from campaigns.domain import statement_files

        kept = files.keep(name, content, kinds=files.LISTS, by=self.cast.fay, at=AT)
        job = statement_files.bring(uuid7(), statement.pk, kept.pk, by=self.cast.fay, at=AT)
        return finished(job)


def finished(job: Job) -> Job:
    """The job, after a worker had it."""
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    jobs.work(claimed, at=AT)
    return Job.objects.select_related("result").get(pk=job.pk)


def many_used(desk: Desk, count: int) -> None:
    """So many purchases of 100.00 less 20.00 over October, laid down by the database itself."""
    parts = shares.split(2_000, WORKED)
    values = {
        "count": count,
        "campaign": desk.campaign.pk,
        "merchant": desk.merchant.pk,
        "outlet": desk.outlet.pk,
        "mid": desk.mid,
        "at": AT - timedelta(days=30),
        **{f"p_{party}": parts.get(party, 0) for party in Party},
    }
    names = ", ".join(f"{party}_fen" for party in Party)
    given = ", ".join(f"%(p_{party})s" for party in Party)
    back = ", ".join(f"returned_{party}_fen" for party in Party)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO campaigns_redemption (id, version, created_at, updated_at, source,
                reference, campaign_id, version_number, merchant_id, outlet_id, mid, card_hash,
                identities, occurred_at, day, amount_fen, discount_fen, refunded_fen,
                returned_fen, state, {names}, {back})
            SELECT uuidv7(), 1, %(at)s, %(at)s, 'bulk', 'B' || i, %(campaign)s, 1, %(merchant)s,
                %(outlet)s, %(mid)s, 'h' || i, ARRAY['h' || i], %(at)s,
                date '2026-10-01' + i %% 30, 10000, 2000, 0, 0, 'redeemed', {given}, 0, 0, 0, 0, 0
            FROM generate_series(1, %(count)s) i
            """,
            values,
        )
        cursor.execute(
            f"""
            INSERT INTO campaigns_redemptionevent (id, redemption_id, source, reference, "key",
                kind, campaign_id, merchant_id, outlet_id, occurred_at, day, amount_fen,
                discount_fen, digest, at, {names})
            SELECT uuidv7(), id, source, reference, 'cleared', 'cleared', campaign_id,
                merchant_id, outlet_id, occurred_at, day, amount_fen, discount_fen, '', %(at)s,
                {names}
            FROM campaigns_redemption WHERE source = 'bulk'
            """,
            values,
        )
