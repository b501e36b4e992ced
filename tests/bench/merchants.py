"""`make bench-merchants`: the search box and the import, on a million merchants.

For every kind of search, for a manager who sees them all and for a rep who sees one in two hundred:
p50 and p95 of the product over HTTP, and of the SQL that one would write by hand for the same rows
in the same order, over the same indexes. For the import: rows a second as a job, and by `COPY`.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from tests.bench.__main__ import _token, prepare_environment

MERCHANTS = 1_000_000
IMPORTED, BROKEN, IMPORT_SECONDS = 10_000, 1_000, 60
SLOWEST_P95 = 150
"""Milliseconds over HTTP at one connection, whatever is searched for."""
TEXTS = {
    "one character": "海",
    "one character, rare": "捞",
    "one character, in all": "店",
    "two characters": "火锅",
    "four characters": "海底捞火",
    "one letter": "h",
    "two letters": "hd",
    "initials": "hdlhg",
    "full pinyin": "haidilao",
    "pinyin, in the middle": "huoguo",
    "pinyin, in all": "dian",
    "polyphone": "dajiayue",
    "credit code": "913101040000000",
    "phone tail": "50123",
    "category label": "加油站",
    "nothing": "龘龘",
}

SHOWN = """json_build_object('id', m.id, 'version', m.version, 'name', m.name,
 'legal_name', m.legal_name, 'credit_code', m.credit_code, 'pinyin', m.name_pinyin,
 'category', json_build_object('mcc', c.code, 'label_zh', c.label_zh),
 'category_group', m.category_group,
 'division', json_build_object('code', d.code, 'name', d.full_name), 'source', m.source,
 'unit', json_build_object('id', o.id, 'name', o.name),
 'owner', json_build_object('id', u.id, 'full_name', u.full_name),
 'created_at', m.created_at, 'updated_at', m.updated_at)"""
BY_HAND = """SELECT coalesce(json_agg(row), '[]')::text FROM (SELECT {shown} AS row FROM (
 SELECT m.* FROM merchants_merchant m WHERE ({found}) {scope}
 ORDER BY NOT ({begins}), replace(m.name_pinyin, ' ', ''), m.id LIMIT 51) m
 JOIN merchants_merchantcategory c ON c.code = m.category_id
 JOIN merchants_division d ON d.code = m.division_id
 JOIN crm_user u ON u.id = m.owner_id JOIN crm_orgunit o ON o.id = m.unit_id
 ORDER BY NOT ({begins}), replace(m.name_pinyin, ' ', ''), m.id) page"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS)
    parser.add_argument("--reuse", action="store_true", help="measure the rows of the last run")
    parser.add_argument("--only", choices=["searches", "imports"])
    parser.add_argument("--count", type=int, default=40, help="requests per kind")
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    use_merchants(options.merchants, reuse=options.reuse)
    missed = [
        *(searches(options.count) if options.only != "imports" else ()),
        *(imports() if options.only != "searches" else ()),
    ]
    print("\nEvery limit is kept." if not missed else "\nMissed:\n  " + "\n  ".join(missed))
    return bool(missed)


def use_merchants(merchants: int, *, reuse: bool) -> None:
    """A database with so many merchants."""
    from django.core.management import call_command
    from django.db import connection

    name = f"bench_merchants_{merchants}"
    if not reuse:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{name}?")
    if not reuse:
        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        load(merchants)
        print(f"{merchants:,} merchants loaded in {time.perf_counter() - begun:.0f} s", flush=True)


def load(merchants: int) -> None:
    """Real brands in every district of the country, each with a contact."""
    from django.db import connection

    from merchants.domain import reference
    from merchants.models import Contact, Merchant
    from tests.bench import dataset
    from tests.bench.copying import copy_rows

    reference.load_categories()
    reference.load_divisions()
    bank = dataset._people()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '% USING gin %'"
            " AND tablename IN ('merchants_merchant', 'merchants_contact')"
        )
        slow_to_grow = cursor.fetchall()
        for index, _definition in slow_to_grow:
            cursor.execute(f"DROP INDEX {index}")
    copy_rows(Merchant, _merchants(merchants, bank))
    copy_rows(Contact, _contacts(merchants))
    with connection.cursor() as cursor:
        for _index, definition in slow_to_grow:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")


