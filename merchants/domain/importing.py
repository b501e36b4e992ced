"""One row of a list of merchants, taken in through the same verbs as everything else."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.command import one_row
from crm.errors import DomainError, InvalidInput, NotAllowed, Problem, RuleBroken
from crm.ids import uuid7
from crm.models import User
from merchants import names, policies
from merchants.domain import contacts, details, import_values, outlets, registration, remembered
from merchants.domain.import_columns import COLUMNS, CONTACT, MERCHANT, OUTLET
from merchants.domain.import_values import Given
from merchants.models import Contact, ImportMode, Merchant, MerchantSource, Outlet, RowOutcome

KNOWN_ALREADY = "merchant_exists"

_COLUMN_OF_CODE = {
    "name_required": "name",
    "lawful_basis_required": "lawful_basis",
    "outlet_exists": "outlet_name",
    "legal_form_differs": "legal_form",
    "licence_details_required": "licence_checked_on",
    "access_date_required": "accessed_on",
    "turnover_out_of_range": "monthly_turnover",
    "parent_cyclic": "parent",
}
"""Where to look for what the database refuses, which names no field."""


_DAYS = {"licence_checked_on", "accessed_on"}


@dataclass(frozen=True)
class Run:
    """Who takes in rows of which list, how, and when."""

    unit_id: UUID
    mode: str
    columns: Sequence[str]
    divisions: Mapping[str, str]
    """Code by full name."""
    by: User
    at: datetime


@dataclass(frozen=True)
class Change:
    """Something that a row wrote; `before` is what a changed merchant said until then."""

    noun: str
    subject_id: UUID
    version: int
    before: dict[str, Any] | None = None


@dataclass
class Taken:
    """What became of one row."""

    outcome: RowOutcome
    merchant_id: UUID
    changes: list[Change] = field(default_factory=list)


def take_in(run: Run, given: Given) -> Taken:
    """Register the merchant of a row, unowned, with its outlet and contact, or complete it.

    All of the row or nothing of it. Raises whatever the verbs refuse it with.
    """
    known = _known(run, given) if run.mode == ImportMode.UPDATE else None
    if known is None:
        try:
            with one_row():
                return _register(run, given)
        except RuleBroken as refused:
            if refused.code != KNOWN_ALREADY:
                raise
        known = _known(run, given)
        if known is None:
            # It was there a moment ago; whoever comes next will see it.
            raise RuleBroken(_("We know this merchant already."), code=KNOWN_ALREADY)
    with one_row():
        return _complete(run, known, given)


def given(run: Run, cells: Sequence[str]) -> Given:
    """What the cells say, with districts as codes. Raises InvalidInput."""
    found = import_values.given(run.columns, cells)
    for values in (found.merchant, found.outlet):
        if named := values.get("division"):
            plain = named.replace(" ", "")
            values["division"] = run.divisions.get(plain, plain)
    if code := found.merchant.get("parent"):
        found.merchant["parent"] = _head_of_chain(run, code)
    if found.outlet and "division" in found.merchant:
        found.outlet.setdefault("division", found.merchant["division"])
    return found


def identities(given: Given) -> set[str]:
    """By what the register tells this merchant from others. Raises InvalidInput."""
    code = details.checked_credit_code(given.merchant.get("credit_code", ""))
    plain = names.normalised(given.merchant.get("name", ""))[:200]
    named = f"{plain}@{given.merchant.get('division', '')}"
    return {named, code} if code else {named}


def identity(given: Given) -> str:
    """The first thing that the register goes by: the credit code, or the name in its district."""
    return min(identities(given), key=lambda one: "@" in one)


def new_among(wanted: set[str]) -> set[str]:
    """Those of these codes, and of these names in their districts, that the register lacks."""
    plain = {one: one.rpartition("@")[0] for one in wanted if "@" in one}
    codes = wanted - plain.keys()
    found = set(
        Merchant.objects.filter(credit_code__in=codes).values_list("credit_code", flat=True)
    )
    same_name = Merchant.objects.filter(normalised_name__in=plain.values())
    found |= {
        f"{name}@{division or ''}"
        for name, division in same_name.values_list("normalised_name", "division_id")
    }
    return {one for one in wanted if one not in found}


def column_of(problem: Problem, noun: str) -> str:
    """The column that a refusal is about; empty if it is about none."""
    about = problem.attr or ""
    if about in COLUMNS and not noun:
        return about
    for name, column in COLUMNS.items():
        if column.value == about and column.noun == (noun or MERCHANT):
            return name
    return _COLUMN_OF_CODE.get(problem.code, about if about in COLUMNS else "")


# --- new ------------------------------------------------------------------------------------------


def _register(run: Run, given: Given) -> Taken:
    values = {"source": MerchantSource.IMPORT, "name": "", **given.merchant}
    with _about(MERCHANT):
        merchant = registration.register(
            uuid7(),
            registration.Details(**values),
            unit_id=run.unit_id,
            owner=None,
            by=run.by,
            at=run.at,
            similar=False,
            told_as=registration.IMPORTED,
        )
    taken = Taken(RowOutcome.ADDED, merchant.pk, [Change(MERCHANT, merchant.pk, merchant.version)])
    with remembered.just_made(merchant):
        _add_outlet(run, merchant, given, taken)
        _add_contact(run, merchant, given, taken)
    return taken


def _add_outlet(run: Run, merchant: Merchant, given: Given, taken: Taken) -> None:
    if not given.outlet:
        return
    with _about(OUTLET):
        outlet = outlets.open_outlet(uuid7(), merchant.pk, by=run.by, at=run.at, **given.outlet)
    taken.changes.append(Change(OUTLET, outlet.pk, outlet.version))


def _add_contact(run: Run, merchant: Merchant, given: Given, taken: Taken) -> None:
    if not given.contact:
        return
    values = {"lawful_basis": "", **given.contact}
    with _about(CONTACT):
        contact = contacts.add_contact(
            uuid7(), merchant.pk, by=run.by, at=run.at, warn=False, **values
        )
    taken.changes.append(Change(CONTACT, contact.pk, contact.version))


# --- known ----------------------------------------------------------------------------------------


def _known(run: Run, given: Given) -> Merchant | None:
    """The merchant that the row is about, whoever may see it."""
    rows = Merchant.objects.defer("search_grams", "search_text").select_related("unit")
    code = details.checked_credit_code(given.merchant.get("credit_code", ""))
    if code and (found := rows.filter(credit_code=code).first()):
        return found
    if code and run.mode != ImportMode.UPDATE:
        return None
    same = Q(
        normalised_name=names.normalised(given.merchant.get("name", ""))[:200],
        division=given.merchant.get("division") or None,
        credit_code=None,
    )
    return rows.filter(same).first()


def _complete(run: Run, merchant: Merchant, given: Given) -> Taken:
    """Correct a known merchant, if the list may, and add the outlet and the contact it lacks."""
    taken = Taken(RowOutcome.UNCHANGED, merchant.pk)
    if not _may_touch(run, merchant):
        if run.mode != ImportMode.UPDATE:
            return taken
        raise NotAllowed(
            _("This merchant belongs to %(unit)s; you cannot change it.")
            % {"unit": merchant.unit.name},
            code="merchant_of_others",
            attr="name",
        )
    if run.mode == ImportMode.UPDATE:
        _correct(run, merchant, given, taken)
    outlet, person = given.outlet.get("name"), given.contact.get("full_name")
    if outlet and not Outlet.objects.filter(merchant=merchant, name=outlet).exists():
        _add_outlet(run, merchant, given, taken)
    if person and not Contact.objects.filter(merchant=merchant, full_name=person).exists():
        _add_contact(run, merchant, given, taken)
    if taken.changes:
        taken.outcome = RowOutcome.CHANGED
    return taken


def _may_touch(run: Run, merchant: Merchant) -> bool:
    seen = Merchant.objects.visible_to(run.by).filter(pk=merchant.pk).exists()
    return seen and policies.may_edit(run.by, merchant)


def _correct(run: Run, merchant: Merchant, given: Given, taken: Taken) -> None:
    before = registration.details_of(merchant)
    code = details.checked_credit_code(given.merchant.get("credit_code", ""))
    now = given.merchant | ({"credit_code": code} if code else {})
    changes = {name: value for name, value in now.items() if before[name] != value}
    if not changes:
        return
    with _about(MERCHANT):
        corrected = registration.correct(
            merchant.pk, changes, by=run.by, at=run.at, version=merchant.version
        )
    kept = {name: _plain(before[name]) for name in changes}
    taken.changes.append(Change(MERCHANT, merchant.pk, corrected.version, kept))


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value if value is None or isinstance(value, int) else str(value)


def restored(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept as JSON, as the verbs take it."""
    values = dict(kept)
    for name in _DAYS & values.keys():
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    if values.get("parent"):
        values["parent"] = UUID(values["parent"])
    return values


def _head_of_chain(run: Run, raw: str) -> UUID:
    try:
        code = details.checked_credit_code(raw)
    except InvalidInput as bad:
        raise InvalidInput(bad.message, code=bad.code, attr="parent") from None
    head = Merchant.objects.visible_to(run.by).filter(credit_code=code).values_list("pk").first()
    if head is None:
        raise InvalidInput(
            _("No merchant with this credit code is known as the head of the chain."),
            code="parent_unknown",
            attr="parent",
        )
    return UUID(str(head[0]))


@contextmanager
def _about(noun: str) -> Iterator[None]:
    """Whose value a refusal is about: a merchant, an outlet and a person all have a name."""
    try:
        yield
    except DomainError as refused:
        refused.facts["noun"] = noun
        raise
