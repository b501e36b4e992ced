"""The bank's lines beside the merchant's list, and what follows from their differences."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from django.utils.translation import gettext, pgettext

from campaigns.domain import statement_files, statements
from campaigns.models import (
    Discrepancy,
    DiscrepancyResolution,
    DiscrepancyState,
    MerchantRow,
    RedemptionEventKind,
    StatementState,
)
from crm.domain import files
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import Job, JobState
from tests.campaigns.settlement_desk import AT, Desk, finished
from tests.conftest import Cast

DAY = "2026-10-15"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    made = Desk(cast)
    for reference in ("T1", "T2", "T3"):
        made.used(reference)
    return made


def classes(desk: Desk, statement: Any) -> dict[str, list[str]]:
    """Class → references, of both sides."""
    found: dict[str, list[str]] = {}
    for row in MerchantRow.objects.filter(statement=statement).order_by("number"):
        found.setdefault(row.match, []).append(row.reference)
    for line in statement.lines.filter(match="bank_only").order_by("number"):
        found.setdefault("bank_only", []).append(line.reference)
    return found


def test_every_row_falls_into_one_of_four_classes(desk: Desk) -> None:
    statement = desk.sent()
    job = desk.brought(
        statement,
        f"T1,徐汇店,{DAY},20.00,100.00",
        f"T2,{desk.mid},2026/10/15,18.00,",
        f"T9,徐汇店,{DAY},20.00,",
    )
    assert (job.state, job.rows_total, job.unchanged, job.refused) == (JobState.DONE, 3, 1, 3)
    assert classes(desk, statement) == {
        "matched": ["T1"],
        "amount_diff": ["T2"],
        "merchant_only": ["T9"],
        "bank_only": ["T3"],
    }
    queue = Discrepancy.objects.filter(statement_id=statement.pk)
    assert sorted(queue.values_list("code", "reference", "bank_fen", "merchant_fen")) == [
        ("amount_differs", "T2", 2000, 1800),
        ("bank_only", "T3", 2000, None),
        ("merchant_only", "T9", None, 2000),
    ]
    assert set(queue.values_list("owner", flat=True)) == {desk.cast.fay.pk}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("T1,徐汇店,2026-10-16,20.00,", "merchant_only", id="another-day"),
        pytest.param("T1,静安店,2026-10-15,20.00,", "merchant_only", id="another-store"),
        pytest.param("T0,徐汇店,2026-10-15,20.00,", "merchant_only", id="another-reference"),
        pytest.param("T1,徐汇店,2026-10-15,20.01,", "amount_diff", id="a-fen-more"),
        pytest.param("T1,徐汇店,2026-10-15,20.00,99.00", "amount_diff", id="other-sales"),
        pytest.param("T1,徐汇店,20261015,¥20,", "matched", id="written-otherwise"),
        pytest.param("T1,徐汇店,2026年10月15日,20.0,100", "matched", id="in-chinese"),
    ],
)
def test_the_key_is_reference_store_and_day(desk: Desk, row: str, expected: str) -> None:
    statement = desk.sent()
    desk.brought(statement, row)
    assert MerchantRow.objects.get(statement=statement).match == expected


def test_a_purchase_and_its_refund_of_one_day_find_their_own_rows(desk: Desk) -> None:
    desk.used("T1", amount=5_000, discount=1_000, kind=RedemptionEventKind.REFUNDED)
    statement = desk.sent()
    desk.brought(
        statement,
        f"T1,徐汇店,{DAY},-10.00,",
        f"T1,徐汇店,{DAY},20.00,",
        f"T1,徐汇店,{DAY},20.00,",
    )
    assert classes(desk, statement)["matched"] == ["T1", "T1"]
    assert classes(desk, statement)["merchant_only"] == ["T1"]


def confirm(desk: Desk, statement: Any) -> Any:
    return statements.confirm(
        statement.pk, confirmed_on=AT.date(), by_name="王经理", by=desk.cast.fay, at=AT
    )


def test_a_statement_with_an_open_difference_is_not_confirmed(desk: Desk) -> None:
    statement = desk.sent()
    desk.brought(statement, f"T1,徐汇店,{DAY},20.00,", f"T2,徐汇店,{DAY},20.00,")
    with pytest.raises(DomainError) as caught:
        confirm(desk, statement)
    assert (caught.value.code, caught.value.facts["differences"]) == ("differences_open", 1)
    Discrepancy.objects.update(
        state=DiscrepancyState.RESOLVED,
        resolution=DiscrepancyResolution.BANK_RIGHT,
        closed_by=desk.cast.fay,
        closed_at=AT,
    )
    assert confirm(desk, statement).state == StatementState.MERCHANT_CONFIRMED


def test_a_newer_list_takes_the_place_of_the_one_before(desk: Desk) -> None:
    statement = desk.sent()
    desk.brought(statement, f"T1,徐汇店,{DAY},20.00,")
    decided = Discrepancy.objects.get(reference="T2")
    decided.change(
        at=AT,
        state=DiscrepancyState.RESOLVED,
        resolution=DiscrepancyResolution.BANK_RIGHT,
        closed_by=desk.cast.fay,
        closed_at=AT,
    )
    desk.brought(statement, f"T1,徐汇店,{DAY},20.00,", f"T3,徐汇店,{DAY},20.00,")
    assert not Discrepancy.objects.open().exists()  # T2 was decided, T3 stands on the newer list.
    assert MerchantRow.objects.filter(statement=statement).count() == 2


def test_the_same_list_twice_changes_nothing(desk: Desk) -> None:
    statement = desk.sent()
    desk.brought(statement, f"T1,徐汇店,{DAY},20.00,")
    before = list(Discrepancy.objects.order_by("pk").values())
    with pytest.raises(DomainError) as caught:
        desk.brought(statement, f"T1,徐汇店,{DAY},20.00,")
    assert caught.value.code == "list_known"
    assert list(Discrepancy.objects.order_by("pk").values()) == before


def bring(desk: Desk, text: str, name: str = "对账.csv") -> Callable[[], Job]:
    statement = desk.sent()
    return lambda: desk.brought_file(statement, text.encode(), name=name)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("参考号,金额\nT1,1", "columns_missing", id="wrong-columns"),
        pytest.param("交易参考号,门店,交易日期,优惠金额\n", "file_empty", id="no-rows"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_at_once(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        bring(desk, text)()
    assert caught.value.code == code
    assert not MerchantRow.objects.exists()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("T1,徐汇店,昨天,20.00", id="no-day"),
        pytest.param("T1,徐汇店,2026-02-30,20.00", id="no-such-day"),
        pytest.param("T1,徐汇店,2026-10-15,二十", id="no-amount"),
        pytest.param("T1,徐汇店,2026-10-15,20.001", id="less-than-a-fen"),
        pytest.param(",徐汇店,2026-10-15,20.00", id="no-reference"),
        pytest.param("T1,,2026-10-15,20.00", id="no-store"),
    ],
)
def test_a_list_with_a_row_that_cannot_be_read_is_refused_whole(desk: Desk, row: str) -> None:
    statement = desk.sent()
    text = f"交易参考号,门店,交易日期,优惠金额\nT2,徐汇店,2026-10-15,20.00\n{row}\n"
    job = desk.brought_file(statement, text.encode(), name="对账.csv")
    assert (job.state, job.failure_code) == (JobState.FAILED, "rows_faulty")
    assert "3" in job.failure
    assert not MerchantRow.objects.exists()
    assert not Discrepancy.objects.exists()


def test_what_the_merchant_confirmed_is_compared_no_more(desk: Desk) -> None:
    statement = desk.confirmed()
    kept = files.keep(
        "对账.csv",
        "交易参考号,门店,交易日期,优惠金额\nT1,徐汇店,2026-10-15,20.00\n".encode(),
        kinds=files.LISTS,
        by=desk.cast.fay,
        at=AT,
    )
    with pytest.raises(DomainError) as caught:
        statement_files.bring(uuid7(), statement.pk, kept.pk, by=desk.cast.fay, at=AT)
    assert caught.value.code == "statement_state"


def test_a_merchants_list_that_nobody_answered_starts_the_clock(desk: Desk) -> None:
    statement = desk.sent()
    desk.brought(statement, *(f"T{n},徐汇店,{DAY},20.00," for n in (1, 2, 3)))
    statement.refresh_from_db()
    assert statement.received_on == AT.date()
    confirmed = statements.confirm(
        statement.pk,
        confirmed_on=AT.date() + timedelta(days=20),
        by_name="王经理",
        by=desk.cast.fay,
        at=AT + timedelta(days=25),
    )
    assert confirmed.clock_from == AT.date() + timedelta(days=10)


def test_the_statement_is_written_as_pdf_and_workbook(desk: Desk) -> None:
    statement = desk.sent()
    for kind, begins in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        job = statement_files.write(
            uuid7(),
            statement.pk,
            kind=statement_files.StatementFileKind(kind),
            by=desk.cast.ann,
            at=AT,
        )
        done = finished(job)
        assert done.state == JobState.DONE, done.failure
        assert done.result is not None
        content = bytes(done.result.content)
        assert content.startswith(begins)
        assert files.fetch(done.result.pk, by=desk.cast.mei, at=AT).size == len(content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    with translation.override("zh-hans"):
        assert book.sheetnames == [pgettext("settlement", "Statement"), gettext("Lines")]
    lines = list(book.worksheets[1].iter_rows(values_only=True))
    assert len(lines) == 4
    assert lines[1][3] == "T1"
    assert (lines[1][7], lines[1][8], lines[1][14]) == (100, 20, 14)
    front = dict(row[:2] for row in book.worksheets[0].iter_rows(values_only=True) if row[1:])
    assert desk.merchant.name in front.values()
    assert 42 in front.values(), "sums are numbers"
