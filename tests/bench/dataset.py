"""Rows for the benchmark: real brand names × districts × shop numbers, deterministic, by COPY."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection

from crm.actors import SYSTEM
from crm.domain import organisation
from crm.models import Membership, OrgUnit, Role, UnitKind, User
from leads.models import ActivityKind, Lead, Stage
from merchants import names
from merchants.domain import credit_code, reference, registration
from merchants.models import Merchant, TimelineEntry
from tests.bench.copying import copy_rows

NOW = datetime.now(UTC)
PASSWORD = "bench-2026"
REPS = 200
TEAMS = 20
DISTRICTS = 40
ENTRIES_PER_LEAD = 3
FREE_MERCHANTS = 6_000
"""Merchants without a lead, for the creations to be measured."""
STAGES = (
    (Stage.NEW, 20),
    (Stage.QUALIFIED, 20),
    (Stage.DISCOVERY, 20),
    (Stage.PROPOSAL, 10),
    (Stage.APPROVAL, 5),
    (Stage.PARKED, 5),
    (Stage.WON, 10),
    (Stage.LOST, 10),
)


@dataclass
class Bank:
    """Who works in the benchmark's bank."""

    manager: User
    reps: list[User] = field(default_factory=list)
    units: list[OrgUnit] = field(default_factory=list)


def made_id(moment: datetime, number: int) -> UUID:
    """A UUIDv7 of a moment, the same in every run of the same data."""
    milliseconds = int(moment.timestamp() * 1000)
    value = (milliseconds << 80) | (random.Random(number).getrandbits(76))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


def load(leads: int) -> Bank:
    """Fill an empty, migrated database with so many leads and three timeline entries each."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    reference.load_categories()
    reference.load_divisions()
    bank = _people()
    merchants = list(_merchants(leads + FREE_MERCHANTS, bank))
    _copy_merchants(merchants)
    _copy_leads(merchants[:leads], bank)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return bank


def loaded() -> Bank:
    """The bank of the last run."""
    bank = Bank(User.objects.get(email="manager@bench.test"))
    bank.reps = list(User.objects.filter(email__startswith="rep").order_by("email"))
    bank.units = list(OrgUnit.objects.filter(kind=UnitKind.TEAM))
    return bank


def _people() -> Bank:
    head = organisation.open_unit("总行", UnitKind.HEAD_OFFICE, parent=None, by=SYSTEM, at=NOW)
    branch = organisation.open_unit("上海分行", UnitKind.BRANCH, parent=head, by=SYSTEM, at=NOW)
    password = make_password(PASSWORD)
    manager = User.objects.create(email="manager@bench.test", full_name="经理", password=password)
    Membership.objects.create(user=manager, unit=branch, role=Role.BRANCH_MANAGER)
    bank = Bank(manager)
    bank.units = [
        organisation.open_unit(f"团队{number}", UnitKind.TEAM, parent=branch, by=SYSTEM, at=NOW)
        for number in range(TEAMS)
    ]
    bank.reps = User.objects.bulk_create(
        User(email=f"rep{number}@bench.test", full_name=f"客户经理{number}", password=password)
        for number in range(REPS)
    )
    Membership.objects.bulk_create(
        Membership(user=rep, unit=bank.units[number % TEAMS], role=Role.REP)
        for number, rep in enumerate(bank.reps)
    )
    return bank


@dataclass(frozen=True)
class MerchantRow:
    id: UUID
    number: int
    name: str
    columns: dict[str, object]
    mcc: str
    group: str
    division: str
    unit: UUID
    owner: UUID | None
    at: datetime
    turn: int
    """The how manieth merchant of its rep it is."""


def _merchants(count: int, bank: Bank) -> Iterator[MerchantRow]:
    with (reference.DATA / "brands.csv").open(encoding="utf-8") as file:
        brands = list(csv.DictReader(file))
    with (reference.DATA / "divisions.csv").open(encoding="utf-8") as file:
        districts = [row for row in csv.DictReader(file) if row["level"] == "county"]
    districts = random.Random(7).sample(districts, DISTRICTS)
    searched: dict[str, dict[str, object]] = {}
    for number in range(count):
        brand = brands[number % len(brands)]
        district = districts[(number // len(brands)) % len(districts)]
        shop = number // (len(brands) * len(districts)) + 1
        at = NOW - timedelta(minutes=number)
        head = f"{brand['name']}({district['name']}"
        columns = searched.get(head)
        if columns is None:
            columns = searched[head] = registration.search_columns(head)
        tail = f"{shop}店"
        rep = number % len(bank.reps)
        yield MerchantRow(
            made_id(at, number),
            number,
            f"{head}{tail})",
            {
                "normalised_name": f"{columns['normalised_name']}{tail}",
                "name_pinyin": f"{columns['name_pinyin']}{shop}dian",
                "name_initials": f"{columns['name_initials']}{shop}d",
                "search_grams": [
                    *columns["search_grams"],  # type: ignore[misc]
                    *names.grams(f"{district['name'][-1]}{tail}"),
                ],
                "search_text": f"{columns['search_text']} {tail}",
            },
            brand["mcc"],
            brand["category_group"],
            district["code"],
            bank.units[rep % len(bank.units)].pk,
            bank.reps[rep].pk,
            at,
            number // len(bank.reps),
        )


def _copy_merchants(rows: list[MerchantRow]) -> None:
    copy_rows(
        Merchant,
        (
            {
                "id": row.id,
                "created_at": row.at,
                "updated_at": row.at,
                "name": row.name,
                "credit_code": credit_code.made_up(row.number),
                "category_id": row.mcc,
                "category_group": row.group,
                "division_id": row.division,
                "unit_id": row.unit,
                "owner_id": row.owner,
                **row.columns,
            }
            for row in rows
        ),
    )


def _copy_leads(merchants: list[MerchantRow], bank: Bank) -> None:
    stages = [stage for stage, weight in STAGES for _ in range(weight)]

    def lead(row: MerchantRow) -> dict[str, object]:
        # Every rep has leads in every stage: the turn of the rep moves the stages on.
        stage = stages[(row.turn + row.number) * 37 % len(stages)]
        return {
            "id": made_id(row.at, -row.number - 1),
            "created_at": row.at,
            "updated_at": row.at,
            "merchant_id": row.id,
            "unit_id": row.unit,
            "owner_id": row.owner,
            "stage": stage,
            "stage_entered_at": row.at,
            "expected_value_fen": row.number % 900 * 10_000,
            "revisit_on": row.at.date() if stage == Stage.PARKED else None,
            "lost_reason": "other" if stage == Stage.LOST else "",
            "last_activity_at": row.at,
        }

    copy_rows(Lead, map(lead, merchants))
    summary = "见到店长,工作日晚市空台多,想了解费用怎么分担。"
    copy_rows(
        TimelineEntry,
        (
            {
                "id": made_id(row.at, row.number * 10 + entry + 10**9),
                "merchant_id": row.id,
                "at": row.at + timedelta(minutes=entry),
                "kind": "activity.logged",
                "actor_id": row.owner,
                "subject_id": row.id,
                "facts": f'{{"kind": "{ActivityKind.VISIT}", "summary": "{summary}"}}',
            }
            for row in merchants
            for entry in range(ENTRIES_PER_LEAD)
        ),
    )
