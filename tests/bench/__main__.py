"""`make bench`: every figure of the product's speed, measured here and now.

For 10,000 and 100,000 leads, one row per request: p50 and p95 of the product and of the bare
database, at one and at eight connections, the ratio, the number of SQL statements, and the limit
that the product must keep. Ratios hold between machines; milliseconds do not.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.bench import servers

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = (10_000, 100_000)
MEMORY_LIMIT_MB = 250
SQL_LIMIT = 6
GROWTH_LIMIT = 1.3


def prepare_environment() -> None:
    """A server of its own, as durable as the demo's; everything below reads these variables."""
    from config.local.postgres import LocalPostgres

    server = LocalPostgres(ROOT / ".data" / "bench-postgres")
    server.ensure()
    os.environ |= {
        "CRM_MODE": "test",
        "DATABASE_URL": server.url,
        "BENCH_SERVER": server.url,
        "REQUESTS_PER_MINUTE": "100000000",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEVICE_TRUST_SECONDS": "3",
    }


type Ask = Callable[[], tuple[str, str, bytes | None]]


@dataclass(frozen=True)
class Case:
    """One kind of request, as the product and as the bare app are asked."""

    name: str
    limit: float
    """The largest ratio to the bare app at one connection."""
    product: Ask
    bare: Ask
    token: str
    count: int = 400


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--reuse", action="store_true", help="measure the rows of the last run")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds per row")
    options = parser.parse_args()
    prepare_environment()
    import django

    django.setup()
    missed: list[str] = []
    sizes = sorted(options.sizes)
    cases = {}
    for size in sizes:
        # The limits are meant for the largest size; with few rows the bare app has little to do.
        judged = missed if size == sizes[-1] else []
        cases[size] = run(size, options.rounds, judged, reuse=options.reuse)
    if len(sizes) > 1:
        compare_sizes(sizes[0], sizes[-1], cases, options.rounds, missed)
    print("\nEvery limit is kept." if not missed else "\nMissed:\n  " + "\n  ".join(missed))
    return bool(missed)


def use_database(size: int) -> str:
    """A database of its own for each size, so that both can be asked in turn."""
    from django.db import connection

    name = f"bench_{size}"
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = os.environ["BENCH_SERVER"].replace("/crm?", f"/{name}?")
    return name


def compare_sizes(
    small: int, large: int, cases: dict[int, dict[str, Case]], rounds: int, missed: list[str]
) -> None:
    """How the product's own times grow, both sizes asked in turn within the same minute."""
    from tests.bench import client

    print(f"\nGrowth from {small:,} to {large:,} leads (p50 in turn, limit {GROWTH_LIMIT}x)")
    use_database(small)
    with servers.running() as (small_port, _bare, _processes):
        use_database(large)
        with servers.running() as (large_port, _bare, _processes):
            for name in cases[small]:
                spent: dict[int, list[float]] = {small: [], large: []}
                for _ in range(rounds):
                    for size, port in ((small, small_port), (large, large_port)):
                        case = cases[size][name]
                        server = client.Server(port, {"Authorization": f"Token {case.token}"})
                        client.measure(server, case.product, count=4, concurrency=1)
                        spent[size] += client.measure(
                            server, case.product, count=case.count // rounds // 2, concurrency=1
                        )
                times = {size: client.times(spent[size]).p50 for size in spent}
                ratio = times[large] / times[small]
                print(f"  {name:<26}{times[small]:7.2f}{times[large]:7.2f} ms {ratio:6.2f}x")
                if ratio > GROWTH_LIMIT:
                    missed.append(f"{name}: grows {ratio:.2f}x")


