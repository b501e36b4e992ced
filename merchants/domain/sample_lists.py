"""A list of invented merchants to try imports with: good rows, and rows with typical mistakes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crm.domain import sheets
from crm.domain.sheets import FileFormat
from merchants.domain import credit_code
from merchants.domain.import_columns import COLUMNS

HEADER_NAMES = (
    "name",
    "legal_name",
    "credit_code",
    "mcc",
    "division",
    "source",
    "contact_name",
    "contact_phone",
    "contact_position",
    "lawful_basis",
    "outlet_name",
    "address",
)
_BRANDS = (
    "海底捞火锅",
    "新荣记",
    "喜茶",
    "奈雪的茶",
    "西贝莜面村",
    "绿茶餐厅",
    "外婆家",
    "小杨生煎",
)
_PLACES = ("徐家汇店", "虹桥路店", "漕河泾店", "龙华店", "衡山路店")
_SURNAMES = "张王李赵陈刘杨黄周吴"

type Row = dict[str, str]


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake that people make, and how a good row comes to have it."""

    name: str
    make: Callable[[Row], Row]


def _with(**cells: str) -> Callable[[Row], Row]:
    return lambda row: row | cells


MISTAKES: tuple[Mistake, ...] = (
    Mistake("no name", _with(name="")),
    Mistake("a name without a letter", _with(name="（）")),
    Mistake("a name that is too long", _with(name="喜" * 201)),
    Mistake("half a credit code", lambda row: row | {"credit_code": row["credit_code"][:9]}),
    Mistake(
        "a credit code with the letter O",
        lambda row: row | {"credit_code": f"{row['credit_code'][:9]}O{row['credit_code'][10:]}"},
    ),
    Mistake("a wrong check digit", lambda row: row | {"credit_code": _mistyped(row)}),
    Mistake("a category that does not exist", _with(mcc="0001")),
    Mistake("a category that is prohibited", _with(mcc="7995")),
    Mistake("a district that does not exist", _with(division="火星区")),
    Mistake("a source that is no word of ours", _with(source="天上")),
    Mistake("a phone nobody can dial", _with(contact_phone="12")),
    Mistake("a person without a lawful basis", _with(lawful_basis="")),
    Mistake("a lawful basis that does not exist", _with(lawful_basis="because")),
    Mistake("a contract with an employee", _with(lawful_basis="contract")),
    Mistake("a phone of nobody", _with(contact_name="")),
    Mistake("an address of no outlet", _with(outlet_name="")),
    Mistake("a formula", _with(name="=1+1")),
    Mistake("a cell that is too long", _with(address="路" * 10_001)),
    Mistake("more cells than columns", lambda row: row | {"": "多余"}),
    Mistake("an outlet name that is too long", _with(outlet_name="店" * 201)),
)


def good(number: int) -> Row:
    """The n-th sound row; no two of them are the same merchant."""
    brand, place = _BRANDS[number % len(_BRANDS)], _PLACES[number % len(_PLACES)]
    return {
        "name": f"{brand}{number}号({place})",
        "legal_name": f"示例{number}号餐饮有限公司",
        "credit_code": credit_code.made_up(number + 1),
        "mcc": "5812",
        "division": "上海市徐汇区",
        "source": "转介绍",
        "contact_name": f"{_SURNAMES[number % len(_SURNAMES)]}先生",
        "contact_phone": f"138{number % 100_000_000:08d}",
        "contact_position": "店长",
        "lawful_basis": "个人同意",
        "outlet_name": place,
        "address": f"虹桥路{number}号",
    }


def rows(count: int, broken: int) -> Iterator[tuple[Row, str]]:
    """So many rows, the broken ones spread evenly among them, each with the name of its mistake."""
    made = 0
    for number in range(count):
        row = good(number)
        if broken and (number + 1) * broken // count > made:
            mistake = MISTAKES[made % len(MISTAKES)]
            made += 1
            yield mistake.make(row), mistake.name
        else:
            yield row, ""


def table(count: int, broken: int) -> list[list[str]]:
    """The list with its header."""
    header = [COLUMNS[name].chinese for name in HEADER_NAMES]
    return [header, *(cells(row) for row, _mistake in rows(count, broken))]


def cells(row: Row) -> list[str]:
    return [row[name] for name in HEADER_NAMES] + ([row[""]] if "" in row else [])


def written(kind: FileFormat, *, count: int = 200, broken: int = 20) -> bytes:
    """The list as a file; its formula is one on purpose."""
    header, *body = table(count, broken)
    return sheets.written(header, body, kind, guard=lambda text: text)


def _mistyped(row: Row) -> str:
    code = row["credit_code"]
    return code[:-1] + ("A" if code[-1] != "A" else "B")
