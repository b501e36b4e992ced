"""The unified social credit code (统一社会信用代码) that identifies every business in China.

GB 32100-2015: authority, type of entity, division (6), organisation (9) and a check digit. A right
check digit does not prove that a business exists.
"""

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

# No I, O, S, V and Z, which are easily taken for digits and other letters.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_LENGTH = 9

COMPANY_PREFIX = "91"
SOLE_PROPRIETOR_PREFIX = "92"


class BadCreditCode(ValueError):
    """A text that is no credit code; ``code`` says why, in a word that forms can translate."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def validated(code: str) -> str:
    """Return the credit code as it stands on the licence, or raise ``BadCreditCode``.

    Blanks, hyphens, small letters and full-width characters are what people paste, so they are
    put right rather than refused. Codes of the few authorities that have a letter among the
    first eight places are refused.
    """
    cleaned = unicodedata.normalize("NFKC", code).strip().upper()
    try:
        return uscc.validate(cleaned)
    except InvalidLength as error:
        raise BadCreditCode("credit_code_length") from error
    except InvalidChecksum as error:
        raise BadCreditCode("credit_code_check_digit") from error
    except ValidationError as error:
        raise BadCreditCode("credit_code_characters") from error


def unchecked(code: str) -> str:
    """Return a code that somebody vouches for: only its length and its characters are looked at.

    The check digit may be wrong, and letters may stand among the first eight places.
    """
    cleaned = uscc.compact(unicodedata.normalize("NFKC", code)).strip().upper()
    if len(cleaned) != 18:
        raise BadCreditCode("credit_code_length")
    if not set(cleaned) <= set(ALPHABET):
        raise BadCreditCode("credit_code_characters")
    return cleaned


def is_sole_proprietor(code: str) -> bool:
    """Tell whether a code is that of an individual business (个体工商户).

    The licence of such a business names a person, so its data may be personal information.
    """
    return uscc.compact(unicodedata.normalize("NFKC", code)).startswith(SOLE_PROPRIETOR_PREFIX)


def made_up(number: int, *, sole: bool = False, division: str = "310104") -> str:
    """Make a well-formed code for an invented business; different numbers give different codes."""
    if not 0 <= number < len(ALPHABET) ** ORGANISATION_LENGTH:
        raise ValueError("number is out of range")
    if len(division) != 6 or not (division.isascii() and division.isdigit()):
        raise ValueError("division must have six digits")
    organisation = ""
    for _ in range(ORGANISATION_LENGTH):
        number, remainder = divmod(number, len(ALPHABET))
        organisation = ALPHABET[remainder] + organisation
    body = (SOLE_PROPRIETOR_PREFIX if sole else COMPANY_PREFIX) + division + organisation
    return body + uscc.calc_check_digit(body)