def run(size: int, rounds: int, missed: list[str], *, reuse: bool) -> dict[str, Case]:
    """Load one size, measure every case, print its table; returns the cases."""
    from django.core.management import call_command
    from django.db import connection, connections

    from tests.bench import client, dataset

    if not reuse:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS bench_{size}")
            cursor.execute(f"CREATE DATABASE bench_{size}")
    use_database(size)
    if reuse:
        bank = dataset.loaded()
    else:
        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        bank = dataset.load(size)
        print(f"\n{size:,} leads loaded in {time.perf_counter() - begun:.0f} s", flush=True)
    token = _token(bank.manager)
    cases = _cases(size, bank, token)
    statements = {case.name: _sql_count(case, token) for case in cases}
    connections.close_all()
    with servers.running() as (product_port, bare_port, processes):
        product = client.Server(product_port, {"Authorization": f"Token {token}"})
        bare = client.Server(bare_port, {})
        print(
            f"{'':28}{'— one connection, ms —':^38}{'— eight connections, ms —':^38}\n"
            f"{'request':28}{'p50':>7}{'p95':>7}{'bare':>7}{'ratio':>8}{'limit':>8} "
            f"{'p50':>7}{'p95':>7}{'bare':>7}{'ratio':>8}{'SQL':>6}"
        )
        for case in cases:
            one = _paired(product, bare, case, rounds, 1)
            eight = _paired(product, bare, case, rounds, 8)
            ratio = one[0].p50 / one[1].p50
            print(
                f"{case.name:28}{one[0].p50:7.2f}{one[0].p95:7.2f}{one[1].p50:7.2f}"
                f"{ratio:7.1f}x{case.limit:7.1f}x {eight[0].p50:7.2f}{eight[0].p95:7.2f}"
                f"{eight[1].p50:7.2f}{eight[0].p50 / eight[1].p50:7.1f}x"
                f"{statements[case.name]:6}",
                flush=True,
            )
            if ratio > case.limit:
                missed.append(f"{case.name} at {size:,}: {ratio:.1f}x of {case.limit}x")
            if statements[case.name] > SQL_LIMIT:
                missed.append(f"{case.name}: {statements[case.name]} SQL statements")
        for name, megabytes in servers.memory(processes):
            print(f"{name:28}{megabytes:7.0f} MB (limit {MEMORY_LIMIT_MB})")
            if megabytes > MEMORY_LIMIT_MB:
                missed.append(f"{name}: {megabytes:.0f} MB")
    return {case.name: case for case in cases}


def _paired(product: object, bare: object, case: Case, rounds: int, concurrency: int) -> tuple:
    """Both in turn, so that a slow minute of the machine hits both."""
    from tests.bench import client

    ours: list[float] = []
    theirs: list[float] = []
    each = case.count // rounds
    for _ in range(rounds):
        client.measure(bare, case.bare, count=concurrency * 4, concurrency=concurrency)
        theirs += client.measure(bare, case.bare, count=each, concurrency=concurrency)
        client.measure(product, case.product, count=concurrency * 4, concurrency=concurrency)
        ours += client.measure(product, case.product, count=each, concurrency=concurrency)
    return client.times(ours), client.times(theirs)


def _token(user: object) -> str:
    from django.utils import timezone

    from crm.domain import devices
    from crm.ids import uuid7

    _device, token = devices.register(
        uuid7(), name="bench", platform="bench", by=user, at=timezone.now()
    )
    return token


