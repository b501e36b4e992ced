"""Lists of merchants come in through the verbs, all of a row or none of it."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from crm.domain import files as stored_files
from crm.domain import jobs
from crm.errors import InvalidInput, NotAllowed
from crm.models import Job, JobState, Notification, Reminder
from merchants.domain import credit_code, import_batches, import_jobs, registration
from merchants.models import (
    Contact,
    ImportRow,
    Merchant,
    MerchantSource,
    Outlet,
    TimelineEntry,
)
from tests import factories
from tests.conftest import Cast
from tests.merchants import lists, twenty_mistakes
from tests.merchants.lists import HEADER, counts, refusals, taken_in, text, tried, worked

pytestmark = pytest.mark.django_db

CODE = credit_code.made_up(1)
GOOD = (
    f"海底捞火锅(徐家汇店),示例餐饮有限公司,{CODE},5812,上海市徐汇区,referral,张三,13800138000,店长,"
    "consent,徐家汇店,虹桥路1号"
)


@pytest.fixture(autouse=True)
def codes(db: None) -> None:
    lists.codes()


def test_a_row_becomes_a_merchant_with_its_outlet_and_contact(cast: Cast) -> None:
    job = taken_in(cast, text(GOOD))
    assert (job.state, counts(job)) == (JobState.DONE, (1, 0, 0, 0))
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
        "import.registered",
        "outlet.added",
        "contact.added",
    }


def test_a_name_alone_is_enough_and_english_headers_do(cast: Cast) -> None:
    assert counts(taken_in(cast, text("喜茶", header="Name *"))) == (1, 0, 0, 0)
    assert Merchant.objects.get().source == MerchantSource.IMPORT


# --- twenty kinds of mistakes --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list.csv", "list.gb.csv", "list.xlsx"])
def test_forty_rows_broken_in_twenty_ways_are_explained_exactly(cast: Cast, name: str) -> None:
    content = twenty_mistakes.file(name, 60, 40)
    expected = twenty_mistakes.expected(60, 40)
    job = tried(cast, content, name=name)
    assert refusals(job) == expected
    assert (job.state, counts(job)) == (JobState.CHECKED, (20, 0, 0, 40))
    assert not Merchant.objects.exists()
    worked(import_jobs.run(job.pk, by=cast.max, at=job.created_at))
    assert refusals(job) == expected
    assert Merchant.objects.count() == Outlet.objects.count() == Contact.objects.count() == 20


def test_nine_hundred_of_a_thousand_rows_go_in_and_a_hundred_are_explained(cast: Cast) -> None:
    job = taken_in(cast, twenty_mistakes.file("list.csv", 1000, 100))
    assert counts(job) == (900, 0, 0, 100)
    assert refusals(job) == twenty_mistakes.expected(1000, 100)
    assert len(set(Merchant.objects.values_list("credit_code"))) == 900
    assert TimelineEntry.objects.count() == 2700


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_refusal_has_a_sentence_in_the_owners_language(cast: Cast, language: str) -> None:
    cast.max.language = language
    cast.max.save()
    with translation.override("en"):
        tried(cast, twenty_mistakes.file("list.csv", 40, 20))
    sentences = ImportRow.objects.refused().values_list("sentence", flat=True)
    assert len(sentences) == 20
    assert all(sentence.strip() for sentence in sentences)


def test_every_kind_of_mistake_is_different() -> None:
    assert len(twenty_mistakes.EXPECTED) == 20
    made = {mistake for _row, mistake in twenty_mistakes.sample_lists.rows(200, 20)}
    assert made - {""} == set(twenty_mistakes.EXPECTED)


# --- dry run -------------------------------------------------------------------------------------


def rows_of_all_tables() -> dict[str, int]:
    own = {"crm_job", "merchants_importrow", "crm_storedfile"}
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.db_table not in own and not model._meta.proxy
    }


def test_a_dry_run_writes_nothing(cast: Cast) -> None:
    factories.MerchantFactory(name="奈雪的茶", credit_code=None, unit=cast.xuhui)
    before = rows_of_all_tables()
    job = tried(cast, text(GOOD, "奈雪的茶,,,,310104,,,,,,新店,", ",,,,"), mode="update")
    assert counts(job)[:2] == (1, 1)
    assert rows_of_all_tables() == before


def test_a_dry_run_says_what_the_run_will_do_across_batches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 2)
    rows = (
        GOOD,
        GOOD,
        GOOD.replace("徐家汇店,虹桥", "龙华店,虹桥"),
        "喜茶,,9131,,,,,,,,,",
        GOOD,
        GOOD.replace("徐家汇店,虹桥", "龙华店,虹桥"),
    )
    job = tried(cast, text(*rows))
    said = list(ImportRow.objects.order_by("number").values_list("outcome", "code"))
    assert [outcome for outcome, _code in said] == [
        "added", "unchanged", "changed", "refused", "unchanged", "unchanged",
    ]  # fmt: skip
    worked(import_jobs.run(job.pk, by=cast.max, at=job.created_at))
    assert list(ImportRow.objects.order_by("number").values_list("outcome", "code")) == said


# --- known merchants -----------------------------------------------------------------------------


def test_the_same_list_twice_adds_nothing(cast: Cast) -> None:
    content = text(GOOD, "喜茶,,,,310104,,,,,,,", "喜茶,,,,,,,,,,,")
    assert counts(taken_in(cast, content)) == (3, 0, 0, 0)
    lines = TimelineEntry.objects.count()
    for mode in ("create", "update"):
        assert counts(taken_in(cast, content, mode=mode)) == (0, 0, 3, 0)
    assert TimelineEntry.objects.count() == lines


def test_a_known_merchant_gets_the_outlet_and_the_person_it_lacks(cast: Cast) -> None:
    taken_in(cast, text(GOOD))
    further = f"别的名字,,{CODE},,,,李四,,,consent,龙华店,"
    assert counts(taken_in(cast, text(further))) == (0, 1, 0, 0)
    assert Merchant.objects.get().name == "海底捞火锅(徐家汇店)", "only an update corrects"
    assert set(Outlet.objects.values_list("name", flat=True)) == {"徐家汇店", "龙华店"}
    assert Contact.objects.count() == 2


def test_an_update_corrects_what_the_list_says_and_leaves_the_rest(cast: Cast) -> None:
    taken_in(cast, text(GOOD))
    job = taken_in(cast, text(f"新名字,,{CODE},,,,,,,,,"), mode="update")
    assert counts(job) == (0, 1, 0, 0)
    merchant = Merchant.objects.get()
    assert (merchant.name, merchant.legal_name) == ("新名字", "示例餐饮有限公司")
    assert merchant.source == MerchantSource.REFERRAL
    assert merchant.version == 2


def test_an_update_finds_by_name_and_district_and_adds_the_credit_code(cast: Cast) -> None:
    known = factories.MerchantFactory(name="喜茶", unit=cast.xuhui, credit_code=None)
    job = taken_in(cast, text(f"喜茶,,{CODE},,310104,,,,,,,"), mode="update")
    assert counts(job) == (0, 1, 0, 0)
    known.refresh_from_db()
    assert known.credit_code == CODE


def test_a_merchant_of_others_is_known_and_is_not_touched(cast: Cast) -> None:
    theirs = factories.MerchantFactory(name="喜茶", unit=cast.hangzhou, credit_code=CODE)
    row = text(f"喜茶,,{CODE},,,,李四,,,consent,龙华店,")
    assert counts(taken_in(cast, row)) == (0, 0, 1, 0)
    job = taken_in(cast, row, mode="update")
    assert refusals(job) == [(2, "name", "merchant_of_others")]
    assert not Outlet.objects.filter(merchant=theirs).exists()


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("名称,颜色", "columns_unknown"),
        ("名称,name", "columns_unknown"),
        ("电话,联系人", "columns_missing"),
    ],
)
def test_headers_that_are_not_understood_must_be_explained(
    cast: Cast, header: str, code: str
) -> None:
    job = lists.brought(cast, text("喜茶,1", header=header))
    for verb in (import_jobs.try_out, import_jobs.run):
        with pytest.raises(InvalidInput) as refused:
            verb(job.pk, by=cast.max, at=job.created_at)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (["name"], "columns_count"),
        (["name", "name"], "columns_twice"),
        (["name", "colour"], "columns_unknown"),
        (["name", None], "columns_unknown"),
        (["", "contact_name"], "columns_missing"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    cast: Cast, columns: list[str | None], code: str
) -> None:
    job = lists.brought(cast, text("喜茶,1", header="甲,乙"))
    with pytest.raises(InvalidInput) as refused:
        import_jobs.map_columns(job.pk, columns, by=cast.max, at=job.created_at)
    assert refused.value.code == code


def test_a_mapping_is_remembered_for_the_person_and_the_headers(cast: Cast) -> None:
    content = text("喜茶,1", header="店招,备注")
    job = lists.brought(cast, content)
    assert job.parameters["columns"] == [None, None]
    import_jobs.map_columns(job.pk, ["name", ""], by=cast.max, at=job.created_at)
    assert lists.brought(cast, content).parameters["columns"] == ["name", ""]
    assert lists.brought(cast, content, by=cast.ann).parameters["columns"] == [None, None]
    other = text("喜茶,1", header="店招,别的")
    assert lists.brought(cast, other).parameters["columns"] == [None, None]


def test_a_fault_in_a_column_that_is_left_out_refuses_nothing(cast: Cast) -> None:
    job = lists.brought(cast, text("喜茶,=1+1", header="名称,备注"))
    import_jobs.map_columns(job.pk, ["name", ""], by=cast.max, at=job.created_at)
    done = worked(import_jobs.run(job.pk, by=cast.max, at=job.created_at))
    assert counts(done) == (1, 0, 0, 0)


# --- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["sam", "fay", "rui", "pia", "otto", "ada", "nia"])
def test_only_those_who_win_merchants_for_the_unit_bring_lists(cast: Cast, by: str) -> None:
    with pytest.raises(NotAllowed):
        lists.brought(cast, text(GOOD), by=cast.named(by))


def test_who_lost_the_role_meanwhile_brings_nothing_in(cast: Cast) -> None:
    job = lists.brought(cast, text(GOOD))
    import_jobs.run(job.pk, by=cast.max, at=job.created_at)
    cast.max.memberships.all().delete()
    stopped = worked(job)
    assert (stopped.state, stopped.failure_code) == (JobState.PAUSED, "not_allowed")
    assert not Merchant.objects.exists()


# --- the file of errors --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_the_file_of_errors_is_put_right_and_brought_again(cast: Cast, name: str) -> None:
    job = taken_in(cast, twenty_mistakes.file(name, 40, 20), name=name)
    errors = bytes(jobs.fetch(job.pk, by=cast.max, at=job.created_at).content)
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(errors))
        table = [[cell.value or "" for cell in row] for row in book.active.iter_rows()]
    else:
        assert errors.startswith(b"\xef\xbb\xbf")
        table = list(csv.reader(io.StringIO(errors.decode("utf-8-sig"))))
    assert len(table) == 21
    header, first = table[0], table[1]
    assert header[-4:] == ["Row", "Error column", "Error code", "Reason"]
    assert first[-4:-1] == ["3", "名称", "name_required"]
    assert [row[0] for row in table if row[0].startswith("'")] == ["'=1+1"], "no cell is run"
    again = taken_in(cast, errors, name=name)
    assert counts(again)[3] == 19, "cells that were cut are right now"
    assert refusals(again)[0][2] == "name_required"


GUARDED = [
    ("=1+1", "'=1+1"), ("+86 138", "'+86 138"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
    ("\rx", "'\rx"), ("＝1", "'＝1"), ("喜茶", "喜茶"), ("'quoted", "'quoted"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("said", "written"), GUARDED)
def test_no_cell_is_run_as_a_formula(said: str, written: str) -> None:
    from crm.domain import sheets

    assert sheets.guarded(said) == written
    assert sheets.unguarded(written) == said


# --- taking back ---------------------------------------------------------------------------------


def reverted(job: Job, cast: Cast) -> Job:
    return worked(import_jobs.revert(job.pk, by=cast.max, at=job.created_at))


def test_a_list_is_taken_back_without_a_trace(cast: Cast) -> None:
    known = factories.MerchantFactory(name="喜茶", unit=cast.xuhui, credit_code=None)
    before = rows_of_all_tables()
    rows = (GOOD, GOOD.replace("徐家汇店,虹桥", "龙华店,虹桥"), "奈雪,,,,,,,,,,,")
    job = taken_in(cast, text(*rows, "喜茶,新主体,,,310104,,李四,,,consent,一店,"), mode="update")
    assert counts(job) == (2, 2, 0, 0)
    done = reverted(job, cast)
    assert done.state == JobState.REVERTED
    known.refresh_from_db()
    assert (known.legal_name, known.name) == ("", "喜茶")
    after = rows_of_all_tables()
    for table in ("merchants_merchant", "merchants_outlet", "merchants_contact"):
        assert after[table] == before[table]
    assert set(ImportRow.objects.values_list("outcome", flat=True)) == {"reverted"}


TOUCHES: dict[str, Callable[[Cast, Merchant], object]] = {
    "corrected since": lambda cast, merchant: registration.correct(
        merchant.pk, {"name": "新名字"}, by=cast.max, at=merchant.created_at
    ),
    "a lead": lambda cast, merchant: factories.LeadFactory(merchant=merchant, owner=cast.ann),
    "a follow-up": lambda cast, merchant: factories.FollowUpFactory(merchant=merchant),
    "an activity": lambda cast, merchant: factories.ActivityFactory(merchant=merchant),
    "another outlet": lambda cast, merchant: factories.OutletFactory(merchant=merchant),
    "another person": lambda cast, merchant: factories.ContactFactory(merchant=merchant),
    "a campaign": lambda cast, merchant: factories.CampaignFactory(unit=cast.xuhui).merchants.add(
        merchant
    ),
    "its outlet was changed": lambda cast, merchant: Outlet.objects.filter(
        merchant=merchant
    ).update(version=2),
    "its owner": lambda cast, merchant: registration.hand_over(
        merchant.pk, to=cast.ann, by=cast.max, at=merchant.created_at
    ),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_what_somebody_worked_with_since_stays(cast: Cast, touch: str) -> None:
    job = taken_in(cast, text(GOOD, "喜茶,,,,,,,,,,,"))
    TOUCHES[touch](cast, Merchant.objects.get(credit_code=CODE))
    done = reverted(job, cast)
    assert [merchant.credit_code for merchant in Merchant.objects.all()] == [CODE]
    rows = ImportRow.objects.order_by("number").values_list("outcome", "code")
    assert list(rows) == [("kept", "touched_since"), ("reverted", "")]
    assert done.result is not None, "what stays is in the file"


# --- the machine ---------------------------------------------------------------------------------


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


def test_a_bug_pauses_the_job_with_its_sentence_and_it_goes_on_where_it_stopped(
    broken_table: Callable[[], None], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.codes()
    monkeypatch.setattr(import_batches, "BATCH", 4)
    rows = [f"商户{number},,,,,,,,,,," for number in range(10)]
    rows[5] = "坏,,,,,,,,,,,"
    job = taken_in(cast, text(*rows))
    assert (job.state, job.failure_code) == (JobState.PAUSED, "unexpected")
    assert job.failure
    assert Merchant.objects.count() == job.rows_done == 4, "nothing of the second batch"
    assert Reminder.objects.filter(kind="job_paused", recipient=cast.max).exists()
    broken_table()
    done = worked(jobs.resume(job.pk, by=cast.max, at=job.created_at))
    assert (done.state, counts(done)) == (JobState.DONE, (10, 0, 0, 0))


def test_a_file_that_breaks_off_fails_and_nothing_of_it_is_there(cast: Cast) -> None:
    job = taken_in(cast, text(GOOD, *[f"喜茶{n}" for n in range(9)]) + b'\n"abc')
    assert (job.state, job.failure_code) == (JobState.FAILED, "csv_broken")
    assert not Merchant.objects.exists()
    assert not ImportRow.objects.exists()


def test_the_owner_is_told_when_it_is_finished(cast: Cast) -> None:
    taken_in(cast, text(GOOD))
    assert Reminder.objects.get(kind="import_finished").recipient == cast.max
    assert not Notification.objects.exists()


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command(cast: Cast, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Run the command on a list; what it printed."""

    def run(words: str, *, encoding: str = "utf-8", **options: Any) -> tuple[str, str]:
        path = tmp_path / "list.csv"
        path.write_bytes(words.encode(encoding))
        told, warned = io.StringIO(), io.StringIO()
        options = {"unit": "徐汇团队", "by": "max@bank.test"} | options
        try:
            call_command("import_merchants", path, stdout=told, stderr=warned, **options)
        except CommandError as refused:
            return told.getvalue(), f"{warned.getvalue()}{refused}"
        return told.getvalue(), warned.getvalue()

    return run


