"""What tests of visits share: Ann in front of a restaurant, with a clock that she moves on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.ids import uuid7
from crm.models import User
from leads.domain import position_consents, visit_presence, visits
from leads.domain.places import Point, Position
from leads.domain.visit_upkeep import bank_day
from leads.models import Lead, Visit
from merchants.models import Merchant, Outlet
from tests import factories
from tests.conftest import Cast

DOOR = Point(Decimal("31.195312"), Decimal("121.436874"))
"""The restaurant's door."""
CORNER = Point(Decimal("31.198500"), Decimal("121.436874"))
"""354 metres to the north: within 500."""
STATION = Point(Decimal("31.205312"), Decimal("121.436874"))
"""1,112 metres to the north: outside."""


class Round:
    """Ann's round. `at` is its now."""

    def __init__(self, cast: Cast, at: datetime, *, consents: bool = True) -> None:
        self.cast, self.at = cast, at
        self.merchant: Merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        self.outlet: Outlet = factories.OutletFactory(
            merchant=self.merchant, latitude=DOOR.latitude, longitude=DOOR.longitude
        )
        self.lead: Lead = factories.LeadFactory(
            merchant=self.merchant, owner=cast.ann, last_activity_at=at - timedelta(days=9)
        )
        if consents:
            position_consents.give(by=cast.ann, at=at - timedelta(days=1))

    def later(self, **passed: float) -> "Round":
        self.at += timedelta(**passed)
        return self

    def row(self, visit: Visit) -> Visit:
        return Visit.objects.get(pk=visit.pk)

    def plan(self, by: User | None = None, **more: Any) -> Visit:
        more.setdefault("planned_for", bank_day(self.at))
        return visits.plan(
            uuid7(),
            self.merchant.pk,
            lead_id=self.lead.pk,
            outlet_id=self.outlet.pk,
            by=by or self.cast.ann,
            at=self.at,
            **more,
        )

    def check_in(self, visit: Visit, point: Point | None = DOOR, **more: Any) -> Visit:
        more.setdefault("by", self.cast.ann)
        more.setdefault("arrived_at", self.at)
        return visit_presence.check_in(
            visit.pk, position=Position(point, 20) if point else None, at=self.at, **more
        )

    def walk_in(self, point: Point | None = DOOR, pk: UUID | None = None, **more: Any) -> Visit:
        more.setdefault("by", self.cast.ann)
        more.setdefault("arrived_at", self.at)
        return visit_presence.check_in_unplanned(
            pk or uuid7(),
            self.merchant.pk,
            lead_id=self.lead.pk,
            position=Position(point, 20) if point else None,
            at=self.at,
            **more,
        )

    def check_out(self, visit: Visit, **more: Any) -> Visit:
        given = {
            "summary": "见到店长,聊了空台",
            "left_at": self.at,
            "activity_id": uuid7(),
            "by": self.cast.ann,
            "outcome_code": "decision_maker_met",
            "mood": 1,
            **more,
        }
        return visit_presence.check_out(visit.pk, at=self.at, **given)

    def cancel(self, visit: Visit, because: str = "店长外出", by: User | None = None) -> Visit:
        return visits.cancel(visit.pk, because=because, by=by or self.cast.ann, at=self.at)
