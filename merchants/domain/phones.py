"""Phone numbers of Chinese merchants: mobiles, landlines, 400/800 numbers and 95xxx hotlines."""

import re

import phonenumbers

_HOTLINE = re.compile(r"(95\d{3,4}|96\d{3,4}|1\d{4}|[48]00\d{7})")


class BadPhone(ValueError):
    """Not a number that can be dialled in China, nor a full international one."""


def parsed(raw: str) -> str:
    """The number as it is stored: E.164, or the bare digits of a hotline.

    Raises BadPhone.
    """
    compact = re.sub(r"[\s()（）－\-.]", "", raw)
    if _HOTLINE.fullmatch(compact):
        return compact
    try:
        number = phonenumbers.parse(compact, "CN")
    except phonenumbers.NumberParseException:
        raise BadPhone(raw) from None
    if not phonenumbers.is_valid_number(number):
        raise BadPhone(raw)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(stored: str) -> str:
    """What everybody may read: `138****8000`. Hotlines are public and stay whole."""
    if not stored or _HOTLINE.fullmatch(stored):
        return stored
    national = stored.removeprefix("+86")
    if len(national) <= 7:
        return "****"
    return f"{national[:3]}****{national[-4:]}"
