"""Merchants come in: registered, corrected, handed over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import Problem, RuleBroken
from crm.locking import take
from crm.models import User
from crm.policies import require
from merchants import names, policies
from merchants.domain import (
    agreement_reminders,
    chains,
    duplicates,
    personal,
    remembered,
    texts,
    timeline,
)
from merchants.domain.details import (
    LONGEST_NAME,
    Details,
    accepted_credit_code,
    form_of,
    found_category,
    found_division,
    search_columns,
)
from merchants.domain.duplicates import Candidate, Hit
from merchants.models import Contact, ContactState, LawfulBasis, LegalForm, Merchant

__all__ = [
    "Details",
    "candidate",
    "correct",
    "details_of",
    "follow_owner",
    "form_of",
    "found_category",
    "found_division",
    "hand_over",
    "possible_duplicates",
    "register",
    "search_columns",
]

REGISTERED = timeline.kind(
    "merchant.registered",
    _("Merchant registered"),
    _("Merchant “%(name)s” was registered."),
)
IMPORTED = timeline.kind(
    "import.registered",
    _("Merchant imported"),
    _("Merchant “%(name)s” came in with a list."),
)
CORRECTED = timeline.kind(
    "merchant.corrected",
    _("Merchant corrected"),
    _("Details were corrected: %(fields)s."),
)
HANDED_OVER = timeline.kind(
    "merchant.handed_over",
    _("Merchant handed over"),
    _("%(owner)s now looks after the merchant."),
)


@command
def register(
    merchant_id: UUID,
    details: Details,
    *,
    unit_id: UUID,
    owner: User | None,
    by: Actor,
    at: datetime,
    similar: bool = True,
    told_as: timeline.Kind = REGISTERED,
) -> Merchant:
    """Add a merchant to a unit, looked after by `owner` or by nobody yet.

    Raises NotAllowed if the actor does not sell for the unit, InvalidInput for details that make no
    sense, RuleBroken with code `merchant_exists` if we know the merchant already. Who may be the
    same comes as a notice; `similar` is turned off for long lists, which look at exact hits only,
    and `told_as` is how the timeline tells of it.
    """
    require(policies.may_register(by, unit_id), _("You do not work for this unit."))
    columns = details.columns()
    details.refuse_days_to_come(timezone.localdate(at))
    if columns["credit_code_override"]:
        _require_override(by, unit_id)
    # Said kindly before the constraints say it; they decide when two register at once.
    notices: tuple[Problem, ...] = ()
    if similar or not remembered.is_new(identities(columns)):
        hits = duplicates.found(candidate(columns), by=by, similar=similar)
        notices = duplicates.refuse_or_notice(hits)
    if details.parent is not None:
        columns["parent"] = chains.head_for(merchant_id, details.parent, by=by)
    merchant = Merchant.objects.create(
        pk=merchant_id,
        unit_id=unit_id,
        owner=owner,
        created_at=at,
        updated_at=at,
        **columns,
    )
    timeline.record(
        told_as,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=by,
        at=at,
        name=merchant.name,
    )
    merchant.notices = notices
    return merchant


def identities(columns: dict[str, Any]) -> set[str]:
    """By what the register tells this merchant from others: its code, its name in its district."""
    division = columns["division"]
    named = f"{columns['normalised_name']}@{division.pk if division else ''}"
    return {named, columns["credit_code"]} if columns["credit_code"] else {named}


def candidate(columns: dict[str, Any], merchant_id: UUID | None = None) -> Candidate:
    """A merchant's columns, as far as duplicates are concerned."""
    return Candidate(
        columns["normalised_name"],
        columns["division"].pk if columns["division"] else None,
        columns["credit_code"],
        columns["category_group"],
        merchant_id=merchant_id,
    )


def possible_duplicates(details: Details, *, phone: str = "", by: Actor) -> list[Hit]:
    """Whom we know who may be the merchant of these details, before anything is written.

    Raises NotAllowed for those who do not sell, InvalidInput for details that make no sense.
    """
    require(policies.may_look_for_duplicates(by))
    name = texts.line(details.name, attr="name", longest=LONGEST_NAME)
    credit_code, _why = accepted_credit_code(details.credit_code, details.credit_code_override)
    category, division = found_category(details.mcc), found_division(details.division)
    return duplicates.found(
        Candidate(
            names.normalised(name)[:LONGEST_NAME],
            division.pk if division else None,
            credit_code,
            category.category_group if category else "",
            personal.parsed_phone(phone),
        ),
        by=by,
    )


