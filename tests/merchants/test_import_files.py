"""What is wrong with a file is said before anything of it is used."""

import io
import time
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from merchants.domain import file_rules, files, workbooks
from merchants.domain.file_rules import FileRefused, Line

HEADER = ["名称", "行政区划", "电话"]
ROW = ["海底捞火锅(徐家汇店)", "上海市徐汇区", 13800138000]


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return kept.getvalue()


def sheet(rows: bytes) -> bytes:
    """A workbook whose sheet was written by hand."""
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (name.encode(), rows)
    return with_part(workbook(HEADER), "xl/worksheets/sheet1.xml", part)


def cell(place: str, text: str) -> bytes:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def archive_of(count: int) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for number in range(count):
            archive.writestr(f"part{number}", "x")
    return kept.getvalue()


def lying_about_its_size() -> bytes:
    """A part of a megabyte whose directory entry says ten bytes."""
    content = with_part(workbook(HEADER), "xl/big.xml", b" " * 1_000_000)
    return content.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


TEXT = "名称,行政区划,电话\n海底捞火锅(徐家汇店),上海市徐汇区,13800138000\n"
SOUND = workbook(HEADER, ROW)
FIRST = b'<row r="1">' + cell("A1", "name") + b"</row>"

BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "no bytes": ("list.csv", lambda: b"", "file_empty"),
    "only blank lines": ("list.csv", lambda: b"\n\n,,\n", "file_empty"),
    "only a header": ("list.csv", lambda: "名称\n".encode(), "file_empty"),
    "an empty workbook": ("list.xlsx", lambda: workbook(), "file_empty"),
    "a kind we do not read": ("list.pdf", lambda: b"%PDF-1.7", "file_kind"),
    "UTF-16": ("list.csv", lambda: TEXT.encode("utf-16"), "file_encoding"),
    "half a character": ("list.csv", lambda: b"name\n\xe6\xb5\xff\xff", "file_encoding"),
    "cut off inside quotation marks": ("list.csv", lambda: b'name\n"abc', "csv_broken"),
    "text after quotation marks": ("list.csv", lambda: b'name\n"abc"d\n', "csv_broken"),
    "a huge cell": ("list.csv", lambda: b"name\n" + b"a" * 200_000, "cell_too_long"),
    "too many rows": ("list.csv", lambda: b"name\n" + b"a\n" * 20_001, "too_many_rows"),
    "too many bytes": ("list.csv", lambda: b"name\n" * 5_000_000, "file_too_large"),
    "a workbook named CSV": ("list.csv", lambda: SOUND, "file_kind_mismatch"),
    "text named workbook": ("list.xlsx", lambda: TEXT.encode(), "file_kind_mismatch"),
    "some other archive": ("list.xlsx", lambda: archive_of(3), "file_kind_mismatch"),
    "an old workbook": (
        "list.xlsx",
        lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "file_is_old_excel",
    ),
    "a half-written workbook": ("list.xlsx", lambda: SOUND[: len(SOUND) // 2], "xlsx_broken"),
    "a flipped byte": (
        "list.xlsx",
        lambda: SOUND[:60] + bytes([SOUND[60] ^ 255]) + SOUND[61:],
        "xlsx_broken",
    ),
    "a sheet that breaks off": (
        "list.xlsx",
        lambda: with_part(SOUND, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"),
        "xlsx_broken",
    ),
    "too many parts": ("list.xlsx", lambda: archive_of(201), "xlsx_too_large"),
    "an archive bomb": (
        "list.xlsx",
        lambda: with_part(SOUND, "xl/bomb.xml", b"\0" * 20_000_000),
        "xlsx_too_large",
    ),
    "a lying directory": ("list.xlsx", lying_about_its_size, "xlsx_broken"),
    "entities": (
        "list.xlsx",
        lambda: with_part(SOUND, "xl/styles.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        "xlsx_too_large",
    ),
    "entities in UTF-16": (
        "list.xlsx",
        lambda: with_part(SOUND, "xl/styles.xml", "<!DOCTYPE a><a/>".encode("utf-16")),
        "xlsx_too_large",
    ),
    "a row far below": (
        "list.xlsx",
        lambda: sheet(FIRST + b'<row r="99999999">' + cell("A99999999", "a") + b"</row>"),
        "too_many_rows",
    ),
}


def read(name: str, content: bytes) -> tuple[tuple[str, ...], list[Line]]:
    header, lines = files.rows(name, content)
    return header, list(lines)


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_with_its_code(kind: str) -> None:
    name, content, code = BROKEN[kind]
    with pytest.raises(FileRefused) as refused:
        read(name, content())
    assert refused.value.code == code
    assert str(refused.value)


FAULTY: dict[str, tuple[str, Callable[[], bytes], int | None, str]] = {
    "a NUL": ("list.csv", lambda: b"name,b\nx,ab\0c\nfine,\n", 1, "cell_has_nul"),
    "more cells than columns": ("list.csv", lambda: b"name\na,b\nfine\n", None, "too_many_cells"),
    "a wide row": (
        "list.csv",
        lambda: b"name\n" + b"a," * 300 + b"a\nfine\n",
        None,
        "too_many_cells",
    ),
    "a long cell": (
        "list.csv",
        lambda: b"name\n" + b"a" * 10_001 + b"\nfine\n",
        0,
        "cell_too_long",
    ),
    "a formula in text": ("list.csv", lambda: b"name\n=1+1\nfine\n", 0, "cell_not_a_value"),
    "a formula": (
        "list.xlsx",
        lambda: workbook(["name"], ["=1+1"], ["fine"]),
        0,
        "cell_not_a_value",
    ),
    "an error": (
        "list.xlsx",
        lambda: sheet(
            FIRST
            + b'<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
            + b'<row r="3">'
            + cell("A3", "fine")
            + b"</row>"
        ),
        0,
        "cell_not_a_value",
    ),
    "a cell far to the right": (
        "list.xlsx",
        lambda: sheet(
            FIRST
            + b'<row r="2">'
            + cell("XFD2", "a")
            + b'</row><row r="3">'
            + cell("A3", "fine")
            + b"</row>"
        ),
        None,
        "too_many_cells",
    ),
}


@pytest.mark.parametrize("kind", FAULTY)
def test_a_cell_that_cannot_be_used_makes_its_row_faulty_and_no_other(kind: str) -> None:
    name, content, place, code = FAULTY[kind]
    header, (faulty, fine) = read(name, content())
    assert [(fault.place, fault.code) for fault in faulty.faults] == [(place, code)]
    assert str(faulty.faults[0].sentence)
    assert fine.cells[0] == "fine"
    assert not fine.faults
    assert len(faulty.cells) == len(header), "as wide as the header"


def test_a_bomb_is_refused_within_a_second() -> None:
    content = BROKEN["an archive bomb"][1]()
    begun = time.process_time()
    with pytest.raises(FileRefused):
        read("list.xlsx", content)
    assert time.process_time() - begun < 1


def test_a_part_is_counted_while_it_is_unpacked() -> None:
    content = io.BytesIO(SOUND)
    workbooks.judge_archive(content)  # the same archive passes with room enough
    with zipfile.ZipFile(content) as archive, pytest.raises(FileRefused) as refused:
        workbooks._judge_part(archive, archive.infolist()[0], left=10)
    assert refused.value.code == "xlsx_too_large"


SAME = {
    "UTF-8": ("list.csv", TEXT.encode()),
    "UTF-8 with a byte order mark": ("list.csv", TEXT.encode("utf-8-sig")),
    "GB18030": ("list.csv", TEXT.encode("gb18030")),
    "semicolons": ("list.csv", TEXT.replace(",", ";").encode()),
    "tabs": ("list.txt", TEXT.replace(",", "\t").encode()),
    "Windows line ends": ("list.csv", TEXT.replace("\n", "\r\n").encode()),
    "empty cells at the end": ("list.csv", TEXT.replace("\n", ",,\n").encode()),
    "blank lines": ("LIST.CSV", TEXT.replace("\n", "\n\n").encode()),
    "a workbook": ("list.xlsx", SOUND),
    "a workbook with a telephone number in decimals": (
        "list.xlsx",
        workbook(HEADER, [*ROW[:2], 13800138000.0]),
    ),
    "a workbook that lies about its size": (
        "list.xlsx",
        with_part(
            SOUND,
            "xl/worksheets/sheet1.xml",
            zipfile.ZipFile(io.BytesIO(SOUND))
            .read("xl/worksheets/sheet1.xml")
            .replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"'),
        ),
    ),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_list_reads_the_same_however_it_was_saved(kind: str) -> None:
    header, lines = read(*SAME[kind])
    assert header == tuple(HEADER)
    assert [line.cells for line in lines] == [tuple(str(value) for value in ROW)]
    assert files.beginning(*SAME[kind]).samples == (lines[0].cells,)


def test_a_row_keeps_the_number_that_the_spreadsheet_shows() -> None:
    _header, lines = read("list.csv", b"\nname\n\na\n\nb\n")
    assert [line.number for line in lines] == [4, 6]


def test_the_largest_file_that_is_allowed_is_read() -> None:
    content = b"name\n" + b"a\n" * file_rules.MOST_ROWS + b"\n" * 100
    assert len(read("list.csv", content)[1]) == file_rules.MOST_ROWS
