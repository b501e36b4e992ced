"""`make bench-leads`: a rep's day, measured on a hundred thousand and on a million leads.

For every screen that is opened all day: p50 and p95 of the product over HTTP, and of the SQL that
one would write by hand for the same rows, in the same run over the same tables; the number of SQL
statements, at both sizes. Then the sweep of the pool, against one bare UPDATE of as many rows.
"""

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.bench.__main__ import Ask, Case, _sql_count, _token, prepare_environment

SIZES = ((100_000, 3), (1_000_000, 3))
"""(leads, activities of each)"""
SLOWEST_P95 = 100
"""Milliseconds over HTTP at one connection, whatever is opened."""
TICKS, SLOWEST_TICK = 5, 15
"""Sweeps that are measured, and the seconds that one may take: the tick comes every thirty."""
GROWTH_LIMIT = 1.3

PAINS = """(SELECT json_agg(json_build_object('id', p.id, 'title', p.title, 'status', p.status,
 'stuck', p.stuck_column, 'next', p.next_cell)) FROM leads_pain p
 WHERE p.lead_id = l.id AND p.closed_at IS NULL)"""
OBJECTIONS = """(SELECT json_agg(json_build_object('id', o.id, 'words', o.merchant_words,
 'reason', o.declared_reason, 'state', o.state)) FROM leads_objection o WHERE o.lead_id = l.id)"""
NEXT_ACTIONS = f"""SELECT json_build_object('lead', l.id, 'stage', l.stage, 'merchant', m.name,
 'category', m.category_id, 'pains', {PAINS}, 'objections', {OBJECTIONS},
 'contacts', (SELECT json_agg(json_build_object('kind', a.kind, 'at', a.occurred_at,
   'outcome', a.outcome_code)) FROM (SELECT * FROM leads_activity a WHERE a.lead_id = l.id
   ORDER BY a.occurred_at DESC, a.id DESC LIMIT 20) a),
 'follow_ups', (SELECT count(*) FROM leads_followup f WHERE f.lead_id = l.id AND f.state = 'open'),
 'question', (SELECT json_build_object('zh', q.text_zh, 'en', q.text_en) FROM leads_gridquestion q
   LIMIT 1),
 'plays', (SELECT json_agg(json_build_object('code', p.code, 'tried', p.tried,
   'resolved', p.resolved)) FROM (SELECT y.code, count(t.id) AS tried,
   count(t.id) FILTER (WHERE t.outcome = 'resolved') AS resolved FROM leads_play y
   LEFT JOIN leads_playversion v ON v.play_id = y.id
   LEFT JOIN leads_playattempt t ON t.play_version_id = v.id
   WHERE y.retired_at IS NULL GROUP BY y.id, y.code) p))::text
 FROM leads_lead l JOIN merchants_merchant m ON m.id = l.merchant_id WHERE l.id = %(id)s"""
TODAY = """SELECT coalesce(json_agg(row), '[]')::text FROM (
 (SELECT json_build_object('kind', 'follow_up', 'id', f.id, 'title', f.title, 'at', f.due_at,
   'merchant', m.name, 'lead', f.lead_id) AS row FROM leads_followup f
  JOIN merchants_merchant m ON m.id = f.merchant_id
  WHERE f.owner_id = %(owner)s AND f.state = 'open' AND f.due_at < %(horizon)s
  ORDER BY f.due_at, f.id LIMIT 100)
 UNION ALL
 (SELECT json_build_object('kind', 'visit', 'id', v.id, 'at', v.planned_for, 'merchant', m.name,
   'lead', v.lead_id) FROM leads_visit v JOIN merchants_merchant m ON m.id = v.merchant_id
  WHERE v.owner_id = %(owner)s AND v.state IN ('planned', 'checked_in')
   AND v.planned_for <= %(day)s ORDER BY v.planned_for, v.id LIMIT 100)
 UNION ALL
 (SELECT json_build_object('kind', 'revisit', 'id', l.id, 'at', l.revisit_on, 'merchant', m.name)
  FROM leads_lead l JOIN merchants_merchant m ON m.id = l.merchant_id
  WHERE l.owner_id = %(owner)s AND l.stage = 'parked' AND l.revisit_on <= %(day)s
  ORDER BY l.revisit_on, l.id LIMIT 100)
 UNION ALL
 (SELECT json_build_object('kind', 'stale', 'id', l.id, 'at', l.stage_entered_at,
   'merchant', m.name) FROM leads_lead l JOIN merchants_merchant m ON m.id = l.merchant_id
  WHERE l.owner_id = %(owner)s
   AND l.stage IN ('new', 'qualified', 'discovery', 'proposal', 'approval')
   AND l.stage_entered_at < %(resting)s AND l.last_activity_at < %(resting)s
  ORDER BY l.stage_entered_at, l.id LIMIT 100)
 UNION ALL
 (SELECT json_build_object('kind', 'objection', 'id', o.id, 'at', o.deferred_until,
   'merchant', m.name) FROM leads_objection o JOIN leads_lead l ON l.id = o.lead_id
  JOIN merchants_merchant m ON m.id = o.merchant_id
  WHERE l.owner_id = %(owner)s AND o.state = 'deferred' AND o.deferred_until <= %(day)s LIMIT 100)
) day"""
LOOK = """UPDATE leads_lead SET recycle_check_on = current_date + 7 WHERE id IN (
 SELECT id FROM leads_lead WHERE owner_id IS NOT NULL LIMIT %(looked)s)"""
