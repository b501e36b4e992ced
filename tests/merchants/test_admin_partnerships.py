"""Partnerships in the admin: the checklist, evidence with its document, steps and agreements."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.ids import uuid7
from crm.models import StoredFile, User
from merchants.models import Agreement, AgreementVersion, Evidence, Partnership, Waiver
from tests import factories
from tests.conftest import Cast
from tests.merchants.partnership_desk import PDF, Desk

pytestmark = pytest.mark.django_db

type SignIn = Callable[[User], Client]


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast, timezone.now() - timedelta(hours=2), "onboarding")


def address(name: str, pk: Any, noun: str = "partnership") -> str:
    return reverse(f"admin:merchants_{noun}_{name}", args=[pk])


def pdf(name: str = "培训.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def said(response: Any) -> str:
    return response.content.decode()


def test_the_page_shows_what_is_there_and_what_is_missing(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    desk.file("training_record")
    desk.waive("pilot", "materials_photo", "下周补照片")
    page = said(signed_in(cast.mei).get(address("change", desk.pk)))
    for words in (
        "The record of the training is on file.",
        "Waived by Mei: 下周补照片",
        "Missing.",
        "File: Test redemption",
        "Waive…",
        "Take the step…",
        "T11",
        "T30",
        "For compliance.",
    ):
        assert words in page, words
    reads = said(signed_in(cast.otto).get(address("change", desk.pk)))
    assert "Take the step…" not in reads
    assert "Waive…" not in reads
    assert "File evidence…" not in reads


def test_evidence_is_filed_with_its_document(cast: Cast, desk: Desk, signed_in: SignIn) -> None:
    browser = signed_in(cast.ann)
    page = f"{address('file', desk.pk)}?kind=training_record"
    assert 'enctype="multipart/form-data"' in said(browser.get(page))
    form = {"row_id": str(uuid7()), "said": "两名收银员", "happened_on": "2026-11-18"}
    for _ in range(2):
        browser.post(page, {**form, "document": pdf()})
    filed = Evidence.objects.get()
    assert filed.document is not None
    assert (filed.document.name, filed.said) == ("培训.pdf", "两名收银员")
    assert StoredFile.objects.count() == 1, "what is refused leaves no file behind"


def test_a_disguised_document_is_refused_in_the_form(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    page = f"{address('file', desk.pk)}?kind=training_record"
    form = {"row_id": str(uuid7()), "happened_on": "2026-11-18", "document": pdf(content=b"MZ")}
    answer = signed_in(cast.ann).post(page, form)
    assert "The file is not what its name says." in said(answer)
    assert not Evidence.objects.exists()


def test_a_figure_that_is_none_is_refused_beside_its_field(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    page = f"{address('file', desk.pk)}?kind=health_record"
    form = {
        "row_id": str(uuid7()),
        "happened_on": "2026-11-18",
        "figure_health": "good",
        "figure_days": "14",
    }
    answer = signed_in(cast.ann).post(page, form)
    assert "Lowest health score: a number from 0 to 100." in said(answer)
    signed_in(cast.ann).post(page, {**form, "figure_health": "71.5"})
    assert Evidence.objects.get().numbers == {"health": "71.50", "days": 14}


def test_a_step_that_lacks_something_says_what(cast: Cast, desk: Desk, signed_in: SignIn) -> None:
    browser = signed_in(cast.ann)
    page = f"{address('advance', desk.pk)}?to=pilot"
    assert "A test redemption has passed." in said(browser.post(page, {"comment": "去吧"}))
    for kind in ("training_record", "test_redemption", "published_rules", "materials_photo"):
        desk.file(kind)
    assert browser.post(page, {"comment": "去吧"}).status_code == 302
    assert desk.stage == "pilot"


def test_a_condition_that_is_refused_does_not_read_as_if_it_held(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    refused = said(signed_in(cast.ann).post(address("advance", desk.pk) + "?to=pilot", {}))
    assert "Missing: The rules of the offer are published." in refused


@pytest.mark.parametrize(("typed", "fen"), [("-12.50", -1250), ("0", 0)])
def test_an_open_difference_is_typed_and_shown_in_yuan(
    typed: str, fen: int, cast: Cast, signed_in: SignIn
) -> None:
    desk = Desk(cast, timezone.now() - timedelta(hours=2), "pilot")
    browser, page = signed_in(cast.ann), address("file", desk.pk) + "?kind=pilot_statement"
    assert "Open difference (yuan)" in said(browser.get(page))
    form = {
        "row_id": uuid7(),
        "figure_open_difference_fen": typed,
        "happened_on": timezone.localdate(),
        "document": pdf(),
    }
    assert browser.post(page, form).status_code == 302
    assert Evidence.objects.get().numbers == {"open_difference_fen": fen}
    shown = said(browser.get(address("change", desk.pk)))
    assert f"Open difference (yuan): {fen / 100:.2f}" in shown
    assert ("On file, but the condition is not met:" in shown) == (fen != 0)


def test_a_waiver_is_written_by_the_branch_manager(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    page = f"{address('waive', desk.pk)}?to=pilot&guard=materials_photo"
    form = {"row_id": str(uuid7()), "because": "下周补照片"}
    assert "Only the branch manager waives" in said(signed_in(cast.ann).post(page, form))
    assert signed_in(cast.mei).post(page, form).status_code == 302
    assert Waiver.objects.get().because == "下周补照片"


TERMS = {
    "starts_on": "2026-01-01",
    "ends_on": "2027-12-31",
    "bank_signatory": "周伯言",
    "merchant_signatory": "张三",
    "settlement_days": "30",
    "settlement_basis": "statement",
    "notice_days": "30",
    "terms": "每周三满200减50",
}


def test_an_agreement_is_drafted_signed_amended_and_ended(
    cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    signed_in(cast.ann).post(
        address("draft-agreement", desk.pk),
        {"row_id": str(uuid7()), "number": "SH-1", **TERMS, "document": pdf("协议.pdf")},
    )
    pk = Agreement.objects.get().pk
    signed_in(cast.ann).post(address("edit", pk, "agreement"), {**TERMS, "notice_days": "60"})
    version = AgreementVersion.objects.get()
    assert (version.notice_days, version.document is None) == (60, False)
    assert "A leader of the unit" in said(
        signed_in(cast.ann).post(address("sign", pk, "agreement"))
    )
    signed_in(cast.max).post(address("sign", pk, "agreement"))
    signed_in(cast.ann).post(
        address("amend", pk, "agreement"),
        {**TERMS, "starts_on": "2027-01-01", "document": pdf("补充协议.pdf")},
    )
    signed_in(cast.max).post(address("sign", pk, "agreement"))
    signed_in(cast.mei).post(
        address("end", pk, "agreement"), {"last_day": "2027-06-30", "because": "退出"}
    )
    states = AgreementVersion.objects.order_by("number").values_list("state", "last_day")
    assert list(states) == [("superseded", date(2026, 12, 31)), ("ended", date(2027, 6, 30))]
    page = said(signed_in(cast.ann).get(address("change", pk, "agreement")))
    for words in ("Version 1", "Version 2", "补充协议.pdf", "SHA-256", "退出"):
        assert words in page, words


def test_a_partnership_that_exists_is_registered(cast: Cast, signed_in: SignIn) -> None:
    merchant = factories.MerchantFactory(unit=cast.xuhui)
    browser, page = signed_in(cast.mei), reverse("admin:merchants_partnership_add")
    assert browser.get(f"{page}?merchant={merchant.pk}").status_code == 200
    form = {"merchant": str(merchant.pk), "stage": "active", "number": "SH-7", **TERMS}
    refused = browser.post(page, {**form, "ends_on": "2025-01-01", "document": pdf("协议.pdf")})
    assert "An agreement ends on or after the day it starts." in said(refused)
    assert not Partnership.objects.exists()
    assert not StoredFile.objects.exists()
    answer = browser.post(page, {**form, "document": pdf("协议.pdf")})
    assert answer.status_code == 302, said(answer)
    assert Partnership.objects.get().merchant == merchant


@pytest.mark.parametrize(
    "page",
    [
        "advance/",
        "advance/?to=married",
        "file/?kind=hearsay",
        "waive/?to=pilot&guard=luck",
        "file/",
    ],
)
def test_an_address_that_names_nothing_is_not_found(
    page: str, cast: Cast, desk: Desk, signed_in: SignIn
) -> None:
    base = address("change", desk.pk).removesuffix("change/")
    assert signed_in(cast.ann).get(f"{base}{page}").status_code == 404


@pytest.mark.parametrize(
    "query", ["stage=wavering", "owner=me", "expires=60", "merchant=x", "q=海"]
)
def test_the_list_is_narrowed(query: str, cast: Cast, desk: Desk, signed_in: SignIn) -> None:
    page = reverse("admin:merchants_partnership_changelist")
    assert signed_in(cast.ann).get(f"{page}?{query}").status_code == 200


def test_the_page_costs_the_same_however_much_there_is(
    cast: Cast, signed_in: SignIn, same_queries: Callable[..., int]
) -> None:
    desk = Desk(cast, timezone.now() - timedelta(hours=5), "active")
    years = iter(range(2030, 2040))

    def grow() -> None:
        year = next(years)
        desk.agree(date(year, 1, 1), date(year, 12, 31))
        desk.file("complaint")
        desk.step("wavering", cast.ann, reason="complaint")
        desk.file("cause_closed")
        desk.waive("active", "health_recovered")
        desk.step("active", cast.mei)

    grow()
    browser = signed_in(cast.mei)
    same_queries(lambda: browser.get(address("change", desk.pk)), after=grow, at_most=45)
    agreement = Agreement.objects.first()
    assert agreement is not None
    same_queries(
        lambda: browser.get(address("change", agreement.pk, "agreement")),
        after=grow,
        at_most=20,
    )
