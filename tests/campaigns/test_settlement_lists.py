"""Everything that is listed beside a statement or a claim asks the same, however much there is."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from campaigns.domain import (
    claim_decisions,
    claim_evidence,
    payments,
    statement_files,
    statements,
)
from campaigns.models import MatchClass, StatementFileKind
from crm.ids import uuid7
from tests.api import Phone
from tests.campaigns import outcome_desk
from tests.campaigns.settlement_desk import AT, Desk
from tests.campaigns.test_statements import invoiced
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def invoice_more(cast: Cast) -> None:
    for _number in range(2):
        other = Desk(cast)
        other.used(str(uuid7()))
        statement = other.approved()
        invoiced(other, statement, number=uuid7().hex)
        payments.record(
            uuid7(),
            statement.pk,
            amount_fen=statement.payable_fen,
            reference=uuid7().hex,
            paid_on=AT.date(),
            by=cast.fay,
            at=AT,
        )


@pytest.mark.parametrize("path", ["invoices/", "payments/"])
def test_papers_of_all_statements(cast: Cast, same_queries: Callable[..., int], path: str) -> None:
    invoice_more(cast)
    phone = Phone(cast.fay)
    same_queries(lambda: phone.get(path), after=lambda: invoice_more(cast), at_most=12)


@pytest.mark.parametrize("what", ["steps", "merchant-rows", "files"])
def test_what_hangs_on_one_statement(
    cast: Cast, same_queries: Callable[..., int], what: str
) -> None:
    desk = Desk(cast)
    desk.used("T1")
    statement = desk.sent()
    rounds = iter(range(100))

    def grow() -> None:
        number = next(rounds)
        rows = [f"X{number}-{one},徐汇店,2026-10-15,20.00," for one in range(number * 3 + 2)]
        desk.brought(statement, *rows, name=f"{number}.csv")
        statements.dispute(statement.pk, because="少两单", by=cast.fay, at=AT)
        statements.send(statement.pk, by=cast.fay, at=AT)
        statement_files.write(uuid7(), statement.pk, kind=StatementFileKind.PDF, by=cast.fay, at=AT)

    grow()
    path = f"statements/{statement.pk}/{what}/"
    phone = Phone(cast.ann)
    before = len(phone.get(path).json()["results"])
    same_queries(lambda: phone.get(path), after=grow, at_most=12)
    assert len(phone.get(path).json()["results"]) > before > 0


@pytest.mark.parametrize("page", ["lines", "differences"])
def test_the_long_pages_of_a_statement(
    cast: Cast, signed_in: Callable[..., Client], same_queries: Callable[..., int], page: str
) -> None:
    desk = Desk(cast)
    for number in range(3):
        desk.used(f"T{number}")
    statement = desk.drafted()
    browser = signed_in(cast.fay)
    address = f"/admin/campaigns/statement/{statement.pk}/{page}/?class={MatchClass.MERCHANT_ONLY}"

    def grow() -> None:
        for number in range(3, 8):
            desk.used(f"T{number}")
        statements.redraft(statement.pk, by=cast.fay, at=AT)
        rows = [f"X{number},徐汇店,2026-10-15,20.00," for number in range(9)]
        desk.brought(statement, *rows)

    same_queries(lambda: browser.get(address), after=grow, at_most=30)
    assert ("T7" if page == "lines" else "X8") in browser.get(address).content.decode()


@pytest.mark.parametrize("what", ["evidence", "steps"])
def test_what_hangs_on_one_claim(cast: Cast, same_queries: Callable[..., int], what: str) -> None:
    claim = outcome_desk.proved(cast)
    days = iter(range(1, 28))

    def grow() -> None:
        for _number in range(2):
            day = next(days)
            photo = outcome_desk.photo_of(cast.ann, b"\xff\xd8\xff\xe0 picture %d" % day)
            claim_evidence.attach(
                uuid7(), claim.pk, kind="photo", document_id=photo.pk, by=cast.ann, at=AT
            )
            claim_decisions.extend(
                claim.pk, to=date(2027, 3, day), because="疫情", by=cast.fay, at=AT
            )

    grow()
    phone = Phone(cast.otto)
    path = f"claims/{claim.pk}/{what}/"
    same_queries(lambda: phone.get(path), after=grow, at_most=12)
    assert len(phone.get(path).json()["results"]) >= 5