SWEEP = """UPDATE leads_lead SET owner_id = NULL, pooled_at = now(), pool_id = %(pool)s,
 last_owner_id = owner_id, updated_at = now(), version = version + 1
 WHERE id = ANY(%(ids)s)"""


@dataclass(frozen=True)
class Screen:
    """Something that is opened all day, and the statement that one would write by hand."""

    name: str
    product: Ask
    sql: str
    values: Callable[[], dict[str, object]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="leads; three activities of each")
    parser.add_argument("--reuse", action="store_true", help="measure the rows of the last run")
    parser.add_argument("--count", type=int, default=200, help="requests per screen")
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    sizes = [(size, 3) for size in options.sizes] if options.sizes else list(SIZES)
    missed: list[str] = []
    counted: dict[str, set[int]] = {}
    for leads, activities in sizes:
        use_leads(leads, activities, reuse=options.reuse)
        missed += screens(options.count, counted)
        missed += sweep()
    missed += [
        f"{name}: {sorted(counts)} SQL statements, by size"
        for name, counts in counted.items()
        if len(counts) > 1
    ]
    print("\nEvery limit is kept." if not missed else "\nMissed:\n  " + "\n  ".join(missed))
    return bool(missed)


def use_leads(leads: int, activities: int, *, reuse: bool) -> None:
    """A database with so many leads."""
    from django.core.management import call_command
    from django.db import connection

    name = f"bench_leads_{leads}"
    connection.close()
    connection.settings_dict["NAME"] = "crm"
    if not reuse:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{name}?")
    if not reuse:
        from tests.bench import lead_rows

        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        lead_rows.load(leads, activities)
        print(
            f"\n{leads:,} leads with {leads * activities:,} activities loaded in "
            f"{time.perf_counter() - begun:.0f} s",
            flush=True,
        )


def screens(count: int, counted: dict[str, set[int]]) -> Iterator[str]:
    """Measure every screen; gives out what is slower than it may be."""
    import psycopg
    from django.db import connections

    from crm.models import User
    from tests.bench import client, servers

    manager = User.objects.get(email="manager@bench.test")
    rep = User.objects.get(email="rep7@bench.test")
    tokens = {"manager": _token(manager), "rep": _token(rep)}
    asked = [(who, one) for who in tokens for one in _screens(rep if who == "rep" else None)]
    statements = {
        (who, one.name): _sql_count(Case(one.name, 0, one.product, one.product, ""), tokens[who])
        for who, one in asked
    }
    for (who, name), number in statements.items():
        counted.setdefault(f"{name} ({who})", set()).add(number)
    connections.close_all()
    print(
        f"{'':9}{'screen':28}{'p50':>8}{'p95':>8}{'by hand: p50':>15}{'p95':>8}{'ratio':>8}   ms"
        f"{'SQL':>6}"
    )
    with (
        servers.running() as (port, _bare, _processes),
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as bare,
    ):
        for who, one in asked:
            server = client.Server(port, {"Authorization": f"Token {tokens[who]}"})
            client.measure(server, one.product, count=10, concurrency=1)
            ours = client.times(client.measure(server, one.product, count=count, concurrency=1))
            theirs = client.times(list(_seconds(bare, one, count=count)))
            print(
                f"{who:9}{one.name:28}{ours.p50:8.2f}{ours.p95:8.2f}{theirs.p50:15.2f}"
                f"{theirs.p95:8.2f}{ours.p50 / theirs.p50:7.1f}x{statements[who, one.name]:9}",
                flush=True,
            )
            if ours.p95 > SLOWEST_P95:
                yield f"{one.name} ({who}): p95 {ours.p95:.0f} ms of {SLOWEST_P95}"


