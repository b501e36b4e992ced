"""What is known of a merchant: as a door hands it in, and the columns that follow from it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput
from merchants import names, pinyin
from merchants.domain import credit_code as credit_codes
from merchants.domain import remembered, texts
from merchants.models import (
    Division,
    LegalForm,
    LicenceStatus,
    MerchantCategory,
    MerchantSource,
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
            **search_columns(name),
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


def search_columns(name: str) -> dict[str, Any]:
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
        # A blank before every spelling, so that a search knows where one begins.
        "search_text": " ".join(["", normalised, *initials, *pinyin.readings(name)]),
    }
