"""Merchants come in: registered, corrected, handed over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, Problem
from crm.locking import take
from crm.models import User
from crm.policies import require
from merchants import names, pinyin, policies
from merchants.domain import agreement_reminders, duplicates, phones, remembered, timeline
from merchants.domain import credit_code as credit_codes
from merchants.domain.duplicates import Candidate, Hit
from merchants.models import Division, Merchant, MerchantCategory, MerchantSource

REGISTERED = timeline.kind(
    "merchant.registered",
    _("Merchant registered"),
    _("Merchant “%(name)s” was registered."),
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

_CODE_SENTENCES = {
    "credit_code_length": _("A unified social credit code has 18 characters."),
    "credit_code_characters": _(
        "A unified social credit code has digits and capital letters without I, O, S, V, Z."
    ),
    "credit_code_check_digit": _(
        "The check digit of the unified social credit code does not match; look for a typing error."
    ),
}


@dataclass(frozen=True)
class Details:
    """What is known of a merchant, as a door hands it in."""

    name: str
    legal_name: str = ""
    credit_code: str = ""
    mcc: str = ""
    division: str = ""
    source: str = MerchantSource.FIELD

    def columns(self) -> dict[str, Any]:
        """The columns that follow from the details.

        Raises InvalidInput for a code, category or district that does not exist.
        """
        category = found_category(self.mcc)
        division = found_division(self.division)
        credit_code = checked_credit_code(self.credit_code)
        return {
            "name": self.name.strip(),
            "legal_name": self.legal_name.strip(),
            "credit_code": credit_code,
            "category": category,
            "category_group": category.category_group if category else "",
            "division": division,
            "source": self.source,
            **search_columns(self.name),
        }


def found_category(mcc: str) -> MerchantCategory | None:
    """The category that a code stands for. Raises InvalidInput if unknown or prohibited."""
    if not mcc:
        return None
    category = remembered.found(MerchantCategory, mcc)
    if category is None:
        raise InvalidInput(
            _("This merchant category code is not known."),
            code="mcc_unknown",
            attr="mcc",
        )
    if category.prohibited:
        raise InvalidInput(
            _("Merchants of this category may not be signed up."),
            code="mcc_prohibited",
            attr="mcc",
        )
    return category


def found_division(code: str) -> Division | None:
    """The district that a code stands for. Raises InvalidInput if unknown."""
    if not code:
        return None
    division = remembered.found(Division, code)
    if division is None:
        raise InvalidInput(
            _("This district code is not known."),
            code="division_unknown",
            attr="division",
        )
    return division


def checked_credit_code(raw: str) -> str | None:
    """The code cleaned and checked, or none if there is none. Raises InvalidInput."""
    if not raw or not raw.strip():
        return None
    try:
        return credit_codes.validated(raw)
    except credit_codes.BadCreditCode as bad:
        raise InvalidInput(_CODE_SENTENCES[bad.code], code=bad.code, attr="credit_code") from None


def search_columns(name: str) -> dict[str, Any]:
    """What the search box looks into: grams of name and initials, pinyin in every reading."""
    normalised = names.normalised(name)
    if not normalised:
        raise InvalidInput(_("A merchant needs a name."), code="name_required", attr="name")
    initials = pinyin.initial_readings(name)
    grams = dict.fromkeys(names.grams(normalised))
    for reading in initials:
        grams |= dict.fromkeys(names.grams(reading))
    return {
        # One letter can become eighteen when normalised.
        "normalised_name": normalised[:200],
        "name_pinyin": pinyin.sort_key(name)[:400],
        "name_initials": pinyin.initials(name)[:200],
        "search_grams": list(grams),
        # A blank before every spelling, so that a search knows where one begins.
        "search_text": " ".join(["", normalised, *initials, *pinyin.readings(name)]),
    }


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
) -> Merchant:
    """Add a merchant to a unit, looked after by `owner` or by nobody yet.

    Raises NotAllowed if the actor does not sell for the unit, InvalidInput for details that make no
    sense, RuleBroken with code `merchant_exists` if we know the merchant already. Who may be the
    same comes as a notice; `similar` is turned off for long lists, which look at exact hits only.
    """
    require(policies.may_register(by, unit_id), _("You do not work for this unit."))
    columns = details.columns()
    # Said kindly before the constraints say it; they decide when two register at once.
    notices: tuple[Problem, ...] = ()
    if similar or not remembered.is_new(identities(columns)):
        hits = duplicates.found(candidate(columns), by=by, similar=similar)
        notices = duplicates.refuse_or_notice(hits)
    merchant = Merchant.objects.create(
        pk=merchant_id,
        unit_id=unit_id,
        owner=owner,
        created_at=at,
        updated_at=at,
        **columns,
    )
    timeline.record(
        REGISTERED,
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
    credit_code = checked_credit_code(details.credit_code)
    category, division = found_category(details.mcc), found_division(details.division)
    try:
        called = phones.parsed(phone) if phone else ""
    except phones.BadPhone:
        raise InvalidInput(
            _("This is not a phone number."), code="phone_invalid", attr="phone"
        ) from None
    return duplicates.found(
        Candidate(
            names.normalised(details.name)[:200],
            division.pk if division else None,
            credit_code,
            category.category_group if category else "",
            called,
        ),
        by=by,
    )


@command
def correct(
    merchant_id: UUID,
    changes: dict[str, str],
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Merchant:
    """Change details of a merchant; fields that are not named stay as they are.

    Raises NotFound, NotAllowed, Stale if the version is not the current one, InvalidInput.
    """
    merchant = take(Merchant.objects.seen_by(by), merchant_id, version=version)
    require(policies.may_edit(by, merchant))
    if not changes:
        return merchant
    known = {
        "name": merchant.name,
        "legal_name": merchant.legal_name,
        "credit_code": merchant.credit_code or "",
        "mcc": merchant.category_id or "",
        "division": merchant.division_id or "",
        "source": merchant.source,
    }
    columns = Details(**{**known, **changes}).columns()
    notices: tuple[Problem, ...] = ()
    if changes.keys() & {"name", "division", "credit_code"}:
        hits = duplicates.found(candidate(columns, merchant.pk), by=by)
        notices = duplicates.refuse_or_notice(hits)
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


@command
def hand_over(merchant_id: UUID, *, to: User | None, by: Actor, at: datetime) -> Merchant:
    """Give a merchant to another colleague, or back to nobody."""
    merchant = take(Merchant.objects.seen_by(by), merchant_id)
    require(policies.may_hand_over(by, merchant))
    return follow_owner(merchant, to=to, by=by, at=at)


def follow_owner(merchant: Merchant, *, to: User | None, by: Actor, at: datetime) -> Merchant:
    """Let the merchant's owner follow, inside a verb that has decided it."""
    if merchant.owner_id == (to.pk if to else None):
        return merchant
    timeline.record(
        HANDED_OVER,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=by,
        at=at,
        owner=to.full_name if to else str(_("Nobody")),
    )
    merchant.change(at=at, owner=to)
    agreement_reminders.follow_owner(merchant, at=at)
    return merchant
