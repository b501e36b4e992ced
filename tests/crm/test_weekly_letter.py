"""The weekly report as a letter: its pictures, its workbook, its text, and that they agree."""

import io
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.test import override_settings
from django.utils import translation
from PIL import Image

from crm import mail_html, presentation, report_charts, report_layout, report_mail
from crm.report_mail import Content, Letter
from crm.sections import Column, Figure, Kind, Table
from tests.crm import weekly_made_up
from tests.crm.weekly_made_up import WEEK, made_up

LANGUAGES = ["en", "zh-hans"]


def text_of(html: str) -> str:
    """What a reader sees of a page: its words without its tags."""
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def book_of(letter: Letter) -> Any:
    return openpyxl.load_workbook(io.BytesIO(letter.parts[-1].content))


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_stands_in_the_mail_and_in_its_text(language: str) -> None:
    with translation.override(language):
        content = weekly_made_up.full()
        letter = report_mail.letter(content)
    seen = text_of(letter.html)
    for block in content.blocks:
        assert block["title"] in seen
        for figure in block["figures"]:
            assert f"{figure['label']}" in seen
            assert f"{figure['shown']}" in seen
            assert f"{figure['shown']}" in letter.text
        for row in block["rows"]:
            for shown in row["shown"]:
                assert shown in seen
                assert shown in letter.text
    assert content.summary in seen
    assert content.summary in letter.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_the_same_numbers_as_numbers(language: str) -> None:
    with translation.override(language):
        content = weekly_made_up.full()
        book = book_of(report_mail.letter(content))
    first = cells(book.worksheets[0])
    for block in content.blocks:
        for figure in block["figures"]:
            row = next(row for row in first if row[:2] == [block["title"], figure["label"]])
            assert Decimal(str(row[2])) == Decimal(str(figure["value"]))
            assert [Decimal(str(value)) for value in row[4:] if value is not None] == [
                Decimal(str(one["value"])) for one in figure["history"] if one["value"] is not None
            ]
    for block, sheet in zip(content.blocks, book.worksheets[1:], strict=True):
        found = cells(sheet)
        assert sheet.title == block["title"]
        assert found[0] == [column["label"] for column in block["columns"]]
        assert len(found) == len(block["rows"]) + 1 + bool(block["left_out"])
        for row, written in zip(block["rows"], found[1:], strict=False):
            for column, value in zip(block["columns"], written, strict=True):
                plain = row["values"][column["key"]]
                match column["kind"]:
                    case Kind.MONEY | Kind.COUNT:
                        assert Decimal(str(value)) == Decimal(str(plain))
                    case Kind.PERCENT:
                        assert value is plain is None or float(value) * 100 == pytest.approx(
                            float(plain)
                        )
                    case Kind.DAY:
                        assert value.date().isoformat() == plain
                    case Kind.INSTANT:
                        assert value.isoformat(" ", "minutes") == plain.replace("T", " ")[:16]
                    case _:
                        assert value == plain


@pytest.mark.parametrize(
    ("language", "number_format"),
    [
        ("zh-hans", '[>=100000000]0\\.00,,"亿元";[>=10000]0\\.0,"万元";0.00"元"'),
        ("en", '"¥"#,##0.00'),
    ],
)
def test_money_in_the_workbook_reads_as_people_say_it(language: str, number_format: str) -> None:
    with translation.override(language):
        book = book_of(report_mail.letter(weekly_made_up.full()))
    assert book.worksheets[1]["C2"].number_format == number_format
    assert book.worksheets[1].freeze_panes == "B2"
    assert book.worksheets[1]["A2"].hyperlink.target.endswith("/admin/leads/lead/0/change/")


