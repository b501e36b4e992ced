"""Merchants come in: registered, corrected, handed over."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.actors import Actor
from crm.command import command
from crm.errors import InvalidInput, RuleBroken
from crm.locking import take
from crm.models import User
from crm.policies import require
from merchants import names, policies
from merchants.domain import chains, pinyin, texts, timeline
from merchants.domain import credit_code as credit_codes
from merchants.models import (
    Contact,
    ContactState,
    Division,
    LawfulBasis,
    LegalForm,
    LicenceStatus,
    Merchant,
    MerchantCategory,
    MerchantSource,
)

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


LONGEST_NAME = 200
LARGEST_TURNOVER_FEN = 10**13


@dataclass(frozen=True)
class Details:
    """What is known of a merchant, as a door hands it in."""

    name: str
    brand: str = ""
    legal_name: str = ""
    legal_form: str = LegalForm.LEGAL_ENTITY
    """Follows the credit code where there is one."""
    credit_code: str = ""
    credit_code_override: str = ""
    """Why a code that does not pass the check is accepted."""
    licence_status: str = LicenceStatus.UNKNOWN
    licence_checked_on: date | None = None
    licence_source: str = ""
    mcc: str = ""
    division: str = ""
    source: str = MerchantSource.FIELD
    accessed_on: date | None = None
    """When the public source was read."""
    parent: UUID | None = None
    """The head of the chain."""
    tier: str = ""
    monthly_turnover_fen: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns that follow from the details by themselves: all but the chain's head.

        Raises InvalidInput for a code, category or district that does not exist, and for details
        that miss what belongs to them.
        """
        name = texts.line(self.name, attr="name", longest=LONGEST_NAME)
        override = texts.line(self.credit_code_override, attr="credit_code_override", longest=300)
        category = found_category(self.mcc)
        division = found_division(self.division)
        credit_code, override = accepted_credit_code(self.credit_code, override)
        return {
            "name": name,
            "brand": texts.line(self.brand, attr="brand", longest=100),
            "legal_name": texts.line(self.legal_name, attr="legal_name", longest=LONGEST_NAME),
            "legal_form": form_of(credit_code) or self.legal_form,
            "credit_code": credit_code,
            "credit_code_override": override,
            "category": category,
            "category_group": category.category_group if category else "",
            "division": division,
            "source": self.source,
            "accessed_on": self._access_day(),
            "tier": self.tier,
            "monthly_turnover_fen": _sound_turnover(self.monthly_turnover_fen),
            **self._licence(),
            **search_columns(name, credit_code),
        }

    def _licence(self) -> dict[str, Any]:
        source = texts.line(self.licence_source, attr="licence_source", longest=100)
        if self.licence_status != LicenceStatus.UNKNOWN:
            missing = "" if source else "licence_source"
            missing = missing if self.licence_checked_on else "licence_checked_on"
            if missing:
                raise InvalidInput(
                    _("Say when and where the licence was checked."),
                    code="licence_details_required",
                    attr=missing,
                )
        return {
            "licence_status": self.licence_status,
            "licence_checked_on": self.licence_checked_on,
            "licence_source": source,
        }

    def _access_day(self) -> date | None:
        if self.source == MerchantSource.PUBLIC_REGISTRY and self.accessed_on is None:
            raise InvalidInput(
                _("Say on which day the public source was read."),
                code="access_date_required",
                attr="accessed_on",
            )
        return self.accessed_on

    def refuse_days_to_come(self, today: date) -> None:
        """Raises InvalidInput: nobody has read a register tomorrow."""
        if self.licence_checked_on is not None and self.licence_checked_on > today:
            raise InvalidInput(
                _("The licence cannot have been checked in the future."),
                code="licence_date_in_future",
                attr="licence_checked_on",
            )
        if self.accessed_on is not None and self.accessed_on > today:
            raise InvalidInput(
                _("The source cannot have been read in the future."),
                code="access_date_in_future",
                attr="accessed_on",
            )


def form_of(credit_code: str | None) -> LegalForm | None:
    """What a credit code says about who stands behind it; nothing without a code."""
    if not credit_code:
        return None
    sole = credit_codes.is_sole_proprietor(credit_code)
    return LegalForm.SOLE_PROPRIETOR if sole else LegalForm.LEGAL_ENTITY


