"""What tests of objections share: a merchant's interview, and objections in each state."""

from datetime import datetime
from typing import Any

from crm.ids import uuid7
from crm.models import User
from leads.domain import objection_settling, objections
from leads.models import (
    AgreedVia,
    Cell,
    CellStatus,
    GridCell,
    GridMode,
    Lead,
    Objection,
    ObjectionState,
    Pain,
    Play,
)
from merchants.models import Merchant
from tests import factories
from tests.conftest import Cast


def ann_s_lead(cast: Cast, **values: Any) -> Lead:
    """A lead that Ann works."""
    merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann, **values)
    return lead


def pain_of(merchant: Merchant, *, stuck: str = "R", lead: Lead | None = None) -> Pain:
    """An interview that is stuck in a column."""
    return Pain.objects.create(
        merchant=merchant,
        lead=lead,
        title="工作日晚市空台",
        mode=GridMode.CREATE,
        stuck_column=stuck,
    )


def agreed_cell(merchant: Merchant, cell: str = Cell.R3) -> GridCell:
    """A confirm cell that somebody at the merchant agreed to."""
    return GridCell.objects.create(
        pain=pain_of(merchant, stuck="I"),
        cell=cell,
        status=CellStatus.COMPLETE,
        merchant_words="就是这两个原因",
        agreed_by=factories.ContactFactory(merchant=merchant),
        agreed_at=factories.AT,
        agreed_via=AgreedVia.VISIT,
    )


def raised(lead: Lead, *, by: User, at: datetime, **values: Any) -> Objection:
    """Raised in a visit that is logged with it."""
    given = {"merchant_words": "生意还行,不需要", "declared_reason": "unaware"} | values
    return objections.raise_objection(
        uuid7(), lead.merchant_id, lead_id=lead.pk, by=by, at=at, **given
    )


def in_state(state: str, lead: Lead, *, by: User, at: datetime) -> Objection:
    """An objection that was brought to a state by the verbs."""
    objection = raised(lead, by=by, at=at)
    if state == ObjectionState.RAISED:
        return objection
    objections.diagnose(objection.pk, sub_reason="U1", by=by, at=at)
    if state != ObjectionState.DIAGNOSED:
        handled(objection, by=by, at=at)
    settle(objection, state, by=by, at=at)
    return fresh(objection)


def handled(objection: Objection, *, by: User, at: datetime, play: Play | None = None) -> None:
    play = play or factories.PlayFactory(reason=fresh(objection).declared_reason)
    objections.handle(objection.pk, attempt_id=uuid7(), play_id=play.pk, by=by, at=at)


def settle(objection: Objection, state: str, *, by: User, at: datetime) -> None:
    """Take the step to a state that settles it, or to being reopened."""
    day = at.date().replace(year=at.year + 1)
    match state:
        case ObjectionState.RESOLVED | ObjectionState.REOPENED:
            objection_settling.resolve(
                objection.pk, commitment="试两周", commitment_on=day, by=by, at=at
            )
        case ObjectionState.DEFERRED:
            objection_settling.defer(objection.pk, until=day, by=by, at=at)
        case ObjectionState.UNRESOLVED:
            objection_settling.leave_unresolved(objection.pk, because="总部不同意", by=by, at=at)
    if state == ObjectionState.REOPENED:
        objection_settling.reopen(objection.pk, because="又提起了", by=by, at=at)


def fresh(objection: Objection) -> Objection:
    return Objection.objects.get(pk=objection.pk)
