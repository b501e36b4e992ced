"""Agreements are drafted, signed off, amended and ended.

What was signed never changes: an amendment is a new version, which takes over on the day on which
it starts. The lock is the partnership's, so that two signatures for one partnership wait for each
other; that their periods do not overlap the database sees to.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.locking import take
from crm.policies import require
from merchants import policies
from merchants.domain import agreement_reminders, agreement_terms, evidence, timeline
from merchants.domain.agreement_terms import Terms
from merchants.models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    EvidenceKind,
    Partnership,
    PartnershipStage,
)
from merchants.models.partnership_words import RUNNING

_DAY = timedelta(days=1)

DRAFTED = timeline.kind(
    "agreement.drafted",
    _("Agreement drafted"),
    _("Agreement %(number)s was drafted (version %(version)s)."),
)
SIGNED = timeline.kind(
    "agreement.signed",
    _("Agreement signed"),
    _("Agreement %(number)s, version %(version)s, was signed: %(starts_on)s to %(ends_on)s."),
)
ENDED = timeline.kind(
    "agreement.ended",
    _("Agreement ended"),
    _("Agreement %(number)s ends on %(last_day)s: %(because)s"),
)


@command
def draft(
    agreement_id: UUID,
    partnership_id: UUID,
    *,
    number: str,
    terms: Terms,
    by: Actor,
    at: datetime,
) -> Agreement:
    """Draft a new agreement under a number that is used once in the bank.

    Raises NotFound, NotAllowed, InvalidInput, RuleBroken with code `partnership_not_running` while
    the partnership is suspended or over, or `agreement_number_taken`.
    """
    partnership = evidence.partnership_of(partnership_id, by)
    require(policies.may_edit(by, partnership.merchant))
    _running(partnership)
    agreement = _new(agreement_id, partnership, number, at=at)
    version = _new_version(agreement, 1, terms.columns(by), by=by, at=at)
    _record(DRAFTED, agreement, by=by, at=at, version=version.number)
    return agreement


@command
def change_draft(
    agreement_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Agreement:
    """Change the draft; what is not named stays as it is.

    Raises NotFound, NotAllowed, Stale, InvalidInput, RuleBroken with code `agreement_signed` if
    there is no draft: what was signed never changes.
    """
    agreement = _taken(agreement_id, by, version=version)
    require(policies.may_edit(by, agreement.partnership.merchant))
    drafted = _draft_of(agreement)
    drafted.change(
        at=at, **agreement_terms.changed(drafted, changes).columns(by), drafted_by_id=user_id(by)
    )
    return agreement.change(at=at)


@command
def amend(
    agreement_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Agreement:
    """Draft the next version of a signed agreement: as it is, but for the changes.

    The signed paper does not come along; the new version has one of its own. Raises NotFound,
    NotAllowed, Stale, InvalidInput, RuleBroken with code `agreement_not_signed`, or
    `agreement_has_draft` if one is being drafted already.
    """
    agreement = _taken(agreement_id, by, version=version)
    require(policies.may_edit(by, agreement.partnership.merchant))
    _running(agreement.partnership)
    live = _live_of(agreement)
    if live is None:
        raise RuleBroken(
            _("Only a signed agreement that has not ended is amended."), code="agreement_not_signed"
        )
    terms = agreement_terms.changed(live, {"document_id": None, **changes})
    last = agreement.versions.aggregate(last=Max("number"))["last"]
    new = _new_version(agreement, last + 1, terms.columns(by), by=by, at=at)
    _record(DRAFTED, agreement, by=by, at=at, version=new.number)
    return agreement.change(at=at)


@command
def sign(
    agreement_id: UUID,
    *,
    by: Actor,
    at: datetime,
    document_id: UUID | None = None,
    version: int | None = None,
) -> Agreement:
    """Put the draft into force: both sides have signed, and the paper is on file.

    An amendment supersedes the version before it. Raises NotFound; NotAllowed for anybody but a
    leader of the unit, with code `maker_is_checker` for who drafted it; RuleBroken with code
    `agreement_not_whole` naming what is missing, `agreement_overlaps`, or
    `amendment_starts_too_early`.
    """
    agreement = _taken(agreement_id, by, version=version)
    partnership = agreement.partnership
    require(
        policies.may_sign_off(by, partnership.merchant),
        _("A leader of the unit signs agreements off."),
    )
    _running(partnership)
    drafted = _draft_of(agreement)
    if policies.is_maker(by, drafted):
        raise NotAllowed(
            _("Who drafted an agreement does not sign it off."), code="maker_is_checker"
        )
    if document_id is not None:
        document = evidence.document_of(document_id, by)
        drafted.document_id, drafted.document_sha256 = document.pk, document.sha256
    _into_force(agreement, drafted, by=by, at=at)
    return agreement.change(at=at)


@command
def end(
    agreement_id: UUID,
    *,
    last_day: date,
    because: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Agreement:
    """End a signed agreement before its time; the end goes on file as evidence.

    Raises NotFound, NotAllowed for anybody but the branch manager, RuleBroken with code
    `agreement_not_signed`, InvalidInput for a day after its end or without a reason.
    """
    agreement = _taken(agreement_id, by, version=version)
    partnership = agreement.partnership
    require(
        policies.may_manage(by, partnership.merchant),
        _("Only the branch manager ends an agreement."),
    )
    because = because.strip()
    if not because or "\0" in because:
        raise InvalidInput(_("Say why."), code="reason_required", attr="because")
    live = _live_of(agreement)
    if live is None:
        raise RuleBroken(_("Only a signed agreement can be ended."), code="agreement_not_signed")
    first = min(one.starts_on for one in agreement.versions.signed())
    if not first - _DAY <= last_day <= live.last_day:
        raise InvalidInput(
            _("The last day lies within the agreement's term."),
            code="last_day_out_of_term",
            attr="last_day",
        )
    for one in agreement.versions.signed().order_by("-number").for_change():
        cut = max(last_day, one.starts_on - _DAY)
        if one.last_day > cut:
            one.change(at=at, last_day=cut)
    live.refresh_from_db()
    live.change(at=at, state=AgreementState.ENDED, closed_at=at, closed_because=because)
    _record(ENDED, agreement, by=by, at=at, last_day=last_day.isoformat(), because=because)
    evidence.note(
        partnership,
        EvidenceKind.AGREEMENT_ENDED,
        uuid7(),
        said=f"{agreement.number}: {because}",
        document_id=live.document_id,
        by=by,
        at=at,
    )
    _settle(partnership, at=at)
    return agreement.change(at=at)


def register_signed(
    agreement_id: UUID,
    partnership: Partnership,
    *,
    number: str,
    terms: Terms,
    by: Actor,
    at: datetime,
) -> Agreement:
    """Enter an agreement that was signed before, inside the verb that registers its partnership."""
    agreement = _new(agreement_id, partnership, number, at=at)
    drafted = _new_version(agreement, 1, terms.columns(by), by=by, at=at)
    _into_force(agreement, drafted, by=by, at=at)
    return agreement


def _new(agreement_id: UUID, partnership: Partnership, number: str, *, at: datetime) -> Agreement:
    number = " ".join(number.split())
    if not number or len(number) > 60 or "\0" in number:
        raise InvalidInput(
            _("An agreement needs a number of 1 to 60 characters."),
            code="agreement_number_required",
            attr="number",
        )
    return Agreement.objects.create(
        pk=agreement_id, partnership=partnership, number=number, created_at=at, updated_at=at
    )


def _new_version(
    agreement: Agreement, number: int, columns: dict[str, Any], *, by: Actor, at: datetime
) -> AgreementVersion:
    return AgreementVersion.objects.create(
        agreement=agreement,
        partnership_id=agreement.partnership_id,
        number=number,
        drafted_by_id=user_id(by),
        created_at=at,
        updated_at=at,
        **columns,
    )


def _into_force(
    agreement: Agreement, drafted: AgreementVersion, *, by: Actor, at: datetime
) -> None:
    """Sign a draft, supersede what it amends, and let the partnership know until when it lasts."""
    agreement_terms.refuse_unfinished(drafted)
    before = _live_of(agreement)
    if drafted.number > 1 and before is None:
        raise RuleBroken(_("This agreement has ended."), code="agreement_ended")
    if before is not None:
        if drafted.starts_on < before.starts_on:
            raise RuleBroken(
                _("An amendment does not start before the version that it amends."),
                code="amendment_starts_too_early",
                attr="starts_on",
            )
        before.change(
            at=at,
            state=AgreementState.SUPERSEDED,
            last_day=min(before.last_day, drafted.starts_on - _DAY),
            closed_at=at,
        )
    partnership = agreement.partnership
    drafted.change(
        at=at,
        state=AgreementState.LIVE,
        document_id=drafted.document_id,
        document_sha256=drafted.document_sha256,
        signed_by_id=user_id(by),
        signed_at=at,
    )
    _record(
        SIGNED,
        agreement,
        by=by,
        at=at,
        version=drafted.number,
        starts_on=drafted.starts_on.isoformat(),
        ends_on=drafted.ends_on.isoformat(),
    )
    if partnership.stage == PartnershipStage.RENEWAL:
        evidence.note(
            partnership,
            EvidenceKind.SIGNED_RENEWAL,
            uuid7(),
            said=f"{agreement.number} v{drafted.number}",
            document_id=drafted.document_id,
            by=by,
            at=at,
        )
    _settle(partnership, at=at)


def _settle(partnership: Partnership, *, at: datetime) -> None:
    """Note until when something signed covers the partnership, and plan its reminders anew."""
    signed = list(
        partnership.agreement_versions.signed()
        .select_related("agreement")
        .order_by("last_day", "pk")
    )
    covering = [one for one in signed if one.last_day >= one.starts_on]
    expires_on = covering[-1].last_day if covering else None
    if partnership.expires_on != expires_on:
        partnership.change(at=at, expires_on=expires_on)
    agreement_reminders.plan_anew(partnership, signed, at=at)


def _taken(agreement_id: UUID, by: Actor, *, version: int | None = None) -> Agreement:
    """Lock an agreement and its partnership, the partnership first: the order everybody keeps."""
    found = Agreement.objects.seen_by(by).filter(pk=agreement_id)
    partnership_id = found.values_list("partnership_id", flat=True).first()
    if partnership_id is None:
        raise NotFound(_("There is no such row."))
    partnership = evidence.partnership_of(partnership_id, by)
    agreement = take(Agreement.objects.seen_by(by), agreement_id, version=version)
    agreement.partnership = partnership
    return agreement


def _draft_of(agreement: Agreement) -> AgreementVersion:
    found = agreement.versions.drafts().for_change().first()
    if found is None:
        raise RuleBroken(
            _("What was signed never changes; amend the agreement instead."),
            code="agreement_signed",
        )
    return found


def _live_of(agreement: Agreement) -> AgreementVersion | None:
    return agreement.versions.live().for_change().first()


def _running(partnership: Partnership) -> None:
    if partnership.stage not in RUNNING:
        raise RuleBroken(_("The partnership is suspended or over."), code="partnership_not_running")


def _record(
    kind: timeline.Kind, agreement: Agreement, *, by: Actor, at: datetime, **facts: str | int
) -> None:
    timeline.record(
        kind,
        merchant_id=agreement.partnership.merchant_id,
        subject_id=agreement.pk,
        by=by,
        at=at,
        number=agreement.number,
        **facts,
    )
