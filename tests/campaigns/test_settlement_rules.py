"""The pure rules of settlement: by when a statement is paid, and what an invoice says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from campaigns.domain import invoice_sums, settlement_terms
from campaigns.domain.settlement_terms import Basis

CONFIRMED = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("days", "basis", "invoice", "due"),
    [
        pytest.param(30, Basis.STATEMENT, None, date(2026, 12, 18), id="thirty-days"),
        pytest.param(60, Basis.STATEMENT, None, date(2027, 1, 17), id="sixty-days"),
        pytest.param(10, Basis.MONTH_END, None, date(2026, 12, 10), id="from-the-months-end"),
        pytest.param(60, Basis.MONTH_END, None, date(2027, 1, 17), id="never-later-than-sixty"),
        pytest.param(15, Basis.INVOICE, date(2026, 11, 25), date(2026, 12, 10), id="from-invoice"),
        pytest.param(15, Basis.INVOICE, None, date(2027, 1, 17), id="no-invoice-yet"),
        pytest.param(30, Basis.INVOICE, date(2027, 1, 10), date(2027, 1, 17), id="late-invoice"),
    ],
)
def test_a_statement_is_due_the_agreed_days_later_and_within_sixty(
    days: int, basis: Basis, invoice: date | None, due: date
) -> None:
    found = settlement_terms.due_on(CONFIRMED, days, basis=basis, invoice_received_on=invoice)
    assert found == due


@pytest.mark.parametrize(
    ("received", "begins"),
    [
        pytest.param(None, CONFIRMED, id="no-list"),
        pytest.param(date(2026, 11, 15), CONFIRMED, id="answered-in-time"),
        pytest.param(date(2026, 10, 1), date(2026, 10, 11), id="slow-to-answer"),
    ],
)
def test_a_bank_that_is_slow_to_accept_starts_the_clock(
    received: date | None, begins: date
) -> None:
    found = settlement_terms.clock_from(CONFIRMED, received_on=received, acceptance_days=10)
    assert found == begins


@pytest.mark.parametrize(
    ("gross", "rate", "net", "tax"),
    [
        pytest.param(600_000, 600, 566_038, 33_962, id="six-per-cent"),
        pytest.param(600_000, 1300, 530_973, 69_027, id="thirteen-per-cent"),
        pytest.param(600_000, 300, 582_524, 17_476, id="three-per-cent"),
        pytest.param(600_000, 0, 600_000, 0, id="no-tax"),
    ],
)
def test_net_and_tax_follow_from_the_gross(gross: int, rate: int, net: int, tax: int) -> None:
    assert invoice_sums.net_and_tax(gross, rate) == (net, tax)


@given(some.integers(0, 10**13), some.integers(0, 9_999))
def test_net_and_tax_always_sum_to_the_gross(gross: int, rate: int) -> None:
    net, tax = invoice_sums.net_and_tax(gross, rate)
    assert net + tax == gross
    assert min(net, tax) >= 0


@pytest.mark.parametrize(("gross", "rate"), [(-1, 600), (100, -1), (100, 10_000)])
def test_what_is_no_gross_or_no_rate_is_refused(gross: int, rate: int) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        invoice_sums.net_and_tax(gross, rate)
