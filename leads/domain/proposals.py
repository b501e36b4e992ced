"""Proposals are drafted from a lead's entry point, corrected, submitted, withdrawn.

What was submitted never changes: what comes after it is a new version. The lock is the lead's,
then the proposal's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, Problem, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from leads import policies
from leads.domain import proposal_content as content
from leads.domain import proposal_writing as writing
from leads.models import (
    Lead,
    Proposal,
    ProposalPart,
    ProposalState,
    ProposalVersion,
    Stage,
)
from merchants.domain import timeline

DRAFTED = timeline.kind(
    "proposal.drafted",
    _("Proposal drafted"),
    _("Version %(number)s of the proposal was drafted."),
)
CORRECTED = timeline.kind(
    "proposal.corrected",
    _("Proposal changed"),
    _("Version %(number)s of the proposal was changed."),
)
SUBMITTED = timeline.kind(
    "proposal.submitted",
    _("Proposal submitted"),
    _("Version %(number)s of the proposal was submitted: %(title)s."),
)
WITHDRAWN = timeline.kind(
    "proposal.withdrawn",
    _("Proposal withdrawn"),
    _("Version %(number)s of the proposal was withdrawn: %(because)s"),
)
WAIVED = timeline.kind(
    "proposal.waived",
    _("Forecast waived"),
    _("Version %(number)s of the proposal may be submitted despite its forecast: %(because)s"),
)


SUBMITTED_IN = (Stage.DISCOVERY, Stage.PROPOSAL)
"""Before, too little is known of the merchant; afterwards, somebody approves what was submitted."""


@command
def draft(
    proposal_id: UUID,
    lead_id: UUID,
    *,
    changes: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Proposal:
    """Begin the proposal of a lead: its entry point, and what is known so far.

    Raises NotFound, NotAllowed, InvalidInput; RuleBroken with code `proposal_exists` if the lead
    has one, `proposal_in_approval`, `lead_closed` once the lead is won or lost.
    """
    lead = _working(take(Lead.objects.seen_by(by), lead_id, attr="lead"), by)
    if Proposal.objects.filter(lead=lead).exists():
        raise RuleBroken(
            _("This lead has a proposal already; write a new version of it."),
            code="proposal_exists",
            attr="lead",
        )
    proposal = Proposal.objects.create(pk=proposal_id, lead=lead, created_at=at, updated_at=at)
    _write(proposal, 1, {**writing.entry_point(lead), **changes}, by=by, at=at)
    return proposal


@command
def new_version(
    proposal_id: UUID,
    *,
    changes: Mapping[str, Any],
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Proposal:
    """Write the next version: a copy of the newest, with changes.

    Raises NotFound, NotAllowed, InvalidInput, Stale; RuleBroken with code `proposal_has_draft`
    while there is a draft, `proposal_in_approval`, `lead_closed`.
    """
    proposal = _taken(proposal_id, by=by, version=version)
    newest = proposal.versions.order_by("-number").first()
    number = (proposal.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    copied = content.content_of(newest) if newest else writing.entry_point(proposal.lead)
    _write(proposal, number, {**copied, **changes}, by=by, at=at)
    return proposal.change(at=at)


@command
def correct(
    proposal_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Proposal:
    """Change the draft. The forecast follows; a waiver of another forecast lapses, and is said so.

    Raises NotFound, NotAllowed, InvalidInput, Stale; RuleBroken with code `proposal_no_draft` if
    everything was submitted already, `proposal_in_approval`, `lead_closed`.
    """
    proposal = _taken(proposal_id, by=by, version=version)
    current_draft = _draft(proposal)
    columns = content.sound(current_draft, writing.with_pain(proposal.lead, changes, by))
    if not columns:
        return proposal
    notices = writing.settle(current_draft, columns)
    current_draft.change(at=at, **writing.changed(current_draft, columns))
    _record(CORRECTED, proposal, by=by, at=at, number=current_draft.number)
    proposal.change(at=at)
    proposal.notices = notices
    return proposal


@command
def submit(proposal_id: UUID, *, by: Actor, at: datetime, version: int | None = None) -> Proposal:
    """Send the draft to approval. From now on it never changes; an earlier one is superseded.

    Raises NotFound, NotAllowed, Stale; RuleBroken with code `proposal_incomplete` and what is
    missing, `proposal_too_early`, `proposal_no_draft`, `proposal_in_approval`, `lead_closed`.
    """
    proposal = _taken(proposal_id, by=by, version=version)
    if proposal.lead.stage not in SUBMITTED_IN:
        raise RuleBroken(
            _("A proposal is submitted while the lead is in “Discovery” or “Proposal”."),
            code="proposal_too_early",
        )
    current_draft = _draft(proposal)
    if parts := content.missing(current_draft):
        raise RuleBroken(
            _("The proposal is not complete yet."),
            code="proposal_incomplete",
            problems=[Problem(str(part), part.label, _ATTRS[part]) for part in parts],
            missing=[str(part) for part in parts],
        )
    for earlier in proposal.versions.submitted().for_change():
        earlier.change(at=at, state=ProposalState.SUPERSEDED, closed_at=at)
    current_draft.change(
        at=at,
        state=ProposalState.SUBMITTED,
        is_complete=True,
        submitted_by_id=user_id(by),
        submitted_at=at,
    )
    _record(
        SUBMITTED,
        proposal,
        by=by,
        at=at,
        number=current_draft.number,
        title=current_draft.title,
    )
    return proposal.change(at=at)


@command
def withdraw(
    proposal_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Proposal:
    """Take back the newest version, draft or submitted, and say why.

    Raises NotFound, NotAllowed, Stale, InvalidInput without a reason; RuleBroken with code
    `proposal_nothing_standing` if there is nothing to take back, `proposal_in_approval`,
    `lead_closed`.
    """
    proposal = _taken(proposal_id, by=by, version=version)
    reason = _said(because)
    newest = proposal.versions.standing().for_change().order_by("-number").first()
    if newest is None:
        raise RuleBroken(
            _("Every version of this proposal was withdrawn already."),
            code="proposal_nothing_standing",
        )
    newest.change(at=at, state=ProposalState.WITHDRAWN, closed_at=at, closed_because=reason)
    _record(WITHDRAWN, proposal, by=by, at=at, number=newest.number, because=reason)
    return proposal.change(at=at)


@command
def waive_forecast(
    proposal_id: UUID, *, because: str, by: Actor, at: datetime, version: int | None = None
) -> Proposal:
    """Let the draft be submitted although somebody loses by it; a leader of the unit says why.

    Raises NotFound, NotAllowed, Stale, InvalidInput without a reason; RuleBroken with code
    `proposal_no_draft`, `forecast_missing` while there is nothing to waive, `forecast_wins` where
    all three win, `proposal_in_approval`, `lead_closed`.
    """
    proposal = _taken(proposal_id, by=by, version=version, working=False)
    require(
        policies.may_waive_forecast(by, proposal.lead),
        _("A leader of the unit waives a forecast."),
    )
    reason = _said(because)
    current_draft = _draft(proposal)
    if current_draft.forecast is None:
        raise RuleBroken(_("There is no forecast to waive yet."), code="forecast_missing")
    if content.everybody_wins(current_draft):
        raise RuleBroken(_("All three win: nothing needs to be waived."), code="forecast_wins")
    current_draft.forecast_waiver = reason
    current_draft.change(
        at=at,
        forecast_waiver=reason,
        waived_by_id=user_id(by),
        waived_at=at,
        is_complete=not content.missing(current_draft),
    )
    _record(WAIVED, proposal, by=by, at=at, number=current_draft.number, because=reason)
    return proposal.change(at=at)


def current(lead: Lead) -> ProposalVersion | None:
    """The newest version of a lead's proposal that stands: its draft, or what was submitted."""
    standing = ProposalVersion.objects.filter(proposal__lead=lead).standing()
    return standing.order_by("-number").first()


