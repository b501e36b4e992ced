"""`make bench-campaigns`: the money of campaigns, measured.

Three parts, each in a process of its own so that its memory can be weighed: a million reported
redemptions taken in as files, beside COPY of the very rows that they became into tables with the
same constraints and indexes; commitments on one budget by sixteen clients, beside the same two
statements without the product; a statement of a hundred thousand lines, drafted, turned page by
page and printed.
"""

import argparse
import csv
import io
import itertools
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.bench.__main__ import prepare_environment

DATABASE = "bench_campaigns"
EVENTS, LINES, CLIENTS, SECONDS = 1_000_000, 100_000, 16, 10
FILE_ROWS = 20_000
CAMPAIGNS, MERCHANTS, CARDS = 20, 200, 300_000
MOST_TIMES_COPY = 8
"""How many times as long as COPY of the finished rows an intake may take: it reads texts, judges
every row, moves the money and writes the same rows."""
MOST_MEGABYTES = 600
CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
FIRST_DAY = date(2026, 10, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--part", choices=PARTS, help="one part, in this process")
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    if options.part:
        _use()
        kept = PARTS[options.part](options)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  peak memory {peak:,.0f} MB (limit {MOST_MEGABYTES})", flush=True)
        return int(not kept or peak > MOST_MEGABYTES)
    _create()
    failed = []
    for part in PARTS:
        numbers = ["--events", str(options.events), "--lines", str(options.lines)]
        run = [sys.executable, "-m", "tests.bench.campaigns", "--part", part, *numbers]
        if subprocess.run(run, check=False).returncode:
            failed.append(part)
    print("\nEvery limit is kept." if not failed else f"\nMissed: {', '.join(failed)}")
    return bool(failed)


def _create() -> None:
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    _use()
    call_command("migrate", verbosity=0)
    _bank()


def _use() -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = DATABASE
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{DATABASE}?")


def _bank() -> None:
    """A branch, its finance, two hundred shops with a till, twenty campaigns that run."""
    from django.utils import timezone

    from campaigns.domain import campaign_money, ledger
    from campaigns.models import (
        Budget,
        Campaign,
        CampaignStage,
        EntryKind,
        Fund,
        Mechanic,
        Party,
    )
    from crm.actors import SYSTEM
    from crm.models import Membership, OrgUnit, Role, UnitKind, User
    from merchants.models import Merchant, Outlet
    from tests import factories

    head = factories.UnitFactory(name="总行", kind=UnitKind.HEAD_OFFICE)
    branch: OrgUnit = factories.UnitFactory(name="上海分行", kind=UnitKind.BRANCH, parent=head)
    finance = User.objects.create(email="finance@bench.test", full_name="财务")
    Membership.objects.create(user=finance, unit=branch, role=Role.FINANCE)
    at = timezone.now() - timedelta(days=90)
    fund = Fund.objects.create(
        name="2026 营销基金",
        unit=branch,
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
        cap_fen=10**12,
    )
    pot = Budget.objects.create(fund=fund, ceiling_fen=fund.ceiling_fen)
    ledger.post(EntryKind.ALLOCATE, pot.pk, 10**12, key="bench:fund", by=SYSTEM, at=at)
    shops = [factories.MerchantFactory(unit=branch, name=f"商户{n}") for n in range(MERCHANTS)]
    for number, merchant in enumerate(shops):
        outlet: Outlet = factories.OutletFactory(merchant=merchant, name="总店")
        factories.IdentifierFactory(
            outlet=outlet, mid=f"8983100{number:08}", valid_from=date(2026, 1, 1)
        )
    per_campaign = MERCHANTS // CAMPAIGNS
    for number in range(CAMPAIGNS):
        campaign: Campaign = factories.CampaignFactory(
            name=f"满100减20 第{number}期",
            unit=branch,
            fund=fund,
            starts_on=FIRST_DAY,
            ends_on=date(2026, 12, 31),
            budget_fen=10**10,
            stage=CampaignStage.ACTIVE,
            mechanic=Mechanic.THRESHOLD_OFF,
            terms={"threshold_fen": 10_000, "off_fen": 2_000},
            limits={"uses_per_customer_day": 20, "uses_per_customer": 500},
            shares={
                Party.BANK: 5000,
                Party.MERCHANT: 3000,
                Party.SCHEME: 1500,
                Party.PLATFORM: 500,
            },
            created_at=at,
        )
        campaign.merchants.set(shops[number * per_campaign : (number + 1) * per_campaign])
        campaign_money.commit(campaign, key=f"bench:{number}", by=SYSTEM, at=at)
    assert Merchant.objects.count() == MERCHANTS


# --- redemptions ---------------------------------------------------------------------------------

HEADER = ("交易参考号", "事件", "商户号", "交易时间", "交易金额", "卡标识")


def events(count: int, first: int = 0) -> Iterator[tuple[str, ...]]:
    """What a source reports: nine in ten are purchases, the rest refunds of earlier ones."""
    start = datetime(2026, 10, 8, 9, tzinfo=CHINA)
    for number in range(first, first + count):
        is_refund = number % 10 == 9
        bought = number - 5 if is_refund else number
        moment = start + timedelta(seconds=2 * number)
        yield (
            f"T{bought:012}",
            "refunded" if is_refund else "cleared",
            f"8983100{bought % MERCHANTS:08}",
            moment.strftime("%Y-%m-%d %H:%M:%S"),
            "30.00" if is_refund else f"{120 + bought % 80}.50",
            f"card{bought * 7919 % CARDS:08x}",
        )


def files_of(count: int) -> Iterator[bytes]:
    for first in range(0, count, FILE_ROWS):
        text = io.StringIO()
        written = csv.writer(text)
        written.writerow(HEADER)
        written.writerows(events(min(FILE_ROWS, count - first), first))
        yield text.getvalue().encode()


def redemptions(options: argparse.Namespace) -> bool:
    from django.db import connection

    from campaigns.domain import intake_files
    from campaigns.models import Redemption, RedemptionEvent, RedemptionIntake
    from crm.domain import files, jobs
    from crm.ids import uuid7
    from crm.models import OrgUnit, User

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    finance, branch = User.objects.get(), OrgUnit.objects.get(name="上海分行")
    print(f"\n{options.events:,} redemption events, in files of {FILE_ROWS:,}", flush=True)
    spent = 0.0
    for number, content in enumerate(files_of(options.events), 1):
        begun = time.perf_counter()
        file = files.keep(f"核销{number}.csv", content, kinds=files.LISTS, by=finance, at=NOW)
        brought = intake_files.open_file(
            uuid7(), file.pk, source="acquirer", unit_id=branch.pk, by=finance, at=NOW
        )
        intake_files.run(brought.pk, by=finance, at=NOW)
        jobs.run_due(at=NOW)
        spent += time.perf_counter() - begun
        if number % 10 == 0:
            print(f"    {number * FILE_ROWS:>9,} rows {spent:6.0f} s", flush=True)
    totals = _totals(RedemptionIntake)
    assert totals["rows"] == options.events, totals
    rate = options.events / spent
    print(f"  product {rate:,.0f} rows/s, {spent:.1f} s; {totals}", flush=True)
    bare = _copied((Redemption, RedemptionEvent))
    print(
        f"  COPY of the rows that they became, same constraints and indexes: "
        f"{options.events / bare:,.0f} events/s, {bare:.1f} s; "
        f"ratio {spent / bare:.1f}x (limit {MOST_TIMES_COPY})"
    )
    return spent / bare <= MOST_TIMES_COPY


def _totals(intakes: Any) -> dict[str, int]:
    from django.db.models import Sum

    names = ("rows", "landed", "repeated", "queued")
    found: dict[str, int] = intakes.objects.aggregate(**{name: Sum(name) for name in names})
    return found


def _copied(models: tuple[Any, ...]) -> float:
    """Seconds to COPY what stands in the tables into empty ones with the same rules."""
    from django.db import connection

    spent = 0.0
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = %s::regclass AND contype = 'f'",
                [table],
            )
            for name, definition in cursor.fetchall():
                cursor.execute(f"ALTER TABLE bare_{table} ADD CONSTRAINT bare_{name} {definition}")
            with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as out:
                chunks = [bytes(chunk) for chunk in out]
            begun = time.perf_counter()
            with cursor.copy(f"COPY bare_{table} FROM STDIN") as into:
                for chunk in chunks:
                    into.write(chunk)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            spent += time.perf_counter() - begun
            cursor.execute(f"DROP TABLE bare_{table}")
    return spent


