"""What tests of the needs interview share: an interview that is led cell by cell."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.ids import uuid7
from crm.models import User
from leads.domain import cells, interviews
from leads.domain.cell_figures import Given
from leads.models import GridMode, Lead, Pain
from merchants.models import Contact, Merchant
from tests import factories
from tests.conftest import Cast

COST = Given("空台损失", "yuan", "month", amount_fen=4_800_000)
TABLES = Given("空台", "count", "day", value=Decimal(15))


@dataclass
class Interview:
    """Ann's interview with the owner of her merchant."""

    cast: Cast
    at: datetime
    merchant: Merchant
    lead: Lead | None
    contact: Contact
    pain: Pain = field(init=False)

    def open(self, **told: Any) -> Pain:
        values: dict[str, Any] = {"title": "工作日晚市空台多", "mode": GridMode.CREATE, **told}
        self.pain = interviews.open_pain(
            uuid7(),
            self.merchant.pk,
            lead_id=self.lead.pk if self.lead else None,
            by=self.cast.ann,
            at=self.at,
            **values,
        )
        return self.pain

    def fill(self, cell: str, *, by: User | None = None, **said: Any) -> Pain:
        values = {"words": "附近上班族被平台券留住了", "status": "complete", **said}
        self.pain = cells.fill(
            self.pain.pk, cell, by=by or self.cast.ann, at=said.pop("at", self.at), **values
        )
        return self.pain

    def confirm(self, cell: str, **said: Any) -> Pain:
        values = {
            "words": "就是这两个原因",
            "agreed_by_id": self.contact.pk,
            "agreed_at": self.at - timedelta(hours=1),
            "agreed_via": "visit",
            "by": self.cast.ann,
            "at": self.at,
            **said,
        }
        self.pain = cells.confirm(self.pain.pk, cell, **values)
        return self.pain

    def take_back(self, cell: str, because: str = "老板重新算了账") -> Pain:
        self.pain = cells.take_back(
            self.pain.pk, cell, because=because, by=self.cast.ann, at=self.at
        )
        return self.pain


def interview(cast: Cast, at: datetime, *, with_lead: bool = True, **merchant: Any) -> Interview:
    """One that has been opened, about a restaurant of Ann's with a turnover of 600,000 a month."""
    values = {"monthly_turnover_fen": 60_000_000, **merchant}
    row = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, **values)
    lead = (
        factories.LeadFactory(merchant=row, owner=cast.ann, last_activity_at=at - timedelta(days=9))
        if with_lead
        else None
    )
    desk = Interview(cast, at, row, lead, factories.ContactFactory(merchant=row))
    desk.open()
    return desk