def test_the_command_prints_the_counts(command: Any) -> None:
    told, warned = command(f"{HEADER}\n{GOOD}\n{GOOD}\n", encoding="gb18030")
    assert told.splitlines()[-1] == "1 added, 0 changed, 1 known already, 0 refused."
    assert warned == ""


def test_the_command_ends_with_an_error_if_rows_were_refused(command: Any, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    _told, warned = command(f"{HEADER}\n{GOOD}\n喜茶,,9131\n", errors=errors)
    assert "Row 3, 统一社会信用代码" in warned
    assert "[credit_code_length]" in warned
    assert warned.endswith("1 added, 0 changed, 0 known already, 1 refused.")
    assert errors.stat().st_mode & 0o077 == 0
    assert b"credit_code_length" in errors.read_bytes()


def test_the_command_tries_a_list_out(command: Any) -> None:
    told, _warned = command(f"{HEADER}\n{GOOD}\n", dry_run=True)
    assert told.splitlines()[-1].startswith("Dry run: 1 new")
    assert not Merchant.objects.exists()


@pytest.mark.parametrize(
    ("options", "words", "says"),
    [
        ({"unit": "月球分行"}, GOOD, "月球分行"),
        ({"unit": "00000000-0000-0000-0000-000000000000"}, GOOD, "no such unit"),
        ({"by": "nobody@bank.test"}, GOOD, "nobody@bank.test"),
        ({"by": "fay@bank.test"}, GOOD, "[not_allowed]"),
        ({}, '"abc', "[csv_broken]"),
    ],
)
def test_the_command_says_no_in_one_sentence_and_writes_nothing(
    options: dict[str, Any], words: str, says: str, command: Any
) -> None:
    _told, warned = command(f"{HEADER}\n{GOOD}\n{words}\n", **options)
    assert says in warned
    assert not Merchant.objects.exists()


@pytest.mark.parametrize("name", ["sample.xlsx", "sample.csv"])
def test_the_sample_file_is_a_list_that_can_be_tried_out(
    cast: Cast, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    call_command("sample_import_file", path, rows=40)
    job = tried(cast, path.read_bytes(), name=name)
    assert counts(job) == (36, 0, 0, 4)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("list.csv", b"", "file_empty"),
        ("list.csv", b"a" * (stored_files.LARGEST + 1), "file_too_large"),
        ("list.pdf", b"%PDF-1.7", "file_kind"),
        ("list.xls", b"\xd0\xcf\x11\xe0", "file_kind"),
        ("list.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "file_is_old_excel"),
        ("list.xlsx", b"name\n", "file_kind_mismatch"),
        ("list.csv", "名称\n喜茶".encode("utf-16"), "file_encoding"),
        ("list.csv", "名称\n".encode(), "file_empty"),
    ],
)
def test_what_is_no_list_is_refused_at_once(
    cast: Cast, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        lists.brought(cast, content, name=name)
    assert refused.value.code == code
    assert str(refused.value)
    assert not Job.objects.exists()
