"""A statement of a hundred thousand lines: drafted at once, written with bounded memory."""

import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.domain import statement_files, statement_pdf, statement_sheet
from crm.ids import uuid7
from crm.models import JobState
from tests.campaigns.settlement_desk import AT, Desk, finished, many_used
from tests.conftest import Cast


def peak(action: Any) -> int:
    """Bytes that Python held at most while the action ran."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_drafting_asks_as_many_statements_for_a_thousand_lines_as_for_one(cast: Cast) -> None:
    first, small, large = Desk(cast), Desk(cast), Desk(cast)
    first.used("S0")
    first.drafted()  # Who finance is, and where, is read once.
    small.used("S1")
    many_used(large, 1_000)
    asked = []
    for desk in (small, large):
        with CaptureQueriesContext(connection) as captured:
            statement = desk.drafted()
        asked.append(len(captured))
    assert asked[0] == asked[1]
    assert (statement.redemption_count, statement.payable_fen) == (1_000, 1_400_000)


def test_the_pdf_prints_its_first_lines_and_says_so(cast: Cast) -> None:
    desk = Desk(cast)
    many_used(desk, 1_500)
    statement = desk.drafted()
    short = statement_pdf.written(statement, at=AT)
    assert short.startswith(b"%PDF-")
    # Two hundred of fifteen hundred lines: a handful of pages.
    assert 4 <= short.count(b"/Type /Page\n") <= 12


def test_the_workbook_of_ten_times_the_lines_needs_hardly_more_memory(cast: Cast) -> None:
    few, many = Desk(cast), Desk(cast)
    for number in range(3):
        few.used(f"F{number}")
    many_used(many, 6_000)
    small, large = few.drafted(), many.drafted()
    statement_sheet.written(small, at=AT)
    least = peak(lambda: statement_sheet.written(small, at=AT))
    most = peak(lambda: statement_sheet.written(large, at=AT))
    assert most - least < 8_000_000


@pytest.mark.slow
def test_a_hundred_thousand_lines_are_drafted_compared_and_written(cast: Cast) -> None:
    desk = Desk(cast)
    many_used(desk, 100_000)
    statement = desk.drafted()
    assert statement.lines.count() == 100_000
    job = statement_files.write(
        uuid7(),
        statement.pk,
        kind=statement_files.StatementFileKind.XLSX,
        by=cast.fay,
        at=AT,
    )
    assert finished(job).state == JobState.DONE
    rows = (f"B{i},徐汇店,2026-10-{1 + i % 30:02d},20.00,100.00" for i in range(1, 100_001))
    compared = desk.brought(statement, *rows)
    assert (compared.state, compared.unchanged, compared.refused) == (JobState.DONE, 100_000, 0)