def _sound_turnover(fen: int | None) -> int | None:
    if fen is not None and not 0 <= fen <= LARGEST_TURNOVER_FEN:
        raise InvalidInput(
            _("The monthly turnover is between zero and 100 billion yuan."),
            code="turnover_out_of_range",
            attr="monthly_turnover",
        )
    return fen


def found_category(mcc: str) -> MerchantCategory | None:
    """The category that a code stands for. Raises InvalidInput if unknown or prohibited."""
    if not mcc:
        return None
    category = MerchantCategory.objects.filter(pk=mcc).first()
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
    division = Division.objects.filter(pk=code).first()
    if division is None:
        raise InvalidInput(
            _("This district code is not known."),
            code="division_unknown",
            attr="division",
        )
    return division


def checked_credit_code(raw: str) -> str | None:
    """The code cleaned and checked, or none if there is none. Raises InvalidInput."""
    code = texts.line(raw, attr="credit_code", longest=64)
    if not code:
        return None
    try:
        return credit_codes.validated(code)
    except credit_codes.BadCreditCode as bad:
        raise InvalidInput(_CODE_SENTENCES[bad.code], code=bad.code, attr="credit_code") from None


def accepted_credit_code(raw: str, override: str) -> tuple[str | None, str]:
    """The code as it is stored, and why it is accepted although it does not pass the check.

    A code that passes needs no reason, and keeps none. Raises InvalidInput.
    """
    try:
        return checked_credit_code(raw), ""
    except InvalidInput:
        if not override:
            raise
    try:
        return credit_codes.unchecked(raw), override
    except credit_codes.BadCreditCode as bad:
        raise InvalidInput(_CODE_SENTENCES[bad.code], code=bad.code, attr="credit_code") from None


def search_columns(name: str, credit_code: str | None) -> dict[str, Any]:
    """What the search box looks into: grams of name and initials, pinyin in every reading."""
    normalised = names.normalised(name)
    if not normalised:
        raise InvalidInput(_("A merchant needs a name."), code="name_required", attr="name")
    if len(normalised) > LONGEST_NAME:
        # One sign can become eighteen when names are compared: ﷺ is a sentence.
        raise texts.too_long("name", LONGEST_NAME)
    initials = pinyin.initial_readings(name)
    grams = dict.fromkeys(names.grams(normalised))
    for reading in initials:
        grams |= dict.fromkeys(names.grams(reading))
    return {
        "normalised_name": normalised,
        "name_pinyin": pinyin.sort_key(name)[:400],
        "name_initials": pinyin.initials(name)[:200],
        "search_grams": list(grams),
        "search_text": " ".join(
            [normalised, *initials, *pinyin.readings(name), (credit_code or "").lower()]
        ).strip(),
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
) -> Merchant:
    """Add a merchant to a unit, looked after by `owner` or by nobody yet.

    Raises NotAllowed if the actor does not sell for the unit, InvalidInput for details that make no
    sense, RuleBroken with code `merchant_exists` if we know the merchant already.
    """
    require(policies.may_register(by, unit_id), _("You do not work for this unit."))
    columns = details.columns()
    details.refuse_days_to_come(timezone.localdate(at))
    if columns["credit_code_override"]:
        _require_override(by, unit_id)
    _refuse_duplicate(columns)
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
        REGISTERED,
        merchant_id=merchant.pk,
        subject_id=merchant.pk,
        by=by,
        at=at,
        name=merchant.name,
    )
    return merchant


def _refuse_duplicate(columns: dict[str, Any]) -> None:
    """Say it kindly before the constraints say it; they decide when two register at once."""
    same = Q(
        normalised_name=columns["normalised_name"],
        division=columns["division"],
        credit_code=None,
    )
    if columns["credit_code"]:
        same = Q(credit_code=columns["credit_code"])
    found = Merchant.objects.filter(same).select_related("unit").first()
    if found is not None:
        raise RuleBroken(
            _("We know this merchant already; it belongs to %(unit)s.") % {"unit": found.unit.name},
            code="merchant_exists",
            unit=found.unit.name,
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
    if details.parent != merchant.parent_id:
        head = details.parent
        columns["parent"] = chains.head_for(merchant.pk, head, by=by) if head else None
    merchant.change(at=at, **columns)
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
    return merchant.change(at=at, owner=to)
