"""What tests of card figures and indicators share: lines as they are filed."""

from datetime import date, datetime
from typing import Any

from campaigns.domain import card_filing
from campaigns.domain.figure_lines import FORMS, Line
from campaigns.models import FigureKind
from crm.actors import SYSTEM, Actor
from crm.models import OrgUnit
from tests import factories

TODAY = date(2026, 11, 18)


def line(
    kind: str = FigureKind.DAILY,
    unit: OrgUnit | None = None,
    day: date | None = TODAY,
    *,
    merchant: Any = None,
    campaign: Any = None,
    **counts: Any,
) -> Line:
    """One line; whatever is not said is zero."""
    given = {name: counts.pop(name, 0) for name in FORMS[kind].counts}
    assert not counts, counts
    return Line(
        1,
        unit.pk if unit else None,
        day,
        given,
        merchant_id=merchant.pk if merchant else None,
        campaign_id=campaign.pk if campaign else None,
    )


def filed(
    *lines: Line,
    kind: str = FigureKind.DAILY,
    by: Actor = SYSTEM,
    at: datetime = factories.AT,
    source: str = "core",
    **more: Any,
) -> list[str]:
    """File lines, and say what became of each: its outcome, or why it was refused."""
    card_filing.file_lines(kind, lines, source=source, by=by, at=at, **more)
    return [one.problem.code if one.problem else str(one.outcome) for one in lines]


def snapshot(
    unit: OrgUnit, day: date = TODAY, *, at: datetime = factories.AT, **counts: Any
) -> None:
    """Cards in force as of a day."""
    one = line(FigureKind.SNAPSHOT, unit, day, **counts)
    assert filed(one, kind=FigureKind.SNAPSHOT, at=at) == ["added"]


def asleep(unit: OrgUnit, sleeping: int, issued: int, day: date = TODAY, **more: Any) -> None:
    """So many sleeping cards of so many issued."""
    snapshot(unit, day, sleeping_cards=sleeping, cards_issued=issued, **more)
