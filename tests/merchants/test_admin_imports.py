"""The way of a list through the admin: upload, columns, dry run, import, errors, back again."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.domain import jobs
from crm.models import AccessKind, AccessRecord, Job, JobState
from merchants.domain import import_jobs
from merchants.models import ImportRow, Merchant
from tests.conftest import Cast
from tests.merchants import lists, twenty_mistakes

pytestmark = pytest.mark.django_db

LIST = "/admin/merchants/import/"


@pytest.fixture(autouse=True)
def codes(db: None) -> None:
    lists.codes()


def upload(browser: Any, cast: Cast, content: bytes, name: str = "list.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return browser.post(
        f"{LIST}add/", {"file": file, "unit": cast.xuhui.pk, "mode": "create"}, follow=True
    )


def chosen(*names: str) -> dict[str, str]:
    return {f"column_{place}": name for place, name in enumerate(names)}


def test_a_list_goes_its_whole_way(cast: Cast, signed_in: Any) -> None:
    browser = signed_in(cast.max)
    content = twenty_mistakes.file("list.xlsx", 40, 20)
    answer = upload(browser, cast, content, "list.xlsx")
    assert "What do the columns mean?" in answer.content.decode()
    job = Job.objects.get()
    page = f"{LIST}{job.pk}/"
    names = [name or "-" for name in job.parameters["columns"]]
    tried = browser.post(f"{page}columns/", chosen(*names), follow=True).content.decode()
    assert 'http-equiv="refresh"' in tried
    jobs.run_due(at=timezone.now())
    assert not Merchant.objects.exists()
    shown = browser.get(f"{page}change/").content.decode()
    assert "Nothing has been written" in shown
    assert "统一社会信用代码" in shown
    assert 'http-equiv="refresh"' not in shown
    browser.post(f"{page}run/")
    jobs.run_due(at=timezone.now())
    assert Merchant.objects.count() == 20
    done = browser.get(f"{page}change/").content.decode()
    assert "Take the import back" in done
    errors = browser.get(f"{page}file/")
    assert errors["Content-Disposition"].startswith("attachment")
    assert AccessRecord.objects.get().kind == AccessKind.DOWNLOADED
    browser.post(f"{page}revert/")
    jobs.run_due(at=timezone.now())
    taken_back = browser.get(f"{page}change/").content.decode()
    assert "The list was taken back; no row of it stays." in taken_back
    assert "crm-reason" not in taken_back  # what was refused at the time is no row that stays
    assert not Merchant.objects.exists()


def test_a_header_nobody_explained_is_asked_for_beside_it(cast: Cast, signed_in: Any) -> None:
    browser = signed_in(cast.max)
    upload(browser, cast, "名称,颜色\n喜茶,红\n".encode())
    job = Job.objects.get()
    answer = browser.post(f"{LIST}{job.pk}/columns/", chosen("name", "?"))
    assert "颜色" in answer.content.decode()
    assert "crm-refusal" in answer.content.decode()
    browser.post(f"{LIST}{job.pk}/columns/", chosen("name", "-"))
    assert Job.objects.get().state == JobState.WAITING


@pytest.mark.parametrize("name", ["list.pdf", "list.xlsx", "list.csv"])
def test_a_file_that_is_no_list_is_refused_in_the_form(
    cast: Cast, signed_in: Any, name: str
) -> None:
    answer = upload(signed_in(cast.max), cast, b"\x00\xff\xff", name)
    assert answer.status_code == 200
    assert (
        "errorlist" in answer.content.decode()
        or "crm-refusal" in answer.content.decode()
        or ("text-red" in answer.content.decode())
    )
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("by", "status"),
    [("max", 302), ("mei", 302), ("otto", 302), ("bo", 404), ("sam", 404), ("fay", 404)],
)
def test_buttons_are_for_those_who_may(cast: Cast, signed_in: Any, by: str, status: int) -> None:
    job = lists.brought(cast, lists.text("喜茶", header="名称"), by=cast.ann)
    import_jobs.run(job.pk, by=cast.ann, at=timezone.now())
    browser = signed_in(cast.named(by))
    answer = browser.post(f"{LIST}{job.pk}/pause/")
    assert answer.status_code == status
    paused = Job.objects.get().state == JobState.PAUSED
    assert paused == (by in ("max", "mei"))
    assert browser.get(f"{LIST}{job.pk}/pause/").status_code == 404


@pytest.mark.parametrize("by", ["otto", "nia", "fay"])
def test_who_does_not_sell_brings_no_list(cast: Cast, signed_in: Any, by: str) -> None:
    assert signed_in(cast.named(by)).get(f"{LIST}add/").status_code == 403


@pytest.mark.parametrize("what", ["template.xlsx", "template.csv", "sample.xlsx", "sample.csv"])
def test_files_to_begin_with_can_be_fetched(cast: Cast, signed_in: Any, what: str) -> None:
    answer = signed_in(cast.max).get(f"{LIST}{what}")
    assert answer.status_code == 200
    assert what in answer["Content-Disposition"]


def test_many_refused_rows_are_leafed_through(cast: Cast, signed_in: Any) -> None:
    job = lists.tried(cast, lists.text(*["()"] * 150, header="名称"))
    browser = signed_in(cast.max)
    first = browser.get(f"{LIST}{job.pk}/change/").content.decode()
    last = ImportRow.objects.order_by("number")[99].number
    assert f"?after={last}" in first
    second = browser.get(f"{LIST}{job.pk}/change/?after={last}").content.decode()
    assert "?after=" not in second
    assert browser.get(f"{LIST}{job.pk}/change/?after=x").status_code == 200


def test_the_list_of_imports_asks_the_same_however_many(
    cast: Cast, signed_in: Any, same_queries: Any
) -> None:
    browser = signed_in(cast.max)
    content = lists.text("喜茶", header="名称")
    lists.brought(cast, content)

    def grow() -> None:
        for _ in range(3):
            lists.brought(cast, content)

    same_queries(lambda: browser.get(LIST), after=grow, at_most=15)
