"""Credit codes: checked, recognised and made up."""

import pytest

from merchants.domain.credit_code import (
    BadCreditCode,
    is_sole_proprietor,
    made_up,
    validated,
)


@pytest.mark.parametrize(
    "code",
    [
        "91110000600037341L",
        "91110108551385082Q",
        "92310104MA1TE5TX06",
        "92310104MA1TE5TX19",
        "91310104MA1TE5TX2F",
        "91310115MA1H8R7C67",
    ],
)
def test_right_codes(code: str) -> None:
    """A right code comes back as it is."""
    assert validated(code) == code


@pytest.mark.parametrize(
    "pasted",
    [
        " 91110000600037341l ",
        "9 1 110000 600037341L",
        "９１１１００００６０００３７３４１Ｌ",
    ],
)
def test_pasted_codes_are_put_right(pasted: str) -> None:
    """Blanks, small letters and full-width characters are no reason to refuse a code."""
    assert validated(pasted) == "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91310115MA1H8R7C6D", "credit_code_check_digit"),
        ("A1110000600037341L", "credit_code_characters"),
        ("91110000600O37341L", "credit_code_characters"),
        ("9111000060003中341L", "credit_code_characters"),
        ("12345", "credit_code_length"),
        ("91110000600037341LL", "credit_code_length"),
        ("", "credit_code_length"),
    ],
)
def test_wrong_codes(code: str, reason: str) -> None:
    """A wrong code is refused with the reason."""
    with pytest.raises(BadCreditCode) as caught:
        validated(code)
    assert caught.value.code == reason


def test_sole_proprietors() -> None:
    """Codes that start with 92 belong to individual businesses."""
    assert is_sole_proprietor("92310104MA1TE5TX06")
    assert is_sole_proprietor(" 9231 0104MA1TE5TX06")
    assert not is_sole_proprietor("91110000600037341L")


def test_made_up_codes() -> None:
    """Made-up codes are right, distinct and always the same for one number."""
    numbers = [*range(2_000), *range(0, 30_000_000, 9_973), 30_000_000]
    codes = {number: made_up(number) for number in numbers}
    assert len({code[:17] for code in codes.values()}) == len(codes)
    assert all(validated(code) == code for code in codes.values())
    assert made_up(7) == codes[7]
    assert is_sole_proprietor(made_up(7, sole=True))
    assert made_up(7, division="110105")[2:8] == "110105"


@pytest.mark.parametrize(
    ("number", "division"),
    [(-1, "310104"), (31**9, "310104"), (1, "3101"), (1, "31010A")],
)
def test_made_up_refuses_what_it_cannot_encode(number: int, division: str) -> None:
    """A number or division that does not fit is an error, not a wrong code."""
    with pytest.raises(ValueError):
        made_up(number, division=division)
