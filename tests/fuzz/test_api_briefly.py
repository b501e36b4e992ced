"""The whole API with a few generated requests per operation, always the same ones."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from pytest_django import Settings as ChangedSettings

from tests.conftest import Cast
from tests.fuzz import fuzzing

pytestmark = pytest.mark.django_db
schema = fuzzing.schema(thorough=False)


@pytest.fixture
def bank(cast: Cast, settings: ChangedSettings) -> Iterator[fuzzing.Bank]:
    settings.REQUESTS_PER_MINUTE = 10**9
    with fuzzing.one_connection():
        yield fuzzing.Bank(cast)


@schema.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_schema_names(case: Any, bank: fuzzing.Bank) -> None:
    bank.ask(case)
