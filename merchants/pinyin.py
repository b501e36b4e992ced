"""How Chinese names are spelled in pinyin, so that staff find 海底捞火锅 by typing haidilao or hdl.

Spellings are those of an input method: lower case, no tones, no blanks, ü written as v. The rules
for characters with several readings are in the tables below; all else comes from pypinyin.
"""

import heapq
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# The choices for one character or Latin word of a name, the most likely first.
type Choices = tuple[str, ...]


class Syllable(NamedTuple):
    """One Chinese character, or one Latin word or number, with its possible readings."""

    readings: Choices
    is_chinese: bool


# Words, mostly place names, that pypinyin reads wrongly. Syllables are separated by blanks.
WORD_READINGS: dict[str, str] = {
    "乐亭": "lao ting",
    "乐陵": "lao ling",
    "东阿": "dong e",
    "伽师": "jia shi",
    "六合区": "lu he qu",
    "单县": "shan xian",
    "呷哺": "xia bu",
    "大参林": "da shen lin",
    "大城县": "dai cheng xian",
    "大埔": "da bu",
    "宕昌": "tan chang",
    "朝阳": "chao yang",
    "泊头": "bo tou",
    "洪洞": "hong tong",
    "浚县": "xun xian",
    "涡阳": "guo yang",
    "漯河": "luo he",
    "点都德": "dian dou de",
    "珲春": "hun chun",
    "穆棱": "mu ling",
    "称多": "chen duo",
    "筠连": "jun lian",
    "繁峙": "fan shi",
    "荥经": "ying jing",
    "行唐": "hang tang",
    "覃塘": "qin tang",
    "长子县": "zhang zi xian",
    "马尾区": "ma wei qu",
    "龙圩": "long xu",
}

# Characters outside a word that pypinyin knows: its first reading is the one of a dictionary, in
# which 长 is zhang, while in the names of places and shops it is nearly always chang.
CHARACTER_READINGS: dict[str, Choices] = {
    "仇": ("qiu", "chou"),
    "什": ("shi", "shen"),
    "佛": ("fo",),
    "区": ("qu",),
    "参": ("shen", "can"),
    "嗯": ("en",),
    "曾": ("zeng", "ceng"),
    "朝": ("chao", "zhao"),
    "泊": ("bo", "po"),
    "番": ("fan", "pan"),
    "盛": ("sheng", "cheng"),
    "翟": ("zhai", "di"),
    "茄": ("qie", "jia"),
    "车": ("che", "ju"),
    "都": ("du", "dou"),
    "重": ("chong", "zhong"),
    "长": ("chang", "zhang"),
    "𠮷": ("ji",),
}

# Common characters whose further readings are of old texts only. Indexing those would use up the
# limit of spellings for nothing: nobody types huajie for 华家.
ONE_READING = frozenset(
    "一万三上不东丰也之云五京仁信兰其务包化友古司合吉吴和品四园国城塔士大太姓子宁宜客家寿山幸川市"
    "平广庄庆店府度康张德快思意惠房新方日时星春普景望有来果格桥欢正比江池沙河泰洋洪海港湖源溪"
    "烧爱牌王白百皇真石福私秀米紫红绝美羊老而肥胜自色花苏草荣莲蒙西言记许财贝贵起足路达运连通"
    "邑部里野金锦门阳陶雅雪青面顺风飞餐馆香马高鱼鲜麦黄龙"
)

# Family names that are read differently from the same character elsewhere.
SURNAME_READINGS: dict[str, str] = {
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "澹台": "tan tai",
    "长孙": "zhang sun",
    "乐": "yue",
    "仇": "qiu",
    "任": "ren",
    "冼": "xian",
    "区": "ou",
    "华": "hua",
    "单": "shan",
    "员": "yun",
    "折": "she",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "秘": "bi",
    "种": "chong",
    "纪": "ji",
    "缪": "miao",
    "翟": "zhai",
    "覃": "qin",
    "解": "xie",
    "逄": "pang",
    "隗": "wei",
}

# A merchant's name starts with a family name only where one of these follows: 单先生, 朴大叔,
# but not 单车 or 朴朴.
SURNAME = re.compile(
    f"^({'|'.join(sorted(SURNAME_READINGS, key=len, reverse=True))})"
    "(?=(先生|女士|小姐|老师|师傅|师父|经理|总$|老板|店长|大叔|大哥|大姐|阿姨|记|氏))"
)
PERSON_SURNAME = re.compile(f"^({'|'.join(sorted(SURNAME_READINGS, key=len, reverse=True))})")
KNOWN_WORD = re.compile(f"({'|'.join(sorted(WORD_READINGS, key=len, reverse=True))})")

CHINESE_RUN = re.compile("([\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")


def full_pinyin(name: str, *, person: bool = False) -> str:
    """Spell a name as most people would type it: 海底捞火锅 is haidilaohuoguo.

    With ``person``, the name is that of a person, so it starts with a family name: 单丽 is shanli.
    """
    return "".join(syllable.readings[0] for syllable in _syllables(name, person))


def initials(name: str, *, person: bool = False) -> str:
    """Give the first letter of each syllable: 海底捞火锅 is hdlhg; Latin words stay whole."""
    return "".join(choices[0] for choices in _initial_choices(name, person))