def _merchants(wanted: int, bank: Any) -> Iterator[dict[str, object]]:
    from merchants.domain import credit_code, reference, registration
    from tests.bench import dataset

    brands = list(reference.rows_of("brands.csv"))
    counties = [row for row in reference.rows_of("divisions.csv") if row["level"] == "county"]
    for number in range(wanted):
        brand = brands[number % len(brands)]
        round_, county = divmod(number // len(brands), len(counties))
        shop = f"{round_ + 1}号" if round_ else ""
        name = f"{brand['name']}({counties[county]['name']}{shop}店)"
        at = dataset.NOW - timedelta(seconds=number * 30)
        rep = number % dataset.REPS
        yield {
            "id": dataset.made_id(at, number),
            "created_at": at,
            "updated_at": at,
            "name": name,
            "credit_code": credit_code.made_up(number),
            "category_id": brand["mcc"],
            "category_group": brand["category_group"],
            "division_id": counties[county]["code"],
            "unit_id": bank.units[rep % dataset.TEAMS].pk,
            "owner_id": bank.reps[rep].pk,
            **registration.search_columns(name),
        }


def _contacts(wanted: int) -> Iterator[dict[str, object]]:
    from merchants.domain import personal
    from tests.bench import dataset

    for number in range(wanted):
        at = dataset.NOW - timedelta(seconds=number * 30)
        pk = dataset.made_id(at, -number - 1)
        yield {
            "id": pk,
            "created_at": at,
            "updated_at": at,
            "merchant_id": dataset.made_id(at, number),
            **personal.name_columns("张店长"),
            **personal.phone_columns(pk, f"138{number:08d}"),
            "lawful_basis": "public",
            "retain_until": (at + timedelta(days=365)).date(),
        }


def searches(count: int) -> Iterator[str]:
    """Measure every kind of search; gives out what is slower than it may be."""
    import psycopg
    from django.db import connections

    from crm.models import User
    from tests.bench import client, servers

    manager = User.objects.get(email="manager@bench.test")
    rep = User.objects.get(email="rep7@bench.test")
    tokens = {"manager": _token(manager), "rep": _token(rep)}
    by_hand = {
        (who, kind): _by_hand(text, rep.pk if who == "rep" else None)
        for who in tokens
        for kind, text in TEXTS.items()
    }
    connections.close_all()
    print(
        f"{'':8}{'search':26}{'text':17}{'rows':>5}{'p50':>8}{'p95':>8}"
        f"{'by hand: p50':>15}{'p95':>8}   ms"
    )
    with (
        servers.running() as (port, _bare, _processes),
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as bare,
    ):
        for who, kind in itertools.product(tokens, TEXTS):
            text = TEXTS[kind]
            server = client.Server(port, {"Authorization": f"Token {tokens[who]}"})
            path = f"/api/v1/merchants/?limit=50&q={quote(text)}"

            def ask(path: str = path) -> tuple[str, str, None]:
                return "GET", path, None

            client.measure(server, ask, count=2, concurrency=1)
            ours = client.times(client.measure(server, ask, count=count, concurrency=1))
            theirs = client.times(list(_seconds(bare, *by_hand[who, kind], count=count)))
            rows = _rows(port, tokens[who], path)
            print(
                f"{who:8}{kind:26}{text:17}{rows:5}{ours.p50:8.1f}{ours.p95:8.1f}"
                f"{theirs.p50:15.1f}{theirs.p95:8.1f}",
                flush=True,
            )
            if ours.p95 > SLOWEST_P95:
                yield f"{kind} ({who}): p95 {ours.p95:.0f} ms of {SLOWEST_P95}"


def imports() -> Iterator[str]:
    """Take ten thousand rows in as a job, a thousand of them broken; then as many by COPY."""
    import resource
    import subprocess

    from django.db import connection
    from django.utils import timezone

    from crm.domain import files
    from crm.domain.sheets import FileFormat
    from crm.ids import uuid7
    from crm.models import Job, User
    from merchants.domain import import_jobs, registration
    from merchants.domain.sample_lists import good, written
    from merchants.models import ImportRow, Merchant
    from tests.bench.copying import copy_rows

    Merchant.objects.filter(name__endswith="又", credit_code=None).delete()
    rep = User.objects.get(email="rep7@bench.test")
    unit_id = rep.memberships.values_list("unit_id", flat=True).get()
    now = timezone.now()
    list_ = written(FileFormat.CSV, count=IMPORTED, broken=BROKEN)
    codes = [good(number)["credit_code"] for number in range(IMPORTED)]
    Merchant.objects.filter(credit_code__in=codes).delete()  # The list's are new to us.
    kept = files.keep("list.csv", list_, kinds=files.LISTS, by=rep, at=now)
    job = import_jobs.open_import(uuid7(), kept.pk, unit_id=unit_id, mode="create", by=rep, at=now)
    import_jobs.run(job.pk, by=rep, at=now)
    begun = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from django.utils import timezone;"
            "from crm.domain import jobs; jobs.run_due(at=timezone.now())",
        ],
        check=True,
    )
    seconds = time.perf_counter() - begun
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    job = Job.objects.get(pk=job.pk)
    ids = ImportRow.objects.filter(job=job, outcome="added").values("merchant_id")
    made = list(Merchant.objects.filter(pk__in=ids).values())
    for row in made:
        again = f"{row['name']}又"
        row |= {"id": uuid7(), "name": again, "credit_code": None}
        row |= registration.search_columns(again)
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    copy_rows(Merchant, made)
    by_copy = time.perf_counter() - begun
    print(
        f"\nimport as a job: {IMPORTED:,} rows in {seconds:.1f} s, "
        f"{IMPORTED / seconds:,.0f} rows/s ({job.added:,} added, {job.refused:,} refused), "
        f"at most {megabytes:.0f} MB of any process\n"
        f"COPY of the bare merchants: {len(made):,} rows in {by_copy:.1f} s, "
        f"{len(made) / by_copy:,.0f} rows/s"
    )
    if seconds > IMPORT_SECONDS:
        yield f"import: {seconds:.0f} s of {IMPORT_SECONDS}"
    if (job.added, job.refused) != (IMPORTED - BROKEN, BROKEN):
        yield f"import: {job.added} added, {job.refused} refused, {job.failure}"


