"""The nine-grid needs interview: pains are opened, their cells filled and confirmed, and closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import known, take
from crm.policies import require
from leads import policies
from leads.domain import interview_standing, interview_taking
from leads.domain.interview_taking import QUOTED
from leads.models import (
    Cell,
    GridCell,
    GridMode,
    Lead,
    NamedCapability,
    Pain,
    PainEnd,
)
from leads.models.grid_words import WALKS
from merchants.domain import texts, timeline
from merchants.models import Merchant

OPENED = timeline.kind("pain.opened", _("Pain found"), _("A pain was found: %(title)s"))
NAMED = timeline.kind(
    "pain.capabilities",
    _("Capabilities named"),
    _("%(title)s – capabilities named: %(named)s, of which we cover %(covered)s"),
)
CLOSED = timeline.kind(
    "pain.closed",
    _("Pain closed"),
    _("%(title)s is off the table (%(end)s). %(because)s"),
    end=PainEnd,
)
REOPENED = timeline.kind(
    "pain.reopened", _("Pain on the table again"), _("%(title)s is on the table again.")
)

LONGEST_TITLE = 200
MOST_CAPABILITIES = 20
_HORIZON = timedelta(days=3660)


@command
def open_pain(
    pain_id: UUID,
    merchant_id: UUID,
    *,
    title: str,
    by: Actor,
    at: datetime,
    mode: str = GridMode.CREATE,
    lead_id: UUID | None = None,
    trigger: str = "",
    trigger_on: Any = None,
) -> Pain:
    """Put a pain of a merchant on the table, with nine empty cells.

    Raises NotFound for a merchant or lead that the actor does not know, NotAllowed, InvalidInput
    for a lead of another merchant or words that cannot be stored.
    """
    lead = take(Lead.objects.seen_by(by), lead_id, attr="lead") if lead_id else None
    merchant = known(Merchant.objects.seen_by(by), merchant_id, attr="merchant")
    _same_merchant(lead, merchant.pk)
    require(policies.may_follow_up(by, merchant, lead), _("You do not work with this merchant."))
    values = _sound({"title": title, "mode": mode, "trigger": trigger, "trigger_on": trigger_on})
    _near_enough(values["trigger_on"], at)
    pain = Pain.objects.create(
        pk=pain_id,
        merchant=merchant,
        lead=lead,
        next_cell=WALKS[GridMode(values["mode"])][0],
        opened_by_id=user_id(by),
        created_at=at,
        updated_at=at,
        **values,
    )
    GridCell.objects.bulk_create(
        GridCell(pain=pain, cell=cell, created_at=at, updated_at=at) for cell in Cell
    )
    interview_standing.stepped(pain, "", by=by, at=at)
    interview_taking.keep_fresh(lead, at)
    interview_taking.tell(OPENED, pain, by=by, at=at)
    return pain


@command
def correct(
    pain_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Pain:
    """Change the title, the order of the interview, what makes it pressing, or whose lead it is.

    It counts as no activity. Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code
    `pain_closed`, Stale.
    """
    given = dict(changes)
    moves = "lead_id" in given
    lead_id = given.pop("lead_id", None)
    pain = interview_taking.take(pain_id, by, version=version, also=lead_id)
    values = _sound(given)
    _near_enough(values.get("trigger_on"), at)
    if moves:
        values["lead"] = _lead_to_be(pain, lead_id, by)
    if not values:
        return pain
    pain.change(at=at, **values)
    if "mode" in values:
        interview_standing.follow(pain, by=by, at=at)
    return pain


def _lead_to_be(pain: Pain, lead_id: UUID | None, by: Actor) -> Lead | None:
    if lead_id is None:
        if Lead.objects.filter(entry_pain=pain).exists():
            raise RuleBroken(
                _("This pain is the entry point of its lead."), code="pain_is_entry", attr="lead"
            )
        return None
    lead = known(Lead.objects.seen_by(by), lead_id, attr="lead")
    _same_merchant(lead, pain.merchant_id)
    require(policies.may_work(by, lead), _("You do not work this lead."))
    return lead


@dataclass(frozen=True)
class Wanted:
    """A capability as somebody names it."""

    name: str
    covered: bool = False


@command
def name_capabilities(
    pain_id: UUID,
    capabilities: Sequence[Wanted],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Pain:
    """Say what the merchant needs to be able to do, and what of it our plays cover.

    The list replaces the one before. Raises NotFound, NotAllowed, InvalidInput, RuleBroken, Stale.
    """
    pain = interview_taking.take(pain_id, by, version=version)
    if len(capabilities) > MOST_CAPABILITIES:
        raise InvalidInput(
            _("At most %(most)s capabilities.") % {"most": MOST_CAPABILITIES},
            code="too_many_capabilities",
            attr="capabilities",
        )
    rows = []
    for place, one in enumerate(capabilities, start=1):
        attr = f"capabilities.{place - 1}.name"
        name = texts.line(one.name, attr=attr, longest=LONGEST_TITLE)
        if not name:
            raise InvalidInput(
                _("Say what the merchant needs to be able to do."),
                code="capability_required",
                attr=attr,
            )
        rows.append(NamedCapability(pain=pain, position=place, name=name, covered=one.covered))
    pain.capabilities.all().delete()
    NamedCapability.objects.bulk_create(rows)
    pain.change(at=at)
    interview_taking.keep_fresh(pain.lead, at)
    covered = sum(one.covered for one in rows)
    interview_taking.tell(NAMED, pain, by=by, at=at, named=len(rows), covered=covered)
    return pain


@command
def close(
    pain_id: UUID,
    *,
    closed_as: str,
    by: Actor,
    at: datetime,
    because: str = "",
    version: int | None = None,
) -> Pain:
    """Take a pain off the table: solved, or not pursued any more. A lead whose entry point it was
    has none then.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken (`because_required`, `pain_closed`).
    """
    pain = interview_taking.take(pain_id, by, version=version)
    if closed_as not in PainEnd.values:
        raise InvalidInput(_("Say how this pain ended."), code="end_required", attr="closed_as")
    why = interview_taking.reason(because)
    if closed_as == PainEnd.ABANDONED and not why:
        raise InvalidInput(
            _("Say why this pain is not pursued any more."),
            code="because_required",
            attr="because",
        )
    pain.change(at=at, closed_at=at, closed_as=closed_as, closed_because=why)
    if pain.lead is not None and pain.lead.entry_pain_id == pain.pk:
        pain.lead.change(at=at, entry_pain=None, entry_cell="")
    interview_taking.tell(CLOSED, pain, by=by, at=at, end=closed_as, because=why[:QUOTED])
    return pain


@command
def reopen(pain_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Pain:
    """Put a closed pain on the table again; its cells are as they were.

    Raises NotFound, NotAllowed, RuleBroken with code `pain_open`, Stale.
    """
    pain = interview_taking.take(pain_id, by, version=version, closed_too=True)
    if pain.is_open:
        raise RuleBroken(_("This pain is on the table."), code="pain_open")
    pain.change(at=at, closed_at=None, closed_as="", closed_because="")
    interview_taking.tell(REOPENED, pain, by=by, at=at)
    return pain


def _same_merchant(lead: Lead | None, merchant_id: UUID) -> None:
    if lead and lead.merchant_id != merchant_id:
        raise InvalidInput(
            _("The lead belongs to another merchant."), code="lead_of_other_merchant", attr="lead"
        )


def _sound(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a pain, as it is stored."""
    values = dict(given)
    for name in ("title", "trigger"):
        if name in values:
            values[name] = texts.line(values[name], attr=name, longest=LONGEST_TITLE)
    if values.get("title") == "":
        raise InvalidInput(_("Say what the pain is."), code="title_required", attr="title")
    if "mode" in values and values["mode"] not in GridMode.values:
        raise InvalidInput(
            _("There is no such order of the interview."), code="mode_unknown", attr="mode"
        )
    return values


def _near_enough(day: Any, at: datetime) -> None:
    if day is not None and abs(day - at.date()) > _HORIZON:
        raise InvalidInput(
            _("This day is more than ten years away."), code="day_too_far", attr="trigger_on"
        )