# --- commitments ---------------------------------------------------------------------------------


def commitments(_options: argparse.Namespace) -> bool:
    """Sixteen clients commit 7.00 each time, on one budget, for ten seconds."""
    from campaigns.domain import ledger
    from campaigns.models import Budget, EntryKind, Fund
    from crm.actors import SYSTEM
    from crm.ids import uuid7

    budget = Budget.objects.get(fund=Fund.objects.get())

    def through_the_product() -> None:
        ledger.post(
            EntryKind.COMMIT, budget.pk, 700, key=f"bench:{uuid7()}", source=ledger.AVAILABLE,
            by=SYSTEM, at=NOW,
        )  # fmt: skip

    print(f"\nCommitments on one budget, {CLIENTS} clients, {SECONDS} s each", flush=True)
    rates = {
        "product": _rate(lambda: through_the_product),
        "the two statements alone": _rate(lambda: _bare_commit(budget.pk)),
    }
    for name, (rate, p95) in rates.items():
        print(f"  {name:<26}{rate:8,.0f} commits/s, p95 {p95 * 1000:.0f} ms")
    budget.refresh_from_db()
    counted, entered = ledger.in_counters(budget), ledger.in_ledger(budget.pk)
    assert counted == entered, (counted, entered)
    print("  counters and ledger agree")
    return True


