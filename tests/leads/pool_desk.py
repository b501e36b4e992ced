"""What tests of the pool share: a pool of Ann's branch, leads that lie in it, leads of Ann's."""

from datetime import datetime, timedelta
from typing import Any

from crm.actors import SYSTEM
from crm.ids import uuid7
from crm.models import OrgUnit, User
from leads.domain import pool
from leads.models import Lead, LeadOwnership, OwnershipChange, Pool, PoolRule
from tests import factories
from tests.conftest import Cast
from tests.factories import AT


def opened(unit: OrgUnit, **values: Any) -> Pool:
    """A pool at a unit."""
    return pool.open_pool(
        uuid7(), unit.pk, {"name": f"公海{uuid7().hex[-6:]}", **values}, by=SYSTEM, at=AT
    )


def ruled(of: Pool, **limits: Any) -> None:
    """The same limits for every tier."""
    for rule in PoolRule.objects.filter(pool=of):
        pool.set_rule(of.pk, rule.tier, limits, by=SYSTEM, at=AT)


def pooled(cast: Cast, lies_in: Pool | None = None, **values: Any) -> Lead:
    """A lead of Ann's team that nobody owns."""
    lead: Lead = factories.LeadFactory(
        **{
            "merchant": factories.MerchantFactory(unit=cast.xuhui),
            "owner": None,
            "pool": lies_in,
            "pooled_at": AT - timedelta(days=3),
            **values,
        }
    )
    return lead


def owned(owner: User, cast: Cast, *, since: datetime = AT, **values: Any) -> Lead:
    """A lead that somebody has had since a moment, and last worked on then."""
    merchant = values.pop("merchant", None) or factories.MerchantFactory(
        unit=cast.xuhui, owner=owner, tier=values.pop("tier", "")
    )
    lead: Lead = factories.LeadFactory(
        **{
            "merchant": merchant,
            "owner": owner,
            "created_at": since,
            "last_activity_at": since,
            "stage_entered_at": since,
            **values,
        }
    )
    LeadOwnership.objects.create(
        lead=lead, owner=owner, since=since, how=OwnershipChange.OPENED, actor=owner
    )
    return lead