@pytest.mark.parametrize(
    "text", ["=1+1", "+SUM(A1)", "-2", "@x", "＝1", "\tx", "=cmd|' /C calc'!A0"]
)
def test_no_cell_of_the_workbook_is_ever_run(text: str) -> None:
    table = Table((Column("a", text), Column("b", "B", Kind.COUNT)), [{"a": text, "b": 1}])
    book = book_of(report_mail.letter(made_up([("x", text, table)], text)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not isinstance(cell.value, str) or not cell.value.startswith(
                    ("=", "+", "-", "@", "＝")
                )


def test_sheets_have_names_that_excel_allows() -> None:
    table = Table((Column("a", "A"),), [{"a": "x"}])
    titles = ["a/b:c*d?[e]", "A/B:C*D?[E]", "长" * 40, "长" * 40, "'", "figures"]
    content = made_up([(str(place), title, table) for place, title in enumerate(titles)])
    names = book_of(report_mail.letter(content)).sheetnames
    assert len({name.casefold() for name in names}) == 7
    for name in names:
        assert len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)


def test_every_picture_is_shown_and_every_picture_shown_is_there() -> None:
    letter = report_mail.letter(weekly_made_up.full())
    pictures = [part for part in letter.parts if part.content_id]
    shown = re.findall(r'src="cid:([^"]+)"', letter.html)
    assert sorted(shown) == sorted(part.content_id for part in pictures)
    assert len(shown) == 5
    assert len(re.findall("<img", letter.html)) == 5
    for part in pictures:
        assert part.content_type == "image/png"
        assert len(part.content) < 12_000
    assert "data:" not in letter.html


def test_a_picture_is_twice_as_large_as_shown_and_says_its_numbers() -> None:
    chart = report_charts.bars("funnel", "漏斗", ["线索", "签约"], [40, 7])
    with Image.open(io.BytesIO(chart.png)) as picture:
        assert picture.size == (chart.width * 2, chart.height * 2)
        # A bar, the letters beside it, and nothing else but paper.
        assert len(picture.convert("RGB").getcolors() or ()) > 2
    assert chart.alt == "漏斗: 线索 40, 签约 7"


def test_equal_numbers_are_drawn_once_and_other_numbers_anew() -> None:
    mine, yours, other = (
        report_charts.line(name, name, values, [str(one) for one in values])
        for name, values in (("won", [1, 2, None]), ("lost", [1, 2, None]), ("won", [3, 1, None]))
    )
    assert mine.png is yours.png
    assert mine.alt != yours.alt
    assert mine.png != other.png


def test_the_font_that_comes_along_draws_chinese_and_a_box_for_what_it_lacks() -> None:
    drawn = {
        report_charts.bars("x", "x", [label], [1]).png
        for label in ("签约", "方案", "\ue000\ue000", "$x$")
    }
    assert len(drawn) == 4


@pytest.mark.parametrize(
    "values", [[None] * 4, [0] * 4, [None, None, None, 5], [3, None, 5, 7], ["-1.50", 0, 2, None]]
)
def test_a_week_that_is_not_known_is_a_gap(values: list[Any]) -> None:
    chart = report_charts.line("x", "Won", values, [str(one) for one in values])
    with Image.open(io.BytesIO(chart.png)) as picture:
        assert picture.size == (chart.width * 2, chart.height * 2)


def test_the_numbers_of_the_lines_stand_in_a_table() -> None:
    content = weekly_made_up.full()
    weeks = report_layout.four_weeks(report_layout.tiles(content.blocks))
    assert weeks is not None
    assert weeks["weeks"] == ["W44", "W45", "W46", "W47"]
    assert weeks["rows"][0] == {"label": "Won", "shown": ["3", "—", "6", "7"]}
    assert "Won 3 — 6 7" in text_of(report_mail.page(content))


def test_in_the_first_week_there_is_no_line_and_no_change() -> None:
    table = Table((), figures=(Figure("won", "Won", 7, is_headline=True),))
    content = made_up([("never_before", "Won", table)])
    content = replace(content, blocks=[presentation.block("x", "Won", table, WEEK, ())])
    letter = report_mail.letter(content)
    assert "<img" not in letter.html
    assert "on week" not in letter.html
    assert "Week by week" not in letter.html


def test_figures_without_a_headline_stand_in_their_section() -> None:
    content = weekly_made_up.full()
    tiles = report_layout.tiles(content.blocks)
    assert [one["key"] for one in tiles] == ["won", "expected", "overdue", "spent"]
    assert "To come 14" in text_of(report_mail.page(content))
    assert "To come: 14" in report_mail.plain_text(content)


@pytest.mark.parametrize(
    ("count", "rows"),
    [(1, [1]), (2, [1]), (3, [2]), (4, [2]), (5, [2, 1]), (6, [2, 1])],
)
def test_tiles_stand_in_pairs(count: int, rows: list[int]) -> None:
    laid_out = report_layout.in_rows(list(range(count)))
    assert [len(row) for row in laid_out] == rows
    assert all(len(pair) == 2 for row in laid_out for pair in row)


def test_a_wide_table_folds_its_words_into_one_cell() -> None:
    content = weekly_made_up.full()
    block = next(one for one in content.blocks if one["key"] == "kpi_targets")
    table = report_layout.table(block, 10)
    assert table["head"] == "Unit · Indicator · Target · Reached"
    assert [column["shown"] for column in table["columns"]] == ["Paced rate", "Achieved", "Until"]
    assert table["rows"][0]["words"] == "新增发卡 · 1,180 · 800"


@override_settings(PUBLIC_URL="https://crm.bank.test")
def test_links_are_whole_addresses() -> None:
    html = report_mail.page(weekly_made_up.full())
    links = re.findall(r'href="([^"]+)"', html)
    assert links
    assert all(link.startswith("https://crm.bank.test/admin/") for link in links)


def test_nothing_is_loaded_from_elsewhere() -> None:
    letter = report_mail.letter(weekly_made_up.full())
    for remote in ("<link", "url(", "@import", 'src="http', "fonts.googleapis"):
        assert remote not in letter.html


def huge(rows: int = 10, sections: int = 40) -> Content:
    columns = tuple(Column(f"c{place}", f"Column {place}", Kind.COUNT) for place in range(6))
    row = {column.key: 123_456 for column in columns} | {"link": f"/admin/{'x' * 60}/"}
    table = Table((Column("n", "Name"), *columns), [row | {"n": "名" * 40}] * rows, link="/admin/")
    return made_up([(f"s{place}", f"Section {place}", table) for place in range(sections)])


def test_a_mail_that_a_mailbox_would_cut_off_shows_fewer_rows_and_says_so() -> None:
    whole = report_mail._drawn(huge(), {}, 10, 10)
    assert len(mail_html.page("crm/mail/weekly.mjml", whole)) > 102_400
    letter = report_mail.letter(huge())
    assert len(letter.html.encode()) < 100_000
    assert re.search("[4-9] more|10 more", text_of(letter.html))
    assert len(cells(book_of(letter).worksheets[1])) == 11, "the workbook has all of them"


def test_an_ordinary_week_is_far_from_being_cut_off() -> None:
    for language in LANGUAGES:
        with translation.override(language):
            assert len(report_mail.page(weekly_made_up.full()).encode()) < 60_000


@pytest.mark.parametrize(
    "name", ["\x0b海底捞\x00", "\x1b[31m", "\ufffe", "a\ud800b", "]]>", "{{ x }}"]
)
def test_no_name_can_break_the_mail(name: str) -> None:
    table = Table((Column("n", name),), [{"n": name, "link": f"/admin/?q={name}"}])
    content = made_up([("x", name, table)], name)
    letter = report_mail.letter(replace(content, unit=name, subject=name))
    assert "</html>" in letter.html
    letter.html.encode()


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "<mj-include path='/etc/passwd'/>",
    ],
)
def test_what_people_typed_stays_a_text(name: str) -> None:
    table = Table((Column("n", name),), [{"n": name}], figures=(Figure("x", name, 1),), bar="")
    bars = Table((Column("n", "N"), Column("c", "C", Kind.COUNT)), [{"n": name, "c": 1}], bar="c")
    content = replace(made_up([("x", name, table), ("funnel", name, bars)], name), unit=name)
    html = report_mail.page(content)
    assert name not in html
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "root:" not in html
    assert name in text_of(html)