def _rows(port: int, token: str, path: str) -> int:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Token {token}"})
    found = len(json.loads(connection.getresponse().read())["results"])
    connection.close()
    return found


def _by_hand(text: str, owner: object) -> tuple[str, dict[str, object]]:
    """One statement: everything that is found, sorted, the first fifty-one."""
    from merchants.models import searching
    from merchants.models.contact import blind_tail

    wanted = searching.wanted(text)
    assert wanted is not None
    like = "m.search_text LIKE %(like)s"
    found, begins = like, "m.search_text LIKE %(word)s"
    if wanted.pieces:
        found = "m.search_grams @> %(pieces)s" + (f" AND {like}" if len(text) > 2 else "")
        begins = "m.normalised_name LIKE %(start)s OR m.name_initials LIKE %(start)s"
    if wanted.at_most_a_few:
        found = begins = "m.credit_code LIKE %(start)s"
    if searching.may_be_a_phone(wanted):
        found += (
            " OR m.id IN (SELECT merchant_id FROM merchants_contact WHERE phone_tails @> %(tail)s)"
        )
    if codes := searching._categories(wanted.text):
        found += f" OR m.category_id = ANY('{{{','.join(codes)}}}')"
    sql = BY_HAND.format(
        shown=SHOWN, found=found, begins=begins, scope="AND m.owner_id = %(owner)s" if owner else ""
    )
    return sql, {
        "like": f"%{text}%",
        "word": f"% {text}%",
        "start": f"{text.upper() if wanted.at_most_a_few else text}%",
        "pieces": list(wanted.pieces),
        "tail": [blind_tail(text)],
        "owner": owner,
    }


def _seconds(bare: Any, sql: str, values: dict[str, object], *, count: int) -> Iterator[float]:
    bare.execute("SET max_parallel_workers_per_gather = 0")
    for number in range(count + 2):
        begun = time.perf_counter()
        bare.execute(sql, values, prepare=False).fetchall()
        if number >= 2:
            yield time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
