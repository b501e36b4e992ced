"""Statements through the pages and the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.domain import statements
from campaigns.models import Statement, StatementState
from crm.ids import uuid7
from tests.api import Phone
from tests.campaigns.settlement_desk import AT, Desk
from tests.campaigns.test_statements import adjusted, invoiced
from tests.conftest import Cast

LIST = "/admin/campaigns/statement/"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    made = Desk(cast)
    made.used("T1")
    return made


def drafted_too(cast: Cast) -> Statement:
    other = Desk(cast)
    other.used(str(uuid7()))
    return other.drafted()


def test_the_list_and_the_page_ask_a_constant_number_of_statements(
    desk: Desk, signed_in: Callable[..., Client], same_queries: Callable[..., int]
) -> None:
    browser = signed_in(desk.cast.fay)
    statement = desk.drafted()
    adjusted(desk, statement, 100, approved_by=desk.cast.mei)
    page = f"{LIST}{statement.pk}/change/"
    assert browser.get(page).status_code == 200
    same_queries(
        lambda: browser.get(LIST),
        after=lambda: [drafted_too(desk.cast) for _ in (1, 2)],
        at_most=20,
    )
    same_queries(
        lambda: browser.get(page),
        after=lambda: [
            adjusted(desk, statement, fen, approved_by=desk.cast.mei) for fen in (1, 2, 3)
        ],
        at_most=40,
    )


def test_the_lists_of_the_api_ask_a_constant_number_of_statements(
    desk: Desk, same_queries: Callable[..., int]
) -> None:
    phone = Phone(desk.cast.fay)
    statement = desk.drafted()
    same_queries(lambda: phone.get("statements/"), after=lambda: drafted_too(desk.cast), at_most=12)
    same_queries(
        lambda: phone.get(f"statements/{statement.pk}/lines/"),
        after=lambda: adjusted(desk, statement, 100),
        at_most=12,
    )


def test_finance_takes_a_statement_from_draft_to_closed_in_the_browser(
    desk: Desk, signed_in: Callable[..., Client]
) -> None:
    fay = signed_in(desk.cast.fay)
    added = fay.post(
        f"{LIST}add/",
        {
            "merchant": str(desk.merchant.pk),
            "first_day": "2026-10-01",
            "last_day": "2026-10-31",
        },
    )
    assert added.status_code == 302, added.content.decode()[:500]
    statement = Statement.objects.get()
    page = f"{LIST}{statement.pk}/"

    def post(address: str, **values: Any) -> None:
        answer = fay.post(f"{page}{address}/", values)
        assert answer.status_code == 302, answer.content.decode()

    post("send")
    today = Statement.objects.get().sent_on
    post("confirm", confirmed_on=str(today), by_name="王经理")
    assert signed_in(desk.cast.mei).post(f"{page}approve/").status_code == 302
    signed_in(desk.cast.fay)
    post(
        "invoice",
        row_id=str(uuid7()),
        number="1",
        issued_on=str(today),
        received_on=str(today),
        buyer_title="某某银行",
        buyer_credit_code="91110000600037341L",
        gross="14.00",
        rate="600",
    )
    post("pay", row_id=str(uuid7()), amount="14.00", reference="P1", paid_on=str(today))
    post("close")
    assert Statement.objects.get().state == StatementState.CLOSED
    assert "14.00" in fay.get(f"{page}change/").content.decode()
    for address in ("lines", "differences"):
        assert fay.get(f"{page}{address}/").status_code == 200


def test_a_refusal_stands_in_the_form(desk: Desk, signed_in: Callable[..., Client]) -> None:
    statement = desk.approved()
    browser = signed_in(desk.cast.fay)
    answer = browser.post(
        f"{LIST}{statement.pk}/invoice/",
        {
            "row_id": str(uuid7()),
            "number": "1",
            "issued_on": "2026-11-18",
            "received_on": "2026-11-18",
            "buyer_title": "某某银行",
            "buyer_credit_code": "91110000600037341L",
            "gross": "13.99",
            "rate": "600",
        },
    )
    assert "exactly what is payable" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"gross": 14.0}, "money", id="a-float"),
        pytest.param({"gross": "-14.00"}, "money", id="below-zero"),
        pytest.param({"gross": "14.001"}, "money", id="less-than-a-fen"),
        pytest.param({"gross": "13.99"}, "invoice_differs", id="not-what-is-payable"),
        pytest.param({"rate_basis_points": 10_000}, "max_value", id="no-rate"),
        pytest.param({"buyer_credit_code": "123"}, "credit_code_length", id="no-taxpayer"),
        pytest.param({"number": " "}, "blank", id="no-number"),
        pytest.param({"received_on": "2026-11-17"}, "invoice_dates", id="before-it-was-issued"),
    ],
)
def test_a_bad_invoice_is_refused_with_its_code(desk: Desk, body: Any, code: str) -> None:
    statement = desk.approved()
    sound = {
        "number": "1",
        "issued_on": "2026-11-18",
        "received_on": "2026-11-18",
        "buyer_title": "某某银行",
        "buyer_credit_code": "91110000600037341L",
        "gross": "14.00",
        "rate_basis_points": 600,
    }
    answer = Phone(desk.cast.fay).post(f"statements/{statement.pk}/invoice/", {**sound, **body})
    assert answer.status_code in (400, 409), answer.content
    assert code in answer.content.decode()
    assert not statement.invoices.exists()


def test_net_and_tax_come_back_in_yuan(desk: Desk) -> None:
    for number in range(3):
        desk.used(f"N{number}")
    statement = desk.drafted()
    adjusted(desk, statement, 600_000 - statement.payable_fen, approved_by=desk.cast.mei)
    statements.send(statement.pk, by=desk.cast.fay, at=AT)
    statements.confirm(statement.pk, confirmed_on=AT.date(), by_name="王", by=desk.cast.fay, at=AT)
    statements.approve(statement.pk, by=desk.cast.mei, at=AT)
    invoiced(desk, statement, 600_000)
    found = Phone(desk.cast.fay).get("invoices/").json()["results"][0]
    assert (found["net"], found["tax"], found["gross"]) == ("5660.38", "339.62", "6000.00")


def test_a_rep_reads_the_statements_of_her_own_merchants_only(desk: Desk) -> None:
    statement = desk.drafted()
    assert len(Phone(desk.cast.ann).get("statements/").json()["results"]) == 1
    assert Phone(desk.cast.bo).get("statements/").json()["results"] == []
    assert Phone(desk.cast.bo).get(f"statements/{statement.pk}/").status_code == 404


def test_lists_are_narrowed(desk: Desk) -> None:
    desk.sent()
    phone = Phone(desk.cast.fay)
    for query, count in (
        ("state=sent", 1),
        ("state=draft", 0),
        ("overdue=true", 0),
        ("overdue=false", 1),
        (f"campaign={desk.campaign.pk}", 1),
        (f"merchant={desk.merchant.pk}", 1),
    ):
        assert len(phone.get(f"statements/?{query}").json()["results"]) == count, query


def test_the_statements_page_leads_to_its_open_differences(
    desk: Desk, signed_in: Callable[..., Client]
) -> None:
    statement = desk.sent()
    desk.brought(statement, "T9,徐汇店,2026-10-15,20.00,")
    browser = signed_in(desk.cast.fay)
    page = browser.get(f"{LIST}{statement.pk}/change/").content.decode()
    address = f"/admin/campaigns/discrepancy/?statement_id={statement.pk}&amp;state=open"
    assert address in page
    found = browser.get(address.replace("&amp;", "&")).content.decode()
    assert "T9" in found
