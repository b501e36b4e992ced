"""How names are spelled for search and sorting."""

import pytest

from merchants import pinyin


@pytest.mark.parametrize(
    ("name", "spelling", "first_letters"),
    [
        ("海底捞火锅", "haidilaohuoguo", "hdlhg"),
        ("重庆小天鹅火锅", "chongqingxiaotianehuoguo", "cqxtehg"),
        ("长沙", "changsha", "cs"),
        ("长宁区", "changningqu", "cnq"),
        ("长安银行", "changanyinhang", "cayh"),
        ("六安", "luan", "la"),
        ("成都", "chengdu", "cd"),
        ("花都区", "huaduqu", "hdq"),
        ("单县", "shanxian", "sx"),
        ("单车", "danche", "dc"),
        ("单先生", "shanxiansheng", "sxs"),
        ("仇先生", "qiuxiansheng", "qxs"),
        ("朴大叔拌饭", "piaodashubanfan", "pdsbf"),
        ("曾经", "cengjing", "cj"),
        ("呷哺呷哺", "xiabuxiabu", "xbxb"),
        ("大参林", "dashenlin", "dsl"),
        ("绿茶餐厅", "lvchacanting", "lcct"),
        ("KFC肯德基", "kfckendeji", "kfckdj"),
        ("ＫＦＣ 肯德基（２店）", "kfckendeji2dian", "kfckdj2d"),
        ("1点点", "1diandian", "1dd"),
        ("Café de Coral", "cafedecoral", "cafedecoral"),
        ("lü", "lv", "lv"),
        ("𠮷野家", "jiyejia", "jyj"),
        ("《（）》", "", ""),
        ("", "", ""),
    ],
)
def test_most_common_spelling(name: str, spelling: str, first_letters: str) -> None:
    """The usual spelling comes first, in full and as initials."""
    assert pinyin.full_pinyin(name) == spelling
    assert pinyin.initials(name) == first_letters
    assert pinyin.readings(name)[:1] == [spelling][: len(spelling)]
    assert pinyin.initial_readings(name)[:1] == [first_letters][: len(first_letters)]


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("单丽", "shanli"),
        ("仇英", "qiuying"),
        ("查良镛", "zhaliangyong"),
        ("尉迟恭", "yuchigong"),
    ],
)
def test_a_person_starts_with_a_family_name(name: str, spelling: str) -> None:
    """Family names have readings of their own."""
    assert pinyin.full_pinyin(name, person=True) == spelling


def test_all_readings_are_listed() -> None:
    """A polyphone is found by each reading; a word with one reading has one spelling."""
    assert pinyin.readings("大家乐") == ["dajiale", "dajiayue"]
    assert pinyin.initial_readings("大家乐") == ["djl", "djy"]
    assert pinyin.readings("重庆") == ["chongqing"]
    assert "danxiansheng" in pinyin.readings("单先生")


def test_the_number_of_readings_is_limited() -> None:
    """A long row of polyphones neither fills the index nor takes long."""
    name = "单 乐 行 传 参 朝 长 都 盛 车 " * 3
    found = pinyin.readings(name)
    assert len(found) == len(set(found)) == 16
    assert found[0] == pinyin.full_pinyin(name)
    assert len(pinyin.readings(name, limit=3)) == 3
    assert len(pinyin.initial_readings(name)) == 16
    assert pinyin.readings(name, limit=0) == []


def test_sorting_goes_by_syllable() -> None:
    """Names sort as in a directory: by syllables, a name before its extensions."""
    names = ["重庆", "先", "海底捞", "长沙", "西安", "海底", "1点点"]
    assert sorted(names, key=pinyin.sort_key) == [
        "1点点",
        "长沙",
        "重庆",
        "海底",
        "海底捞",
        "西安",
        "先",
    ]
