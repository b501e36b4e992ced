"""Who may do what with statements."""

from django.utils import timezone

from campaigns.domain import statement_lines, statements
from crm.domain import files
from crm.ids import uuid7
from tests.campaigns.settlement_desk import AT, BUYER, Desk
from tests.campaigns.test_statements import invoiced
from tests.conftest import Cast
from tests.permissions import ALL, READING, STRANGERS, WORKING, Row

SEEN = {200: f"{WORKING} {READING}", 404: STRANGERS}
OTHERS = f"{WORKING} rui pia otto ada"
SETTLED = {200: "fay", 403: OTHERS, 404: STRANGERS}
ADDED = {201: "fay", 403: OTHERS, 404: STRANGERS}
APPROVED = {200: "mei", 403: "ann max rui pia otto ada", 404: STRANGERS, 409: "fay"}

TABLE = [
    Row("GET", "statements/", {200: ALL}),
    Row(
        "POST",
        "statements/",
        {201: "fay", 403: OTHERS, 400: STRANGERS},
        {"merchant": "{unsettled}", "first_day": "2026-10-01", "last_day": "2026-10-31"},
    ),
    Row("GET", "statements/{drafted}/", SEEN),
    Row("GET", "statements/{drafted}/steps/", SEEN),
    Row("POST", "statements/{drafted}/redraft/", SETTLED, {}),
    Row("POST", "statements/{drafted}/discard/", SETTLED),
    Row("POST", "statements/{drafted}/send/", SETTLED),
    Row("POST", "statements/{sent}/dispute/", SETTLED, {"because": "少两单"}),
    Row(
        "POST",
        "statements/{sent}/confirm/",
        SETTLED,
        {"confirmed_on": "2026-11-18", "by_name": "王经理"},
    ),
    # Who drafted it may approve statements, and not this one.
    Row("POST", "statements/{confirmed}/approve/", APPROVED),
    Row("POST", "statements/{nothing_owed}/close/", SETTLED),
    Row("GET", "statements/{drafted}/lines/", SEEN),
    Row(
        "POST",
        "statements/{drafted}/adjustments/",
        ADDED,
        {"amount": "-1.00", "reason": "9 月多付"},
    ),
    Row("POST", "statement-lines/{adjustment}/approve/", APPROVED),
    Row(
        "POST",
        "statement-lines/{adjustment}/drop/",
        {200: "fay mei", 403: "ann max rui pia otto ada", 404: STRANGERS},
    ),
    Row("GET", "statements/{drafted}/merchant-rows/", SEEN),
    # The file is finance's own: others who settle could not name it.
    Row("POST", "statements/{drafted}/merchant-list/", ADDED, {"file": "{list}"}),
    Row("GET", "statements/{drafted}/files/", SEEN),
    Row(
        "POST",
        "statements/{drafted}/files/",
        {201: f"{WORKING} {READING}", 404: STRANGERS},
        {"kind": "pdf"},
    ),
    Row(
        "POST",
        "statements/{approved}/invoice/",
        ADDED,
        {
            "number": "1",
            "issued_on": "2026-11-18",
            "received_on": "2026-11-18",
            "gross": "14.00",
            "rate_basis_points": 600,
            **BUYER,
        },
    ),
    Row("POST", "invoices/{invoice}/void/", SETTLED, {"because": "抬头错误"}),
    Row(
        "POST",
        "statements/{invoiced}/payments/",
        ADDED,
        {"amount": "14.00", "reference": "P1", "paid_on": "2026-11-18"},
    ),
    Row("GET", "invoices/", {200: ALL}),
    Row("GET", "payments/", {200: ALL}),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """Statements of merchants of Ann's, one at each stage, drafted by Fay."""

    def desk() -> Desk:
        made = Desk(cast)
        made.used(str(uuid7()))
        return made

    drafted = desk().drafted()
    adjustment = uuid7()
    waiting = desk().drafted()
    statement_lines.adjust(
        adjustment, waiting.pk, amount_fen=100, reason="漏计", by=cast.fay, at=AT
    )
    even = desk()
    balance = even.drafted()
    back = uuid7()
    statement_lines.adjust(back, balance.pk, amount_fen=-1400, reason="抵扣", by=cast.fay, at=AT)
    statement_lines.approve_adjustment(back, by=cast.mei, at=AT)
    statements.send(balance.pk, by=cast.fay, at=AT)
    statements.confirm(balance.pk, confirmed_on=AT.date(), by_name="王", by=cast.fay, at=AT)
    statements.approve(balance.pk, by=cast.mei, at=AT)
    billed = desk()
    with_invoice = billed.approved()
    rows = {
        "unsettled": desk().merchant.pk,
        "drafted": drafted.pk,
        "sent": desk().sent().pk,
        "confirmed": desk().confirmed().pk,
        "approved": desk().approved().pk,
        "nothing_owed": balance.pk,
        "adjustment": adjustment,
        "invoice": invoiced(billed, with_invoice).pk,
        "invoiced": with_invoice.pk,
        "list": files.keep(
            "对账.csv",
            "交易参考号,门店,交易日期,优惠金额\nT1,徐汇店,2026-10-15,20.00\n".encode(),
            kinds=files.LISTS,
            by=cast.fay,
            at=timezone.now(),
        ).pk,
    }
    return {name: str(pk) for name, pk in rows.items()}