def _cases(size: int, bank: object, token: str) -> list[Case]:
    from leads.models import Lead, Stage
    from merchants.models import Merchant

    newest = list(
        Lead.objects.order_by("-created_at", "-pk").values_list("pk", "created_at")[: size // 4 + 1]
    )
    deep_id, deep_at = newest[-1]
    leads = itertools.cycle([str(pk) for pk, _at in newest[:2000]])
    fresh = list(Lead.objects.filter(stage=Stage.NEW).values_list("pk", flat=True)[:4000])
    for_product, for_bare = iter(fresh[::2]), iter(fresh[1::2])
    free = list(Merchant.objects.filter(leads=None).values_list("pk", flat=True))
    free_product, free_bare = iter(free[::2]), iter(free[1::2])
    reps = itertools.cycle([str(rep.pk) for rep in bank.reps])
    reps_bare = itertools.cycle([str(rep.pk) for rep in bank.reps])
    cursor = _deep_cursor(token, deep_at, deep_id)

    def get(path: str) -> tuple[str, str, None]:
        return "GET", path, None

    def search(text: str, *, grams: bool) -> tuple[Callable, Callable]:
        values = {"like": f"%{text}%"}
        if grams:
            values["grams"] = ",".join(text[i : i + 2] for i in range(len(text) - 1))
        way = ("pair" if len(text) == 2 else "grams") if grams else "text"
        path = f"/search-{way}?{urlencode(values)}"
        return lambda: get(f"/api/v1/leads/?q={quote(text)}"), lambda: get(path)

    def post(path: str, body: dict[str, object]) -> tuple[str, str, bytes]:
        return "POST", path, json.dumps(body).encode()

    def case(name: str, limit: float, product: Ask, bare: Ask, count: int = 400) -> Case:
        return Case(name, limit, product, bare, token, count)

    return [
        case("list, first 50", 6, lambda: get("/api/v1/leads/?limit=50"), lambda: get("/list")),
        case(
            "list, deep page",
            6,
            lambda: get(f"/api/v1/leads/?limit=50&cursor={cursor}"),
            lambda: get("/deep?" + urlencode({"at": deep_at.isoformat(), "id": deep_id})),
        ),
        case(
            "filter owner + stage",
            6,
            lambda: get(f"/api/v1/leads/?owner={next(reps)}&stage=discovery"),
            lambda: get(f"/filter?owner={next(reps_bare)}&stage=discovery"),
        ),
        case("search, 2 characters", 2.5, *search("火锅", grams=True)),
        case("search, 4 characters", 2.5, *search("海底捞火", grams=True)),
        case("search, pinyin", 2.5, *search("haidilao", grams=False)),
        case("search, initials", 2.5, *search("hdlhg", grams=False)),
        case(
            "detail with timeline",
            9,
            lambda: get(f"/api/v1/leads/{next(leads)}/?expand=timeline"),
            lambda: get(f"/detail?id={next(leads)}"),
        ),
        case(
            "create",
            8,
            lambda: post(
                "/api/v1/leads/",
                {"merchant": str(next(free_product)), "expected_value": "48000.00"},
            ),
            lambda: post("/create", {"merchant": str(next(free_bare))}),
        ),
        case(
            "advance",
            8,
            lambda: post(
                f"/api/v1/leads/{next(for_product)}/advance/",
                {"to": "lost", "lost_reason": "other"},
            ),
            lambda: post("/advance", {"id": str(next(for_bare)), "to": "lost"}),
            count=240,
        ),
    ]


def _deep_cursor(token: str, at: object, pk: object) -> str:
    """The cursor that walking there would give: made from a real one, so that no walk is needed."""
    from base64 import urlsafe_b64decode, urlsafe_b64encode
    from urllib.parse import parse_qs, urlsplit

    from django.test import Client

    first = Client().get("/api/v1/leads/?limit=50", headers={"Authorization": f"Token {token}"})
    text = parse_qs(urlsplit(first.json()["next"]).query)["cursor"][0]
    parts = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    parts[2], parts[3] = at.isoformat(), str(pk)
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _sql_count(case: Case, token: str) -> int:
    """Statements of one request, with the token already known, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"Authorization": f"Token {token}"})
    for _attempt in range(2):
        method, path, body = case.product()
        with CaptureQueriesContext(connection) as statements:
            answer = client.generic(method, path, body or b"", content_type="application/json")
        assert answer.status_code < 300, answer.content
    control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    texts = [query["sql"] or "" for query in statements.captured_queries]
    return sum(not text.startswith(control) for text in texts)


if __name__ == "__main__":
    sys.exit(main())
