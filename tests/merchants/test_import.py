"""Lists of merchants come in through the verbs, all of a row or none of it."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import translation

from crm.errors import NotAllowed
from merchants.domain import credit_code, files, importing, importing_columns
from merchants.domain.importing import Outcome
from merchants.models import Contact, Merchant, MerchantSource, Outlet, TimelineEntry
from tests import factories
from tests.conftest import Cast

HEADER = ",".join(importing_columns.NAMES.values())
CODE = credit_code.made_up(1)
GOOD = (
    f"海底捞火锅(徐家汇店),示例餐饮有限公司,{CODE},5812,上海市徐汇区,referral,张三,13800138000,店长,"
    "consent,徐家汇店,虹桥路1号"
)


@pytest.fixture
def codes(db: None) -> None:
    factories.CategoryFactory()
    factories.CategoryFactory(code="7995", label_zh="博彩", prohibited=True)
    factories.DivisionFactory()


@pytest.fixture
def take_in(
    cast: Cast, codes: None, tmp_path: Path, at: Any
) -> Callable[..., tuple[int, int, list[tuple[int, str, str]]]]:
    """Take a list in as Max, who leads the team; what was added, known and refused."""

    def run(
        *rows: str, header: str = HEADER, by: str = "max", **options: Any
    ) -> tuple[int, int, list[tuple[int, str, str]]]:
        path = tmp_path / "list.csv"
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        outcomes: list[Outcome] = []
        with files.checked(path) as file:
            outcomes.extend(
                importing.take_in(file, unit_id=cast.xuhui.pk, by=cast.named(by), at=at, **options)
            )
        return (
            sum(one.added for one in outcomes),
            sum(one.unchanged for one in outcomes),
            [(one.row, one.column, one.code) for each in outcomes for one in each.refusals],
        )

    return run


def test_a_row_becomes_a_merchant_with_its_outlet_and_contact(take_in: Any, cast: Cast) -> None:
    assert take_in(GOOD) == (1, 0, [])
    merchant = Merchant.objects.get()
    assert merchant.credit_code == CODE
    assert merchant.division_id == "310104"
    assert merchant.category_id == "5812"
    assert merchant.source == MerchantSource.REFERRAL
    assert merchant.unit == cast.xuhui
    assert merchant.owner is None
    assert Outlet.objects.get().address == "虹桥路1号"
    assert Contact.objects.get().open_phone() == "+8613800138000"
    assert set(TimelineEntry.objects.values_list("kind", flat=True)) == {
        "merchant.registered",
        "outlet.added",
        "contact.added",
    }


def test_a_name_alone_is_enough_and_english_headers_do(take_in: Any) -> None:
    assert take_in("喜茶", header="Name *") == (1, 0, [])
    assert Merchant.objects.get().source == MerchantSource.IMPORT


REFUSED: dict[str, tuple[str, str, str]] = {
    "no name": (",,,,,,,,,,,".replace(",", ",示例公司", 1), "名称", "name_required"),
    "a name of punctuation": ("(),,,,,,,,,,,", "名称", "name_required"),
    "a long name": ("喜" * 201 + ",,,,,,,,,,,", "名称", "too_long"),
    "a name that is written out longer": ("㍿" * 101 + ",,,,,,,,,,,", "名称", "too_long"),
    "a wrong check digit": (
        f"喜茶,,{CODE[:-1]}A,,,,,,,,,",
        "统一社会信用代码",
        "credit_code_check_digit",
    ),
    "half a code": ("喜茶,,9131,,,,,,,,,", "统一社会信用代码", "credit_code_length"),
    "an unknown category": ("喜茶,,,0001,,,,,,,,", "商户类别码", "mcc_unknown"),
    "a prohibited category": ("喜茶,,,7995,,,,,,,,", "商户类别码", "mcc_prohibited"),
    "an unknown district": ("喜茶,,,,火星区,,,,,,,", "行政区划", "division_unknown"),
    "an unknown source": ("喜茶,,,,,天上,,,,,,", "来源", "source_unknown"),
    "a bad phone": ("喜茶,,,,,,张三,12,,consent,,", "电话", "phone_invalid"),
    "no basis": ("喜茶,,,,,,张三,13800138000,,,,", "个人信息依据", "lawful_basis_required"),
    "an unknown basis": ("喜茶,,,,,,张三,,,because,,", "个人信息依据", "lawful_basis_unknown"),
    "a basis that cannot hold": (
        "喜茶,,,,,,张三,,,contract,,",
        "个人信息依据",
        "contract_needs_sole_proprietor",
    ),
    "a phone of nobody": ("喜茶,,,,,,,13800138000,,,,", "联系人", "contact_needs_name"),
    "an address of no outlet": ("喜茶,,,,,,,,,,,虹桥路1号", "门店", "outlet_needs_name"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_row_is_refused_whole_and_the_others_go_in(kind: str, take_in: Any) -> None:
    row, column, code = REFUSED[kind]
    assert take_in(row, GOOD) == (1, 0, [(2, column, code)])
    assert [merchant.credit_code for merchant in Merchant.objects.all()] == [CODE]
    assert TimelineEntry.objects.count() == 3


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_refusal_has_a_sentence(
    language: str, cast: Cast, codes: None, tmp_path: Path, at: Any
) -> None:
    path = tmp_path / "list.csv"
    rows = [row for row, _column, _code in REFUSED.values()]
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    with translation.override(language), files.checked(path) as file:
        (outcome,) = importing.take_in(file, unit_id=cast.xuhui.pk, by=cast.max, at=at)
    assert len(outcome.refusals) == len(REFUSED)
    assert all(str(refusal.sentence).strip() for refusal in outcome.refusals)


def test_the_same_list_twice_adds_nothing(take_in: Any) -> None:
    rows = (GOOD, "喜茶,,,,310104,,,,,,,", "喜茶,,,,,,,,,,,")
    assert take_in(*rows) == (3, 0, [])
    lines = TimelineEntry.objects.count()
    assert take_in(*rows) == (0, 3, [])
    assert TimelineEntry.objects.count() == lines


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_dry_run_says_the_same_and_writes_nothing(batch: int, take_in: Any) -> None:
    factories.MerchantFactory(name="奈雪的茶", credit_code=None)
    rows = (
        GOOD,
        GOOD,
        "奈雪的茶,,,,上海市徐汇区,,,,,,,",
        *(row for row, _column, _code in REFUSED.values()),
        GOOD,
    )
    tried = take_in(*rows, dry_run=True, batch=batch)
    assert Merchant.objects.count() == 1
    assert not TimelineEntry.objects.exists()
    assert tried[0:2] == (1, 3)
    assert take_in(*rows, batch=batch) == tried


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("名称,颜色", "columns_unknown"),
        ("名称,,电话", "columns_unknown"),
        ("名称,name", "columns_twice"),
        ("电话,联系人", "columns_missing"),
    ],
)
def test_columns_that_are_not_understood_refuse_the_list(
    header: str, code: str, take_in: Any
) -> None:
    with pytest.raises(files.FileRefused) as refused:
        take_in("喜茶,1", header=header)
    assert refused.value.code == code
    assert not Merchant.objects.exists()


@pytest.mark.parametrize("by", ["sam", "fay", "rui", "pia", "otto", "ada", "nia"])
def test_only_those_who_win_merchants_for_the_unit_take_lists_in(by: str, take_in: Any) -> None:
    with pytest.raises(NotAllowed):
        take_in(GOOD, by=by)


@pytest.mark.parametrize("by", ["ann", "max", "mei"])
def test_a_rep_and_the_leaders_take_lists_in(by: str, take_in: Any) -> None:
    assert take_in(GOOD, by=by) == (1, 0, [])


@pytest.fixture
def broken_table(transactional_db: None) -> Iterator[Callable[[], None]]:
    """The register fails, as by a bug, for merchants called 坏."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a bug'; END $$;"
            "CREATE TRIGGER fail BEFORE INSERT ON merchants_merchant FOR EACH ROW "
            "WHEN (NEW.name = '坏') EXECUTE FUNCTION fail();"
        )

    def repair() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS fail CASCADE")

    yield repair
    repair()