def agreed(lead: Lead) -> ProposalVersion | None:
    """The version that was submitted, which approval speaks of and the campaign is made from."""
    return ProposalVersion.objects.filter(proposal__lead=lead).submitted().first()


def shown(proposal: Proposal, number: int | None) -> ProposalVersion:
    """A version by its number; without one, the newest that stands, else the newest of all.

    Raises NotFound.
    """
    versions = {one.number: one for one in proposal.versions.all()}
    if number is None:
        standing = (ProposalState.DRAFT, ProposalState.SUBMITTED)
        number = max(
            (one.number for one in versions.values() if one.state in standing),
            default=max(versions, default=0),
        )
    if number not in versions:
        raise NotFound(_("There is no such row."))
    return versions[number]


def missing(version: ProposalVersion) -> list[ProposalPart]:
    """What a version still needs before it can be submitted."""
    return content.missing(version)


_ATTRS = {
    ProposalPart.PAIN: "pain_words",
    ProposalPart.TITLE: "title",
    ProposalPart.OFFER: "mechanic",
    ProposalPart.DATES: "starts_on",
    ProposalPart.SHARES: "shares",
    ProposalPart.BUDGET: "budget",
    ProposalPart.FORECAST: "redemptions",
    ProposalPart.WIN_WIN: None,
}


