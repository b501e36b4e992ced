"""`make bench-weekly`: the weekly report for a million leads and five hundred recipients.

Everybody's report is due: what writing all of them takes, in time, memory and SQL statements; which
section takes longest, and how much a mail weighs. Writing runs in a process of its own, so that its
memory can be weighed, under the statement timeout that every process has.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.__main__ import prepare_environment

SIZES = (1_000_000,)
MOST_SECONDS = 300
"""For the reports of everybody, on two cores."""
MOST_MEGABYTES = 400
MOST_STATEMENTS, MOST_STATEMENTS_SHARED = 60, 14
"""For a recipient with a scope of their own; for one more of a scope that was just reckoned."""
SLOWEST_SECTION = 3_000
"""Milliseconds, for the head office."""
LARGEST_MAIL = 1_000_000
"""Bytes, with pictures and workbook."""


@dataclass
class Watched:
    """What writing the reports took: statements of each, milliseconds of each section."""

    seconds: list[float] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    """Statements for each report of a scope that had to be reckoned."""
    shared: list[int] = field(default_factory=list)
    sections: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    slowest_statement: tuple[float, str] = (0, "")
    statements: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="leads")
    parser.add_argument("--reuse", action="store_true", help="measure the rows of the last run")
    parser.add_argument("--reps", type=int, help="write the reports of so many reps only")
    parser.add_argument("--only", type=int, metavar="LEADS", help="write, in this process")
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    if options.only:
        _use(options.only)
        return _measured(options.reps)
    failed = False
    for leads in options.sizes:
        if not options.reuse:
            _create(leads)
        run = [sys.executable, "-m", "tests.bench.weekly", "--only", str(leads)]
        run += ["--reps", str(options.reps)] if options.reps is not None else []
        failed |= bool(subprocess.run(run, check=False).returncode)
    return failed


def _use(leads: int) -> None:
    from django.db import connection

    name = f"bench_weekly_{leads}"
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{name}?")


def _create(leads: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    name = f"bench_weekly_{leads}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    _use(leads)
    call_command("migrate", verbosity=0)
    from tests.bench import weekly_rows

    begun = time.perf_counter()
    weekly_rows.load(leads)
    connection.close()
    print(f"{leads:,} leads loaded in {time.perf_counter() - begun:.0f} s", flush=True)


def _measured(reps: int | None) -> int:
    from django.db import connection

    from crm.models import DeliveryPart, WeeklyReport
    from leads.models import Lead

    _plan_again(reps)
    watched = Watched()
    with _watching(watched):
        head = _head_office()
        head_sections = dict(watched.sections)
        watched.sections = defaultdict(list)
        begun, worked, served = time.perf_counter(), time.process_time(), _served()
        written = _write()
        seconds = time.perf_counter() - begun
        worked, served = time.process_time() - worked, _served() - served
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    left = WeeklyReport.objects.filter(prepared_at=None).count()
    mails = _mail_sizes()
    print(f"\n{Lead.objects.count():,} leads, {written:,} reports written, {left} not")
    slowest, most = max(
        ((name, max(spent)) for name, spent in head_sections.items()), key=lambda one: one[1]
    )
    kept = [
        left == 0,
        _told("all reports, s", seconds, MOST_SECONDS),
        _told("of it at work, product and database, s", worked + served, MOST_SECONDS),
        _told("one of the head office, s", head, MOST_SECONDS / 10),
        _told("slowest section of the head office, ms", most, SLOWEST_SECTION, slowest),
        _told("slowest statement, ms", watched.slowest_statement[0], 5_000),
        _told("statements, own scope", max(watched.own, default=0), MOST_STATEMENTS),
        _told("statements, shared scope", max(watched.shared, default=0), MOST_STATEMENTS_SHARED),
        _told("peak memory, MB", peak, MOST_MEGABYTES),
        _told("largest mail, bytes", max(mails), LARGEST_MAIL, f"median {_median(mails):,.0f}"),
    ]
    print(
        f"  at work: product {worked:,.1f} s, database {served:,.1f} s; the rest of the time others"
        " had the cores"
    )
    print(
        f"  a report: median {_median(watched.seconds) * 1000:,.0f} ms, slowest"
        f" {max(watched.seconds):.2f} s; statements in all {watched.statements:,}"
    )
    print(f"\n  {'section':24}{'head office, ms':>18}{'all reports, s':>18}{'slowest, ms':>14}")
    rows = sorted(watched.sections, key=lambda name: -sum(watched.sections[name]))
    for name in rows:
        spent, first = watched.sections[name], head_sections.get(name, [0])
        print(f"  {name:24}{max(first):18,.0f}{sum(spent) / 1000:18.1f}{max(spent):14,.0f}")
    print(f"\n  slowest statement: {watched.slowest_statement[1][:300]}")
    print("\nEvery limit is kept." if all(kept) else "\nMissed.", flush=True)
    assert DeliveryPart.objects.exists()
    connection.close()
    return not all(kept)


def _served() -> float:
    """Seconds that the database has worked for this connection: the product waits meanwhile."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _plan_again(reps: int | None) -> None:
    """Everybody's report on the week is due and not written, whatever an earlier run wrote."""
    from django.db import connection

    from crm.domain import weekly_report
    from crm.models import WeeklyReport
    from tests.bench import weekly_rows

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE crm_weeklyreport, crm_weeklyrun, crm_delivery, crm_deliverypart CASCADE"
        )
        cursor.execute("DELETE FROM crm_weeklysnapshot WHERE week = %s", [str(weekly_rows.WEEK)])
    weekly_report.plan_week(weekly_rows.WEEK, at=weekly_rows.NOW)
    WeeklyReport.objects.update(due_at=weekly_rows.CUT_OFF)
    if reps is not None:
        few = [f"rep{number}@bench.test" for number in range(reps)]
        others = WeeklyReport.objects.filter(recipient__email__startswith="rep")
        others.exclude(recipient__email__in=few).delete()
    connection.close()