def _rate(prepare: Callable[[], Callable[[], None]]) -> tuple[float, float]:
    """Commits a second and the 95th percentile of one, by clients that are processes of their own,
    like the product's workers."""
    from django.db import connections

    connections.close_all()
    forking = multiprocessing.get_context("fork")
    barrier, spent = forking.Barrier(CLIENTS), forking.Queue()

    def client() -> None:
        commit = prepare()
        mine: list[float] = []
        commit()
        barrier.wait()
        end = time.perf_counter() + SECONDS
        while (begun := time.perf_counter()) < end:
            commit()
            mine.append(time.perf_counter() - begun)
        spent.put(mine)

    clients = [forking.Process(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    times = sorted(itertools.chain.from_iterable(spent.get() for _ in clients))
    for one in clients:
        one.join()
    return len(times) / SECONDS, times[int(len(times) * 0.95)]


def _bare_commit(budget_id: Any) -> Callable[[], None]:
    import psycopg

    from crm.ids import uuid7

    session = psycopg.connect(os.environ["DATABASE_URL"])

    def commit() -> None:
        with session.transaction(), session.cursor() as cursor:
            key = uuid7()
            cursor.execute(
                "INSERT INTO campaigns_ledgerentry (id, budget_id, kind, debit_account,"
                " credit_account, amount_fen, key, reason, at) VALUES (%s, %s, 'commit',"
                " 'committed', 'available', 700, %s, '', now())",
                [key, budget_id, f"bare:{key}"],
            )
            cursor.execute(
                "UPDATE campaigns_budget SET committed_fen = committed_fen + 700,"
                " version = version + 1 WHERE id = %s AND frozen_at IS NULL"
                " AND reserved_fen + committed_fen + consumed_fen + 700 <= allocated_fen",
                [budget_id],
            )
            assert cursor.rowcount == 1

    return commit


# --- statement -----------------------------------------------------------------------------------


def statement(options: argparse.Namespace) -> bool:
    """One merchant with a hundred thousand redemptions in a month."""
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from campaigns.domain import statement_pdf, statement_sheet, statements
    from crm.domain import devices
    from crm.ids import uuid7
    from crm.models import User
    from merchants.models import Merchant

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    finance = User.objects.get()
    merchant = Merchant.objects.order_by("created_at").first()
    assert merchant is not None
    _redeemed(merchant, options.lines)
    print(f"\nA statement of {options.lines:,} lines", flush=True)

    def timed[T](name: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        done = work()
        print(f"  {name:<26}{time.perf_counter() - begun:8.2f} s", flush=True)
        return done

    row = timed(
        "drafted",
        lambda: statements.draft(
            uuid7(),
            merchant.pk,
            first_day=date(2026, 9, 1),
            last_day=date(2026, 9, 30),
            by=finance,
            at=NOW,
        ),
    )
    assert row.redemption_count == options.lines, row.redemption_count
    _device, token = devices.register(
        uuid7(), name="bench", platform="bench", by=finance, at=timezone.now()
    )
    asking = Client(headers={"Authorization": f"Token {token}"})
    address: str | None = f"/api/v1/statements/{row.pk}/lines/?limit=100"
    pages: list[float] = []
    while address and len(pages) < 200:
        begun = time.perf_counter()
        answer = asking.get(address)
        assert answer.status_code == 200, answer.content
        pages.append(time.perf_counter() - begun)
        address = answer.json()["next"]
    pages.sort()
    print(f"  a page of 100 lines, p95  {pages[int(len(pages) * 0.95)] * 1000:8.1f} ms")
    sheet = timed("written as workbook", lambda: statement_sheet.written(row, at=NOW))
    paper = timed("written as PDF", lambda: statement_pdf.written(row, at=NOW))
    print(f"  workbook {len(sheet) / 2**20:.1f} MB, PDF {len(paper) / 2**10:.0f} KB")
    return True


def _redeemed(merchant: Any, count: int) -> None:
    """Redemptions of September, as an intake would have left them."""
    from campaigns.models import Campaign, Redemption, RedemptionEvent, RedemptionState
    from crm.ids import uuid7
    from tests.bench.copying import copy_rows

    campaign = Campaign.objects.filter(merchants=merchant).order_by("pk").first()
    outlet = merchant.outlets.get()
    assert campaign is not None
    start = datetime(2026, 9, 1, 9, tzinfo=CHINA)
    rows = []
    for number in range(count):
        moment = start + timedelta(seconds=25 * number)
        rows.append(
            {
                "id": uuid7(),
                "source": "september",
                "reference": f"S{number:010}",
                "campaign_id": campaign.pk,
                "merchant_id": merchant.pk,
                "outlet_id": outlet.pk,
                "occurred_at": moment,
                "day": moment.date(),
                "amount_fen": 12_000,
                "discount_fen": 2_000,
                "bank_fen": 1_000,
                "merchant_fen": 600,
                "scheme_fen": 300,
                "platform_fen": 100,
            }
        )
    card = {"mid": "898310000000000", "card_hash": "september", "identities": ["september"]}
    copy_rows(Redemption, ({**row, **card, "state": RedemptionState.REDEEMED} for row in rows))
    copy_rows(
        RedemptionEvent,
        (
            {
                **row,
                "id": uuid7(),
                "redemption_id": row["id"],
                "kind": "cleared",
                "key": "cleared",
                "at": NOW,
            }
            for row in rows
        ),
    )


PARTS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "redemptions": redemptions,
    "commitments": commitments,
    "statement": statement,
}


if __name__ == "__main__":
    sys.exit(main())