def test_what_stops_the_work_loses_its_batch_and_a_second_run_completes_it(
    broken_table: Callable[[], None], take_in: Any
) -> None:
    rows = [f"商户{number},,,,,,,,,,," for number in range(10)]
    rows[5] = "坏,,,,,,,,,,,"
    with pytest.raises(DatabaseError):
        take_in(*rows, batch=4)
    assert Merchant.objects.count() == 4, "the first batch stays, nothing of the second"
    broken_table()
    assert take_in(*rows, batch=4) == (6, 4, [])
    assert Merchant.objects.count() == 10


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command(cast: Cast, codes: None, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Run the command on a list; what it printed."""

    def run(text: str, *, encoding: str = "utf-8", **options: Any) -> tuple[str, str]:
        path = tmp_path / "list.csv"
        path.write_bytes(text.encode(encoding))
        told, warned = io.StringIO(), io.StringIO()
        options = {"unit": "徐汇团队", "by": "max@bank.test"} | options
        call_command("import_merchants", path, stdout=told, stderr=warned, **options)
        return told.getvalue(), warned.getvalue()

    return run


def test_the_command_prints_the_counts_and_the_first_refusals(command: Any) -> None:
    told, warned = command(f"{HEADER}\n{GOOD}\n{GOOD}\n喜茶,,9131\n", encoding="gb18030")
    assert told.strip() == "1 added, 1 known already, 1 refused."
    assert "Row 4, 统一社会信用代码" in warned
    assert "[credit_code_length]" in warned


def test_the_file_of_errors_repeats_the_row_and_runs_no_formula(
    command: Any, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.csv"
    command("名称,电话,联系人\n+SUM(1),12,@张三\n-1,\t12,张三\n", errors=errors)
    assert errors.read_bytes().startswith(b"\xef\xbb\xbf")
    assert errors.stat().st_mode & 0o077 == 0
    with errors.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[-3:] == ["名称", "电话", "联系人"]
    assert rows[0][:3] == ["2", "电话", "phone_invalid"]
    assert rows[0][4:] == ["'+SUM(1)", "12", "'@张三"]
    assert rows[1][4:] == ["'-1", "'\t12", "张三"]


@pytest.mark.parametrize(
    ("options", "text", "says"),
    [
        ({"unit": "月球分行"}, GOOD, "月球分行"),
        ({"unit": "00000000-0000-0000-0000-000000000000"}, GOOD, "no such unit"),
        ({"by": "nobody@bank.test"}, GOOD, "nobody@bank.test"),
        ({"by": "fay@bank.test"}, GOOD, "[not_allowed]"),
        ({"batch": 0}, GOOD, "at least 1"),
        ({"errors": Path("/nowhere/errors.csv")}, GOOD, "cannot be written"),
        ({}, "=1+1", "[cell_not_a_value]"),
    ],
)
def test_the_command_says_no_in_one_sentence_and_writes_nothing(
    options: dict[str, Any], text: str, says: str, command: Any
) -> None:
    with pytest.raises(CommandError) as refused:
        command(f"{HEADER}\n{GOOD}\n{text}\n", **options)
    assert says in str(refused.value)
    assert refused.value.returncode == 1
    assert not Merchant.objects.exists()


def test_the_list_itself_is_not_overwritten_with_errors(command: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        command(f"{HEADER}\n{GOOD}\n", errors=tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text(encoding="utf-8").startswith(HEADER)