def readings(name: str, limit: int = 16, *, person: bool = False) -> list[str]:
    """List the spellings under which a name should be found, the most likely first.

    Names have characters with several readings (大家乐: dajiale, dajiayue), and staff type the one
    that they know. The limit keeps long names from filling the index.
    """
    choices = [syllable.readings for syllable in _syllables(name, person)]
    return _spellings(choices, limit)


def initial_readings(name: str, limit: int = 16, *, person: bool = False) -> list[str]:
    """List the initials under which a name should be found, the most likely first."""
    return _spellings(_initial_choices(name, person), limit)


def sort_key(name: str, *, person: bool = False) -> str:
    """Give the text by which lists of names are sorted as in a Chinese directory.

    Blanks keep syllables apart, so 西安 (xi an) comes before 先 (xian); the name itself follows to
    give names of one sound a fixed order. Compare by code points, which is collation "C" in the
    database.
    """
    spelled = " ".join(syllable.readings[0] for syllable in _syllables(name, person))
    # Two blanks sort before any syllable that could go on, so a name precedes its extensions.
    return f"{spelled}  {unicodedata.normalize('NFKC', name).strip().lower()}"


@lru_cache(maxsize=256)
def _syllables(name: str, person: bool) -> tuple[Syllable, ...]:
    """Return the readings of each Chinese character, and each Latin word as its only reading.

    Remembered for a moment, because a merchant's columns ask for one name four times over.
    """
    text = unicodedata.normalize("NFKC", name).strip().lower()
    syllables: list[Syllable] = []
    is_start = True
    for part in CHINESE_RUN.split(text):
        if CHINESE_RUN.fullmatch(part):
            syllables += [
                Syllable(choices, is_chinese=True)
                for choices in _chinese_syllables(part, is_start, person)
            ]
        else:
            syllables += [Syllable((word,), is_chinese=False) for word in _words(part)]
        is_start = is_start and not part
    return tuple(syllables)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text that is not Chinese, without accents and punctuation."""
    # Input methods write ü as v; every other accent is simply left out: café is found by cafe.
    plain = unicodedata.normalize("NFD", text.replace("ü", "v"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for word in unicodedata.normalize("NFC", letters).split():
        kept = "".join(letter for letter in word if letter.isalnum())
        if kept:
            yield kept


def _chinese_syllables(run: str, is_start: bool, person: bool) -> Iterator[Choices]:
    """Yield the readings of each character of a run of Chinese characters."""
    surname = (PERSON_SURNAME if person else SURNAME).match(run) if is_start else None
    if surname is not None:
        for syllable, character in zip(
            SURNAME_READINGS[surname[1]].split(), surname[1], strict=True
        ):
            others = next(_dictionary_syllables(character))
            yield tuple(dict.fromkeys((syllable, *others)))
        run = run[surname.end() :]
    for part in KNOWN_WORD.split(run):
        if part in WORD_READINGS:
            yield from ((syllable,) for syllable in WORD_READINGS[part].split())
        elif part:
            yield from _dictionary_syllables(part)


def _dictionary_syllables(text: str) -> Iterator[Choices]:
    """Yield what pypinyin says about each character, corrected by our tables."""
    # Loading the dictionaries takes about 0.4 s, which a process that spells nothing should
    # not have to wait for.
    from pypinyin import Style, pinyin

    # pypinyin gives one reading for each character of a word that it knows, and all readings of
    # a character that stands alone; only the latter are open to choice.
    found = pinyin(text, style=Style.NORMAL, heteronym=True)
    if len(found) != len(text):
        # Neighbouring characters that it does not know come back in one piece.
        found = [pinyin(character, style=Style.NORMAL, heteronym=True)[0] for character in text]
    for character, options in zip(text, found, strict=True):
        if character in CHARACTER_READINGS and (len(options) > 1 or options == [character]):
            yield CHARACTER_READINGS[character]
        elif character in ONE_READING:
            yield (_plain(options[0]),)
        else:
            yield tuple(dict.fromkeys(_plain(option) for option in options))


def _plain(syllable: str) -> str:
    """Return a syllable in the letters of a keyboard: a few interjections are spelled with ê."""
    return syllable.replace("ü", "v").replace("ê", "e")


def _initial_choices(name: str, person: bool) -> list[Choices]:
    """Return the possible first letters of each Chinese character, and each Latin word whole."""
    return [
        tuple(dict.fromkeys(reading[0] for reading in syllable.readings))
        if syllable.is_chinese
        else syllable.readings
        for syllable in _syllables(name, person)
    ]


def _spellings(syllables: list[Choices], limit: int) -> list[str]:
    """Combine the choices into distinct spellings, those with the fewest rare readings first."""
    if limit < 1 or not syllables:
        return []
    start = (0,) * len(syllables)
    queue = [(0, start)]
    seen = {start}
    spellings: dict[str, None] = {}
    # Walking from the likeliest combination outwards meets the best ones without building all of
    # them: ten characters with three readings each would make 59,049.
    while queue and len(spellings) < limit:
        cost, picks = heapq.heappop(queue)
        chosen = zip(syllables, picks, strict=True)
        spellings.setdefault("".join(choices[pick] for choices, pick in chosen))
        for position, pick in enumerate(picks):
            if pick + 1 < len(syllables[position]):
                following = (*picks[:position], pick + 1, *picks[position + 1 :])
                if following not in seen:
                    seen.add(following)
                    heapq.heappush(queue, (cost + 1, following))
    return list(spellings)