@command
def correct(
    merchant_id: UUID,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Merchant:
    """Change details of a merchant; fields that are not named stay as they are.

    Raises NotFound, NotAllowed, Stale if the version is not the current one, InvalidInput.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, version=version)
    accepted = ("credit_code", "credit_code_override")
    overrides = accepted[1] in changes and changes.keys() <= set(accepted)
    require(
        policies.may_edit(by, merchant)
        or (overrides and policies.may_override_credit_code(by, merchant.unit_id))
    )
    if not changes:
        return merchant
    known = details_of(merchant)
    if changes.get("credit_code", known["credit_code"]) != known["credit_code"]:
        # A reason that was given for another code says nothing about this one.
        known["credit_code_override"] = ""
    details = Details(**{**known, **changes})
    if details == Details(**known):
        return merchant
    columns = details.columns()
    details.refuse_days_to_come(timezone.localdate(at))
    if columns["credit_code_override"] and any(
        columns[name] != getattr(merchant, name) for name in accepted
    ):
        _require_override(by, merchant.unit_id)
    if columns["legal_form"] != merchant.legal_form:
        _refuse_contracts_without_a_person(merchant, columns["legal_form"])
    notices: tuple[Problem, ...] = ()
    if changes.keys() & {"name", "division", "credit_code"}:
        hits = duplicates.found(candidate(columns, merchant.pk), by=by)
        notices = duplicates.refuse_or_notice(hits)
    if details.parent != merchant.parent_id:
        head = details.parent
        columns["parent"] = chains.head_for(merchant.pk, head, by=by) if head else None
    merchant.change(at=at, **columns)
    merchant.notices = notices
    timeline.record(
        CORRECTED,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=by,
        at=at,
        fields=", ".join(sorted(changes)),
    )
    return merchant


def details_of(merchant: Merchant) -> dict[str, Any]:
    """What is known of a merchant, by the names of Details."""
    return {
        "name": merchant.name,
        "brand": merchant.brand,
        "legal_name": merchant.legal_name,
        "legal_form": merchant.legal_form,
        "credit_code": merchant.credit_code or "",
        "credit_code_override": merchant.credit_code_override,
        "licence_status": merchant.licence_status,
        "licence_checked_on": merchant.licence_checked_on,
        "licence_source": merchant.licence_source,
        "mcc": merchant.category_id or "",
        "division": merchant.division_id or "",
        "source": merchant.source,
        "accessed_on": merchant.accessed_on,
        "parent": merchant.parent_id,
        "tier": merchant.tier,
        "monthly_turnover_fen": merchant.monthly_turnover_fen,
    }


def _require_override(by: Actor, unit_id: UUID) -> None:
    require(
        policies.may_override_credit_code(by, unit_id),
        _("A branch manager or compliance accepts a credit code that does not pass the check."),
    )


def _refuse_contracts_without_a_person(merchant: Merchant, legal_form: str) -> None:
    """Only a sole proprietor is a person who is party to the merchant's contract."""
    resting = Contact.objects.filter(
        merchant=merchant, state=ContactState.ACTIVE, lawful_basis=LawfulBasis.CONTRACT
    )
    if legal_form == LegalForm.LEGAL_ENTITY and resting.exists():
        raise RuleBroken(
            _("A contact's data rest on a contract with the person; change its basis first."),
            code="contacts_rest_on_contract",
            attr="legal_form",
        )


@command
def hand_over(merchant_id: UUID, *, to: User | None, by: Actor, at: datetime) -> Merchant:
    """Give a merchant to another colleague, or back to nobody."""
    merchant = take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_hand_over(by, merchant))
    return follow_owner(merchant, to=to, by=by, at=at)


def follow_owner(
    merchant: Merchant, *, to: User | None, by: Actor, at: datetime, unit_id: UUID | None = None
) -> Merchant:
    """Let the merchant's owner follow, inside a verb that has decided it; with `unit_id`, the
    merchant goes to that unit along with its owner."""
    moved = {"unit_id": unit_id} if unit_id else {}
    if merchant.owner_id == (to.pk if to else None):
        return merchant.change(at=at, **moved) if moved else merchant
    timeline.record(
        HANDED_OVER,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=by,
        at=at,
        owner=to.full_name if to else str(_("Nobody")),
    )
    merchant.change(at=at, owner=to, **moved)
    agreement_reminders.follow_owner(merchant, at=at)
    return merchant
