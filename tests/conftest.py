"""The cast, the clock, the database server, and the helpers that every test may use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm import parameters
from crm.domain import calendar, webhooks
from crm.models import OrgUnit, Role, UnitKind, User
from tests import factories


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the test server of this machine, unless DATABASE_URL names another."""
    from config import env

    if not env.text("DATABASE_URL"):
        from config.local.postgres import LocalPostgres

        LocalPostgres(env.DATA / "test-postgres", durable=False).ensure()


@pytest.fixture(scope="session", autouse=True)
def emptied_after_tests() -> Iterator[None]:
    """Let the rows of a transactional test be emptied, tables that refuse it among them.

    Within the transaction that empties them, and nowhere in the product: the table's owner lifts
    the guards against TRUNCATE, and puts them back.
    """
    flush = DatabaseOperations.sql_flush

    def unguarded(
        operations: DatabaseOperations, style: Any, tables: Any, **options: Any
    ) -> list[str]:
        statements = flush(operations, style, tables, **options)
        if not statements:
            return statements
        with operations.connection.cursor() as cursor:
            # Bit 5 of tgtype: the trigger stands before or after a TRUNCATE.
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger "
                "WHERE tgtype & 32 <> 0 AND tgrelid::regclass::text = ANY(%s)",
                [list(tables)],
            )
            guards = cursor.fetchall()
        return [
            *(f"GRANT TRUNCATE ON {table} TO CURRENT_USER" for table, _guard in guards),
            *(f"ALTER TABLE {table} DISABLE TRIGGER {guard}" for table, guard in guards),
            *statements,
            *(f"ALTER TABLE {table} ENABLE TRIGGER {guard}" for table, guard in guards),
            *(f"REVOKE TRUNCATE ON {table} FROM CURRENT_USER" for table, _guard in guards),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", unguarded)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the long proofs as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="a long proof: run with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def fresh_process_memory() -> Iterator[None]:
    """What a process remembers between requests must not leak between tests."""
    calendar.forget()
    parameters.forget()
    webhooks.forget()
    with translation.override("en"):
        yield


@pytest.fixture
def at() -> datetime:
    """Now: Wednesday 18 November 2026, 10:00 in Shanghai."""
    return factories.AT


@dataclass(frozen=True)
class Cast:
    """The bank of the tests. Ann works the lead, Bo beside her, Max leads their team, Mei manages
    the branch, Sam is in another branch, Fay is finance, Rui compliance, Pia plans campaigns,
    Otto audits, Ada administers; Nia has no role at all."""

    head_office: OrgUnit
    shanghai: OrgUnit
    xuhui: OrgUnit
    hangzhou: OrgUnit
    ann: User
    bo: User
    max: User
    mei: User
    sam: User
    fay: User
    rui: User
    pia: User
    otto: User
    ada: User
    nia: User

    def named(self, name: str) -> User:
        person = getattr(self, name)
        assert isinstance(person, User)
        return person


ROLES: dict[str, tuple[Role, str]] = {
    "ann": (Role.REP, "xuhui"),
    "bo": (Role.REP, "xuhui"),
    "max": (Role.TEAM_LEAD, "xuhui"),
    "mei": (Role.BRANCH_MANAGER, "shanghai"),
    "sam": (Role.REP, "hangzhou"),
    "fay": (Role.FINANCE, "shanghai"),
    "rui": (Role.COMPLIANCE, "head_office"),
    "pia": (Role.PLANNER, "shanghai"),
    "otto": (Role.AUDITOR, "head_office"),
    "ada": (Role.ADMINISTRATOR, "head_office"),
}
EVERYBODY = (*ROLES, "nia")


@pytest.fixture
def cast(db: None) -> Cast:
    head_office = factories.UnitFactory(name="总行", kind=UnitKind.HEAD_OFFICE)
    shanghai = factories.UnitFactory(name="上海分行", kind=UnitKind.BRANCH, parent=head_office)
    hangzhou = factories.UnitFactory(name="杭州分行", kind=UnitKind.BRANCH, parent=head_office)
    xuhui = factories.UnitFactory(name="徐汇团队", kind=UnitKind.TEAM, parent=shanghai)
    units = {
        "head_office": head_office,
        "shanghai": shanghai,
        "xuhui": xuhui,
        "hangzhou": hangzhou,
    }
    people = {
        name: factories.UserFactory(
            email=f"{name}@bank.test", full_name=name.capitalize(), language="en"
        )
        for name in EVERYBODY
    }
    for name, (role, unit) in ROLES.items():
        factories.MembershipFactory(user=people[name], role=role, unit=units[unit])
    return Cast(**units, **people)


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
        return client

    return sign_in


@pytest.fixture
def same_queries() -> Callable[..., int]:
    """Run an action, let the rows grow, run it again: the number of statements must not grow.

    Takes callables, so that it cannot silently check nothing.
    """

    def check(action: Callable[[], Any], *, after: Callable[[], Any], at_most: int) -> int:
        action()  # Caches of content types and the like fill once.
        with CaptureQueriesContext(connection) as before:
            action()
        after()
        with CaptureQueriesContext(connection) as grown:
            action()
        assert len(grown) > 0, "the action asked the database nothing"
        assert len(grown) <= len(before), [query["sql"] for query in grown.captured_queries]
        assert len(grown) <= at_most, [query["sql"] for query in grown.captured_queries]
        return len(grown)

    return check