def _screens(rep: Any) -> list[Screen]:
    """What a rep opens, or, without one, a manager who sees every lead."""
    from crm.models import User
    from leads.domain import staleness
    from leads.domain.today import asking
    from leads.models import Pain, Stage
    from tests.bench import bare, lead_rows

    mine = {"owner": rep} if rep else {"owner__isnull": False}
    ids = itertools.cycle(map(str, lead_rows.first(500, **mine)))
    reps = list(User.objects.filter(email__startswith="rep").values_list("pk", flat=True)[:50])
    owners = itertools.cycle([str(rep.pk)] if rep else map(str, reps))
    pains = itertools.cycle(
        map(
            str,
            Pain.objects.filter(**({"lead__owner": rep} if rep else {}))
            .order_by("-created_at")
            .values_list("pk", flat=True)[:500],
        )
    )
    someone = User.objects.get(email="rep7@bench.test")
    asked = asking(someone, at=datetime.now(asked_zone(someone)))
    resting = min(
        staleness.resting_since(asked.day, zone=asked.zone, calendar=asked.calendar).values()
    )

    def get(path: str) -> tuple[str, str, None]:
        return "GET", f"/api/v1/{path}", None

    def page(where: str) -> str:
        scope = "l.owner_id = %(scope)s" if rep else "true"
        return bare.page(f"WHERE {scope} {where}")

    scope: dict[str, object] = {"scope": rep.pk} if rep else {}
    found = [
        Screen("list, first 50", lambda: get("leads/?limit=50"), page(""), lambda: scope),
        Screen(
            "filter stage",
            lambda: get("leads/?stage=discovery&limit=50"),
            page("AND l.stage = 'discovery'"),
            lambda: scope,
        ),
        Screen(
            "filter owner and stage",
            lambda: get(f"leads/?owner={next(owners)}&stage=discovery&limit=50"),
            page("AND l.owner_id = %(owner)s AND l.stage = 'discovery'"),
            lambda: scope | {"owner": next(owners)},
        ),
        Screen(
            "detail with timeline",
            lambda: get(f"leads/{next(ids)}/?expand=timeline"),
            bare.DETAIL,
            lambda: {"id": next(ids)},
        ),
        Screen(
            "next actions of a lead",
            lambda: get(f"leads/{next(ids)}/next-actions/"),
            NEXT_ACTIONS,
            lambda: {"id": next(ids)},
        ),
    ]
    if rep:
        found += [
            Screen(
                "today",
                lambda: get("today/"),
                TODAY,
                lambda: {
                    "owner": rep.pk,
                    "horizon": asked.horizon,
                    "day": asked.day,
                    "resting": resting,
                },
            ),
            Screen(
                "pool, first 50",
                lambda: get("pool/?limit=50"),
                bare.page(
                    "WHERE l.owner_id IS NULL AND l.pooled_at IS NOT NULL"
                    f" AND l.stage = ANY('{{{','.join(lead_rows.OPEN_STAGES)}}}')"
                ).replace("l.created_at DESC", "l.pooled_at DESC"),
                dict,
            ),
            Screen(
                "nine-grid of a pain",
                lambda: get(f"pains/{next(pains)}/"),
                "SELECT json_build_object('pain', row_to_json(p), 'cells', (SELECT json_agg(c)"
                " FROM leads_gridcell c WHERE c.pain_id = p.id))::text FROM leads_pain p"
                " WHERE p.id = %(id)s",
                lambda: {"id": next(pains)},
            ),
        ]
    assert Stage.DISCOVERY == "discovery"
    return found


def _seconds(bare: Any, one: Screen, *, count: int) -> Iterator[float]:
    bare.execute("SET max_parallel_workers_per_gather = 0")
    for number in range(count + 10):
        begun = time.perf_counter()
        bare.execute(one.sql, one.values()).fetchall()
        if number >= 10:
            yield time.perf_counter() - begun


def asked_zone(user: Any) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(user.time_zone)


def sweep() -> Iterator[str]:
    """Take leads back into the pool, as the tick does; then as many rows by one bare UPDATE."""
    from django.db import connection
    from django.utils import timezone

    from leads.domain import recycling
    from leads.models import Lead, Pool

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    at = timezone.now()
    due = Lead.objects.recycling_due(timezone.localdate(at)).count()
    looked = returned = 0
    ticks: list[float] = []
    for _tick in range(TICKS):
        begun = time.perf_counter()
        swept = recycling.sweep(at=at)
        ticks.append(time.perf_counter() - begun)
        looked, returned = looked + swept.looked_at, returned + swept.returned
    seconds = sum(ticks)
    rows = Lead.objects.filter(owner__isnull=False, stage="new").order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:returned])
    pool = Pool.objects.order_by("created_at").first()
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"looked": looked})
        cursor.execute(SWEEP, {"ids": ids, "pool": pool.pk if pool else None})
    bare = time.perf_counter() - begun
    print(
        f"pool sweep: {due:,} leads to look at; in {TICKS} ticks {looked:,} looked at and "
        f"{returned:,} taken back in {seconds:.1f} s ({looked / seconds:,.0f} looks/s; a tick "
        f"takes {seconds / TICKS:.2f} s, the slowest {max(ticks):.2f} s)\n"
        f"by hand, two UPDATEs of as many leads: {bare:.2f} s",
        flush=True,
    )
    if not returned:
        yield "pool sweep: nothing was taken back"
    if max(ticks) > SLOWEST_TICK:
        yield f"pool sweep: a tick takes {max(ticks):.1f} s of {SLOWEST_TICK}"


if __name__ == "__main__":
    sys.exit(main())
