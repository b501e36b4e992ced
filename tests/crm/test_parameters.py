"""Numbers of the method: a declared start value, and what an administrator made of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from crm import parameters
from crm.domain import parameters as verbs
from crm.errors import DomainError
from crm.ids import uuid7
from crm.models import ParameterChange, User
from tests.conftest import Cast


@pytest.fixture
def days() -> Iterator[parameters.WholeNumber]:
    yield parameters.number("tests.days", "Days", 10, least=1, most=30, group="Tests")
    del parameters.PARAMETERS["tests.days"]


@pytest.fixture
def share() -> Iterator[parameters.Parameter]:
    yield parameters.decimal("tests.share", "Share", "0.35", most="1", group="Tests")
    del parameters.PARAMETERS["tests.share"]


def _change(by: User, at: datetime, value: str, name: str = "tests.days", **more: object) -> None:
    verbs.change(
        uuid7(),
        name,
        value=Decimal(value),
        because="试点一季度",
        by=by,
        at=at,
        **more,  # type: ignore[arg-type]
    )


def test_a_number_is_its_start_value_until_somebody_changes_it(
    db: None, days: parameters.WholeNumber, share: parameters.Parameter
) -> None:
    assert (days.value, share.value) == (10, Decimal("0.35"))
    assert isinstance(days.value, int)


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_at_once_and_the_newest_one_counts(
    cast: Cast, at: datetime, days: parameters.WholeNumber
) -> None:
    _change(cast.ada, at, "12")
    assert days.value == 12
    _change(cast.ada, at, "15")
    assert days.value == 15
    assert list(ParameterChange.objects.values_list("number", flat=True)) == [2, 1]


def test_reading_a_number_again_asks_nothing(
    cast: Cast, days: parameters.WholeNumber, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert days.value == days.value == 10


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", "parameter_out_of_bounds"),
        ("31", "parameter_out_of_bounds"),
        ("1.5", "parameter_out_of_bounds"),
        ("NaN", "parameter_out_of_bounds"),
        ("Infinity", "parameter_out_of_bounds"),
    ],
)
def test_a_value_out_of_bounds_is_refused(
    cast: Cast, at: datetime, days: parameters.WholeNumber, value: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        _change(cast.ada, at, value)
    assert refused.value.code == code
    assert not ParameterChange.objects.exists()


@pytest.mark.parametrize("because", ["", "   ", "a\0b", "长" * 2001])
def test_a_change_needs_a_reason(
    cast: Cast, at: datetime, days: parameters.WholeNumber, because: str
) -> None:
    with pytest.raises(DomainError) as refused:
        verbs.change(uuid7(), "tests.days", value=Decimal(3), because=because, by=cast.ada, at=at)
    assert refused.value.code == "parameter_needs_reason"


def test_who_knows_of_an_older_value_changes_nothing(
    cast: Cast, at: datetime, days: parameters.WholeNumber
) -> None:
    _change(cast.ada, at, "12", seen=0)
    with pytest.raises(DomainError) as refused:
        _change(cast.ada, at, "13", seen=0)
    assert refused.value.code == "parameter_changed_meanwhile"


def test_an_unknown_number_is_not_found(cast: Cast, at: datetime) -> None:
    with pytest.raises(DomainError) as refused:
        _change(cast.ada, at, "1", name="tests.nothing")
    assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    "statement", ["UPDATE crm_parameterchange SET value = 1", "DELETE FROM crm_parameterchange"]
)
def test_the_database_keeps_every_change(
    cast: Cast, at: datetime, days: parameters.WholeNumber, statement: str
) -> None:
    _change(cast.ada, at, "12")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_an_administrator_changes_a_number_in_the_admin(
    cast: Cast, days: parameters.WholeNumber, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(cast.ada)
    assert "Days" in browser.get("/admin/parameters/").content.decode()
    sent = {"name": "tests.days", "value": "7", "because": "试点一季度"}
    answer = browser.post("/admin/crm/parameterchange/add/", sent)
    assert answer.status_code == 302
    assert ParameterChange.objects.get().value == 7


@pytest.mark.parametrize(
    ("name", "status"), [("ann", 200), ("otto", 200), ("ada", 200), ("nia", 403)]
)
def test_everybody_with_a_role_reads_the_numbers(
    cast: Cast, signed_in: Callable[[User], Client], name: str, status: int
) -> None:
    browser = signed_in(cast.named(name))
    assert browser.get("/admin/parameters/").status_code == status
    if name in ("ann", "otto"):
        assert browser.get("/admin/crm/parameterchange/add/").status_code == 403
