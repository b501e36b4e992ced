"""Statements: what stands on them, and the way from draft to closed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.domain import invoices, payments, statement_lines, statements
from campaigns.models import (
    LineKind,
    RedemptionEventKind,
    Statement,
    StatementLine,
    StatementState,
)
from crm.errors import DomainError, InvalidInput, NotAllowed, NotFound, RuleBroken
from crm.ids import uuid7
from crm.models import Reminder
from merchants.models import TimelineEntry
from tests import factories
from tests.campaigns.settlement_desk import AT, BUYER, DAY, FIRST, LAST, Desk
from tests.conftest import Cast

REFUNDED = RedemptionEventKind.REFUNDED


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast)


def refused(verb: Any, *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


def test_the_funders_owe_what_the_merchant_does_not_bear(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.drafted()
    parts = [statement.bank_fen, statement.merchant_fen, statement.scheme_fen]
    assert [*parts, statement.platform_fen, statement.government_fen] == [1000, 600, 300, 100, 0]
    assert (statement.amount_fen, statement.discount_fen) == (10_000, 2_000)
    assert statement.payable_fen == 1_400
    assert statement.state == StatementState.DRAFT
    entry = TimelineEntry.objects.get(kind="statement.stepped")
    assert entry.merchant_id == desk.merchant.pk


def test_refunds_and_reversals_are_taken_off(desk: Desk) -> None:
    desk.used("T1")
    desk.used("T2")
    desk.used("T2", amount=5_000, discount=1_000, kind=REFUNDED)
    desk.used("T3")
    desk.used("T3", kind=RedemptionEventKind.REVERSED)
    statement = desk.drafted()
    assert (statement.redemption_count, statement.return_count) == (3, 2)
    assert statement.discount_fen == 3_000
    assert statement.payable_fen == 2_100
    kinds = statement.lines.order_by("number").values_list("kind", flat=True)
    assert sorted(kinds) == ["redemption"] * 3 + ["refund", "reversal"]


def test_an_authorisation_alone_settles_nothing(desk: Desk) -> None:
    event = desk.used("T1", kind=RedemptionEventKind.AUTHORISED)
    assert event.discount_fen
    assert refused(desk.drafted).code == "nothing_to_settle"
    assert not Statement.objects.exists()


def test_an_event_stands_on_one_statement_only(desk: Desk) -> None:
    event = desk.used("T1")
    first = desk.drafted()
    assert refused(desk.drafted).code == "nothing_to_settle"
    desk.used("T2")
    second = desk.drafted()
    assert list(second.lines.values_list("reference", flat=True)) == ["T2"]
    # The database itself refuses a second line for the event.
    twin = StatementLine(
        statement=second, number=9, kind=LineKind.REDEMPTION, event=event, day=DAY, payable_fen=0
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    assert first.lines.count() == 1


def test_what_came_late_is_settled_with_the_next_statement(desk: Desk) -> None:
    desk.used("T1", day=DAY)
    desk.drafted()
    desk.used("LATE", day=DAY)
    desk.used("NOV", day=date(2026, 11, 5))
    november = desk.drafted(first_day=date(2026, 11, 1), last_day=date(2026, 11, 10))
    assert set(november.lines.values_list("reference", flat=True)) == {"LATE", "NOV"}


@pytest.mark.parametrize(
    ("period", "code"),
    [
        pytest.param({"first_day": LAST, "last_day": FIRST}, "statement_period", id="backwards"),
        pytest.param({"first_day": date(2020, 1, 1)}, "statement_period", id="too-long"),
        pytest.param({"last_day": AT.date()}, "period_not_over", id="not-over"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(desk: Desk, period: Any, code: str) -> None:
    desk.used("T1")
    refusal = refused(desk.drafted, **period)
    assert isinstance(refusal, InvalidInput)
    assert refusal.code == code
    assert not Statement.objects.exists()


@pytest.mark.parametrize("name", ["ann", "max", "mei", "pia", "otto", "ada", "rui"])
def test_finance_alone_drafts(desk: Desk, name: str) -> None:
    desk.used("T1")
    with pytest.raises(NotAllowed):
        desk.drafted(by=desk.cast.named(name))


def test_a_stranger_does_not_know_the_merchant(desk: Desk) -> None:
    desk.used("T1")
    with pytest.raises(NotFound):
        desk.drafted(by=desk.cast.sam)


def test_a_draft_is_drafted_anew_and_keeps_its_adjustments(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.drafted()
    adjusted(desk, statement, 500, approved_by=desk.cast.mei)
    desk.used("T2")
    anew = statements.redraft(statement.pk, by=desk.cast.fay, at=AT)
    assert anew.redemption_count == 2
    assert anew.payable_fen == 2 * 1_400 + 500
    assert len(set(anew.lines.values_list("number", flat=True))) == 3


def test_a_discarded_draft_lets_its_events_go(desk: Desk) -> None:
    desk.used("T1")
    statements.discard(desk.drafted().pk, by=desk.cast.fay, at=AT)
    assert not Statement.objects.exists()
    assert desk.drafted().redemption_count == 1


def test_what_was_sent_is_not_discarded(desk: Desk) -> None:
    desk.used("T1")
    sent = desk.sent()
    assert refused(statements.discard, sent.pk, by=desk.cast.fay, at=AT).code == "statement_state"


def adjusted(desk: Desk, statement: Statement, fen: int, *, approved_by: Any = None) -> Any:
    pk = uuid7()
    statement_lines.adjust(
        pk, statement.pk, amount_fen=fen, reason="漏计两单", by=desk.cast.fay, at=AT
    )
    if approved_by is not None:
        statement_lines.approve_adjustment(pk, by=approved_by, at=AT)
    return pk


def test_an_adjustment_counts_once_somebody_else_approved_it(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.drafted()
    line = adjusted(desk, statement, -400)
    statement.refresh_from_db()
    assert statement.payable_fen == 1_400
    own = refused(statement_lines.approve_adjustment, line, by=desk.cast.fay, at=AT)
    assert own.code == "self_approval"
    assert statement_lines.approve_adjustment(line, by=desk.cast.mei, at=AT).payable_fen == 1_000


def test_the_database_refuses_that_somebody_approves_their_own_adjustment(desk: Desk) -> None:
    desk.used("T1")
    line = adjusted(desk, desk.drafted(), -400)
    with pytest.raises(IntegrityError, match="adjustment_approved_by_another"):
        StatementLine.objects.filter(pk=line).update(approved_by=desk.cast.fay, approved_at=AT)


def test_a_statement_is_not_sent_while_an_adjustment_waits(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.drafted()
    line = adjusted(desk, statement, -400)
    waiting = refused(statements.send, statement.pk, by=desk.cast.fay, at=AT)
    assert waiting.code == "adjustments_open"
    statement_lines.drop_adjustment(line, by=desk.cast.fay, at=AT)
    assert statements.send(statement.pk, by=desk.cast.fay, at=AT).state == StatementState.SENT


def test_the_lines_of_a_sent_statement_stay(desk: Desk) -> None:
    desk.used("T1")
    sent = desk.sent()
    with pytest.raises(IntegrityError, match="stay as they were sent"), transaction.atomic():
        sent.lines.update(amount_fen=1)
    with pytest.raises(IntegrityError, match="stay as they were sent"), transaction.atomic():
        sent.lines.all()._raw_delete("default")
    sent.lines.update(match="matched")  # What a comparison found may be written.
    disputed = statements.dispute(sent.pk, because="少两单", by=desk.cast.fay, at=AT)
    disputed.lines.update(amount_fen=10_001)  # The guard asks for the state, not for the table.


def test_the_time_to_pay_runs_from_the_confirmation(desk: Desk) -> None:
    desk.used("T1")
    confirmed = desk.confirmed()
    assert confirmed.agreed_days == 60
    assert confirmed.due_on == date(2026, 11, 18) + timedelta(days=60)
    later = statements.approve(confirmed.pk, by=desk.cast.mei, at=AT + timedelta(days=20))
    assert later.due_on == confirmed.due_on


def test_the_agreement_says_how_many_days(desk: Desk) -> None:
    partnership = factories.PartnershipFactory(merchant=desk.merchant)
    factories.AgreementVersionFactory(
        partnership=partnership,
        state="live",
        settlement_days=20,
        bank_signatory="甲",
        merchant_signatory="乙",
        signed_by=desk.cast.mei,
        signed_at=AT,
        document=factories.StoredFileFactory(),
        document_sha256="0" * 64,
    )
    desk.used("T1")
    assert desk.confirmed().due_on == date(2026, 12, 8)


def test_a_confirmation_lies_between_the_sending_and_today(desk: Desk) -> None:
    desk.used("T1")
    sent = desk.sent()
    for day, code in (
        (date(2026, 11, 19), "in_future"),
        (date(2026, 11, 17), "confirmed_before_sent"),
    ):
        refusal = refused(
            statements.confirm, sent.pk, confirmed_on=day, by_name="王", by=desk.cast.fay, at=AT
        )
        assert refusal.code == code


def test_who_drafted_a_statement_does_not_approve_it(desk: Desk) -> None:
    desk.used("T1")
    confirmed = desk.confirmed()
    own = refused(statements.approve, confirmed.pk, by=desk.cast.fay, at=AT)
    assert own.code == "self_approval"
    with pytest.raises(IntegrityError, match="statement_approved_by_another"), transaction.atomic():
        Statement.objects.filter(pk=confirmed.pk).update(approved_by=desk.cast.fay)
    assert statements.approve(confirmed.pk, by=desk.cast.mei, at=AT).approved_at == AT


def test_finance_is_reminded_before_a_statement_is_due_and_not_once_it_is_paid(desk: Desk) -> None:
    desk.used("T1")
    approved = desk.approved()
    reminder = Reminder.objects.get(key=f"statement:{approved.pk}:due")
    assert reminder.due_at.date() == date(2027, 1, 12)
    invoiced(desk, approved)
    paid(desk, approved, 1_400)
    reminder.refresh_from_db()
    assert reminder.state == "cancelled"


def invoiced(desk: Desk, statement: Statement, gross: int = 1_400, **more: Any) -> Any:
    return invoices.record(
        uuid7(),
        statement.pk,
        **{
            "number": "24312000000012345678",
            "issued_on": AT.date(),
            "received_on": AT.date(),
            "gross_fen": gross,
            "rate_basis_points": 600,
            **BUYER,
            **more,
        },
        by=desk.cast.fay,
        at=AT,
    )


def paid(desk: Desk, statement: Statement, fen: int, reference: str = "PAY1") -> Any:
    return payments.record(
        uuid7(),
        statement.pk,
        amount_fen=fen,
        reference=reference,
        paid_on=AT.date(),
        by=desk.cast.fay,
        at=AT,
    )


def test_an_invoice_is_for_exactly_what_is_payable(desk: Desk) -> None:
    for number in range(10):
        desk.used(f"T{number}", amount=500_000, discount=60_000 * 10 // 7 // 10 * 7)
    statement = desk.approved()
    off_by_a_fen = refused(invoiced, desk, statement, statement.payable_fen - 1)
    assert off_by_a_fen.code == "invoice_differs"
    with pytest.raises(IntegrityError, match="invoice_equals_payable"), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(invoiced_fen=statement.payable_fen - 1)
    invoice = invoiced(desk, statement, statement.payable_fen)
    assert invoice.net_fen + invoice.tax_fen == statement.payable_fen
    assert refused(invoiced, desk, statement, statement.payable_fen).code == "invoice_exists"


def test_a_voided_invoice_makes_place_for_the_right_one(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.approved()
    first = invoiced(desk, statement)
    invoices.void(first.pk, because="抬头错误", by=desk.cast.fay, at=AT)
    assert invoiced(desk, statement).pk != first.pk
    statement.refresh_from_db()
    assert statement.state == StatementState.INVOICED


def test_nothing_is_paid_without_an_invoice_nor_more_than_is_owed(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.approved()
    assert refused(paid, desk, statement, 1_400).code == "not_invoiced"
    invoiced(desk, statement)
    over = refused(paid, desk, statement, 1_401)
    assert (over.code, over.facts["open_fen"]) == ("overpaid", 1_400)
    paid(desk, statement, 1_000)
    assert refused(paid, desk, statement, 400).code == "payment_reference_taken"
    assert refused(paid, desk, statement, 401, "PAY2").code == "overpaid"
    with pytest.raises(IntegrityError, match="statement_not_overpaid"), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(paid_fen=1_401)
    paid(desk, statement, 400, "PAY2")
    statement.refresh_from_db()
    assert (statement.state, statement.paid_fen) == (StatementState.PAID, 1_400)
    assert statements.close(statement.pk, by=desk.cast.fay, at=AT).state == StatementState.CLOSED


def test_where_refunds_outweigh_the_merchant_pays_back(desk: Desk) -> None:
    desk.used("T1", day=date(2026, 9, 5))
    desk.drafted(first_day=date(2026, 9, 1), last_day=date(2026, 9, 30))
    desk.used("T1", kind=REFUNDED)
    statement = desk.approved()
    assert statement.payable_fen == -1_400
    assert refused(invoiced, desk, statement, 1_400).code == "nothing_to_invoice"
    assert refused(statements.close, statement.pk, by=desk.cast.fay, at=AT).code == "not_paid"
    assert paid(desk, statement, 1_400).direction == "in"
    statement.refresh_from_db()
    assert (statement.state, statement.paid_fen) == (StatementState.PAID, -1_400)


def test_a_disputed_statement_is_adjusted_and_sent_again(desk: Desk) -> None:
    desk.used("T1")
    sent = desk.sent()
    late = refused(
        statement_lines.adjust,
        uuid7(),
        sent.pk,
        amount_fen=100,
        reason="x",
        by=desk.cast.fay,
        at=AT,
    )
    assert late.code == "statement_state"
    statements.dispute(sent.pk, because="少算一单", by=desk.cast.fay, at=AT)
    adjusted(desk, sent, 1_400, approved_by=desk.cast.mei)
    again = statements.send(sent.pk, by=desk.cast.fay, at=AT)
    assert (again.state, again.payable_fen) == (StatementState.SENT, 2_800)


ROADS = {
    "draft": {"sent"},
    "sent": {"merchant_confirmed", "disputed"},
    "disputed": {"sent"},
    "merchant_confirmed": {"approved", "disputed"},
    "approved": {"invoiced", "paid", "closed"},
    "invoiced": {"paid", "approved"},
    "paid": {"closed"},
    "closed": set(),
}


def test_a_statement_goes_these_roads_and_no_others() -> None:
    from campaigns.models.settlement_words import STATEMENT_ROADS

    assert {str(a): {str(b) for b in ways} for a, ways in STATEMENT_ROADS.items()} == ROADS


def test_the_unsettled_of_a_campaign_are_counted(desk: Desk) -> None:
    desk.used("T1")
    desk.used("T2", day=date(2026, 11, 2))
    statement = desk.approved()
    assert statements.unsettled(desk.campaign.pk) == 2
    invoiced(desk, statement)
    paid(desk, statement, 1_400)
    assert statements.unsettled(desk.campaign.pk) == 1


def test_totals_that_do_not_follow_from_the_parts_are_refused_by_the_database(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.drafted()
    for column in ("payable_fen", "discount_fen", "bank_fen"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.filter(pk=statement.pk).update(**{column: 1})


def test_a_rule_broken_writes_nothing(desk: Desk) -> None:
    desk.used("T1")
    statement = desk.approved()
    before = TimelineEntry.objects.count()
    with pytest.raises(RuleBroken):
        invoiced(desk, statement, 1)
    assert TimelineEntry.objects.count() == before