def _taken(proposal_id: UUID, *, by: Actor, version: int | None, working: bool = True) -> Proposal:
    """Lock the lead, then its proposal. Raises NotFound, Stale, NotAllowed, RuleBroken."""
    lead_id = (
        Proposal.objects.seen_by(by).filter(pk=proposal_id).values_list("lead", flat=True).first()
    )
    if lead_id is None:
        raise NotFound(_("There is no such row."))
    lead = take(Lead.objects.seen_by(by), lead_id)
    proposal = take(Proposal.objects.all(), proposal_id, version=version)
    proposal.lead = _working(lead, by) if working else _open(lead)
    return proposal


def _working(lead: Lead, by: Actor) -> Lead:
    require(policies.may_work(by, lead), _("You do not work this lead."))
    return _open(lead)


def _open(lead: Lead) -> Lead:
    """A lead whose proposal may change. What somebody is approving stays as it was submitted, until
    the lead goes back to the stage before (T10) or is parked."""
    if not lead.is_open:
        raise RuleBroken(_("The lead is closed; its proposal stays as it is."), code="lead_closed")
    if lead.stage == Stage.APPROVAL:
        raise RuleBroken(
            _(
                "The proposal is being approved and stays as it is; to change it, have the lead "
                "sent back to “Proposal” first."
            ),
            code="proposal_in_approval",
        )
    return lead


def _draft(proposal: Proposal) -> ProposalVersion:
    found = proposal.versions.drafts().for_change().first()
    if found is None:
        raise RuleBroken(
            _("There is no draft; what was submitted does not change. Write a new version."),
            code="proposal_no_draft",
        )
    return found


def _write(
    proposal: Proposal, number: int, changes: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    """Write a new draft."""
    fresh = ProposalVersion(
        pk=uuid7(),
        proposal=proposal,
        number=number,
        author_id=user_id(by),
        created_at=at,
        updated_at=at,
    )
    columns = content.sound(fresh, writing.with_pain(proposal.lead, changes, by))
    writing.settle(fresh, columns)
    fresh.save(force_insert=True)
    _record(DRAFTED, proposal, by=by, at=at, number=number)


def _said(because: str) -> str:
    reason = because.strip()
    if not reason:
        raise InvalidInput(_("Say why."), code="reason_required", attr="because")
    return reason[:2000]


def _record(
    kind: timeline.Kind, proposal: Proposal, *, by: Actor, at: datetime, **facts: str | int
) -> None:
    timeline.record(
        kind,
        merchant_id=proposal.lead.merchant_id,
        subject_id=proposal.pk,
        by=by,
        at=at,
        **facts,
    )