def test_a_quiet_week_is_one_sentence_without_pictures_and_workbook() -> None:
    letter = report_mail.letter(weekly_made_up.empty())
    assert letter.parts == ()
    assert "A quiet week" in letter.text
    assert "A quiet week" in text_of(letter.html)
    assert "<img" not in letter.html


def test_what_was_kept_of_a_report_says_the_same_again() -> None:
    content = weekly_made_up.full()
    again = Content.again(content.kept())
    assert again == content
    assert again.fingerprint == content.fingerprint
    assert report_mail.letter(again).html == report_mail.letter(content).html


def test_on_a_page_of_ours_the_pictures_are_inside() -> None:
    letter = report_mail.letter(weekly_made_up.full())
    shown = report_mail.on_screen(letter.html, letter.parts)
    assert "cid:" not in shown
    assert shown.count("data:image/png;base64,") == 5


def test_a_message_looks_like_the_report_and_keeps_its_lines() -> None:
    context = {
        "subject": "<b>",
        "text": "one\ntwo\n\nthree",
        "link": "https://crm.bank.test/a?b=1&c=2",
    }
    html = mail_html.page("crm/mail/message.mjml", context)
    assert "&lt;b&gt;" in html
    assert "one<br" in html
    assert 'href="https://crm.bank.test/a?b=1&amp;c=2"' in html
    assert "prefers-color-scheme: dark" in html
    assert "<!--[if mso" in html
