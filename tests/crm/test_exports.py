"""Lists are taken out: what the screen shows, masked, by whom, and that it is written down."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from crm import exports
from crm.domain import exporting, jobs
from crm.errors import NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import AccessKind, AccessRecord, ExportChunk, Job, JobState, Reminder, User
from merchants.models import Contact, Merchant
from tests import factories
from tests.api import Phone
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def exported(by: User, name: str = "merchants", kind: str = "csv", **filters: Any) -> Job:
    """Asked for through the API, and written."""
    answer = Phone(by).post("exports/", {"list": name, "format": kind, "filters": filters})
    assert answer.status_code == 201, answer.content
    jobs.run_due(at=timezone.now())
    return Job.objects.select_related("result").get(pk=answer.json()["id"])


def table(job: Job) -> list[list[str]]:
    assert job.result is not None
    content = bytes(job.result.content)
    if job.result.name.endswith(".csv"):
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_written_as_texts_and_no_cell_is_a_formula(cast: Cast, kind: str) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="=1+1", legal_name="@SUM(1)")
    job = exported(cast.max, kind=kind)
    header, row = table(job)
    assert header[:2] == ["name", "legal name"]
    assert row[:2] == ["'=1+1", "'@SUM(1)"]
    assert (job.state, job.rows_total, job.added) == (JobState.DONE, 1, 1)
    assert not ExportChunk.objects.exists()


def test_personal_data_goes_out_masked(cast: Cast) -> None:
    factories.ContactFactory(merchant__unit=cast.xuhui)
    whole = str(table(exported(cast.max, "contacts")))
    assert "138****8000" in whole
    assert "13800138000" not in whole


@pytest.mark.parametrize("name", ["merchants", "contacts", "outlets", "leads", "follow_ups"])
def test_an_export_holds_the_rows_that_its_list_shows(cast: Cast, name: str) -> None:
    for unit, owner in ((cast.xuhui, cast.ann), (cast.xuhui, None), (cast.hangzhou, cast.sam)):
        merchant = factories.MerchantFactory(unit=unit, owner=owner)
        factories.ContactFactory(merchant=merchant)
        factories.OutletFactory(merchant=merchant)
        factories.LeadFactory(merchant=merchant, owner=owner or cast.bo, unit=unit)
        factories.FollowUpFactory(merchant=merchant, owner=owner or cast.bo)
    one = exports.named(name)
    assert one is not None
    seen = one.visible_to(cast.max).order_by(*one.ordering)
    _header, *rows = table(exported(cast.max, name))
    assert len(rows) == 2
    assert [row[0] for row in rows] == [one.cells(row)[0] for row in seen]


def test_every_room_offers_its_lists() -> None:
    assert {one.name for one in exports.every()} >= {
        "merchants", "contacts", "outlets", "leads", "follow_ups", "campaigns",
    }  # fmt: skip


def test_the_filters_of_the_lists_own_endpoint_narrow_it(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, name="新荣记")
    factories.MerchantFactory(unit=cast.xuhui, name="喜茶")
    rows = table(exported(cast.max, owner=str(cast.ann.pk)))[1:]
    assert [row[0] for row in rows] == ["新荣记"]
    for filters in ({"colour": "red"}, {"owner": "everybody"}, {"owner": 1}):
        answer = Phone(cast.max).post(
            "exports/", {"list": "merchants", "format": "csv", "filters": filters}
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"list": "secrets", "format": "csv"}, "list_unknown"),
        ({"list": "merchants", "format": "pdf"}, "invalid"),
        ({"list": "outlets", "format": "csv", "filters": {"q": "x"}}, "unknown_parameter"),
    ],
)
def test_what_cannot_be_taken_out_is_said(cast: Cast, body: Any, code: str) -> None:
    answer = Phone(cast.max).post("exports/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def ask(by: User, name: str = "merchants") -> Job:
    one = exports.named(name)
    assert one is not None
    return exporting.request(
        uuid7(), name, rows=one.visible_to(by), kind="csv", said={}, by=by, at=timezone.now()
    )


def test_a_rep_takes_out_own_rows_only_and_not_too_many(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="喜茶")
    for name in ("新荣记", "外婆家"):
        factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann, name=name)
    assert ask(cast.ann).rows_total == 2
    monkeypatch.setattr(exporting, "MOST_OWN_ROWS", 1)
    with pytest.raises(RuleBroken) as refused:
        ask(cast.ann)
    assert refused.value.code == "export_too_large"
    assert ask(cast.max).rows_total == 3


@pytest.mark.parametrize("by", ["ada", "nia"])
def test_some_take_nothing_out(cast: Cast, by: str) -> None:
    with pytest.raises(NotAllowed):
        ask(cast.named(by))


def test_a_rep_takes_no_campaigns_out(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        ask(cast.ann, "campaigns")
    assert ask(cast.pia, "campaigns").rows_total == 0


def test_what_is_no_more_to_be_seen_is_left_out(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="喜茶")
    gone = factories.MerchantFactory(unit=cast.xuhui, name="新荣记")
    job = ask(cast.max)
    Merchant.objects.filter(pk=gone.pk).update(unit=cast.hangzhou)
    jobs.run_due(at=timezone.now())
    job.refresh_from_db()
    assert [row[0] for row in table(job)[1:]] == ["喜茶"]
    assert (job.added, job.refused) == (1, 1)


def test_a_role_that_was_lost_pauses_the_export(cast: Cast) -> None:
    job = ask(cast.max)
    cast.max.memberships.all().delete()
    jobs.run_due(at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.PAUSED, None)


def test_that_it_was_written_and_fetched_stays_written_down(cast: Cast) -> None:
    factories.MerchantFactory(unit=cast.xuhui)
    job = exported(cast.max, q="海底捞")
    assert job.result is not None
    record = AccessRecord.objects.get()
    assert (record.kind, record.noun, record.user) == (AccessKind.EXPORTED, "merchants", cast.max)
    assert record.facts == {"filter": {"q": "海底捞"}, "rows": 1, "sha256": job.result.sha256}
    assert Reminder.objects.get(kind="export_ready").recipient == cast.max
    answer = Phone(cast.max).get(f"exports/{job.pk}/content/")
    assert answer.content == bytes(job.result.content)
    assert AccessRecord.objects.filter(kind=AccessKind.DOWNLOADED, user=cast.max).count() == 1
    assert Phone(cast.max).get(f"files/{job.result_id}/content/").status_code == 404
    with pytest.raises(NotFound):
        jobs.fetch(job.pk, by=cast.mei, at=timezone.now())


def test_the_button_takes_the_list_out_as_it_stands(cast: Cast, signed_in: Any) -> None:
    factories.MerchantFactory(unit=cast.xuhui, name="新荣记", owner=cast.ann)
    factories.MerchantFactory(unit=cast.xuhui, name="喜茶", owner=cast.ann)
    factories.MerchantFactory(unit=cast.xuhui, name="喜茶二店")
    browser = signed_in(cast.max)
    address = "/admin/merchants/merchant/"
    assert "export/?q=%E5%96%9C" in browser.get(f"{address}?q=喜").content.decode()
    query = f"?q=喜茶&owner={cast.ann.pk}&o=1"
    sent = browser.post(f"{address}export/{query}", {"format": "xlsx"}, follow=True)
    assert sent.status_code == 200
    assert "refresh" in sent.content.decode()
    jobs.run_due(at=timezone.now())
    job = Job.objects.select_related("result").get()
    assert [row[0] for row in table(job)[1:]] == ["喜茶"]
    shown = browser.get(f"/admin/crm/export/{job.pk}/change/").content.decode()
    assert "Download the file" in shown
    assert "refresh" not in shown
    assert browser.get(f"/admin/crm/export/{job.pk}/file/").content == bytes(job.result.content)
    assert browser.get("/admin/crm/export/").status_code == 200


def test_who_takes_nothing_out_sees_no_button(cast: Cast, signed_in: Any) -> None:
    browser = signed_in(cast.ada)
    page = browser.get("/admin/merchants/merchant/").content.decode()
    assert "merchant/export/" not in page
    browser.post("/admin/merchants/merchant/export/", {"format": "csv"})
    assert not Job.objects.exists()


def test_exports_ask_the_same_however_many(cast: Cast, same_queries: Any) -> None:
    phone = Phone(cast.max)
    job = ask(cast.max)
    same_queries(
        lambda: phone.get("exports/"), after=lambda: [ask(cast.max) for _ in range(3)], at_most=6
    )
    same_queries(lambda: phone.get(f"exports/{job.pk}/"), after=lambda: ask(cast.max), at_most=6)


def test_a_chunk_is_read_with_the_same_questions_however_many_rows(
    cast: Cast, same_queries: Any
) -> None:
    def grow() -> None:
        for _ in range(5):
            factories.ContactFactory(merchant__unit=cast.xuhui)

    grow()
    one = exports.named("contacts")
    assert one is not None

    def read() -> list[list[str]]:
        ids = list(Contact.objects.values_list("pk", flat=True))
        return [one.cells(row) for row in exporting._still_seen(one, ids, cast.max)]

    same_queries(read, after=grow, at_most=2)
