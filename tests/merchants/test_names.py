"""Names as they are compared and searched."""

import pytest

from merchants.names import grams, normalised


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("海底捞火锅(人民广场店)", "海底捞火锅人民广场店"),
        ("海底捞火锅（人民广场店）", "海底捞火锅人民广场店"),
        (" 海底捞 火锅·人民广场店 ", "海底捞火锅人民广场店"),
        ("海底捞火锅有限责任公司", "海底捞火锅"),
        ("永辉超市股份有限公司", "永辉超市"),
        ("新东方教育科技集团有限公司", "新东方教育科技"),
        ("永辉超市股份有限公司上海分公司", "永辉超市上海"),
        ("海底捞火锅有限公司（徐汇店）", "海底捞火锅徐汇店"),
        ("ＫＦＣ 肯德基", "kfc肯德基"),
        ("Pacific Coffee Co., Ltd.", "pacificcoffee"),
        ("McDonald's", "mcdonalds"),
        ("有限公司", "有限公司"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_name(name: str, expected: str) -> None:
    """Width, case, blanks, punctuation and company suffixes do not tell shops apart."""
    assert normalised(name) == expected
    assert normalised(expected) == expected


def test_branches_stay_different() -> None:
    """Two branches of one brand are two shops."""
    assert normalised("海底捞(人民广场店)") != normalised("海底捞(徐家汇店)")


def test_grams_are_singles_and_pairs() -> None:
    """The grams are distinct and come in a fixed order."""
    assert grams("海底海底") == ["底", "底海", "海", "海底"]
    assert grams("KFC") == ["c", "f", "fc", "k", "kf"]
    assert grams("捞") == ["捞"]
    assert grams("（）") == []


def test_a_part_of_a_name_has_grams_of_the_name() -> None:
    """A search for any part finds the merchant."""
    assert set(grams("底捞火")) <= set(grams("海底捞火锅(人民广场店)"))