def _head_office() -> float:
    from crm.domain import weekly_report
    from crm.models import User
    from tests.bench import weekly_rows

    manager = User.objects.get(email="manager0@bench.test")
    begun = time.perf_counter()
    content = weekly_report.compose(manager, weekly_rows.WEEK, at=weekly_rows.NOW)
    spent = time.perf_counter() - begun
    assert len(content.blocks) > 15, [block["key"] for block in content.blocks]
    return spent


def _write() -> int:
    from crm.domain import weekly_report
    from tests.bench import weekly_rows

    return weekly_report.prepare_due(at=weekly_rows.NOW)


@contextmanager
def _watching(watched: Watched) -> Iterator[None]:
    """Count statements for each report and clock each section, while the product does its work."""
    from django.db import connection

    from crm import sections
    from crm.domain import weekly_report

    def clocked(key: str, build: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            begun = time.perf_counter()
            table = build(*given)
            watched.sections[key].append((time.perf_counter() - begun) * 1000)
            return table

        return run

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent = (time.perf_counter() - begun) * 1000
            watched.statements += not sql.startswith(("SAVEPOINT", "RELEASE"))
            if spent > watched.slowest_statement[0]:
                watched.slowest_statement = (spent, sql)

    prepare, registered = weekly_report.prepare, dict(sections._sections)

    def one(*given: Any, **named: Any) -> Any:
        reckoned, before = len(watched.sections["funnel"]), watched.statements
        begun = time.perf_counter()
        report = prepare(*given, **named)
        watched.seconds.append(time.perf_counter() - begun)
        is_own = len(watched.sections["funnel"]) > reckoned
        (watched.own if is_own else watched.shared).append(watched.statements - before)
        return report

    weekly_report.prepare = one
    for key, section in registered.items():
        sections._sections[key] = sections.Section(
            key, section.title, section.order, clocked(key, section.build)
        )
    try:
        with connection.execute_wrapper(counted):
            yield
    finally:
        weekly_report.prepare = prepare
        sections._sections.update(registered)


def _mail_sizes() -> list[int]:
    """Bytes of each mail: text, HTML, pictures, workbook."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT octet_length(text) + octet_length(html) + coalesce((SELECT sum("
            "octet_length(content)) FROM crm_deliverypart p WHERE p.delivery_id = d.id), 0)"
            " FROM crm_delivery d"
        )
        return [int(size) for (size,) in cursor.fetchall()]


def _median(values: list[Any]) -> float:
    return float(statistics.median(values))


def _told(what: str, value: float, most: float, note: str = "") -> bool:
    shown = f"{value:,.1f}" if value < 1_000 else f"{value:,.0f}"
    print(f"  {what:42} {shown:>12}  (at most {most:,.0f}) {note}", flush=True)
    return value <= most


if __name__ == "__main__":
    sys.exit(main())
